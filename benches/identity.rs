//! From a code on the scanner's line to a decoded person, against the platform's part of it in the same run.
#![expect(clippy::print_stdout, reason = "telling figures is what this is for")]

use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use zhijie_benches::{Awake, Relay, median, median_ratio};
use zhijie_desk::Client;
use zhijie_tests::{Options, Stage};

const ROUNDS: usize = 31;
/// What a platform may take for one decode; nobody knows.
const PLATFORMS: [(&str, u64); 2] = [("the sandbox as it is", 0), ("one that takes 100 ms", 100)];
const GOAL: f64 = 1.05;
/// The decode.
const DECODE: &str = "1162";

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(identity())
}

async fn identity() -> anyhow::Result<()> {
    let mut stage = Stage::without_agent(Options {
        scanner: true,
        ..Options::default()
    })
    .await?;
    let relay = put_between(&stage)?;
    stage.start_agent().await?;
    let ready = |health: &serde_json::Value| health.pointer("/devices/scanner") == Some(&json!(true));
    stage.health_until(ready).await?;
    let client = stage.client().await?;
    client.call("events.subscribe", &json!({})).await?;
    // The first one signs in.
    read(&mut stage, &client, &relay).await?;
    let calls = stage.admin().calls(DECODE, None).await?;
    read(&mut stage, &client, &relay).await?;
    let more = stage.admin().calls(DECODE, None).await?.saturating_sub(calls);
    anyhow::ensure!(more == 1, "{more} decodes for one code");
    for (platform, delay_ms) in PLATFORMS {
        let mut taken = Vec::new();
        for _ in 0..ROUNDS {
            if delay_ms > 0 {
                let slow = json!({ "ms": delay_ms });
                stage.admin().fault(DECODE, "delay", slow).await?;
            }
            taken.push(read(&mut stage, &client, &relay).await?);
        }
        let ratio = median_ratio(&taken);
        let verdict = if ratio <= GOAL { "" } else { " MISSED" };
        let ours = median(taken.iter().map(|(ours, _)| *ours).collect());
        let bare = median(taken.iter().map(|(_, bare)| *bare).collect());
        println!(
            "bench: code to decoded, {platform}, ratio {ratio:.3} (goal {GOAL:.2}){verdict}, ours {ours:?}, decode call {bare:?}"
        );
    }
    Ok(())
}

/// The agent takes the relay for the platform.
fn put_between(stage: &Stage) -> anyhow::Result<Relay> {
    let config = std::fs::read_to_string(stage.config())?;
    let platform = config
        .lines()
        .find_map(|line| line.strip_prefix("url = \"https://")?.strip_suffix('"'))
        .context("no platform")?;
    let relay = Relay::open(platform.parse()?)?;
    let changed = config.replace(platform, &relay.address().to_string());
    std::fs::write(stage.config(), changed)?;
    Ok(relay)
}

/// One code: how long until the desk has the person, and how much of it the platform's call took on the line.
async fn read(stage: &mut Stage, client: &Client, relay: &Relay) -> anyhow::Result<(Duration, Duration)> {
    let code = stage.admin().voucher("fuyang-resident").await?;
    let mut news = client.notifications();
    let asked = json!({ "source": "code", "timeout_s": 30 });
    let read = client.call("identity.read", &asked);
    tokio::pin!(read);
    let mut began = Awake::clock();
    loop {
        tokio::select! {
            answer = &mut read => {
                let ours = began.elapsed();
                answer?;
                return Ok((ours, relay.span().context("no call was made")?));
            }
            event = news.recv() => {
                if event.is_ok_and(|event| event.params.get().contains("waiting_for_card_or_code")) {
                    relay.clear();
                    began = Awake::clock();
                    stage.scan(&code)?;
                }
            }
        }
    }
}
