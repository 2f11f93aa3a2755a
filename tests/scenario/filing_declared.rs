//! What is made and taken back at this desk is seen like everything else: with its messages and digests, also when a
//! doubt about it ends, and nobody is alarmed by what the desk did itself.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage};

use crate::filing::{check, no_registers, says};
use crate::filing_acts::{history, words};
use crate::filing_made::{ended, fix, refer};

const PERSON: &str = "harbin-unfiled";

/// What this desk declared, in order.
async fn declared(stage: &Stage, identity: &str) -> anyhow::Result<Vec<Value>> {
    let mut entries = history(stage, identity).await?;
    assert!(!words(&entries).contains(&"vanished"), "{entries:?}");
    entries.retain(|entry| entry["evidence"]["source"] == "declaration");
    Ok(entries)
}

/// Word and transaction of each, all with our message and the digest of the answer that told it.
fn told(entries: &[Value]) -> Vec<(&str, &str)> {
    let told = entries.iter().map(|entry| {
        assert!(entry["evidence"]["message_id"].is_string(), "{entry}");
        assert_eq!(entry["answer_digest"].as_str().map(str::len), Some(64), "{entry}");
        (
            entry["said"].as_str().unwrap(),
            entry["evidence"]["transaction"].as_str().unwrap(),
        )
    });
    told.collect()
}

fn back(request: &str, identity: &str, what: &str, number: &Value) -> Value {
    let mut asked = json!({
        "request_id": request, "identity_id": identity, "what": what, "number": number, "reason": "患者放弃",
    });
    match what {
        "fixed_place" => asked["kind"] = json!("elsewhere"),
        "chronic" => asked["disease_code"] = json!("M01600"),
        _ => {}
    }
    asked
}

async fn done(stage: &Stage, method: &str, params: Value) -> anyhow::Result<Value> {
    let told = stage.call(method, params).await?;
    assert_eq!(told["outcome"], "done", "{method}: {told}");
    Ok(told)
}

async fn look_up(stage: &Stage, identity: &str) -> anyhow::Result<()> {
    let params = json!({ "identity_id": identity });
    stage.call("person.lookup", params).await?;
    Ok(())
}

#[tokio::test]
async fn a_referral_made_and_taken_back_is_seen_without_the_platform() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number(PERSON).await?;
    let made = done(&stage, "filing.refer", refer("f-1", &identity)).await?;
    look_up(&stage, &identity).await?;
    says(&check(&stage, &identity).await?, "valid", "hint");
    let params = back("f-2", &identity, "referral", &made["number"]);
    done(&stage, "filing.withdraw", params).await?;
    // The register does not show it any more; this desk knows why.
    look_up(&stage, &identity).await?;
    let entries = declared(&stage, &identity).await?;
    assert_eq!(told(&entries), [("made", "2501"), ("withdrawn", "2502")]);
    for entry in &entries {
        assert!(entry["evidence"]["platform_message_id"].is_string(), "{entry}");
    }
    assert_eq!(entries[0]["filings"][0]["number"], made["number"]);
    let none = json!([]);
    assert_eq!(entries[1]["filings"], none, "{}", entries[1]);

    let number = stage.admin().person(PERSON).await?["certificate"].clone();
    stage.kill_sandbox();
    stage.stop_agent()?;
    stage.start_agent().await?;
    let params = json!({ "who": { "certificate": number } });
    let gone = stage.call("filing.check", params).await?;
    says(&gone, "missing", "hint");
    assert!(gone.get("vanished").is_none(), "{gone}");
    Ok(())
}

#[tokio::test]
async fn a_doubt_that_a_register_ends_becomes_an_observation() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number(PERSON).await?;
    let lose = |number: &'static str| stage.admin().fault(number, "drop_after_commit", json!({}));
    lose("2505").await?;
    let told_lost = stage.call("filing.fix_place", fix("f-1", &identity)).await?;
    assert_eq!(told_lost["outcome"], "not_known", "{told_lost}");
    let made = ended(&stage, "f-1").await?;
    assert_eq!(made["outcome"], "done", "{made}");
    look_up(&stage, &identity).await?;
    says(&check(&stage, &identity).await?, "valid", "hint");

    lose("2506").await?;
    let number = &made["answer"]["number"];
    let params = back("f-2", &identity, "fixed_place", number);
    let lost = stage.call("filing.withdraw", params).await?;
    assert_eq!(lost["outcome"], "not_known", "{lost}");
    // In doubt, and gone from the register already: no alarm.
    look_up(&stage, &identity).await?;
    let status = ended(&stage, "f-2").await?;
    assert_eq!(status["outcome"], "done", "{status}");
    let entries = declared(&stage, &identity).await?;
    assert_eq!(told(&entries), [("made", "2505"), ("withdrawn", "2506")]);
    says(&check(&stage, &identity).await?, "missing", "hint");
    Ok(())
}

#[tokio::test]
async fn a_doubt_that_a_person_ends_becomes_one_too() -> anyhow::Result<()> {
    let stage = Stage::open(no_registers()).await?;
    let identity = stage.type_number(PERSON).await?;
    let made = done(&stage, "filing.fix_place", fix("f-1", &identity)).await?;
    says(&check(&stage, &identity).await?, "valid", "hint");
    stage
        .admin()
        .fault("2506", "drop_after_commit", json!({}))
        .await?;
    let params = back("f-2", &identity, "fixed_place", &made["number"]);
    let lost = stage.call("filing.withdraw", params).await?;
    assert_eq!(lost["outcome"], "not_known", "{lost}");
    // Nobody knows yet: what was made still counts.
    says(&check(&stage, &identity).await?, "valid", "hint");
    let verdict = json!({
        "request_id": "w-1", "bill_id": lost["act_id"], "verdict": "stands", "settlement_id": made["number"],
        "reason": "在参保地平台查到已撤销", "operator": { "code": "0009", "name": "医保办" },
    });
    done(&stage, "work.resolve", verdict).await?;
    let entries = declared(&stage, &identity).await?;
    assert_eq!(words(&entries), ["made", "withdrawn"]);
    let act = lost["act_id"].as_str().unwrap();
    let message = entries[1]["evidence"]["message_id"].as_str().unwrap();
    assert_eq!(act, format!("filing:{message}"));
    assert_eq!(entries[1]["evidence"]["transaction"], "2506");
    says(&check(&stage, &identity).await?, "missing", "hint");
    Ok(())
}

#[tokio::test]
async fn other_records_are_seen_and_are_no_filings() -> anyhow::Result<()> {
    let stage = Stage::open(no_registers()).await?;
    let identity = stage.type_number(PERSON).await?;
    let chronic = json!({
        "request_id": "f-1", "identity_id": identity,
        "disease": { "code": "M01600", "name": "糖尿病" }, "attested_on": "2026-11-20",
        "doctor": { "code": "D310101000001", "name": "张医生" }, "from": "2026-11-22",
    });
    let made = done(&stage, "filing.register_chronic", chronic).await?;
    let mut place = fix("f-2", &identity);
    place["kind"] = json!("institution");
    done(&stage, "filing.fix_place", place).await?;
    says(&check(&stage, &identity).await?, "not_known", "nothing");
    let params = back("f-3", &identity, "chronic", &made["number"]);
    done(&stage, "filing.withdraw", params).await?;
    let entries = declared(&stage, &identity).await?;
    let road = [
        ("registered", "2503"),
        ("registered", "2505"),
        ("withdrawn", "2504"),
    ];
    assert_eq!(told(&entries), road);
    let said = |n: usize| entries[n]["text_zh"].as_str().unwrap();
    assert!(
        said(0).contains("糖尿病") && said(1).contains("定点"),
        "{entries:?}"
    );
    assert!(said(2).contains("慢特病"), "{entries:?}");
    let log = stage.agent_log();
    assert!(!log.contains("糖尿病"), "{log}");
    Ok(())
}
