//! A stay from the admission to the last undo, and an admission whose answer is lost for good: it ends by a query, by a
//! reversal or at a person, and nobody is admitted twice.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage, Stay, stay};

use crate::doubt::HORIZON;

pub const PERSON: &str = "shanghai-local";

/// Asks, and what was asked for is done.
pub async fn done(stage: &Stage, method: &str, params: Value) -> anyhow::Result<Value> {
    let told = stage.call(method, params).await?;
    assert_eq!(told["outcome"], "done", "{method}: {told}");
    Ok(told)
}

/// Who of this number lies in hospital, as the centre knows it.
async fn at_the_centre(stage: &Stage, number: &str) -> anyhow::Result<Vec<Value>> {
    let mut rows = stage.admin().get(&format!("/stays?person={PERSON}")).await?;
    let mut rows = std::mem::take(rows.as_array_mut().unwrap());
    rows.retain(|row| row["number"] == number);
    Ok(rows)
}

pub async fn refused_with(stage: &Stage, method: &str, params: Value, code: &str) -> anyhow::Result<()> {
    let told = stage.call(method, params).await?;
    assert_eq!(told["outcome"], "not_done", "{method}: {told}");
    assert_eq!(told["fault"]["code"], code, "{method}: {told}");
    Ok(())
}

#[tokio::test]
async fn a_stay_goes_all_the_way_and_back() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number(PERSON).await?;
    let stay = stay("ZY1");
    let told = done(&stage, "stay.admit", stay.admit("admit", &identity)).await?;
    assert_eq!(
        (&told["phase"], &told["stay_id"]),
        (&json!("admitted"), &json!(stay.id()))
    );
    let charge = |request: &str| stay.charge(request, &stay.lines());
    let told = done(&stage, "stay.charge", charge("charge")).await?;
    assert_eq!(told["charges"]["unsettled_fen"], Stay::TOTAL_FEN, "{told}");
    assert_eq!(told["lines"].as_array().map(Vec::len), Some(3), "{told}");
    let ask = |id: &str, fen: i64| stay.quote(id, &identity, fen);
    refused_with(&stage, "stay.quote", ask("early", Stay::TOTAL_FEN), "DESK-040").await?;
    let told = done(&stage, "stay.discharge", stay.discharge("discharge")).await?;
    assert_eq!(told["phase"], "discharged", "{told}");
    refused_with(&stage, "stay.quote", ask("other", 11_399), "DESK-047").await?;
    refused_with(&stage, "stay.charge", charge("late"), "DESK-039").await?;
    let quote = done(&stage, "stay.quote", ask("quote", Stay::TOTAL_FEN)).await?;
    let settled = done(&stage, "stay.settle", stay.settle("settle", &quote)).await?;
    assert_eq!(
        settled["settlement"]["split"], quote["quote"]["split"],
        "{settled}"
    );
    assert_eq!(stage.admin().standing("ZY1").await?, 1);

    refused_with(&stage, "stay.undo_discharge", stay.undo("early-undo"), "DESK-041").await?;
    let refund = done(&stage, "stay.cancel", stay.cancel("cancel", &settled)).await?;
    assert_eq!(refund["refund"]["total_fen"], -11_400, "{refund}");
    assert_eq!(stage.admin().standing("ZY1").await?, 0);
    let told = done(&stage, "stay.undo_discharge", stay.undo("undo-discharge")).await?;
    assert_eq!(told["phase"], "admitted", "{told}");
    refused_with(
        &stage,
        "stay.undo_admission",
        stay.undo("lines-lie-there"),
        "DESK-043",
    )
    .await?;
    done(&stage, "stay.withdraw_charges", stay.withdraw("withdraw", None)).await?;
    let told = done(&stage, "stay.undo_admission", stay.undo("undo-admission")).await?;
    assert_eq!(told["phase"], "not_admitted", "{told}");
    assert!(at_the_centre(&stage, "ZY1").await?.is_empty());
    for (number, count) in [
        ("2401", 1),
        ("2301", 1),
        ("2402", 1),
        ("2304", 1),
        ("2305", 1),
        ("2405", 1),
        ("2404", 1),
    ] {
        assert_eq!(stage.admin().calls(number, None).await?, count, "{number}");
    }
    Ok(())
}

/// Loses the answer to an admission.
async fn lose(stage: &Stage, kind: &str, number: &str, identity: &str) -> anyhow::Result<()> {
    stage
        .admin()
        .fault("2401", kind, json!({ "visit": number }))
        .await?;
    let told = stage
        .call("stay.admit", stay(number).admit(&format!("a-{number}"), identity))
        .await?;
    assert_eq!(told["outcome"], "not_known", "{number}: {told}");
    assert!(told["ticket"].is_string(), "{number}: {told}");
    Ok(())
}

async fn known(stage: &Stage, number: &str) -> anyhow::Result<Value> {
    stage
        .status_until(json!({ "request_id": format!("a-{number}") }), |status| {
            status["outcome"] != "not_known"
        })
        .await
}

#[tokio::test]
async fn a_lost_admission_is_found_or_taken_back() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![HORIZON],
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number(PERSON).await?;
    for (number, kind, outcome, standing) in [
        ("ZY-UNMADE", "drop_before_commit", "not_done", 0),
        ("ZY-MADE", "drop_after_commit", "done", 1),
    ] {
        lose(&stage, kind, number, &identity).await?;
        let charge = stay(number).charge(&format!("c-{number}"), &stay(number).lines());
        refused_with(&stage, "stay.charge", charge, "DESK-037").await?;
        let status = known(&stage, number).await?;
        assert_eq!(status["outcome"], outcome, "{number}: {status}");
        let rows = at_the_centre(&stage, number).await?;
        assert_eq!(rows.len(), standing, "{number}: {rows:?}");
        assert_eq!(stage.admin().calls("2401", Some(number)).await?, 1, "{number}");
        let told = stage
            .call(
                "stay.admit",
                stay(number).admit(&format!("a-{number}"), &identity),
            )
            .await?;
        assert_eq!(told, status["answer"], "{number}");
        if let Some(row) = rows.first() {
            assert_eq!(told["visit_id"], row["id"], "{told}");
        }
    }
    Ok(())
}

/// The admission was made, and before the agent could ask somebody at the centre ended the stay: whose it is cannot be
/// told any more. Gives the visit.
async fn until_a_person(stage: &Stage, number: &str, identity: &str) -> anyhow::Result<String> {
    stage
        .admin()
        .fault("5303", "drop_before_commit", json!({}))
        .await?;
    lose(stage, "drop_after_commit", number, identity).await?;
    let rows = at_the_centre(stage, number).await?;
    let visit = String::from(rows[0]["id"].as_str().unwrap());
    stage
        .admin()
        .post(&format!("/stays/{visit}/end"), &json!({}))
        .await?;
    waits_for_a_person(stage, number).await?;
    Ok(visit)
}

async fn waits_for_a_person(stage: &Stage, number: &str) -> anyhow::Result<()> {
    let status = stage
        .status_until(json!({ "request_id": format!("a-{number}") }), |status| {
            status["state"] == "needs_clerk"
        })
        .await?;
    assert_eq!(status["outcome"], "not_known", "{number}: {status}");
    assert_eq!(status["fault"]["code"], "AGENT-006", "{number}: {status}");
    let listed = stage.call("work.list", json!({})).await?;
    let items = listed["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["bill_id"] == stay(number).id());
    assert_eq!(item.unwrap()["kind"], "needs_clerk", "{number}: {listed}");
    Ok(())
}

fn verdict(request: &str, number: &str, more: Value) -> Value {
    let mut asked = json!({
        "request_id": request, "bill_id": stay(number).id(), "reason": "医保平台上核对过",
        "operator": { "code": "0007", "name": "赵敏" },
    });
    for (name, value) in more.as_object().unwrap() {
        asked[name] = value.clone();
    }
    asked
}

#[tokio::test]
async fn a_person_says_what_became_of_an_admission() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number(PERSON).await?;

    let gone = "ZY-GONE";
    until_a_person(&stage, gone, &identity).await?;
    let no = verdict("no", gone, json!({ "verdict": "does_not_stand" }));
    let told = done(&stage, "work.resolve", no.clone()).await?;
    assert_eq!(
        told,
        json!({ "outcome": "done", "bill_id": stay(gone).id(), "state": "abandoned" })
    );
    assert_eq!(stage.call("work.resolve", no).await?, told);
    let status = known(&stage, gone).await?;
    assert_eq!(status["outcome"], "not_done", "{status}");
    assert_eq!(status["answer"]["fault"]["code"], "PLAT-023", "{status}");

    let there = "ZY-THERE";
    let visit = until_a_person(&stage, there, &identity).await?;
    let again = verdict("again", there, json!({ "verdict": "ask_again" }));
    let told = done(&stage, "work.resolve", again).await?;
    assert_eq!(told["state"], "in_doubt", "{told}");
    waits_for_a_person(&stage, there).await?;
    let settled = json!({ "verdict": "stands", "settlement_id": "310000" });
    refused_with(&stage, "work.resolve", verdict("sum", there, settled), "DESK-016").await?;
    let stands = json!({ "verdict": "stands", "visit_id": visit });
    let told = done(&stage, "work.resolve", verdict("yes", there, stands.clone())).await?;
    assert_eq!(told["state"], "drafted", "{told}");
    let status = known(&stage, there).await?;
    assert_eq!(status["outcome"], "done", "{status}");
    assert_eq!(status["answer"]["visit_id"], json!(visit), "{status}");
    let key = json!({ "stay_id": stay(there).id() });
    let status = stage.call("stay.status", key).await?;
    assert_eq!(
        (&status["phase"], &status["locked"]),
        (&json!("admitted"), &json!(false))
    );
    refused_with(&stage, "work.resolve", verdict("late", there, stands), "DESK-020").await?;
    let listed = stage.call("work.list", json!({})).await?;
    assert_eq!(listed["items"], json!([]));
    for number in [gone, there] {
        assert_eq!(stage.admin().calls("2401", Some(number)).await?, 1, "{number}");
    }
    Ok(())
}
