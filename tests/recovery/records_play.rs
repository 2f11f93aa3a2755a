//! How the records of [`super::records`] were made: every story played once.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use zhijie_ledger::{Ledger, Record};
use zhijie_model::BillId;
use zhijie_tests::{Options, Stage, stay, stay_line};

use crate::records::{Line, STAYS, Told};

/// Plays every story and writes its records to the folder `ZHIJIE_FIXTURE`. Run with a clock some days back, so that
/// a doubt of then is an old one. Each stage has its own agent: failures of one story close no way of the next.
#[tokio::test]
#[ignore = "makes the fixtures when a new version of the records comes"]
async fn write_the_records() -> anyhow::Result<()> {
    let folder = PathBuf::from(std::env::var("ZHIJIE_FIXTURE")?);
    let horizon = ("late_execution_max_s = 120", "late_execution_max_s = 1");
    let silent = (r#"queries = ["5301", "5302", "5304", "5360"]"#, "queries = []");
    let mut stage = open(horizon).await?;
    play_stays(&mut stage).await?;
    stage.kill_agent();
    for (name, number, _) in STAYS {
        write(&stage, &folder, name, &stay(number).id())?;
    }
    let bill = format!("{}/stay/1", stay("ZY-SETTLED").id());
    write(&stage, &folder, "stay-bill-settled", &bill)?;
    for (change, names) in [
        (horizon, ["act-made", "act-looked", "act-in-doubt"].as_slice()),
        (silent, ["act-resolved", "act-not-sent"].as_slice()),
    ] {
        let mut stage = open(change).await?;
        let acts = play_acts(&mut stage, names).await?;
        stage.kill_agent();
        for (name, id) in acts {
            write(&stage, &folder, name, &id)?;
        }
    }
    Ok(())
}

async fn open(change: (&'static str, &'static str)) -> anyhow::Result<Stage> {
    Stage::open(Options {
        profile_changes: vec![change],
        ..Options::default()
    })
    .await
}

fn write(stage: &Stage, folder: &Path, name: &str, id: &str) -> anyhow::Result<()> {
    let reader = Ledger::open_read_only(stage.ledger())?;
    let mut text = String::new();
    for entry in reader.history(&BillId::new(id)?)? {
        let Record {
            kind, version, body, ..
        } = entry.record;
        let told = entry.answers.into_iter().map(|told| Told {
            request: told.request_id,
            method: told.method,
            outcome: told.outcome,
            answer: told.answer,
        });
        let line = Line {
            kind,
            version,
            body: RawValue::from_string(String::from_utf8(body)?)?,
            answers: told.collect(),
        };
        writeln!(text, "{}", serde_json::to_string(&line)?)?;
    }
    anyhow::ensure!(!text.is_empty(), "{id} has no records");
    Ok(std::fs::write(folder.join(format!("v1-{name}.jsonl")), text)?)
}

/// Asks, and shows what came back.
async fn ask(stage: &Stage, method: &str, params: Value, outcome: &str) -> anyhow::Result<Value> {
    let told = stage.call(method, params).await?;
    anyhow::ensure!(told["outcome"] == outcome, "{method}: {told}");
    Ok(told)
}

async fn ended(stage: &Stage, request: &str) -> anyhow::Result<Value> {
    let key = json!({ "request_id": request });
    let is_known = |status: &Value| status["outcome"] != "not_known";
    stage.status_until(key, is_known).await
}

async fn play_stays(stage: &mut Stage) -> anyhow::Result<()> {
    let told = stay("ZY-REFUSED");
    let identity = stage.type_number("harbin-unfiled").await?;
    ask(stage, "stay.admit", told.admit("admit-1", &identity), "not_done").await?;

    let told = stay("ZY-BACK");
    let identity = stage.type_number("shanghai-local").await?;
    ask(stage, "stay.admit", told.admit("admit-2", &identity), "done").await?;
    ask(stage, "stay.change", told.change("change-2"), "done").await?;
    ask(
        stage,
        "stay.charge",
        told.charge("charge-2", &told.lines()),
        "done",
    )
    .await?;
    let two = told.withdraw("withdraw-2", Some(&["2"]));
    ask(stage, "stay.withdraw_charges", two, "done").await?;
    ask(stage, "stay.discharge", told.discharge("discharge-2"), "done").await?;
    ask(stage, "stay.undo_discharge", told.undo("undo-2"), "done").await?;
    ask(
        stage,
        "stay.withdraw_charges",
        told.withdraw("all-2", None),
        "done",
    )
    .await?;
    ask(stage, "stay.undo_admission", told.undo("gone-2"), "done").await?;

    let told = stay("ZY-REVERSED");
    stage
        .admin()
        .fault("2401", "drop_before_commit", json!({}))
        .await?;
    ask(stage, "stay.admit", told.admit("admit-3", &identity), "not_known").await?;
    anyhow::ensure!(ended(stage, "admit-3").await?["outcome"] == "not_done");

    let told = stay("ZY-SETTLED");
    ask(stage, "stay.admit", told.admit("admit-4", &identity), "done").await?;
    ask(
        stage,
        "stay.charge",
        told.charge("charge-4", &told.lines()),
        "done",
    )
    .await?;
    ask(stage, "stay.discharge", told.discharge("discharge-4"), "done").await?;
    let quote = told.quote("quote-4", &identity, zhijie_tests::Stay::TOTAL_FEN);
    let quote = ask(stage, "stay.quote", quote, "done").await?;
    ask(stage, "stay.settle", told.settle("settle-4", &quote), "done").await?;

    let told = stay("ZY-RESOLVED");
    let identity = stage.type_number("fuyang-employee").await?;
    stage
        .admin()
        .fault("5303", "drop_before_commit", json!({}))
        .await?;
    stage
        .admin()
        .fault("2401", "drop_after_commit", json!({}))
        .await?;
    ask(stage, "stay.admit", told.admit("admit-5", &identity), "not_known").await?;
    let rows = stage.admin().get("/stays?person=fuyang-employee").await?;
    let visit = rows[0]["id"].clone();
    let end = format!("/stays/{}/end", visit.as_str().context("no visit")?);
    stage.admin().post(&end, &json!({})).await?;
    let key = json!({ "request_id": "admit-5" });
    stage
        .status_until(key, |status| status["state"] == "needs_clerk")
        .await?;
    let verdict = json!({
        "request_id": "resolve-5", "bill_id": told.id(), "verdict": "stands", "visit_id": visit,
        "reason": "医保平台上核对过", "operator": { "code": "0007", "name": "赵敏" },
    });
    ask(stage, "work.resolve", verdict, "done").await?;
    play_interrupted(stage).await?;

    let told = stay("ZY-DOUBT");
    let identity = stage.type_number("haikou-aided").await?;
    ask(stage, "stay.admit", told.admit("admit-7", &identity), "done").await?;
    ask(
        stage,
        "stay.charge",
        told.charge("charge-7", &told.lines()),
        "done",
    )
    .await?;
    let silent = json!({ "times": 1000 });
    stage.admin().fault("5201", "drop_before_commit", silent).await?;
    stage
        .admin()
        .fault("2402", "drop_after_commit", json!({}))
        .await?;
    let discharge = told.discharge("discharge-ZY-DOUBT");
    ask(stage, "stay.discharge", discharge, "not_known").await?;
    stage.admin().wait("5201", 2, "received").await
}

/// A lost upload, a change that was never sent, an upload during which the agent dies.
async fn play_interrupted(stage: &mut Stage) -> anyhow::Result<()> {
    let told = stay("ZY-CUT");
    let identity = stage.type_number("fuyang-resident").await?;
    ask(stage, "stay.admit", told.admit("admit-6", &identity), "done").await?;
    stage
        .admin()
        .fault("2301", "drop_after_commit", json!({}))
        .await?;
    ask(
        stage,
        "stay.charge",
        told.charge("charge-6", &told.lines()),
        "not_done",
    )
    .await?;
    stage.kill_sandbox();
    ask(stage, "stay.change", told.change("change-6"), "not_done").await?;
    stage.start_sandbox().await?;
    stage
        .admin()
        .fault("2301", "delay", json!({ "ms": 60_000 }))
        .await?;
    let more = [stay_line("9", "20", 1_900, &told.began)];
    let params = told.charge("charge-6b", &more);
    let client = stage.client().await?;
    {
        let charged = client.call("stay.charge", &params);
        tokio::pin!(charged);
        tokio::select! {
            told = &mut charged => anyhow::bail!("answered: {told:?}"),
            there = stage.admin().wait("2301", 1, "received") => there?,
        }
        stage.kill_agent();
    }
    stage.start_agent().await?;
    Ok(())
}

/// The acts of a story each; the names of the stories tell what is played.
async fn play_acts<'a>(stage: &mut Stage, names: &[&'a str]) -> anyhow::Result<Vec<(&'a str, String)>> {
    let identity = stage.type_number("harbin-unfiled").await?;
    let fix = |request: &str| json!({ "request_id": request, "identity_id": identity, "kind": "elsewhere", "from": "2026-01-01" });
    let refer = json!({
        "request_id": "act-made", "identity_id": identity,
        "diagnosis": { "code": "C34.900", "name": "肺恶性肿瘤" },
        "to": { "code": "H31010100001", "name": "示例医院" },
        "area": "310000", "kind_code": "1", "date": "2026-11-10",
        "reason": "本地无条件", "opinion": "同意", "agreed": true, "until": "2099-05-20",
    });
    let mut made = json!({});
    let mut acts = Vec::new();
    for &name in names {
        let told = match name {
            "act-made" => {
                made = ask(stage, "filing.refer", refer.clone(), "done").await?;
                made.clone()
            }
            "act-looked" => {
                let params = json!({
                    "request_id": name, "identity_id": identity, "what": "referral",
                    "number": made["number"], "reason": "患者放弃",
                });
                stage
                    .admin()
                    .fault("2502", "drop_after_commit", json!({}))
                    .await?;
                let lost = ask(stage, "filing.withdraw", params, "not_known").await?;
                anyhow::ensure!(ended(stage, name).await?["outcome"] == "done");
                lost
            }
            "act-in-doubt" => {
                stage
                    .admin()
                    .fault("5302", "drop_before_commit", json!({ "after": 1, "times": 1000 }))
                    .await?;
                stage
                    .admin()
                    .fault("2505", "drop_after_commit", json!({}))
                    .await?;
                ask(stage, "filing.fix_place", fix(name), "not_known").await?
            }
            "act-resolved" => {
                stage
                    .admin()
                    .fault("2505", "drop_after_commit", json!({}))
                    .await?;
                let lost = ask(stage, "filing.fix_place", fix(name), "not_known").await?;
                let verdict = json!({
                    "request_id": "resolve", "bill_id": lost["act_id"], "verdict": "stands",
                    "settlement_id": "23010012345", "reason": "查到", "operator": { "code": "0009", "name": "医保办" },
                });
                ask(stage, "work.resolve", verdict, "done").await?;
                lost
            }
            "act-not-sent" => {
                stage.kill_sandbox();
                ask(stage, "filing.fix_place", fix(name), "not_done").await?
            }
            _ => continue,
        };
        acts.push((name, String::from(told["act_id"].as_str().context("no act")?)));
    }
    Ok(acts)
}
