//! Killed while it comes back, while it makes its ledger, and while it goes.

use std::path::PathBuf;

use anyhow::ensure;
use tokio::time::Instant;

use crate::calls::most_by_a_thread;
use crate::dose::{say, whole};
use crate::lane::{Found, Lane, Run};
use crate::tracer::{Kill, may_trace, read, starter};

/// How a start under a kill ended.
enum Start {
    Died,
    Lives,
}

impl Lane {
    /// The ledger and what SQLite keeps beside it, also under the name it has while it is made.
    fn ledger_files(&self) -> Vec<PathBuf> {
        let ends = ["", "-wal", "-shm", "-journal", ".creating", ".creating-wal", ".creating-shm", ".creating-journal"];
        let file = |end: &&str| self.stage.folder().join(format!("{}{end}", self.ledger_name()));
        let mut files: Vec<PathBuf> = ends.iter().map(file).collect();
        files.push(self.stage.folder().to_path_buf());
        files
    }

    /// Starts the agent, which dies at a call on its ledger, or lives.
    async fn start_and_die(&mut self, kill: Option<&Kill>) -> Start {
        let by = starter(self.stage.folder(), &self.ledger_files(), kill);
        match self.stage.start_agent_by(&by).await {
            Err(_) => Start::Died,
            Ok(()) => Start::Lives,
        }
    }
}

/// Every `n` in the whole dose, else the first, the last and some between.
fn chosen(most: u32) -> Vec<u32> {
    let step = if whole() { 1 } else { (most / 3).max(1) };
    (1..=most).filter(|n| n % step == 0 || *n == 1).collect()
}

#[tokio::test]
async fn killed_while_the_ledger_is_made() -> anyhow::Result<()> {
    if !may_trace("killed_while_the_ledger_is_made").await? {
        return Ok(());
    }
    let began = Instant::now();
    let mut lane = Lane::open(92).await?;
    lane.next_ledger()?;
    lane.start_and_die(None).await;
    lane.stage.stop_agent()?;
    let calls = read(&lane.stage.folder().join("trace"))?;
    let mut died = 0;
    for (name, most) in most_by_a_thread(&calls) {
        for n in chosen(most) {
            let kill = Kill::at(&name, n);
            lane.next_ledger()?;
            if let Start::Died = lane.start_and_die(Some(&kill)).await {
                died += 1;
            }
            lane.stage.kill_agent();
            lane.stage.start_agent().await?;
            lane.ledger_is_clean()?;
            let bill = lane.quote_here().await?;
            ensure!(lane.must_hold(&bill).await? == Found::Untouched, "{kill}");
        }
    }
    lane.close().await?;
    say(&format!(
        "recovery: killed {died} times while a ledger was made ({} calls): 0 violations, {} s",
        calls.len(),
        began.elapsed().as_secs()
    ));
    ensure!(died > 4, "died only {died} times");
    Ok(())
}
