//! Bills that are settled later: taken while nothing gets through, settled when it does, and every end in between.

use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, order};

use crate::road::settle;

const FUYANG: &str = "/regions/341200";

/// A desk whose offline policy takes bills.
fn policy(config: &'static str) -> Options {
    Options {
        config,
        ..Options::default()
    }
}

/// Parameters of `visit.settle` for later, with the whole bill as deposit.
pub fn later(bill: &Order, request: &str, identity: &str, deposit: i64) -> Value {
    let quote = bill.quote(request, identity);
    json!({
        "request_id": request,
        "bill_id": bill.bill_id(),
        "total_fen": bill.total_fen(),
        "mode": "deferred",
        "deferred": {
            "identity_id": identity,
            "visit": quote["visit"],
            "bill": quote["bill"],
            "deposit_fen": deposit,
            "consent": true,
        },
    })
}

async fn item(stage: &Stage, bill: &Order) -> anyhow::Result<Value> {
    let list = stage.call("queue.list", json!({})).await?;
    let items = list["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["bill_id"] == bill.bill_id());
    Ok(found.cloned().unwrap_or_default())
}

/// Pushes the queue until the bill is in `place`.
async fn until(stage: &Stage, bill: &Order, place: &str) -> anyhow::Result<Value> {
    let mut found = Value::Null;
    for _ in 0..600 {
        found = item(stage, bill).await?;
        if found["place"] == place {
            return Ok(found);
        }
        stage.call("queue.run", json!({})).await?;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    anyhow::bail!("never {place}: {found}")
}

/// Somebody this desk knows, by an earlier settlement.
async fn known(stage: &Stage) -> anyhow::Result<String> {
    let identity = stage.type_number("fuyang-resident").await?;
    let (_, settled) = settle(stage, &order("MZ0"), &identity, "0").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    Ok(identity)
}

#[tokio::test]
async fn while_a_region_is_upgraded_a_bill_waits_and_is_settled_afterwards() -> anyhow::Result<()> {
    let stage = Stage::open(policy("[deferred]\nallowed = true\n")).await?;
    let identity = known(&stage).await?;
    stage.admin().put(FUYANG, &json!({ "upgrade": {} })).await?;
    let bill = order("MZ1");
    let total = bill.total_fen();
    let told = stage
        .call("visit.settle", later(&bill, "d1", &identity, total))
        .await?;
    assert_eq!(told["outcome"], "deferred", "{told}");
    assert_eq!(told["deferred"]["deposit_fen"], total, "{told}");
    assert!(
        told["deferred"]["estimate"]["cash_fen"].as_i64() > Some(0),
        "{told}"
    );
    assert!(told.get("settlement").is_none(), "{told}");
    let again = stage
        .call("visit.settle", later(&bill, "d1", &identity, total))
        .await?;
    assert_eq!(again, told, "the same request, the same answer");
    assert_eq!(stage.admin().standing("MZ1").await?, 0);
    let health = stage.call("agent.health", json!({})).await?;
    assert_eq!(health["queued"], 1, "{health}");
    assert!(health["oldest_queued_age_s"].is_u64(), "{health}");
    let work = stage.call("work.list", json!({})).await?;
    assert_eq!(work["items"], json!([]), "nobody has to do anything yet");

    let sheet = stage
        .call(
            "receipt.get",
            json!({ "bill_id": bill.bill_id(), "format": "text" }),
        )
        .await?;
    let sheet = sheet["content"].as_str().unwrap();
    assert!(
        sheet.contains("尚未医保结算") && sheet.contains("已收押金"),
        "{sheet}"
    );
    let quote = stage.call("visit.quote", bill.quote("q1", &identity)).await?;
    assert_eq!(quote["fault"]["code"], "DESK-024", "{quote}");

    // The window is still closed: the queue tries, and keeps the bill.
    stage.call("queue.run", json!({})).await?;
    stage.admin().put(FUYANG, &json!({})).await?;
    let settled = until(&stage, &bill, "settled").await?;
    let status = stage
        .call("visit.status", json!({ "bill_id": bill.bill_id() }))
        .await?;
    assert_eq!(status["state"], "settled", "{status}");
    let cash = status["settlement"]["split"]["cash_fen"].as_i64().unwrap();
    assert_eq!(settled["to_pay_back_fen"], total - cash, "{settled}");
    assert_eq!(
        status["next_step"], settled["next_step"],
        "no cash is asked for twice"
    );
    let health = stage.call("agent.health", json!({})).await?;
    assert_eq!(health["queued"], 0, "{health}");
    assert!(health.get("oldest_queued_age_s").is_none(), "{health}");
    assert_eq!(stage.admin().standing("MZ1").await?, 1);
    assert_eq!(stage.admin().calls("2207", Some("MZ1")).await?, 1);
    let told_later = stage
        .call("visit.settle", later(&bill, "d1", &identity, total))
        .await?;
    assert_eq!(told_later, told, "what was answered stays answered");

    let settlement = status["settlement"]["settlement_id"].as_str().unwrap();
    let confirmed = stage
        .call("visit.confirm", bill.confirm("c1", settlement))
        .await?;
    assert_eq!(confirmed["outcome"], "done", "{confirmed}");
    assert_eq!(item(&stage, &bill).await?, Value::Null, "its end is its end");
    Ok(())
}

#[tokio::test]
async fn the_queue_outlives_the_province_and_the_agent() -> anyhow::Result<()> {
    let mut stage = Stage::open(policy("[deferred]\nallowed = true\n")).await?;
    let identity = known(&stage).await?;
    stage.kill_sandbox();
    let bills = ["MZ1", "MZ2"].map(order);
    for bill in &bills {
        let asked = later(bill, &bill.visit, &identity, bill.total_fen());
        let told = stage.call("visit.settle", asked).await?;
        assert_eq!(told["outcome"], "deferred", "{told}");
    }
    let check = stage.zhijie(&["queue", "check"])?;
    assert_eq!(check.status.code(), Some(3));
    stage.kill_agent();
    stage.start_agent().await?;
    let waits = item(&stage, &bills[0]).await?;
    assert_eq!(waits["place"], "queued", "{waits}");
    stage.start_sandbox().await?;
    for bill in &bills {
        until(&stage, bill, "settled").await?;
        assert_eq!(stage.admin().standing(&bill.visit).await?, 1);
    }
    Ok(())
}

#[tokio::test]
async fn what_the_policy_does_not_take_is_refused_with_the_reason() -> anyhow::Result<()> {
    let stage = Stage::open(policy(
        "[deferred]\nallowed = true\nlimit_bill_fen = 40000\nlimit_patient_day_fen = 20000\n",
    ))
    .await?;
    let identity = known(&stage).await?;
    let small = Order {
        lines: order("MZ2").lines.into_iter().take(2).collect(),
        ..order("MZ2")
    };
    let open = stage
        .call("visit.settle", later(&small, "d0", &identity, small.total_fen()))
        .await?;
    let reason = |told: &Value| told["fault"]["cashier"].as_str().unwrap_or_default().to_owned();
    assert_eq!(open["fault"]["code"], "DESK-023", "{open}");
    assert!(reason(&open).contains("可以联网"), "{open}");

    stage.admin().put(FUYANG, &json!({ "upgrade": {} })).await?;
    let ask = async |bill: &Order, request: &str, deposit: i64, consent: bool| {
        let mut asked = later(bill, request, &identity, deposit);
        asked["deferred"]["consent"] = json!(consent);
        stage.call("visit.settle", asked).await
    };
    let big = order("MZ1");
    let told = ask(&big, "d1", big.total_fen(), true).await?;
    assert!(reason(&told).contains("每单上限"), "{told}");
    let told = ask(&small, "d2", small.total_fen() - 1, true).await?;
    assert!(reason(&told).contains("押金不足"), "{told}");
    let told = ask(&small, "d3", small.total_fen(), false).await?;
    assert!(reason(&told).contains("没有同意"), "{told}");
    let told = ask(&small, "d4", small.total_fen(), true).await?;
    assert_eq!(told["outcome"], "deferred", "{told}");
    let next = Order {
        visit: String::from("MZ3"),
        ..small.clone()
    };
    let told = ask(&next, "d5", next.total_fen(), true).await?;
    assert!(reason(&told).contains("每人每日上限"), "{told}");
    Ok(())
}

/// Looked up and never settled; then her region is closed.
async fn looked_up(stage: &Stage) -> anyhow::Result<String> {
    let identity = stage.type_number("fuyang-resident").await?;
    stage
        .call("person.lookup", json!({ "identity_id": identity }))
        .await?;
    Ok(identity)
}

#[tokio::test]
async fn too_little_known_of_the_person_is_refused_with_the_reason() -> anyhow::Result<()> {
    let verdict = "[deferred]\nallowed = true\nverdict_age_max_s = 86400\n";
    let table = [
        (verdict, false, "从未在本窗口受理过"),
        ("[deferred]\nallowed = true\n", true, "没有异地就医备案"),
    ];
    for (config, deleted, words) in table {
        let stage = Stage::open(policy(config)).await?;
        if deleted {
            stage.admin().delete_filings("fuyang-resident").await?;
        }
        let identity = looked_up(&stage).await?;
        stage.admin().put(FUYANG, &json!({ "upgrade": {} })).await?;
        let bill = order("MZ1");
        let total = bill.total_fen();
        let told = stage
            .call("visit.settle", later(&bill, "d1", &identity, total))
            .await?;
        assert_eq!(told["fault"]["code"], "DESK-023", "{told}");
        let reason = told["fault"]["cashier"].as_str().unwrap();
        assert!(reason.contains(words), "{told}");
    }
    Ok(())
}

#[tokio::test]
async fn without_a_settlement_the_region_s_policy_is_estimated_from() -> anyhow::Result<()> {
    let stage = Stage::open(policy(
        "[deferred]\nallowed = true\ndeposit = \"estimate\"\n\
         [[deferred.regions]]\narea = \"341200\"\nown_share_percent = 45\nsince = \"2026-01-01\"\n",
    ))
    .await?;
    let identity = looked_up(&stage).await?;
    stage.admin().put(FUYANG, &json!({ "upgrade": {} })).await?;
    let bill = order("MZ1");
    let share = bill.total_fen() * 45 / 100;
    let told = stage
        .call("visit.settle", later(&bill, "d1", &identity, share))
        .await?;
    assert_eq!(told["outcome"], "deferred", "{told}");
    let expected = json!({
        "cash_fen": share,
        "source_region": "341200",
        "seen_at": "2026-01-01T00:00:00+08:00",
    });
    assert_eq!(told["deferred"]["estimate"], expected);
    let asked = json!({ "bill_id": bill.bill_id(), "format": "text" });
    let sheet = stage.call("receipt.get", asked).await?;
    let flat = sheet["content"].as_str().unwrap().replace(['\n', ' '], "");
    assert!(flat.contains("的参保地政策，仅供参考"), "{flat}");
    Ok(())
}

#[tokio::test]
async fn a_desk_without_the_policy_defers_nothing() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = known(&stage).await?;
    let bill = order("MZ1");
    let told = stage
        .call("visit.settle", later(&bill, "d1", &identity, bill.total_fen()))
        .await?;
    assert_eq!(told["fault"]["code"], "DESK-017", "{told}");
    Ok(())
}

#[tokio::test]
async fn a_settlement_that_does_not_get_out_is_taken_for_later_when_the_desk_prefers_online()
-> anyhow::Result<()> {
    let mut stage = Stage::open(policy("[deferred]\nallowed = true\n")).await?;
    let identity = known(&stage).await?;
    let bill = order("MZ1");
    let quote = stage.call("visit.quote", bill.quote("q1", &identity)).await?;
    stage.kill_sandbox();
    let mut asked = bill.settle("s1", &quote);
    asked["mode"] = json!("prefer_online");
    asked["deferred"] = later(&bill, "s1", &identity, bill.total_fen())["deferred"].clone();
    let told = stage.call("visit.settle", asked).await?;
    assert_eq!(told["outcome"], "deferred", "{told}");
    stage.start_sandbox().await?;
    until(&stage, &bill, "settled").await?;
    assert_eq!(stage.admin().calls("2207", Some("MZ1")).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_refused_bill_goes_back_to_the_desk_with_the_words() -> anyhow::Result<()> {
    let stage = Stage::open(policy("[deferred]\nallowed = true\n")).await?;
    let identity = known(&stage).await?;
    stage.admin().put(FUYANG, &json!({ "upgrade": {} })).await?;
    let bill = order("MZ1");
    let asked = later(&bill, "d1", &identity, bill.total_fen());
    assert_eq!(stage.call("visit.settle", asked).await?["outcome"], "deferred");
    stage.admin().delete_filings("fuyang-resident").await?;
    stage.admin().put(FUYANG, &json!({})).await?;
    let refused = until(&stage, &bill, "refused").await?;
    assert!(refused["fault"]["platform_text"].is_string(), "{refused}");
    assert!(
        refused["next_step"]["cashier"]
            .as_str()
            .unwrap()
            .contains("告知患者"),
        "{refused}"
    );
    assert_eq!(stage.admin().standing("MZ1").await?, 0);
    let work = stage.call("work.list", json!({})).await?;
    let waits = &work["items"][0];
    assert_eq!(waits["kind"], "refused", "{work}");
    assert_eq!(waits["state"], "deferred", "{work}");
    assert_eq!(waits["next_step"], refused["next_step"], "{work}");
    let health = stage.call("agent.health", json!({})).await?;
    assert_eq!(health["queued"], 0, "{health}");
    let reasons = health["reasons"].as_array().unwrap();
    assert!(
        reasons.iter().any(|reason| reason["code"] == "DEFERRED-WAITS"),
        "{health}"
    );
    // Tried once more at the desk and refused again: the deposit is still somebody's, so the bill stays listed.
    let quote = stage.call("visit.quote", bill.quote("q1", &identity)).await?;
    assert_eq!(quote["outcome"], "not_done", "{quote}");
    assert_eq!(item(&stage, &bill).await?["place"], "at_the_desk");
    Ok(())
}

/// Where the province settles by the live code only, nothing is kept to settle with.
#[tokio::test]
async fn a_bill_by_code_waits_for_the_patient_where_her_number_is_not_taken() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        scanner: true,
        profile_changes: vec![("id_number_allowed = true", "id_number_allowed = false")],
        ..policy("[deferred]\nallowed = true\n")
    })
    .await?;
    let shown = stage.show_voucher("fuyang-resident").await?;
    let identity = shown["identity_id"].as_str().unwrap();
    stage
        .call("person.lookup", json!({ "identity_id": identity }))
        .await?;
    stage.admin().put(FUYANG, &json!({ "upgrade": {} })).await?;
    let bill = order("MZ1");
    let asked = later(&bill, "d1", identity, bill.total_fen());
    assert_eq!(stage.call("visit.settle", asked).await?["outcome"], "deferred");
    // The code lay in memory only.
    stage.kill_agent();
    stage.start_agent().await?;
    stage.admin().put(FUYANG, &json!({})).await?;
    let waits = until(&stage, &bill, "needs_patient").await?;
    let work = stage.call("work.list", json!({})).await?;
    assert_eq!(work["items"][0]["kind"], "needs_patient", "{work}");
    assert_eq!(work["items"][0]["next_step"], waits["next_step"], "{work}");
    assert_eq!(stage.admin().calls("2207", Some("MZ1")).await?, 0);

    let shown = stage.show_voucher("fuyang-resident").await?;
    let identity = shown["identity_id"].as_str().unwrap();
    let quote = stage.call("visit.quote", bill.quote("q1", identity)).await?;
    assert_eq!(quote["outcome"], "done", "{quote}");
    assert_eq!(item(&stage, &bill).await?["place"], "at_the_desk");
    let settled = stage.call("visit.settle", bill.settle("s1", &quote)).await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    let ended = item(&stage, &bill).await?;
    assert_eq!(ended["place"], "settled", "{ended}");
    let cash = settled["settlement"]["split"]["cash_fen"].as_i64().unwrap();
    assert_eq!(ended["to_pay_back_fen"], bill.total_fen() - cash, "{ended}");
    let work = stage.call("work.list", json!({})).await?;
    assert_eq!(work["items"], json!([]), "{work}");
    assert_eq!(stage.admin().standing("MZ1").await?, 1);
    Ok(())
}
