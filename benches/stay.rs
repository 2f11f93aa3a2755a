//! What a long stay costs the agent in memory: 3,000 fee lines in one request, uploaded in chunks.

#![expect(clippy::print_stdout, reason = "telling figures is what this is for")]

use anyhow::Context as _;
use zhijie_benches::moment;
use zhijie_tests::{Options, Stage, stay, stay_line};

const LINES: usize = 3000;
/// Wanted at most above the idle agent.
const GOAL_KB: u64 = 16 * 1024;

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (done, taken) = moment(|| runtime.block_on(charge()));
    let (idle, peak) = done?;
    let more = peak.saturating_sub(idle);
    let verdict = if more <= GOAL_KB { "" } else { " MISSED" };
    println!(
        "bench: stay of {LINES} lines takes {more} kB above {idle} kB of the idle agent (goal {GOAL_KB}){verdict}, {taken:?} \
         with the start of everything"
    );
    Ok(())
}

/// Resident memory of the agent with a patient admitted, and its peak behind the upload, in kB.
async fn charge() -> anyhow::Result<(u64, u64)> {
    let stage = Stage::open(Options::default()).await?;
    let agent = stage.agent_id().context("no agent")?;
    let identity = stage.type_number("fuyang-resident").await?;
    let long = stay("LONG");
    let admitted = stage.call("stay.admit", long.admit("admit", &identity)).await?;
    anyhow::ensure!(admitted.pointer("/outcome") == Some(&"done".into()), "{admitted}");
    let idle = memory(agent, "VmRSS:")?;
    let lines: Vec<_> = (0..LINES)
        .map(|n| stay_line(&n.to_string(), "1", 95, &long.began))
        .collect();
    let charged = stage.call("stay.charge", long.charge("charge", &lines)).await?;
    anyhow::ensure!(charged.pointer("/outcome") == Some(&"done".into()), "{charged}");
    Ok((idle, memory(agent, "VmHWM:")?))
}

/// A figure the kernel keeps of a process, in kB.
fn memory(pid: u32, name: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let figure = line.and_then(|line| line.split_whitespace().next());
    Ok(figure.with_context(|| String::from(name))?.parse()?)
}
