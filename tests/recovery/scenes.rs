//! When the agent is killed.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use serde_json::json;

use crate::calls::{Call, until_struck};
use crate::lane::{Found, Lane, Run};
use crate::tracer::{Kill, Tracer, read, starter};

/// The part of its life in which it dies.
#[derive(Debug, Clone)]
pub(crate) enum Scene {
    /// While it makes a new ledger.
    Making,
    /// Between the desk's question to settle and the answer.
    Settling,
    /// While it comes back from a first death during a settlement.
    Returning(Kill),
    /// While it stops, a bill settled.
    Stopping,
}

impl core::fmt::Display for Scene {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Making => out.write_str("making a ledger"),
            Self::Settling => out.write_str("settling"),
            Self::Returning(first) => write!(out, "returning after {first}"),
            Self::Stopping => out.write_str("stopping"),
        }
    }
}

/// What a kill led to.
pub(crate) struct Struck {
    /// The calls up to the one at which the agent died; `None` when it did not.
    pub(crate) calls: Option<Vec<Call>>,
    pub(crate) found: Found,
}

impl Lane {
    /// The ledger and what SQLite keeps beside it, also under the name it has while it is made.
    fn ledger_files(&self) -> Vec<PathBuf> {
        let mut files = vec![self.stage.folder().to_path_buf()];
        for base in ["", ".creating"] {
            for end in ["", "-wal", "-shm", "-journal"] {
                let name = format!("{}{base}{end}", self.ledger_name());
                files.push(self.stage.folder().join(name));
            }
        }
        files
    }

    /// Starts the agent under the tracer, which looks at its ledger only. `false` when it died before it greeted.
    async fn start_traced(&mut self, kill: Option<&Kill>) -> bool {
        let by = starter(self.stage.folder(), &self.ledger_files(), kill);
        self.stage.start_agent_by(&by).await.is_ok()
    }

    /// What the tracer of the last start saw, once the agent has ended.
    fn seen(&self, kill: Option<&Kill>) -> anyhow::Result<Vec<Call>> {
        let calls = read(&self.stage.folder().join("trace"))?;
        Ok(match kill {
            Some(Kill { call, n }) => until_struck(&calls, call, *n).to_vec(),
            None => calls,
        })
    }

    /// Plays a scene with a ledger of its own, and checks everything that must hold afterwards. Without a kill the
    /// calls are those of the whole scene.
    pub(crate) async fn play(&mut self, scene: &Scene, kill: Option<&Kill>) -> anyhow::Result<Struck> {
        match scene {
            Scene::Making => self.make(kill).await,
            Scene::Settling => self.settle_and_die(kill).await,
            Scene::Returning(first) => self.come_back(first, kill).await,
            Scene::Stopping => self.stop(kill).await,
        }
    }

    async fn make(&mut self, kill: Option<&Kill>) -> anyhow::Result<Struck> {
        self.next_ledger()?;
        let lives = self.start_traced(kill).await;
        if lives {
            self.stage.kill_agent();
        }
        let calls = self.seen(kill)?;
        self.stage.start_agent().await?;
        let mut bill = self.bill().await?;
        self.settle_in_peace(&mut bill).await?;
        let found = self.must_hold(&bill).await?;
        let calls = (!lives || kill.is_none()).then_some(calls);
        Ok(Struck { calls, found })
    }

    async fn settle_and_die(&mut self, kill: Option<&Kill>) -> anyhow::Result<Struck> {
        let mut bill = self.quoted().await?;
        let calls = match self.settle(&mut bill, kill).await? {
            Run::Unharmed(calls) => kill.is_none().then_some(calls),
            Run::Struck(calls) => {
                ensure!(kill.is_some(), "the agent died by itself after {calls:?}");
                self.stage.start_agent().await?;
                Some(calls)
            }
        };
        let found = self.must_hold(&bill).await?;
        Ok(Struck { calls, found })
    }

    async fn come_back(&mut self, first: &Kill, kill: Option<&Kill>) -> anyhow::Result<Struck> {
        let mut bill = self.quoted().await?;
        let run = self.settle(&mut bill, Some(first)).await?;
        ensure!(matches!(run, Run::Struck(_)), "{first} did not strike");
        if self.start_traced(kill).await {
            self.until_dead_or_certain(&bill.order.bill_id()).await?;
        }
        let died = self.stage.agent_has_ended();
        self.stage.kill_agent();
        let calls = self.seen(kill)?;
        self.stage.start_agent().await?;
        let found = self.must_hold(&bill).await?;
        let calls = (died || kill.is_none()).then_some(calls);
        Ok(Struck { calls, found })
    }

    async fn until_dead_or_certain(&mut self, bill: &str) -> anyhow::Result<()> {
        for _ in 0..1200 {
            if self.stage.agent_has_ended() {
                return Ok(());
            }
            let status = self.stage.call("visit.status", json!({ "bill_id": bill })).await;
            if status.is_ok_and(|status| status["outcome"] != "not_known") {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        anyhow::bail!("still in doubt after a minute")
    }

    async fn stop(&mut self, kill: Option<&Kill>) -> anyhow::Result<Struck> {
        use std::os::unix::process::ExitStatusExt;
        let mut bill = self.quoted().await?;
        self.settle_in_peace(&mut bill).await?;
        let pid = self.stage.agent_id().context("no agent")?;
        let tracer = Tracer::attach(pid, self.stage.folder(), kill).await?;
        let died = self.stage.stop_agent()?.signal().is_some();
        let calls = tracer.end()?;
        let calls = match kill {
            Some(Kill { call, n }) => died.then(|| until_struck(&calls, call, *n).to_vec()),
            None => Some(calls),
        };
        self.stage.start_agent().await?;
        let found = self.must_hold(&bill).await?;
        Ok(Struck { calls, found })
    }
}
