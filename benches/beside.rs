//! What a settlement at the desk notices of the catalogue that comes in beside it: agent, province, socket and disk as they are.

#![expect(clippy::print_stdout, reason = "telling figures is what this is for")]

use std::time::Duration;

use serde_json::{Value, json};
use zhijie_benches::{Awake, percentile};
use zhijie_tests::{Options, Stage, order};

const ROWS: &str = "300000";
/// Idle and busy by turns, so that both see the same disk.
const ROUNDS: usize = 2;
/// Settlements of a round.
const SETTLEMENTS: usize = 200;
const GOAL: f64 = 1.5;

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(beside())
}

async fn beside() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        sandbox: vec!["--filler-drugs", ROWS],
        ..Options::default()
    })
    .await?;
    let mut number = 0;
    settle(&stage, &mut number).await?; // the first one signs in
    let (mut idle, mut busy) = (Vec::new(), Vec::new());
    let mut imports = 0;
    for _ in 0..ROUNDS {
        for _ in 0..SETTLEMENTS {
            idle.push(settle(&stage, &mut number).await?);
        }
        for _ in 0..SETTLEMENTS {
            if !is_coming_in(&stage).await? {
                imports += 1;
                begin(&mut stage).await?;
            }
            busy.push(settle(&stage, &mut number).await?);
        }
        stage.synced().await?;
    }
    for (what, share) in [("median", 50), ("p99", 99)] {
        let (ours, bare) = (percentile(&mut busy, share), percentile(&mut idle, share));
        let ratio = ours.as_secs_f64() / bare.as_secs_f64();
        let verdict = if ratio <= GOAL { "" } else { " MISSED" };
        println!(
            "bench: settlement beside an import, {what} ratio {ratio:.2} (goal {GOAL:.2}){verdict}, beside {ours:?}, idle {bare:?}"
        );
    }
    println!(
        "bench: {imports} imports of {ROWS} rows were begun for {} settlements",
        busy.len()
    );
    Ok(())
}

/// Has the list fetched into an empty copy, and waits until its rows come in: what the province needs to put the file together is
/// not the agent's.
async fn begin(stage: &mut Stage) -> anyhow::Result<()> {
    stage.synced().await?;
    stage.stop_agent()?;
    for suffix in ["", "-wal", "-shm"] {
        let file = stage.folder().join(format!("catalogue.sqlite{suffix}"));
        if file.exists() {
            std::fs::remove_file(file)?;
        }
    }
    stage.start_agent().await?;
    stage.call("catalog.sync", json!({ "lists": ["drugs"] })).await?;
    while !is_coming_in(stage).await? {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

async fn is_coming_in(stage: &Stage) -> anyhow::Result<bool> {
    let status = stage.call("catalog.status", json!({})).await?;
    let rows = status.pointer("/under_way/rows").and_then(Value::as_u64);
    Ok(rows.is_some_and(|rows| rows > 0))
}

/// One bill; how long its settlement took, from the desk's request to the answer.
async fn settle(stage: &Stage, number: &mut u32) -> anyhow::Result<Duration> {
    *number += 1;
    let order = order(&format!("MZ{number}"));
    let identity = stage.type_number("fuyang-resident").await?;
    let quote = stage
        .call("visit.quote", order.quote(&format!("q{number}"), &identity))
        .await?;
    let client = stage.client().await?;
    let asked = order.settle(&format!("s{number}"), &quote);
    let began = Awake::clock();
    let settled = client.call("visit.settle", &asked).await?;
    let taken = began.elapsed();
    let settled: Value = serde_json::from_str(settled.get())?;
    anyhow::ensure!(settled.pointer("/outcome") == Some(&json!("done")), "{settled}");
    Ok(taken)
}
