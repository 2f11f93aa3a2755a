//! Filings as the registers show them: seen with dates, deleted by mistake, brought back, spelled anew, ended.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage, order};

use crate::filing::{check, says};
use crate::road::settle;

async fn look_up(stage: &Stage, identity: &str) -> anyhow::Result<Value> {
    let params = json!({ "identity_id": identity });
    Ok(stage.call("person.lookup", params).await?)
}

async fn losses(stage: &Stage, identity: &str) -> anyhow::Result<usize> {
    let params = json!({ "who": { "identity_id": identity } });
    let told = stage.call("filing.history", params).await?;
    let entries = told["entries"].as_array().map_or(&[][..], Vec::as_slice);
    let lost = |entry: &&Value| entry["said"] == "vanished";
    Ok(entries.iter().filter(lost).count())
}

#[tokio::test]
async fn a_filing_deleted_by_mistake_is_noticed_disputed_and_seen_again() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    look_up(&stage, &identity).await?;
    let shown = check(&stage, &identity).await?;
    says(&shown, "valid", "hint");
    assert_eq!(shown["evidence"]["transaction"], "5302", "{shown}");
    assert_eq!(shown["filing"]["from"], "2025-01-01", "{shown}");
    assert_eq!(shown["filing"]["kind"], "other_temporary", "{shown}");
    let seen_by = &shown["evidence"]["message_id"];
    assert!(seen_by.is_string(), "{shown}");

    let client = stage.client().await?;
    let mut news = client.notifications();
    client.call("events.subscribe", &json!({})).await?;
    stage.admin().delete_filings("fuyang-resident").await?;
    look_up(&stage, &identity).await?;
    let event = loop {
        let event: Value = serde_json::from_str(news.recv().await?.params.get())?;
        if event["kind"] == "filing_vanished" {
            break event;
        }
    };
    assert_eq!(event["detail"], "fixed_institutions", "{event}");
    let log = stage.agent_log();
    assert!(log.contains("A filing seen before is gone"), "{log}");
    let gone = check(&stage, &identity).await?;
    says(&gone, "missing", "hint");
    assert_eq!(&gone["vanished"]["last_seen"]["message_id"], seen_by, "{gone}");
    assert_eq!(gone["vanished"]["filings"][0]["from"], "2025-01-01", "{gone}");

    let params = json!({ "request_id": "d-1", "who": { "identity_id": identity }, "reason": "升级后查不到" });
    let told = stage.call("filing.dispute", params).await?;
    let read =
        |name: &str| std::fs::read_to_string(zhijie_tests::here(told[name].as_str().unwrap_or_default()));
    let packet: Value = serde_json::from_str(&read("json_path")?)?;
    let last = &packet["check"]["vanished"]["last_seen"];
    assert_eq!(
        (&last["message_id"], &last["at"]),
        (seen_by, &shown["evidence"]["at"])
    );
    let page = read("html_path")?;
    let line = page.lines().find(|line| line.contains("最后一次见到")).unwrap();
    for needle in [
        seen_by.as_str().unwrap(),
        last["at"].as_str().unwrap(),
        "5302",
        "2025-01-01",
    ] {
        assert!(line.contains(needle), "{needle}: {line}");
    }

    // Told once, and over when it is back.
    look_up(&stage, &identity).await?;
    assert_eq!(losses(&stage, &identity).await?, 1);
    stage.admin().restore_filings("fuyang-resident").await?;
    look_up(&stage, &identity).await?;
    let back = check(&stage, &identity).await?;
    says(&back, "valid", "hint");
    assert!(back.get("vanished").is_none(), "{back}");
    Ok(())
}

#[tokio::test]
async fn new_spellings_after_an_upgrade_are_no_deletion() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-employee").await?;
    look_up(&stage, &identity).await?;
    assert_eq!(check(&stage, &identity).await?["filing"]["kind"], "posted_worker");
    let road = json!({ "new_values": true });
    stage.admin().put("/regions/341200", &road).await?;
    look_up(&stage, &identity).await?;
    let after = check(&stage, &identity).await?;
    says(&after, "valid", "hint");
    // The new code is not in the profile: the kind is not claimed, the filing stays.
    assert_eq!(after["filing"]["kind"], "not_stated", "{after}");
    assert!(after.get("vanished").is_none(), "{after}");
    assert_eq!(losses(&stage, &identity).await?, 0);
    // During an upgrade nothing is told, which is no empty list.
    stage
        .admin()
        .put("/regions/341200", &json!({ "upgrade": {} }))
        .await?;
    let told = look_up(&stage, &identity).await?;
    assert_eq!(told["notices"][0]["code"], "PLATFORM-SILENT", "{told}");
    assert_eq!(losses(&stage, &identity).await?, 0);
    says(&check(&stage, &identity).await?, "valid", "hint");
    Ok(())
}

#[tokio::test]
async fn dates_end_a_filing_and_that_is_no_loss() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let ended = json!({
        "person": "harbin-unfiled", "kind": "long_term_resident", "target": "310000",
        "from": "2025-01-01", "until": "2025-12-31",
    });
    stage.admin().post("/filings", &ended).await?;
    let identity = stage.type_number("harbin-unfiled").await?;
    look_up(&stage, &identity).await?;
    let told = check(&stage, &identity).await?;
    says(&told, "expired", "hint");
    assert_eq!(told["filing"]["until"], "2025-12-31", "{told}");
    stage.admin().delete_filings("harbin-unfiled").await?;
    look_up(&stage, &identity).await?;
    assert_eq!(losses(&stage, &identity).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_referral_is_shown_by_its_own_register() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("haikou-aided").await?;
    look_up(&stage, &identity).await?;
    let told = check(&stage, &identity).await?;
    says(&told, "valid", "hint");
    assert_eq!(told["evidence"]["transaction"], "5304", "{told}");
    assert_eq!(told["filing"]["kind"], "referral", "{told}");
    stage.admin().delete_filings("haikou-aided").await?;
    look_up(&stage, &identity).await?;
    let gone = check(&stage, &identity).await?;
    assert_eq!(gone["vanished"]["last_seen"]["source"], "referrals", "{gone}");
    Ok(())
}

#[tokio::test]
async fn registers_are_asked_for_visitors_once_and_never_fail_a_lookup() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let registers = ["5301", "5302", "5304", "5360"];
    let local = stage.type_number("shanghai-local").await?;
    look_up(&stage, &local).await?;
    settle(&stage, &order("MZ1"), &local, "1").await?;
    // Chronic diseases are told of everybody, filings of visitors alone.
    for number in registers {
        let asked = usize::from(number == "5301");
        assert_eq!(stage.admin().calls(number, None).await?, asked, "{number}");
    }
    let visitor = stage.type_number("jiaxing-employee").await?;
    for (number, kind) in [("5302", "refuse"), ("5304", "bad_json_after_commit")] {
        let text = json!({ "text": "FSI-FMI返回：查询失败" });
        stage.admin().fault(number, kind, text).await?;
    }
    let told = look_up(&stage, &visitor).await?;
    assert!(told.get("notices").is_none(), "{told}");
    let (_, settled) = settle(&stage, &order("MZ2"), &visitor, "2").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    // What the lookup asked is fresh: the quote does not ask again.
    for number in registers {
        let asked = 1 + usize::from(number == "5301");
        assert_eq!(stage.admin().calls(number, None).await?, asked, "{number}");
    }
    // Without a lookup the quote asks.
    let other = stage.type_number("rizhao-resident").await?;
    settle(&stage, &order("MZ3"), &other, "3").await?;
    assert_eq!(stage.admin().calls("5302", None).await?, 2);
    Ok(())
}
