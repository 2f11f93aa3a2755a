//! Agent or province die in the middle.

use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, order};

use crate::road::settle;

/// Lets 2207 strike `fault`, kills the agent once the call is `reached`, and starts it again.
async fn die(stage: &mut Stage, bill: &Order, fault: (&str, u64), reached: &str) -> anyhow::Result<Value> {
    let identity = stage.type_number("fuyang-resident").await?;
    let quote = stage.call("visit.quote", bill.quote("q", &identity)).await?;
    let params = bill.settle("s", &quote);
    stage
        .admin()
        .fault("2207", fault.0, json!({ "ms": fault.1 }))
        .await?;
    let client = stage.client().await?;
    {
        let settle = client.call("visit.settle", &params);
        tokio::pin!(settle);
        tokio::select! {
            told = &mut settle => panic!("answered: {told:?}"),
            there = stage.admin().wait("2207", 1, reached) => there?,
        }
        stage.kill_agent();
        assert!(settle.await.is_err());
    }
    stage.start_agent().await?;
    Ok(params)
}

async fn one_true_answer(stage: &Stage, bill: &Order, params: &Value) -> anyhow::Result<()> {
    let key = json!({ "request_id": "s" });
    let status = stage
        .status_until(key, |status| status["outcome"] != "not_known")
        .await?;
    assert_eq!(status["outcome"], "done", "{status}");
    let told = stage.raw("visit.settle", params).await?;
    assert_eq!(told, stage.raw("visit.settle", params).await?);
    assert_eq!(serde_json::from_str::<Value>(&told)?, status["answer"]);
    let rows = stage.admin().settlements(&bill.visit).await?;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(status["settlement"]["settlement_id"], rows[0]["setl_id"]);
    assert_eq!(stage.admin().calls("2207", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn killed_after_the_centre_had_executed() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let bill = order("MZ1");
    let params = die(&mut stage, &bill, ("delay_after_commit", 60_000), "committed").await?;
    // Killed once more before it can have looked: the plan is the same on every start.
    stage.kill_agent();
    stage.start_agent().await?;
    one_true_answer(&stage, &bill, &params).await
}

#[tokio::test]
async fn killed_before_the_centre_had_executed() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let bill = order("MZ1");
    let params = die(&mut stage, &bill, ("delay", 5_000), "received").await?;
    let told = stage.call("visit.settle", params.clone()).await?;
    assert_eq!(told["outcome"], "not_known", "{told}");
    assert_eq!(told["fault"]["code"], "AGENT-009", "{told}");
    one_true_answer(&stage, &bill, &params).await
}

#[tokio::test]
async fn stopped_while_the_answer_was_due() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let bill = order("MZ1");
    let identity = stage.type_number("fuyang-resident").await?;
    let quote = stage.call("visit.quote", bill.quote("q", &identity)).await?;
    let params = bill.settle("s", &quote);
    stage
        .admin()
        .fault("2207", "delay_after_commit", json!({ "ms": 60_000 }))
        .await?;
    let client = stage.client().await?;
    {
        let settle = client.call("visit.settle", &params);
        tokio::pin!(settle);
        tokio::select! {
            told = &mut settle => panic!("answered: {told:?}"),
            there = stage.admin().wait("2207", 1, "committed") => there?,
        }
        stage.stop_agent()?;
        assert!(settle.await.is_err());
    }
    stage.start_agent().await?;
    one_true_answer(&stage, &bill, &params).await
}

#[tokio::test]
async fn the_desk_program_hangs_up() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let bill = order("MZ1");
    let identity = stage.type_number("fuyang-resident").await?;
    let quote = stage.call("visit.quote", bill.quote("q", &identity)).await?;
    let params = bill.settle("s", &quote);
    stage.admin().fault("2207", "delay", json!({ "ms": 500 })).await?;
    {
        let client = stage.client().await?;
        tokio::select! {
            told = client.call("visit.settle", &params) => panic!("answered: {told:?}"),
            there = stage.admin().wait("2207", 1, "received") => there?,
        }
    }
    one_true_answer(&stage, &bill, &params).await
}

#[tokio::test]
async fn killed_during_the_quote() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let bill = order("MZ1");
    let identity = stage.type_number("fuyang-resident").await?;
    stage
        .admin()
        .fault("2204", "delay_after_commit", json!({ "ms": 60_000 }))
        .await?;
    let params = bill.quote("q", &identity);
    let client = stage.client().await?;
    let quote = client.call("visit.quote", &params);
    tokio::pin!(quote);
    tokio::select! {
        told = &mut quote => panic!("answered: {told:?}"),
        reached = stage.admin().wait("2204", 1, "committed") => reached?,
    }
    stage.kill_agent();
    stage.start_agent().await?;
    let told = stage.raw("visit.quote", &params).await?;
    assert_eq!(told, stage.raw("visit.quote", &params).await?);
    let told: Value = serde_json::from_str(&told)?;
    assert_eq!(told["outcome"], "not_done", "{told}");
    assert_eq!(told["fault"]["code"], "AGENT-005", "{told}");
    let gone = stage.call("visit.quote", bill.quote("q2", &identity)).await?;
    assert_eq!(gone["fault"]["code"], "DESK-006", "{gone}");
    let identity = stage.type_number("fuyang-resident").await?;
    let (_, settled) = settle(&stage, &bill, &identity, "3").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    assert_eq!(stage.admin().standing("MZ1").await?, 1);
    Ok(())
}

#[tokio::test]
async fn nobody_listens_at_the_platform() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let bill = order("MZ1");
    let identity = stage.type_number("fuyang-resident").await?;
    let quote = stage.call("visit.quote", bill.quote("q", &identity)).await?;
    stage.kill_sandbox();
    let params = bill.settle("s", &quote);
    let told = stage.call("visit.settle", params.clone()).await?;
    assert_eq!(told["outcome"], "not_done", "{told}");
    assert_eq!(told["fault"]["code"], "GATE-001", "{told}");
    assert_eq!(told["fault"]["money_moved"], "no", "{told}");
    let told = stage.call("visit.quote", bill.quote("q2", &identity)).await?;
    assert_eq!(told["fault"]["code"], "GATE-001", "{told}");
    stage.start_sandbox().await?;
    assert_eq!(stage.call("visit.settle", params).await?["outcome"], "not_done");
    assert_eq!(stage.admin().calls("2207", None).await?, 0);
    let (_, settled) = settle(&stage, &bill, &identity, "3").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    assert_eq!(stage.admin().standing("MZ1").await?, 1);
    Ok(())
}
