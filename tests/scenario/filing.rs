//! `filing.check` and what it rests on: verdicts, rules, papers; with and without the platform.

use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, order};

use crate::road::settle;

/// A province where verdicts and benefit checks are all there is.
pub fn no_registers() -> Options {
    let asked = r#"queries = ["5301", "5302", "5304", "5360"]"#;
    Options {
        profile_changes: vec![(asked, "queries = []")],
        ..Options::default()
    }
}

/// `filing.check` about an identity.
pub async fn check(stage: &Stage, identity: &str) -> anyhow::Result<Value> {
    let params = json!({ "who": { "identity_id": identity } });
    Ok(stage.call("filing.check", params).await?)
}

/// As [`check`], by the number of the person's certificate.
pub async fn check_by_number(stage: &Stage, person: &str) -> anyhow::Result<Value> {
    let number = stage.admin().person(person).await?["certificate"].clone();
    let params = json!({ "who": { "certificate": number } });
    Ok(stage.call("filing.check", params).await?)
}

/// Parameters of `filing.record` for a filing to Shanghai.
pub fn paper(request: &str, identity: &str, from: &str, until: Option<&str>) -> Value {
    let mut params = json!({
        "request_id": request,
        "who": { "identity_id": identity },
        "kind": "referral",
        "number": "34120020260001",
        "from": from,
        "area": "310000",
        "seen_by": "收费员，手机截图",
    });
    if let Some(until) = until {
        params["until"] = json!(until);
    }
    params
}

pub fn says(check: &Value, answer: &str, sureness: &str) {
    assert_eq!(
        (&check["answer"], &check["sureness"]),
        (&json!(answer), &json!(sureness)),
        "{check}"
    );
}

#[tokio::test]
async fn a_verdict_makes_it_valid_and_stays_without_the_platform() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = order("MZ1");
    let before = check(&stage, &identity).await?;
    says(&before, "not_known", "nothing");
    assert_eq!(before["insured_area"]["code"], "341200", "{before}");
    let (quote, settled) = settle(&stage, &bill, &identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    let beside = &settled["settlement"]["filing"];
    says(beside, "valid", "verdict");
    assert_eq!(beside["source"], "trial", "{settled}");

    let person = stage.admin().person("fuyang-resident").await?;
    stage.kill_sandbox();
    stage.stop_agent()?;
    stage.start_agent().await?;
    let params = json!({ "who": { "certificate": person["certificate"] } });
    let after = stage.call("filing.check", params).await?;
    says(&after, "valid", "verdict");
    assert_eq!(
        (&after["stale"], &after["evidence"]["source"]),
        (&json!(false), &json!("settlement"))
    );
    assert_eq!(
        after["evidence"]["message_id"],
        settled["settlement"]["message_id"]
    );
    assert_eq!(
        after["evidence"]["platform_message_id"],
        settled["settlement"]["platform_message_id"]
    );
    assert_eq!(
        after["share"]["ratio"], quote["quote"]["split"]["pool_ratio"],
        "{after}"
    );
    assert!(
        after["next_step"]["cashier"].as_str().unwrap().contains("结算"),
        "{after}"
    );

    let receipt = json!({ "bill_id": bill.bill_id(), "format": "json" });
    let receipt = stage.call("receipt.get", receipt).await?;
    let receipt: Value = serde_json::from_str(receipt["content"].as_str().unwrap())?;
    assert!(
        receipt["filing"].as_str().unwrap().starts_with("参保地已受理"),
        "{receipt}"
    );
    assert!(
        receipt["filing_seen"].as_str().unwrap().ends_with("分钟前"),
        "{receipt}"
    );
    assert!(after["share"]["ratio"].is_string(), "{after}");
    let digest = beside["digest"].as_str().unwrap();
    assert_eq!(receipt["filing_digest"].as_str(), digest.get(..16), "{receipt}");
    let status = stage
        .call("visit.status", json!({ "bill_id": bill.bill_id() }))
        .await?;
    assert_eq!(&status["settlement"]["filing"], beside, "{status}");
    Ok(())
}

#[tokio::test]
async fn a_refusal_for_want_of_a_filing_means_missing_and_an_emergency_needs_none() -> anyhow::Result<()> {
    let stage = Stage::open(no_registers()).await?;
    let identity = stage.type_number("harbin-unfiled").await?;
    let refused = stage
        .call("visit.quote", order("MZ1").quote("q", &identity))
        .await?;
    assert_eq!(refused["outcome"], "not_done", "{refused}");
    let told = check(&stage, &identity).await?;
    says(&told, "missing", "verdict");
    assert_eq!(told["evidence"]["source"], "trial", "{told}");
    assert!(told.get("vanished").is_none(), "{told}");
    let step = told["next_step"]["cashier"].as_str().unwrap();
    for place in ["国家医保服务平台", "12393", "黑龙江省哈尔滨市"] {
        assert!(step.contains(place), "{step}");
    }
    let emergency = json!({ "who": { "identity_id": identity }, "visit_kind": "13" });
    says(
        &stage.call("filing.check", emergency).await?,
        "not_needed",
        "rule",
    );

    let emergency = Order {
        visit_kind: String::from("13"),
        ..order("MZ2")
    };
    let (_, settled) = settle(&stage, &emergency, &identity, "2").await?;
    says(&settled["settlement"]["filing"], "not_needed", "rule");
    // That the emergency was taken says nothing about an ordinary visit.
    says(&check(&stage, &identity).await?, "missing", "verdict");

    // A refusal for another reason says nothing.
    let other = stage.type_number("fuyang-resident").await?;
    let fault = json!({ "text": "FSI-FMI返回：个人账户余额不足" });
    stage.admin().fault("2206", "refuse", fault).await?;
    let refused = stage
        .call("visit.quote", order("MZ3").quote("q3", &other))
        .await?;
    assert_eq!(refused["outcome"], "not_done", "{refused}");
    says(&check(&stage, &other).await?, "not_known", "nothing");
    Ok(())
}

#[tokio::test]
async fn the_same_pool_needs_none_and_unknown_people_are_not_known() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("shanghai-local").await?;
    says(&check(&stage, &identity).await?, "not_needed", "rule");
    says(
        &check_by_number(&stage, "shanghai-local").await?,
        "not_needed",
        "rule",
    );
    let nobody = check_by_number(&stage, "rizhao-resident").await?;
    says(&nobody, "not_known", "nothing");
    assert!(nobody.get("insured_area").is_none(), "{nobody}");
    let number = stage.admin().person("rizhao-resident").await?["certificate"].clone();
    let told = json!({ "who": { "certificate": number }, "insured_area": "371100" });
    let told = stage.call("filing.check", told).await?;
    says(&told, "not_known", "nothing");
    assert_eq!(told["insured_area"]["name"], "山东省日照市", "{told}");
    for who in [json!({}), json!({ "identity_id": "a", "bill_id": "b" })] {
        let data = stage.refused("filing.check", json!({ "who": who })).await?;
        assert_eq!(data["path"], "who", "{data}");
    }
    Ok(())
}

#[tokio::test]
async fn a_paper_counts_until_its_last_day_and_a_verdict_beats_it() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("harbin-unfiled").await?;
    let ended = paper("r-1", &identity, "2024-01-01", Some("2024-12-31"));
    let told = stage.raw("filing.record", &ended).await?;
    assert_eq!(told, stage.raw("filing.record", &ended).await?);
    assert_eq!(serde_json::from_str::<Value>(&told)?["outcome"], "done");
    let expired = check(&stage, &identity).await?;
    says(&expired, "expired", "paper");
    assert_eq!(expired["filing"]["until"], "2024-12-31", "{expired}");
    assert!(
        expired["next_step"]["cashier"]
            .as_str()
            .unwrap()
            .contains("重新办理"),
        "{expired}"
    );

    let runs = paper("r-2", &identity, "2025-01-01", None);
    stage.call("filing.record", runs).await?;
    let valid = check(&stage, &identity).await?;
    says(&valid, "valid", "paper");
    assert_eq!(
        (&valid["filing"]["kind"], &valid["filing"]["area"]["code"]),
        (&json!("referral"), &json!("310000"))
    );
    let status = stage.call("visit.status", json!({ "request_id": "r-2" })).await?;
    assert_eq!(status["outcome"], "done", "{status}");

    let refused = stage
        .call("visit.quote", order("MZ1").quote("q", &identity))
        .await?;
    assert_eq!(refused["outcome"], "not_done", "{refused}");
    says(&check(&stage, &identity).await?, "missing", "verdict");
    // A paper shown after the refusal contradicts it: only the insured region can tell.
    let newer = paper("r-3", &identity, "2026-01-01", None);
    stage.call("filing.record", newer).await?;
    let torn = check(&stage, &identity).await?;
    says(&torn, "not_known", "nothing");
    assert!(
        torn["next_step"]["cashier"].as_str().unwrap().contains("试算"),
        "{torn}"
    );

    let mut wrong = paper("r-4", &identity, "2026-01-02", Some("2026-01-01"));
    let data = stage.refused("filing.record", wrong.clone()).await?;
    assert_eq!(data["path"], "until", "{data}");
    wrong["until"] = json!("2026-13-01");
    assert_eq!(stage.refused("filing.record", wrong).await?["path"], "until");
    Ok(())
}

#[tokio::test]
async fn an_answer_older_than_its_limit_says_so() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        config: "[filing]\nverdict_age_max_s = 1\n",
        ..no_registers()
    })
    .await?;
    let identity = stage.type_number("fuyang-employee").await?;
    let (_, settled) = settle(&stage, &order("MZ1"), &identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    let person = stage.admin().person("fuyang-employee").await?;
    stage.kill_sandbox();
    let params = json!({ "who": { "certificate": person["certificate"] } });
    for _ in 0..1200 {
        let told = stage.call("filing.check", params.clone()).await?;
        says(&told, "valid", "verdict");
        if told["stale"] == json!(true) {
            assert!(told["age_s"].as_u64() > Some(1), "{told}");
            assert!(told["text_zh"].as_str().unwrap().contains("信息已旧"), "{told}");
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    anyhow::bail!("it never grew old")
}
