//! A filing that is gone, the packet about it, the history, and forgetting.

use serde_json::{Value, json};
use zhijie_tests::{Stage, order};

use crate::filing::{check, no_registers, paper, says};
use crate::road::settle;

pub async fn history(stage: &Stage, identity: &str) -> anyhow::Result<Vec<Value>> {
    let params = json!({ "who": { "identity_id": identity } });
    let mut told = stage.call("filing.history", params).await?;
    assert_eq!(told["cut"], false, "{told}");
    Ok(told["entries"]
        .as_array_mut()
        .map(std::mem::take)
        .unwrap_or_default())
}

pub fn words(entries: &[Value]) -> Vec<&str> {
    entries
        .iter()
        .filter_map(|entry| entry["said"].as_str())
        .collect()
}

/// Settles once; then the filing is deleted and the next quote is refused. Gives the settlement.
async fn lose_the_filing(stage: &Stage, identity: &str) -> anyhow::Result<Value> {
    let (_, settled) = settle(stage, &order("MZ1"), identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    stage.admin().delete_filings("fuyang-resident").await?;
    let refused = stage
        .call("visit.quote", order("MZ2").quote("q-2", identity))
        .await?;
    assert_eq!(refused["outcome"], "not_done", "{refused}");
    Ok(settled)
}

#[tokio::test]
async fn a_deleted_filing_raises_the_alarm_and_leaves_its_trace() -> anyhow::Result<()> {
    let stage = Stage::open(no_registers()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let client = stage.client().await?;
    let mut news = client.notifications();
    client.call("events.subscribe", &json!({})).await?;
    let settled = lose_the_filing(&stage, &identity).await?;
    let event = loop {
        let event: Value = serde_json::from_str(news.recv().await?.params.get())?;
        if event["kind"] == "filing_vanished" {
            break event;
        }
    };
    assert_eq!(event["bill_id"], json!(order("MZ2").bill_id()), "{event}");
    assert_eq!(event["detail"], "settlement", "{event}");

    let told = check(&stage, &identity).await?;
    says(&told, "missing", "verdict");
    let seen = &told["vanished"]["last_seen"];
    assert_eq!(seen["message_id"], settled["settlement"]["message_id"], "{told}");
    assert_eq!(
        seen["platform_message_id"],
        settled["settlement"]["platform_message_id"]
    );

    let entries = history(&stage, &identity).await?;
    let road = [
        "insured", "checked", "accepted", "checked", "accepted", "checked", "refused", "vanished",
    ];
    assert_eq!(words(&entries), road);
    assert!(
        entries[6]["text_zh"].as_str().unwrap().contains("备案"),
        "{}",
        entries[6]
    );
    assert_eq!(entries[4]["bill_id"], json!(order("MZ1").bill_id()));
    assert!(entries.iter().all(|entry| {
        entry["evidence"]["digest"]
            .as_str()
            .is_some_and(|it| it.len() == 64)
    }));

    // A second refusal tells nothing new.
    stage
        .call("visit.quote", order("MZ3").quote("q-3", &identity))
        .await?;
    let again = history(&stage, &identity).await?;
    assert_eq!(
        words(&again).iter().filter(|word| **word == "vanished").count(),
        1
    );
    Ok(())
}

#[tokio::test]
async fn a_benefit_check_tells_the_loss_before_anybody_quotes() -> anyhow::Result<()> {
    let stage = Stage::open(no_registers()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    settle(&stage, &order("MZ1"), &identity, "1").await?;
    let lookup = json!({ "identity_id": identity });
    stage.call("person.lookup", lookup.clone()).await?;
    let well = check(&stage, &identity).await?;
    says(&well, "valid", "verdict");
    assert!(well.get("vanished").is_none(), "{well}");
    stage.admin().delete_filings("fuyang-resident").await?;
    stage.call("person.lookup", lookup).await?;
    // The region took her before, and its newer hint says otherwise: only a quote can tell.
    let torn = check(&stage, &identity).await?;
    says(&torn, "not_known", "nothing");
    assert_eq!(torn["evidence"]["source"], "benefits", "{torn}");
    assert_eq!(torn["vanished"]["last_seen"]["source"], "settlement", "{torn}");
    Ok(())
}

#[tokio::test]
async fn the_packet_holds_what_was_seen_and_is_for_its_owner_alone() -> anyhow::Result<()> {
    let mut stage = Stage::open(no_registers()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    stage
        .call("filing.record", paper("r-1", &identity, "2026-01-01", None))
        .await?;
    let settled = lose_the_filing(&stage, &identity).await?;
    stage.kill_sandbox();
    let params = json!({
        "request_id": "d-1",
        "who": { "identity_id": identity },
        "reason": "原有备案<被误删>",
    });
    let told = stage.call("filing.dispute", params.clone()).await?;
    assert_eq!(told["outcome"], "done", "{told}");
    assert_eq!(told, stage.call("filing.dispute", params).await?);
    let read = |name: &str| std::fs::read(told[name].as_str().unwrap_or_default());
    let (text, page) = (read("json_path")?, String::from_utf8(read("html_path")?)?);
    let packet: Value = serde_json::from_slice(&text)?;
    let entries = packet["entries"].as_array().unwrap();
    assert_eq!(entries.len(), history(&stage, &identity).await?.len());
    assert_eq!(
        packet["check"]["vanished"]["filings"][0]["kind"], "referral",
        "{packet}"
    );
    let person = stage_person(&packet);
    assert!(
        person.iter().all(|value| page.contains(value.as_str())),
        "{person:?}"
    );
    let message = settled["settlement"]["message_id"].as_str().unwrap();
    let platform = settled["settlement"]["platform_message_id"].as_str().unwrap();
    for needle in [message, platform, "&lt;被误删&gt;", "异地转诊"] {
        assert!(page.contains(needle), "{needle}");
    }
    for entry in entries {
        assert!(
            page.contains(entry["evidence"]["digest"].as_str().unwrap()),
            "{entry}"
        );
    }
    let name = packet["patient"]["name"].as_str().unwrap();
    let shown = format!("{told}{}", stage.agent_log());
    assert!(!shown.contains(name) && !told["json_path"].as_str().unwrap().contains(name));
    mode_is_private(told["json_path"].as_str().unwrap())?;

    let nobody = json!({ "certificate": "110101190001010015" });
    let params = json!({ "request_id": "d-2", "who": nobody, "reason": "x" });
    let told = stage.call("filing.dispute", params).await?;
    assert_eq!(
        (&told["outcome"], &told["fault"]["code"]),
        (&json!("not_done"), &json!("DESK-022")),
        "{told}"
    );
    // Where the folder cannot be, nothing is claimed to be written.
    stage.stop_agent()?;
    std::fs::remove_dir_all(stage.folder().join("filing-disputes"))?;
    std::fs::write(stage.folder().join("filing-disputes"), "in the way")?;
    stage.start_agent().await?;
    let who = json!({ "bill_id": order("MZ1").bill_id() });
    let params = json!({ "request_id": "d-3", "who": who, "reason": "x" });
    let told = stage.call("filing.dispute", params).await?;
    assert_eq!(told["fault"]["code"], "AGENT-010", "{told}");
    Ok(())
}

fn stage_person(packet: &Value) -> Vec<String> {
    let patient = packet["patient"].as_object().unwrap();
    patient
        .values()
        .filter_map(Value::as_str)
        .map(String::from)
        .collect()
}

fn mode_is_private(path: &str) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(path)?.permissions().mode() & 0o777, 0o600);
    Ok(())
}

#[tokio::test]
async fn forgetting_erases_details_and_keeps_digests() -> anyhow::Result<()> {
    let mut stage = Stage::open(no_registers()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    stage
        .call("filing.record", paper("r-1", &identity, "2026-01-01", None))
        .await?;
    let (_, settled) = settle(&stage, &order("MZ1"), &identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    let before = history(&stage, &identity).await?;
    let forget = json!({ "request_id": "f-1", "who": { "identity_id": identity }, "reason": "患者要求" });
    let told = stage.raw("filing.forget", &forget).await?;
    assert_eq!(told, stage.raw("filing.forget", &forget).await?);
    // Lookup, paper, trial, settlement; the two checks hold nothing personal.
    assert_eq!(serde_json::from_str::<Value>(&told)?["erased"], 4, "{told}");
    says(&check(&stage, &identity).await?, "not_known", "nothing");
    let after = history(&stage, &identity).await?;
    assert_eq!(
        words(&after),
        ["erased", "erased", "checked", "erased", "checked", "erased"]
    );
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before["evidence"], after["evidence"]);
    }
    stage.stop_agent()?;
    let number = "34120020260001";
    for name in ["ledger.sqlite", "ledger.sqlite-wal"] {
        let bytes = std::fs::read(stage.folder().join(name)).unwrap_or_default();
        let found = bytes.windows(number.len()).any(|part| part == number.as_bytes());
        assert!(!found, "{name} still holds the number of the filing");
    }
    let verify = stage.zhijie(&["ledger", "verify"])?;
    assert!(
        verify.status.success(),
        "{}",
        String::from_utf8_lossy(&verify.stderr)
    );
    Ok(())
}

#[tokio::test]
async fn the_command_line_checks_lists_and_forgets() -> anyhow::Result<()> {
    let mut stage = Stage::open(no_registers()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    settle(&stage, &order("MZ1"), &identity, "1").await?;
    let person = stage.admin().person("fuyang-resident").await?;
    let number = format!("{}\n", person["certificate"].as_str().unwrap());
    stage.kill_sandbox();
    let bill = order("MZ1").bill_id();
    let run = |args: &[&str]| -> anyhow::Result<(Option<i32>, String)> {
        let output = stage.zhijie(args)?;
        Ok((output.status.code(), String::from_utf8(output.stdout)?))
    };
    let (code, text) = run(&["filing", "check", "--bill", &bill])?;
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.starts_with("参保地已受理") && text.contains("settlement"),
        "{text}"
    );
    let (code, text) = run(&["filing", "history", "--bill", &bill])?;
    assert_eq!((code, text.lines().count()), (Some(0), 5), "{text}");
    let told = by_certificate(&stage, &number)?;
    assert!(told.starts_with("参保地已受理"), "{told}");
    let forget = ["filing", "forget", "--older-than-days", "0", "--reason", "test"];
    let (code, text) = run(&forget)?;
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("erased  3"), "{text}");
    let (code, text) = run(&["filing", "check", "--bill", &bill])?;
    assert_eq!(code, Some(4), "{text}");
    let (code, _) = run(&["filing", "check", "--bill", "H31010100001/NONE/B1"])?;
    assert_eq!(code, Some(1));
    Ok(())
}

/// The number of the certificate goes in by standard input.
fn by_certificate(stage: &Stage, number: &str) -> anyhow::Result<String> {
    use std::io::Write;
    let zhijie = zhijie_tests::program("zhijie")?;
    let mut child = std::process::Command::new(zhijie)
        .args(["filing", "check", "--certificate"])
        .env("ZHIJIE_SOCKET", stage.socket())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()?;
    child.stdin.take().unwrap().write_all(number.as_bytes())?;
    let output = child.wait_with_output()?;
    assert!(output.status.success());
    Ok(String::from_utf8(output.stdout)?)
}
