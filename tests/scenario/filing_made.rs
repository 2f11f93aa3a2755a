//! Filings made at the desk: seen first, recorded before they are sent, never made twice, looked for when the answer is
//! lost.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage};

use crate::filing::{check, no_registers};

const HORIZON: (&str, &str) = ("late_execution_max_s = 120", "late_execution_max_s = 1");

pub fn fix(request: &str, identity: &str) -> Value {
    json!({
        "request_id": request, "identity_id": identity, "kind": "elsewhere", "from": "2026-01-01",
        "memo": "常驻异地工作",
    })
}

pub fn refer(request: &str, identity: &str) -> Value {
    json!({
        "request_id": request, "identity_id": identity,
        "diagnosis": { "code": "C34.900", "name": "肺恶性肿瘤" },
        "to": { "code": "H31010100001", "name": "示例医院" },
        "area": "310000", "kind_code": "1", "date": "2026-11-20",
        "reason": "本地无条件", "opinion": "同意", "agreed": true, "until": "2099-05-20",
    })
}

async fn work(stage: &Stage) -> anyhow::Result<Vec<Value>> {
    let mut told = stage.call("work.list", json!({})).await?;
    let items = told["items"].as_array_mut().map(std::mem::take);
    Ok(items.unwrap_or_default())
}

pub async fn ended(stage: &Stage, request: &str) -> anyhow::Result<Value> {
    let key = json!({ "request_id": request });
    stage
        .status_until(key, |status| status["outcome"] != "not_known")
        .await
}

#[tokio::test]
async fn a_filing_is_made_once_seen_and_taken_back() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("harbin-unfiled").await?;
    let asked = refer("f-1", &identity);
    let made = stage.call("filing.refer", asked.clone()).await?;
    assert_eq!(made["outcome"], "done", "{made}");
    let number = made["number"].as_str().unwrap_or_default();
    assert_eq!(number.len(), 30, "{made}");
    assert_eq!(made, stage.call("filing.refer", asked).await?);
    let shown = check(&stage, &identity).await?;
    assert_eq!(
        (&shown["answer"], &shown["evidence"]["source"]),
        (&json!("valid"), &json!("declaration"))
    );
    let status = ended(&stage, "f-1").await?;
    assert_eq!((&status["outcome"], &status["answer"]), (&json!("done"), &made));

    // Another request for what stands already sends nothing.
    let again = stage.call("filing.refer", refer("f-2", &identity)).await?;
    assert_eq!(again["fault"]["code"], "DESK-051", "{again}");
    assert_eq!(stage.admin().calls("2501", None).await?, 1);

    let back = json!({
        "request_id": "f-3", "identity_id": identity, "what": "referral", "number": number, "reason": "患者放弃",
    });
    let taken = stage.call("filing.withdraw", back.clone()).await?;
    assert_eq!(taken["outcome"], "done", "{taken}");
    let mut back = back;
    back["request_id"] = json!("f-4");
    let again = stage.call("filing.withdraw", back).await?;
    assert_eq!(again["fault"]["code"], "DESK-052", "{again}");
    assert_eq!(stage.admin().calls("2502", None).await?, 1);
    let gone = check(&stage, &identity).await?;
    assert_eq!(gone["answer"], "missing", "{gone}");
    assert!(work(&stage).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_and_the_filing_found() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("harbin-unfiled").await?;
    stage
        .admin()
        .fault("2505", "drop_after_commit", json!({}))
        .await?;
    let asked = fix("f-1", &identity);
    let told = stage.call("filing.fix_place", asked.clone()).await?;
    assert_eq!(
        (&told["outcome"], &told["fault"]["code"]),
        (&json!("not_known"), &json!("PLAT-030"))
    );
    assert_eq!(told["fault"]["money_moved"], "no", "{told}");
    let waits = work(&stage).await?;
    assert_eq!(waits.len(), 1, "{waits:?}");
    assert_eq!(
        (&waits[0]["kind"], &waits[0]["bill_id"]),
        (&json!("filing_in_doubt"), &told["act_id"])
    );
    // Neither the same request nor another one sends it again.
    assert_eq!(
        stage.call("filing.fix_place", asked.clone()).await?["outcome"],
        "not_known"
    );
    let other = stage.call("filing.fix_place", fix("f-2", &identity)).await?;
    assert!(
        matches!(other["fault"]["code"].as_str(), Some("DESK-050" | "DESK-051")),
        "{other}"
    );
    let status = ended(&stage, "f-1").await?;
    assert_eq!(status["outcome"], "done", "{status}");
    assert_eq!(
        status["answer"]["number"].as_str().map(str::len),
        Some(30),
        "{status}"
    );
    assert_eq!(stage.call("filing.fix_place", asked).await?, status["answer"]);
    assert_eq!(stage.admin().calls("2505", None).await?, 1);
    assert!(work(&stage).await?.is_empty());
    assert_eq!(check(&stage, &identity).await?["answer"], "valid");
    Ok(())
}

#[tokio::test]
async fn a_killed_agent_looks_for_what_it_had_sent() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("harbin-unfiled").await?;
    stage
        .admin()
        .fault("2505", "delay_after_commit", json!({ "ms": 60_000 }))
        .await?;
    let asked = fix("f-1", &identity);
    let client = stage.client().await?;
    {
        let made = client.call("filing.fix_place", &asked);
        tokio::pin!(made);
        tokio::select! {
            told = &mut made => panic!("answered: {told:?}"),
            there = stage.admin().wait("2505", 1, "committed") => there?,
        }
        stage.kill_agent();
        assert!(made.await.is_err());
    }
    stage.start_agent().await?;
    let status = ended(&stage, "f-1").await?;
    assert_eq!(status["outcome"], "done", "{status}");
    assert_eq!(stage.call("filing.fix_place", asked).await?, status["answer"]);
    assert_eq!(stage.admin().calls("2505", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn what_never_arrived_may_be_made_again_once_the_register_proves_it() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![HORIZON],
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("harbin-unfiled").await?;
    let chronic = |request: &str| {
        json!({
            "request_id": request, "identity_id": identity,
            "disease": { "code": "M01600", "name": "糖尿病" }, "attested_on": "2026-11-20",
            "doctor": { "code": "D310101000001", "name": "张医生" }, "from": "2026-11-22",
        })
    };
    stage
        .admin()
        .fault("2503", "drop_before_commit", json!({}))
        .await?;
    let told = stage.call("filing.register_chronic", chronic("f-1")).await?;
    assert_eq!(told["outcome"], "not_known", "{told}");
    let status = ended(&stage, "f-1").await?;
    assert_eq!(
        (&status["outcome"], &status["fault"]["code"]),
        (&json!("not_done"), &json!("PLAT-031"))
    );
    let made = stage.call("filing.register_chronic", chronic("f-2")).await?;
    assert_eq!(made["outcome"], "done", "{made}");
    assert_eq!(stage.admin().calls("2503", None).await?, 2);
    Ok(())
}

#[tokio::test]
async fn without_a_register_a_person_decides() -> anyhow::Result<()> {
    let stage = Stage::open(no_registers()).await?;
    let identity = stage.type_number("harbin-unfiled").await?;
    stage
        .admin()
        .fault("2505", "drop_after_commit", json!({}))
        .await?;
    let told = stage.call("filing.fix_place", fix("f-1", &identity)).await?;
    assert_eq!(
        (&told["outcome"], &told["fault"]["code"]),
        (&json!("not_known"), &json!("PLAT-033"))
    );
    let waits = work(&stage).await?;
    assert_eq!(waits[0]["kind"], "filing_needs_clerk", "{waits:?}");
    let verdict = json!({
        "request_id": "w-1", "bill_id": told["act_id"], "verdict": "stands", "settlement_id": "23010012345",
        "reason": "在参保地平台查到", "operator": { "code": "0009", "name": "医保办" },
    });
    let resolved = stage.call("work.resolve", verdict.clone()).await?;
    assert_eq!(resolved["outcome"], "done", "{resolved}");
    assert_eq!(resolved, stage.call("work.resolve", verdict).await?);
    let status = ended(&stage, "f-1").await?;
    assert_eq!(
        (&status["outcome"], &status["answer"]["number"]),
        (&json!("done"), &json!("23010012345"))
    );
    assert!(work(&stage).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_refusal_comes_with_the_platforms_words_and_nothing_stays_open() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("harbin-unfiled").await?;
    let mut asked = refer("f-1", &identity);
    asked["area"] = json!("230100");
    let told = stage.call("filing.refer", asked).await?;
    assert_eq!(
        (&told["outcome"], &told["fault"]["code"]),
        (&json!("not_done"), &json!("PLAT-032"))
    );
    let words = told["fault"]["platform_text"].as_str().unwrap_or_default();
    assert!(words.contains("就医地与参保地相同"), "{told}");
    assert!(work(&stage).await?.is_empty());
    let log = stage.agent_log();
    for personal in ["本地无条件", "肺恶性肿瘤"] {
        assert!(!log.contains(personal), "{log}");
    }
    Ok(())
}
