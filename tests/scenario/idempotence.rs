//! One request id is one act with one answer, however often, from wherever and whenever it is asked.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use zhijie_desk::ClientError;
use zhijie_tests::{Options, Stage, Wire, order};

/// The same object with its members the other way round and blanks between.
fn reordered(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let text = |(name, value): (&String, &Value)| format!("{} : {}", json!(name), reordered(value));
            let members: Vec<String> = members.iter().rev().map(text).collect();
            format!("{{ {} }}", members.join(" , "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(reordered).collect();
            format!("[ {} ]", items.join(" , "))
        }
        other => other.to_string(),
    }
}

#[tokio::test]
async fn the_same_request_repeats_its_answer_byte_for_byte() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = order("MZ1");
    let mut acts: Vec<(&str, Value, String)> = Vec::new();
    let mut settlement = String::new();
    for method in ["visit.quote", "visit.settle", "visit.confirm", "visit.cancel"] {
        let params = match method {
            "visit.quote" => bill.quote("q", &identity),
            "visit.settle" => bill.settle("s", &serde_json::from_str(&acts[0].2)?),
            "visit.confirm" => bill.confirm("c", &settlement),
            _ => bill.cancel("x", &settlement),
        };
        let told = stage.raw(method, &params).await?;
        let parsed: Value = serde_json::from_str(&told)?;
        assert_eq!(parsed["outcome"], "done", "{told}");
        if method == "visit.settle" {
            settlement = parsed["settlement"]["settlement_id"]
                .as_str()
                .unwrap()
                .to_string();
        }
        acts.push((method, params, told));
    }
    let calls = stage.admin().calls("", None).await?;
    for restarted in [false, true] {
        if restarted {
            stage.kill_agent();
            stage.start_agent().await?;
        }
        let mut wire = Wire::open(&stage.socket()).await?;
        for (method, params, told) in &acts {
            assert_eq!(&stage.raw(method, params).await?, told, "{method}");
            assert_eq!(&wire.result(method, &reordered(params)).await?, told, "{method}");
            for (member, value) in [
                ("request_id", json!("other")),
                ("operator", json!({ "code": "2", "name": "乙" })),
            ] {
                let mut other = params.clone();
                if member == "request_id" {
                    other["extra"] = value;
                } else {
                    other[member] = value;
                }
                let fault = stage.refused(method, other).await?;
                assert_eq!(fault["code"], "DESK-004", "{method} {member}: {fault}");
            }
            let status = stage
                .call("visit.status", json!({ "request_id": params["request_id"] }))
                .await?;
            assert_eq!(status["answer"], serde_json::from_str::<Value>(told)?, "{method}");
        }
        // One id is one act of one method.
        let mut stolen = acts[3].1.clone();
        stolen["request_id"] = json!("c");
        assert_eq!(stage.refused("visit.cancel", stolen).await?["code"], "DESK-004");
    }
    assert_eq!(stage.admin().calls("", None).await?, calls);
    Ok(())
}

/// Ten desks at once; gives the answers, sorted.
async fn ten_at_once(stage: &Arc<Stage>, params: impl Fn(usize) -> Value) -> anyhow::Result<Vec<String>> {
    let mut desks = JoinSet::new();
    for n in 0..10 {
        let (stage, params) = (Arc::clone(stage), params(n));
        desks.spawn(async move { stage.raw("visit.settle", &params).await });
    }
    let mut answers = desks
        .join_all()
        .await
        .into_iter()
        .collect::<Result<Vec<String>, ClientError>>()?;
    answers.sort();
    Ok(answers)
}

#[tokio::test]
async fn ten_desks_with_one_id_settle_once() -> anyhow::Result<()> {
    let stage = Arc::new(Stage::open(Options::default()).await?);
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = order("MZ1");
    let quote = stage.call("visit.quote", bill.quote("q", &identity)).await?;
    let mut answers = ten_at_once(&stage, |_| bill.settle("s", &quote)).await?;
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(serde_json::from_str::<Value>(&answers[0])?["outcome"], "done");
    assert_eq!(stage.admin().calls("2207", None).await?, 1);
    assert_eq!(stage.admin().standing("MZ1").await?, 1);
    Ok(())
}

#[tokio::test]
async fn ten_desks_with_ten_ids_settle_once() -> anyhow::Result<()> {
    let stage = Arc::new(Stage::open(Options::default()).await?);
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = order("MZ1");
    let quote = stage.call("visit.quote", bill.quote("q", &identity)).await?;
    stage.admin().fault("2207", "delay", json!({ "ms": 300 })).await?;
    let answers = ten_at_once(&stage, |n| bill.settle(&format!("s{n}"), &quote)).await?;
    let rows = stage.admin().settlements("MZ1").await?;
    assert_eq!(rows.len(), 1);
    let mut done = 0;
    for answer in &answers {
        let told: Value = serde_json::from_str(answer)?;
        match told["outcome"].as_str() {
            Some("done") => {
                done += 1;
                assert_eq!(told["settlement"]["settlement_id"], rows[0]["setl_id"]);
            }
            Some("not_known") => assert_eq!(told["fault"]["code"], "DESK-012", "{told}"),
            other => panic!("{other:?}: {told}"),
        }
    }
    assert!(done >= 1, "{answers:?}");
    assert_eq!(stage.admin().calls("2207", None).await?, 1);
    for n in 0..10 {
        let told = stage
            .call("visit.settle", bill.settle(&format!("s{n}"), &quote))
            .await?;
        assert_eq!(told["settlement"]["settlement_id"], rows[0]["setl_id"], "{told}");
    }
    assert_eq!(stage.admin().calls("2207", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_quote_is_settled_as_it_was_shown_and_while_it_is_fresh() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        config: "[settlement]\nquote_valid_s = 1\n",
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = order("MZ1");
    let quote = stage.call("visit.quote", bill.quote("q", &identity)).await?;
    let mut code = Value::Null;
    for n in 0.. {
        // A wrong amount is refused while the quote is fresh, so that asking does not settle.
        let mut params = bill.settle(&format!("s{n}"), &quote);
        params["cash_fen"] = json!(quote["quote"]["split"]["cash_fen"].as_i64().unwrap() - 1);
        let told = stage.call("visit.settle", params).await?;
        assert_eq!(told["outcome"], "not_done", "{told}");
        code = told["fault"]["code"].clone();
        if code != json!("DESK-011") {
            break;
        }
        assert!(
            told["fault"]["cashier"].as_str().unwrap().contains("246.49"),
            "{told}"
        );
    }
    assert_eq!(code, "DESK-010");
    let told = stage.call("visit.settle", bill.settle("late", &quote)).await?;
    assert_eq!(told["fault"]["code"], "DESK-010", "{told}");
    assert_eq!(stage.admin().calls("2207", None).await?, 0);
    Ok(())
}

#[tokio::test]
async fn acts_on_the_wrong_thing_are_refused() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = order("MZ1");
    let code = async |method: &str, params: Value| -> anyhow::Result<Value> {
        let told = stage.call(method, params).await?;
        assert_eq!(told["outcome"], "not_done", "{told}");
        Ok(told["fault"]["code"].clone())
    };
    let nothing = json!({ "quote": { "quote_id": "x", "split": { "total_fen": 1, "cash_fen": 1 } } });
    assert_eq!(
        code("visit.settle", bill.settle("s1", &nothing)).await?,
        "DESK-008"
    );
    assert_eq!(code("visit.cancel", bill.cancel("x1", "1")).await?, "DESK-015");
    let first = stage.call("visit.quote", bill.quote("q1", &identity)).await?;
    let second = stage.call("visit.quote", bill.quote("q2", &identity)).await?;
    assert_eq!(code("visit.settle", bill.settle("s2", &first)).await?, "DESK-009");
    let deferred = crate::deferred::later(&bill, "s3", &identity, bill.total_fen());
    assert_eq!(code("visit.settle", deferred).await?, "DESK-017");
    let settled = stage.call("visit.settle", bill.settle("s4", &second)).await?;
    let settlement = settled["settlement"]["settlement_id"].as_str().unwrap();
    assert_eq!(
        code("visit.quote", bill.quote("q3", &identity)).await?,
        "DESK-013"
    );
    assert_eq!(code("visit.confirm", bill.confirm("c1", "1")).await?, "DESK-016");
    assert_eq!(code("visit.cancel", bill.cancel("x2", "1")).await?, "DESK-016");
    assert_eq!(stage.admin().calls("2208", None).await?, 0);
    let refunded = stage.call("visit.cancel", bill.cancel("x3", settlement)).await?;
    assert_eq!(refunded["outcome"], "done", "{refunded}");
    assert_eq!(
        code("visit.quote", bill.quote("q4", &identity)).await?,
        "DESK-014"
    );
    assert_eq!(
        code("visit.settle", bill.settle("s5", &second)).await?,
        "DESK-014"
    );
    let again = stage.call("visit.cancel", bill.cancel("x4", settlement)).await?;
    assert_eq!(again["refund"], refunded["refund"], "{again}");
    assert_eq!(stage.admin().calls("2208", None).await?, 1);
    Ok(())
}
