//! Stays whose answers are lost: the settlement is found or reversed, the discharge is asked about, and the agent dies
//! in the middle; a stay over new year, settled in parts.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage, Stay, stay, stay_line};

use crate::doubt::HORIZON;
use crate::stays::{PERSON, done, refused_with};

/// In hospital, charged and discharged: a quote of the whole.
async fn quoted(stage: &Stage, told: &Stay, identity: &str) -> anyhow::Result<Value> {
    let request = |step: &str| format!("{step}-{}", told.number);
    done(stage, "stay.admit", told.admit(&request("admit"), identity)).await?;
    let charge = told.charge(&request("charge"), &told.lines());
    done(stage, "stay.charge", charge).await?;
    done(stage, "stay.discharge", told.discharge(&request("discharge"))).await?;
    let quote = told.quote(&request("quote"), identity, Stay::TOTAL_FEN);
    done(stage, "stay.quote", quote).await
}

async fn ended(stage: &Stage, request: &str) -> anyhow::Result<Value> {
    let key = json!({ "request_id": request });
    stage
        .status_until(key, |status| status["outcome"] != "not_known")
        .await
}

async fn status(stage: &Stage, told: &Stay) -> anyhow::Result<Value> {
    let key = json!({ "stay_id": told.id() });
    Ok(stage.call("stay.status", key).await?)
}

#[tokio::test]
async fn a_lost_settlement_is_found_or_reversed() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![HORIZON],
        ..Options::default()
    })
    .await?;
    for (person, kind, outcome, standing) in [
        (PERSON, "drop_after_commit", "done", 1),
        ("fuyang-employee", "drop_before_commit", "not_done", 0),
    ] {
        let identity = stage.type_number(person).await?;
        let told = stay(&format!("ZY-{person}"));
        let quote = quoted(&stage, &told, &identity).await?;
        let here = json!({ "visit": told.number });
        stage.admin().fault("2304", kind, here).await?;
        let request = format!("settle-{person}");
        let settle = told.settle(&request, &quote);
        let lost = stage.call("stay.settle", settle.clone()).await?;
        assert_eq!(lost["outcome"], "not_known", "{kind}: {lost}");
        // Neither bill nor stay is touched meanwhile.
        assert_eq!(status(&stage, &told).await?["locked"], true, "{kind}");
        let again = told.settle(&format!("again-{person}"), &quote);
        let again = stage.call("stay.settle", again).await?;
        assert_eq!(again["outcome"], "not_known", "{kind}: {again}");
        let undo = told.undo(&format!("undo-{person}"));
        refused_with(&stage, "stay.undo_discharge", undo, "DESK-038").await?;

        let known = ended(&stage, &request).await?;
        assert_eq!(known["outcome"], outcome, "{kind}: {known}");
        assert_eq!(
            stage.call("stay.settle", settle).await?,
            known["answer"],
            "{kind}"
        );
        assert_eq!(stage.admin().standing(&told.number).await?, standing, "{kind}");
        assert_eq!(
            stage.admin().calls("2304", Some(&told.number)).await?,
            1,
            "{kind}"
        );
        let after = status(&stage, &told).await?;
        assert_eq!(
            (&after["locked"], &after["phase"]),
            (&json!(false), &json!("discharged")),
            "{kind}: {after}"
        );
        let unsettled = if standing == 1 { 0 } else { Stay::TOTAL_FEN };
        assert_eq!(after["charges"]["unsettled_fen"], unsettled, "{kind}: {after}");
    }
    Ok(())
}

/// Discharged at the centre or not, the agent finds out; the answer is one for ever.
#[tokio::test]
async fn a_lost_discharge_is_asked_about() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![HORIZON],
        ..Options::default()
    })
    .await?;
    for (person, kind, outcome, phase, code) in [
        (PERSON, "drop_after_commit", "done", "discharged", Value::Null),
        (
            "fuyang-employee",
            "drop_before_commit",
            "not_done",
            "admitted",
            json!("PLAT-021"),
        ),
    ] {
        let identity = stage.type_number(person).await?;
        let told = stay(&format!("ZY-{person}"));
        let admit = told.admit(&format!("admit-{person}"), &identity);
        done(&stage, "stay.admit", admit).await?;
        stage.admin().fault("2402", kind, json!({})).await?;
        let request = format!("discharge-{person}");
        let params = told.discharge(&request);
        let lost = stage.call("stay.discharge", params.clone()).await?;
        assert_eq!(lost["outcome"], "not_known", "{kind}: {lost}");
        let change = told.change(&format!("change-{person}"));
        refused_with(&stage, "stay.change", change, "DESK-037").await?;
        let known = ended(&stage, &request).await?;
        assert_eq!(known["outcome"], outcome, "{kind}: {known}");
        assert_eq!(known["answer"]["fault"]["code"], code, "{kind}: {known}");
        assert_eq!(stage.call("stay.discharge", params).await?, known["answer"]);
        assert_eq!(status(&stage, &told).await?["phase"], phase, "{kind}");
    }
    assert_eq!(stage.admin().calls("2402", None).await?, 2);
    Ok(())
}

#[tokio::test]
async fn killed_between_a_settlement_and_its_record() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number(PERSON).await?;
    let told = stay("ZY1");
    let quote = quoted(&stage, &told, &identity).await?;
    let settle = told.settle("settle", &quote);
    stage
        .admin()
        .fault("2304", "delay_after_commit", json!({ "ms": 60_000 }))
        .await?;
    let client = stage.client().await?;
    {
        let settled = client.call("stay.settle", &settle);
        tokio::pin!(settled);
        tokio::select! {
            told = &mut settled => panic!("answered: {told:?}"),
            there = stage.admin().wait("2304", 1, "committed") => there?,
        }
        stage.kill_agent();
        assert!(settled.await.is_err());
    }
    stage.start_agent().await?;
    let known = ended(&stage, "settle").await?;
    assert_eq!(known["outcome"], "done", "{known}");
    assert_eq!(stage.call("stay.settle", settle).await?, known["answer"]);
    let rows = stage.admin().settlements("ZY1").await?;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(known["settlement"]["settlement_id"], rows[0]["setl_id"]);
    assert_eq!(stage.admin().calls("2304", None).await?, 1);
    let after = status(&stage, &told).await?;
    assert_eq!(after["bills"][0]["state"], "settled", "{after}");
    assert_eq!(after["charges"]["unsettled_count"], 0, "{after}");
    Ok(())
}

#[tokio::test]
async fn killed_between_an_admission_and_its_record() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number(PERSON).await?;
    let told = stay("ZY1");
    let admit = told.admit("admit", &identity);
    stage
        .admin()
        .fault("2401", "delay_after_commit", json!({ "ms": 60_000 }))
        .await?;
    let client = stage.client().await?;
    {
        let admitted = client.call("stay.admit", &admit);
        tokio::pin!(admitted);
        tokio::select! {
            told = &mut admitted => panic!("answered: {told:?}"),
            there = stage.admin().wait("2401", 1, "committed") => there?,
        }
        stage.kill_agent();
        assert!(admitted.await.is_err());
    }
    stage.start_agent().await?;
    let known = ended(&stage, "admit").await?;
    assert_eq!(known["outcome"], "done", "{known}");
    assert_eq!(stage.call("stay.admit", admit).await?, known["answer"]);
    assert_eq!(stage.admin().calls("2401", None).await?, 1);
    Ok(())
}

fn interim(mut params: Value) -> Value {
    params["interim"] = json!(true);
    params
}

/// The old year's part is settled while the stay goes on, the new year's at the end; refunded the latest first.
#[tokio::test]
async fn a_stay_over_new_year_is_settled_in_parts() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number(PERSON).await?;
    let mut told = stay("ZY1");
    told.began = String::from("2025-12-30T08:00:00+08:00");
    told.ended = String::from("2026-01-02T09:30:00+08:00");
    done(&stage, "stay.admit", told.admit("admit", &identity)).await?;
    let charged = told.charge("old-year", &told.lines());
    let charged = done(&stage, "stay.charge", charged).await?;
    let notice = |told: &Value| told["notices"][0]["code"].clone();
    assert_eq!(notice(&charged), "STAY-OVER-NEW-YEAR", "{charged}");

    let ask = interim(told.quote("quote-1", &identity, Stay::TOTAL_FEN));
    let quote = done(&stage, "stay.quote", ask).await?;
    // The word of the quote counts.
    let other = told.settle("other", &quote);
    refused_with(&stage, "stay.settle", other, "DESK-049").await?;
    let part = interim(told.settle("settle-1", &quote));
    let part = done(&stage, "stay.settle", part).await?;
    let new_year = [stay_line("4", "20", 1_900, "2026-01-01T08:00:00+08:00")];
    let charge = told.charge("new-year", &new_year);
    let charged = done(&stage, "stay.charge", charge).await?;
    assert_eq!(charged["charges"]["unsettled_fen"], 1_900, "{charged}");
    // What is settled cannot be taken back, what is not can.
    let settled_line = told.withdraw("taken", Some(&["1"]));
    refused_with(&stage, "stay.withdraw_charges", settled_line, "DESK-045").await?;
    done(&stage, "stay.discharge", told.discharge("discharge")).await?;
    let ask = told.quote("quote-2", &identity, 1_900);
    let quote = done(&stage, "stay.quote", ask).await?;
    let last = done(&stage, "stay.settle", told.settle("settle-2", &quote)).await?;
    assert_eq!(stage.admin().standing("ZY1").await?, 2);
    let after = status(&stage, &told).await?;
    let bills: Vec<_> = after["bills"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bill| (bill["interim"].clone(), bill["total_fen"].clone()))
        .collect();
    assert_eq!(
        bills,
        [
            (json!(true), json!(Stay::TOTAL_FEN)),
            (json!(false), json!(1_900))
        ]
    );
    assert_eq!(notice(&after), "STAY-OVER-NEW-YEAR", "{after}");

    let early = told.cancel("early", &part);
    refused_with(&stage, "stay.cancel", early, "DESK-042").await?;
    for (request, settled) in [("cancel-2", &last), ("cancel-1", &part)] {
        done(&stage, "stay.cancel", told.cancel(request, settled)).await?;
    }
    assert_eq!(stage.admin().standing("ZY1").await?, 0);
    assert_eq!(
        status(&stage, &told).await?["charges"]["unsettled_fen"],
        13_300,
        "both parts are unsettled again"
    );
    Ok(())
}
