//! Verdicts of stays in the filing ledger: an admission taken or refused, a stay tried and settled at its share, and an
//! emergency that needs no filing.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage, Stay, order, stay};

use crate::filing::{check, no_registers, says};
use crate::filing_acts::{history, words};

/// What was seen by one transaction, the latest first.
fn of<'a>(entries: &'a [Value], transaction: &str) -> Vec<&'a Value> {
    let seen = |entry: &&Value| entry["evidence"]["transaction"] == transaction;
    entries.iter().rev().filter(seen).collect()
}

async fn done(stage: &Stage, method: &str, params: Value) -> anyhow::Result<Value> {
    let told = stage.call(method, params).await?;
    assert_eq!(told["outcome"], "done", "{method}: {told}");
    Ok(told)
}

/// As `filing.check` answers for a stay.
async fn check_stay(stage: &Stage, identity: &str) -> anyhow::Result<Value> {
    let params = json!({ "who": { "identity_id": identity }, "visit_kind": "21" });
    Ok(stage.call("filing.check", params).await?)
}

#[tokio::test]
async fn a_refused_admission_says_missing_in_the_regions_words() -> anyhow::Result<()> {
    let stage = Stage::open(no_registers()).await?;
    let identity = stage.type_number("harbin-unfiled").await?;
    let params = stay("ZY1").admit("a-1", &identity);
    let refused = stage.call("stay.admit", params).await?;
    assert_eq!(refused["outcome"], "not_done", "{refused}");
    assert!(refused.get("filing").is_none(), "{refused}");
    let text = refused["fault"]["platform_text"].as_str().unwrap();
    let entries = history(&stage, &identity).await?;
    let [verdict] = of(&entries, "2401")[..] else {
        panic!("{entries:?}")
    };
    assert_eq!(
        (&verdict["said"], &verdict["evidence"]["source"]),
        (&json!("refused"), &json!("admission"))
    );
    assert_eq!(verdict["bill_id"], json!(stay("ZY1").id()), "{verdict}");
    assert!(verdict["text_zh"].as_str().unwrap().contains(text), "{verdict}");
    assert!(verdict["evidence"]["message_id"].is_string(), "{verdict}");
    assert_eq!(
        verdict["answer_digest"].as_str().map(str::len),
        Some(64),
        "{verdict}"
    );
    // What was known when it was sent stands before it.
    assert_eq!(words(&entries), ["insured", "checked", "refused"]);
    let told = check(&stage, &identity).await?;
    says(&told, "missing", "verdict");
    assert_eq!(told["evidence"]["source"], "admission", "{told}");
    let by_stay = json!({ "who": { "bill_id": stay("ZY1").id() } });
    says(&stage.call("filing.check", by_stay).await?, "missing", "verdict");
    Ok(())
}

#[tokio::test]
async fn a_stay_is_taken_tried_and_settled_at_its_share() -> anyhow::Result<()> {
    let stage = Stage::open(no_registers()).await?;
    let identity = stage.type_number("fuyang-employee").await?;
    let told_of = stay("ZY1");
    let admitted = done(&stage, "stay.admit", told_of.admit("admit", &identity)).await?;
    says(&admitted["filing"], "not_known", "nothing");
    let key = json!({ "stay_id": told_of.id() });
    let status = stage.call("stay.status", key).await?;
    assert_eq!(status["filing"], admitted["filing"], "{status}");
    // Taken, and at which share nobody said.
    let taken = check_stay(&stage, &identity).await?;
    says(&taken, "valid", "verdict");
    assert_eq!(taken["evidence"]["source"], "admission", "{taken}");
    assert!(taken.get("share").is_none(), "{taken}");

    let charge = told_of.charge("charge", &told_of.lines());
    done(&stage, "stay.charge", charge).await?;
    done(&stage, "stay.discharge", told_of.discharge("discharge")).await?;
    let quote = told_of.quote("quote", &identity, Stay::TOTAL_FEN);
    let quote = done(&stage, "stay.quote", quote).await?;
    let settled = done(&stage, "stay.settle", told_of.settle("settle", &quote)).await?;
    let beside = &settled["settlement"]["filing"];
    says(beside, "valid", "verdict");
    assert_eq!(beside["source"], "stay_trial", "{settled}");

    let entries = history(&stage, &identity).await?;
    let road = [
        "insured", "checked", "accepted", "checked", "accepted", "checked", "accepted",
    ];
    assert_eq!(words(&entries), road);
    let share = &settled["settlement"]["split"]["pool_ratio"];
    assert!(share.is_string(), "{settled}");
    for (transaction, source) in [("2303", "stay_trial"), ("2304", "stay_settlement")] {
        let [verdict] = of(&entries, transaction)[..] else {
            panic!("{transaction}: {entries:?}")
        };
        assert_eq!(verdict["evidence"]["source"], source, "{verdict}");
        let text = verdict["text_zh"].as_str().unwrap();
        assert!(text.contains(share.as_str().unwrap()), "{text} {share}");
        assert_eq!(verdict["bill_id"], settled["bill_id"], "{verdict}");
    }
    let after = check_stay(&stage, &identity).await?;
    says(&after, "valid", "verdict");
    assert_eq!(&after["share"]["ratio"], share, "{after}");
    assert_eq!(after["share"]["source"], "stay_settlement", "{after}");
    assert_eq!(
        after["evidence"]["message_id"], settled["settlement"]["message_id"],
        "{after}"
    );
    // The share of a stay is not that of a visit of a day.
    let visit = check(&stage, &identity).await?;
    says(&visit, "valid", "verdict");
    assert!(visit.get("share").is_none(), "{visit}");

    let receipt = json!({ "bill_id": settled["bill_id"], "format": "json" });
    let receipt = stage.call("receipt.get", receipt).await?;
    let receipt: Value = serde_json::from_str(receipt["content"].as_str().unwrap())?;
    let digest = beside["digest"].as_str().unwrap();
    assert_eq!(receipt["filing_digest"].as_str(), digest.get(..16), "{receipt}");
    Ok(())
}

#[tokio::test]
async fn a_filing_deleted_during_a_stay_is_noticed_at_its_settlement() -> anyhow::Result<()> {
    let stage = Stage::open(no_registers()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let told_of = stay("ZY1");
    done(&stage, "stay.admit", told_of.admit("admit", &identity)).await?;
    let charge = told_of.charge("charge", &told_of.lines());
    done(&stage, "stay.charge", charge).await?;
    done(&stage, "stay.discharge", told_of.discharge("discharge")).await?;
    stage.admin().delete_filings("fuyang-resident").await?;
    let quote = told_of.quote("quote", &identity, Stay::TOTAL_FEN);
    let refused = stage.call("stay.quote", quote).await?;
    assert_eq!(refused["outcome"], "not_done", "{refused}");
    let told = check_stay(&stage, &identity).await?;
    says(&told, "missing", "verdict");
    assert_eq!(told["evidence"]["source"], "stay_trial", "{told}");
    assert_eq!(told["vanished"]["last_seen"]["source"], "admission", "{told}");
    Ok(())
}

/// Whether a stay that began as an emergency counts as filed is the region's to say, and the profile's to expect.
#[tokio::test]
async fn an_emergency_is_admitted_without_a_filing() -> anyhow::Result<()> {
    let asked = r#"queries = ["5301", "5302", "5304", "5360"]"#;
    let narrow = (
        r#"exempt_visit_kinds = ["13", "24"]"#,
        r#"exempt_visit_kinds = ["13"]"#,
    );
    for (changes, before, other_visits) in [
        (vec![(asked, "queries = []")], ("not_needed", "rule"), "not_known"),
        (
            vec![(asked, "queries = []"), narrow],
            ("not_known", "nothing"),
            "valid",
        ),
    ] {
        let stage = Stage::open(Options {
            profile_changes: changes,
            ..Options::default()
        })
        .await?;
        let identity = stage.type_number("harbin-unfiled").await?;
        let mut told_of = stay("ZY1");
        told_of.kind = String::from("24");
        let admitted = done(&stage, "stay.admit", told_of.admit("admit", &identity)).await?;
        says(&admitted["filing"], before.0, before.1);
        let entries = history(&stage, &identity).await?;
        assert_eq!(of(&entries, "2401")[0]["said"], "accepted", "{entries:?}");
        // What the profile calls an emergency proves nothing for an ordinary visit.
        let told = check(&stage, &identity).await?;
        assert_eq!(told["answer"], other_visits, "{told}");
        let refused = order("MZ1").quote("quote", &identity);
        let refused = stage.call("visit.quote", refused).await?;
        assert_eq!(refused["outcome"], "not_done", "{refused}");
        says(&check(&stage, &identity).await?, "missing", "verdict");
    }
    Ok(())
}
