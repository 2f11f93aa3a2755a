//! Records of stays and of filings made at the desk, as version 1 of them was written: laid into a new ledger they open,
//! fold and are gone on with, for ever. The files lie beside those of bills, in `src/agent/core/fixtures`, and are never
//! made anew; `write_the_records` is for the day a new version comes. The people in them are the sandbox's; none exists.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use zhijie_ledger::{Commit, Ledger, Machine, NewAnswer, NewRecord, Opening, StateCache};
use zhijie_model::{BillId, InstitutionCode, RequestId};
use zhijie_tests::{Options, Stage, stay};

/// One record with the answers that were committed beside it.
#[derive(Serialize, Deserialize)]
pub struct Line {
    pub kind: String,
    pub version: u16,
    pub body: Box<RawValue>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Told>,
}

#[derive(Serialize, Deserialize)]
pub struct Told {
    pub request: RequestId,
    pub method: String,
    pub outcome: String,
    pub answer: String,
}

fn fixture(name: &str) -> PathBuf {
    let name = format!("../src/agent/core/fixtures/v1-{name}.jsonl");
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Lays a story into the ledger, under the name its stay, bill or act has. `open`: somebody owed something at its end.
fn lay(ledger: &mut Ledger, name: &str, id: &str, open: bool) -> anyhow::Result<()> {
    let bill = BillId::new(id)?;
    for line in std::fs::read_to_string(fixture(name))?.lines() {
        let line: Line = serde_json::from_str(line)?;
        let mut commit = Commit::new("2026-11-17T02:00:00Z".parse().unwrap());
        commit.bill = Some(bill.clone());
        commit.record = Some(NewRecord {
            kind: line.kind,
            version: line.version,
            body: line.body.get().as_bytes().to_vec(),
        });
        commit.answers = line.answers.into_iter().map(answer).collect();
        commit.state = Some(StateCache {
            state: b"laid".to_vec(),
            open,
        });
        ledger.commit(&commit)?;
    }
    Ok(())
}

fn answer(told: Told) -> NewAnswer {
    NewAnswer {
        request_id: told.request,
        method: told.method,
        body_digest: [0; 32],
        outcome: told.outcome,
        answer: told.answer,
    }
}

/// The name of the act a story tells of: that of its first message.
fn act(name: &str) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(fixture(name))?;
    let first: Line = serde_json::from_str(text.lines().next().context("empty")?)?;
    let body: Value = serde_json::from_str(first.body.get())?;
    Ok(format!(
        "filing:{}",
        body["message_id"].as_str().context("no message")?
    ))
}

/// Story, the number of its stay, and where it was left.
pub const STAYS: [(&str, &str, &str); 7] = [
    ("stay-there-and-back", "ZY-BACK", "not_admitted"),
    ("stay-refused", "ZY-REFUSED", "not_admitted"),
    ("stay-admission-reversed", "ZY-REVERSED", "not_admitted"),
    ("stay-interrupted", "ZY-CUT", "admitted"),
    ("stay-resolved", "ZY-RESOLVED", "admitted"),
    ("stay-discharge-in-doubt", "ZY-DOUBT", "step_in_doubt"),
    ("stay-settled", "ZY-SETTLED", "discharged"),
];

#[tokio::test]
async fn records_of_stays_and_acts_open_and_are_gone_on_with() -> anyhow::Result<()> {
    let mut stage = Stage::without_agent(Options::default()).await?;
    let opening = Opening {
        institution: InstitutionCode::new("H31010100001")?,
        desk_slot: 1,
        now: "2026-11-17T02:00:00Z".parse().unwrap(),
        machine: Machine::default(),
    };
    let mut ledger = Ledger::open(stage.ledger(), &opening)?;
    for (name, number, phase) in STAYS {
        lay(&mut ledger, name, &stay(number).id(), phase == "step_in_doubt")?;
    }
    let settled = format!("{}/stay/1", stay("ZY-SETTLED").id());
    lay(&mut ledger, "stay-bill-settled", &settled, false)?;
    for name in ["act-made", "act-looked", "act-resolved", "act-not-sent"] {
        lay(&mut ledger, name, &act(name)?, false)?;
    }
    lay(&mut ledger, "act-in-doubt", &act("act-in-doubt")?, true)?;
    drop(ledger);
    let verify = stage.zhijie(&["ledger", "verify"])?;
    assert!(
        verify.status.success(),
        "{}",
        String::from_utf8_lossy(&verify.stderr)
    );

    stage.start_agent().await?;
    for (name, number, phase) in STAYS {
        let key = json!({ "stay_id": stay(number).id() });
        let status = stage.call("stay.status", key).await?;
        // A doubt that old is left to a person as soon as the centre was asked in vain.
        let known =
            status["phase"] == phase || (phase == "step_in_doubt" && status["phase"] == "needs_clerk");
        assert!(known, "{name}: {status}");
    }
    let bill = stage.call("visit.status", json!({ "bill_id": settled })).await?;
    assert_eq!(
        (&bill["state"], &bill["outcome"]),
        (&json!("settled"), &json!("done")),
        "{bill}"
    );
    a_person_ends_the_discharge(&stage).await?;
    the_register_ends_the_act(&stage).await
}

/// Asked about in vain for days, the discharge waits for a person; the verdict is its answer.
async fn a_person_ends_the_discharge(stage: &Stage) -> anyhow::Result<()> {
    let told = stay("ZY-DOUBT");
    let key = json!({ "request_id": "discharge-ZY-DOUBT" });
    let waits = stage
        .status_until(key.clone(), |status| status["state"] == "needs_clerk")
        .await?;
    assert_eq!(waits["outcome"], "not_known", "{waits}");
    let charge = told.charge("late", &told.lines());
    let late = stage.call("stay.charge", charge).await?;
    assert_eq!(late["outcome"], "not_known", "{late}");
    let listed = stage.call("work.list", json!({})).await?;
    let ours = |item: &&Value| item["bill_id"] == told.id();
    let item = listed["items"]
        .as_array()
        .and_then(|items| items.iter().find(ours));
    assert_eq!(item.context("not listed")?["kind"], "needs_clerk", "{listed}");
    let key_of_stay = json!({ "stay_id": told.id() });
    let visit = stage.call("stay.status", key_of_stay.clone()).await?["visit_id"].clone();
    let verdict = |request: &str, visit: &Value| {
        json!({
            "request_id": request, "bill_id": told.id(), "verdict": "stands", "visit_id": visit,
            "reason": "医保平台上已出院", "operator": { "code": "0007", "name": "赵敏" },
        })
    };
    let other = stage.call("work.resolve", verdict("other", &json!("1"))).await?;
    assert_eq!(other["outcome"], "not_done", "{other}");
    let resolved = stage.call("work.resolve", verdict("yes", &visit)).await?;
    assert_eq!(resolved["outcome"], "done", "{resolved}");
    let known = stage
        .status_until(key, |status| status["outcome"] != "not_known")
        .await?;
    assert_eq!(known["outcome"], "done", "{known}");
    assert_eq!(known["answer"]["phase"], "discharged", "{known}");
    let after = stage.call("stay.status", key_of_stay).await?;
    assert_eq!(
        (&after["phase"], &after["locked"]),
        (&json!("discharged"), &json!(false)),
        "{after}"
    );
    assert_eq!(stage.admin().calls("2402", None).await?, 0);
    Ok(())
}

/// The province has no such record, and long enough after it was sent that proves that it was never made.
async fn the_register_ends_the_act(stage: &Stage) -> anyhow::Result<()> {
    let key = json!({ "request_id": "act-in-doubt" });
    let known = stage
        .status_until(key, |status| status["outcome"] != "not_known")
        .await?;
    assert_eq!(known["outcome"], "not_done", "{known}");
    assert_eq!(known["fault"]["code"], "PLAT-031", "{known}");
    assert_eq!(stage.admin().calls("2505", None).await?, 0);
    Ok(())
}
