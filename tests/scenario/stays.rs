//! A stay from the admission to the last undo, and an admission whose answer is lost for good: it ends by a query, by a
//! reversal or at a person, and nobody is admitted twice.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage};

use crate::doubt::HORIZON;

const PERSON: &str = "shanghai-local";

fn doctor() -> Value {
    json!({ "code": "D310101000231", "name": "周医生" })
}

fn department() -> Value {
    json!({ "code": "0301", "name": "消化内科", "category": "A03" })
}

fn diagnoses() -> Value {
    json!([{ "code": "K29.500", "name": "慢性胃炎" }])
}

fn admission(request: &str, number: &str, identity: &str) -> Value {
    json!({
        "request_id": request,
        "identity_id": identity,
        "stay": {
            "number": number, "kind": "21", "began": "2026-11-22T08:00:00+08:00",
            "doctor": doctor(), "department": department(), "bed": "12",
            "complaint": "上腹痛三日", "diagnoses": diagnoses(),
        },
    })
}

fn stay_id(number: &str) -> String {
    format!("H31010100001/{number}")
}

fn lines(request: &str, stay: &Value) -> Value {
    let line = |serial: &str, quantity: &str, fen: i64| {
        json!({
            "serial": serial, "national_code": "XA02BCA217A012010100483", "own_code": "Y1187",
            "name": "奥美拉唑肠溶胶囊", "quantity": quantity, "unit_price": "0.95", "amount_fen": fen,
            "at": "2026-11-22T08:30:00+08:00",
        })
    };
    let mut back = line("3", "-40", -3_800);
    back["refunds"] = json!("1");
    json!({
        "request_id": request, "stay_id": stay,
        "lines": [line("1", "140", 13_300), line("2", "20", 1_900), back],
    })
}

fn discharge(stay: &Value) -> Value {
    json!({
        "request_id": "discharge", "stay_id": stay, "ended": "2026-11-22T09:30:00+08:00", "way": "1",
        "doctor": doctor(), "department": department(), "bed": "12", "diagnoses": diagnoses(),
    })
}

/// Asks, and what was asked for is done.
async fn done(stage: &Stage, method: &str, params: Value) -> anyhow::Result<Value> {
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

async fn refused_with(stage: &Stage, method: &str, params: Value, code: &str) -> anyhow::Result<()> {
    let told = stage.call(method, params).await?;
    assert_eq!(told["outcome"], "not_done", "{method}: {told}");
    assert_eq!(told["fault"]["code"], code, "{method}: {told}");
    Ok(())
}

#[tokio::test]
async fn a_stay_goes_all_the_way_and_back() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number(PERSON).await?;
    let told = done(&stage, "stay.admit", admission("admit", "ZY1", &identity)).await?;
    let stay = told["stay_id"].clone();
    assert_eq!(
        (&told["phase"], &stay),
        (&json!("admitted"), &json!(stay_id("ZY1")))
    );
    let told = done(&stage, "stay.charge", lines("charge", &stay)).await?;
    assert_eq!(told["charges"]["unsettled_fen"], 11_400, "{told}");
    assert_eq!(told["lines"].as_array().map(Vec::len), Some(3), "{told}");
    let ask = |id: &str, fen: i64| json!({ "request_id": id, "stay_id": stay, "identity_id": identity, "total_fen": fen });
    refused_with(&stage, "stay.quote", ask("early", 11_400), "DESK-040").await?;
    let told = done(&stage, "stay.discharge", discharge(&stay)).await?;
    assert_eq!(told["phase"], "discharged", "{told}");
    refused_with(&stage, "stay.quote", ask("other", 11_399), "DESK-047").await?;
    refused_with(&stage, "stay.charge", lines("late", &stay), "DESK-039").await?;
    let quote = done(&stage, "stay.quote", ask("quote", 11_400)).await?;
    let settle = json!({
        "request_id": "settle", "stay_id": stay, "bill_id": quote["bill_id"],
        "quote_id": quote["quote"]["quote_id"], "total_fen": 11_400,
        "cash_fen": quote["quote"]["split"]["cash_fen"],
    });
    let settled = done(&stage, "stay.settle", settle).await?;
    assert_eq!(
        settled["settlement"]["split"], quote["quote"]["split"],
        "{settled}"
    );
    assert_eq!(stage.admin().standing("ZY1").await?, 1);

    let undo = |id: &str| json!({ "request_id": id, "stay_id": stay, "reason": "费用有误" });
    refused_with(&stage, "stay.undo_discharge", undo("early-undo"), "DESK-041").await?;
    let cancel = json!({
        "request_id": "cancel", "stay_id": stay, "bill_id": settled["bill_id"],
        "settlement_id": settled["settlement"]["settlement_id"], "reason": "费用有误",
    });
    let refund = done(&stage, "stay.cancel", cancel).await?;
    assert_eq!(refund["refund"]["total_fen"], -11_400, "{refund}");
    assert_eq!(stage.admin().standing("ZY1").await?, 0);
    let told = done(&stage, "stay.undo_discharge", undo("undo-discharge")).await?;
    assert_eq!(told["phase"], "admitted", "{told}");
    refused_with(&stage, "stay.undo_admission", undo("lines-lie-there"), "DESK-043").await?;
    let all = json!({ "request_id": "withdraw", "stay_id": stay });
    done(&stage, "stay.withdraw_charges", all).await?;
    let told = done(&stage, "stay.undo_admission", undo("undo-admission")).await?;
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
        .call("stay.admit", admission(&format!("a-{number}"), number, identity))
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
        let charge = lines(&format!("c-{number}"), &json!(stay_id(number)));
        refused_with(&stage, "stay.charge", charge, "DESK-037").await?;
        let status = known(&stage, number).await?;
        assert_eq!(status["outcome"], outcome, "{number}: {status}");
        let rows = at_the_centre(&stage, number).await?;
        assert_eq!(rows.len(), standing, "{number}: {rows:?}");
        assert_eq!(stage.admin().calls("2401", Some(number)).await?, 1, "{number}");
        let told = stage
            .call("stay.admit", admission(&format!("a-{number}"), number, &identity))
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
    let item = items.iter().find(|item| item["bill_id"] == stay_id(number));
    assert_eq!(item.unwrap()["kind"], "needs_clerk", "{number}: {listed}");
    Ok(())
}

fn verdict(request: &str, number: &str, more: Value) -> Value {
    let mut asked = json!({
        "request_id": request, "bill_id": stay_id(number), "reason": "医保平台上核对过",
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
        json!({ "outcome": "done", "bill_id": stay_id(gone), "state": "abandoned" })
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
    let key = json!({ "stay_id": stay_id(there) });
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
