//! What a long stay costs the agent in memory, while it is uploaded and when the desk is quiet again: 3,000 fee lines in one request,
//! uploaded in chunks.

#![expect(clippy::print_stdout, reason = "telling figures is what this is for")]

use std::time::Duration;

use anyhow::Context as _;
use zhijie_benches::memory_kb;
use zhijie_tests::{Options, Stage, stay, stay_line};

const LINES: usize = 3000;
/// Wanted at most above the idle agent.
const GOAL_KB: u32 = 16 * 1024;

/// Long enough for the agent to find that the desk is quiet.
const SILENCE: Duration = Duration::from_secs(60);

/// Memory of the agent, in kB.
struct Memory {
    /// Resident with the patient admitted, its program included.
    idle: u32,
    /// The most that was resident up to the end of the upload.
    peak: u32,
    /// Its own, in silence before and after the upload.
    own: [u32; 2],
}

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let Memory {
        idle,
        peak,
        own: [before, after],
    } = runtime.block_on(charge())?;
    let more = peak.saturating_sub(idle);
    let verdict = if more <= GOAL_KB { "" } else { " MISSED" };
    println!(
        "bench: stay of {LINES} lines takes {more} kB above {idle} kB of the idle agent (goal {GOAL_KB}){verdict}"
    );
    println!("bench: in silence the agent keeps {after} kB of its own behind it, {before} kB before");
    Ok(())
}

async fn charge() -> anyhow::Result<Memory> {
    let stage = Stage::open(Options::default()).await?;
    let agent = stage.agent_id().context("no agent")?;
    let identity = stage.type_number("fuyang-resident").await?;
    let long = stay("LONG");
    let admitted = stage.call("stay.admit", long.admit("admit", &identity)).await?;
    anyhow::ensure!(admitted.pointer("/outcome") == Some(&"done".into()), "{admitted}");
    tokio::time::sleep(SILENCE).await;
    let before = memory_kb(agent, "smaps_rollup", "Anonymous:")?;
    let idle = memory_kb(agent, "status", "VmRSS:")?;
    let lines: Vec<_> = (0..LINES)
        .map(|n| stay_line(&n.to_string(), "1", 95, &long.began))
        .collect();
    let charged = stage.call("stay.charge", long.charge("charge", &lines)).await?;
    anyhow::ensure!(charged.pointer("/outcome") == Some(&"done".into()), "{charged}");
    let peak = memory_kb(agent, "status", "VmHWM:")?;
    tokio::time::sleep(SILENCE).await;
    let after = memory_kb(agent, "smaps_rollup", "Anonymous:")?;
    Ok(Memory {
        idle,
        peak,
        own: [before, after],
    })
}
