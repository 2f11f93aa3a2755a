//! One desk that dies and comes back, again and again, each time with a ledger of its own.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, order};

use crate::calls::{Call, until_struck};
use crate::tracer::{Kill, Tracer};

/// Both together must be shorter than the horizon.
const PROFILE: [(&str, &str); 3] = [
    ("late_execution_max_s = 120", "late_execution_max_s = 10"),
    ("connect_ms = 5000", "connect_ms = 1000"),
    ("moves_money_ms = 60000", "moves_money_ms = 9000"),
];
/// What must not stand in a log: her name, her number.
const PRIVATE: [&str; 2] = ["李桂兰", "341200195803120026"];

/// How a bill stood when the agent had come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Found {
    /// Nothing was recorded and nothing sent: the bill was still quoted. A start forgets who was read, so the same
    /// request ends as not done, and card or code are read again.
    Untouched,
    /// Recorded and never executed: `not_done`.
    NotDone,
    /// `done`.
    Done,
}

/// One bill on its way, and what the desk heard before the agent died.
pub(crate) struct Bill {
    pub(crate) order: Order,
    pub(crate) settle: Value,
    told: Option<String>,
}

/// What became of one run.
pub(crate) enum Run {
    Unharmed(Vec<Call>),
    /// The calls up to the one at which it died.
    Struck(Vec<Call>),
}

pub(crate) struct Lane {
    pub(crate) stage: Stage,
    name: usize,
    /// Desk slot and number of the ledger: message ids must not repeat, so no ledger is thrown away and made anew.
    slot: u32,
    config: String,
    bills: Vec<(String, usize)>,
}

impl Lane {
    pub(crate) async fn open(name: usize) -> anyhow::Result<Self> {
        let options = Options {
            profile_changes: PROFILE.to_vec(),
            ..Options::default()
        };
        let stage = Stage::without_agent(options).await?;
        let config = std::fs::read_to_string(stage.config())?;
        Ok(Self {
            stage,
            name,
            slot: 0,
            config,
            bills: Vec::new(),
        })
    }

    /// A ledger of its own for the next start.
    pub(crate) fn next_ledger(&mut self) -> anyhow::Result<()> {
        self.stage.kill_agent();
        self.slot += 1;
        ensure!(self.slot < 100, "a desk slot has two digits");
        let config = self
            .config
            .replace("slot = 1\n", &format!("slot = {}\n", self.slot))
            .replace("ledger.sqlite", &format!("ledger-{}.sqlite", self.slot));
        Ok(std::fs::write(self.stage.config(), config)?)
    }

    pub(crate) fn ledger_name(&self) -> String {
        format!("ledger-{}.sqlite", self.slot)
    }

    /// A running agent with a fresh ledger and a bill that is quoted.
    pub(crate) async fn quoted(&mut self) -> anyhow::Result<Bill> {
        self.next_ledger()?;
        self.stage.start_agent().await?;
        self.bill().await
    }

    /// A bill that is quoted by the agent that runs.
    pub(crate) async fn bill(&self) -> anyhow::Result<Bill> {
        let order = order(&format!("R{:02}{:02}", self.name, self.slot));
        let settle = self.quote(&order, "1").await?;
        Ok(Bill {
            order,
            settle,
            told: None,
        })
    }

    async fn quote(&self, order: &Order, id: &str) -> anyhow::Result<Value> {
        let identity = self.stage.type_number("fuyang-resident").await?;
        let params = order.quote(&format!("q-{id}"), &identity);
        let quote = self.stage.call("visit.quote", params).await?;
        ensure!(quote["outcome"] == "done", "no quote: {quote}");
        Ok(order.settle(&format!("s-{id}"), &quote))
    }

    /// Settles as on any other day.
    pub(crate) async fn settle_in_peace(&self, bill: &mut Bill) -> anyhow::Result<()> {
        let told = self.stage.raw("visit.settle", &bill.settle).await?;
        ensure!(told.contains("\"done\""), "not done: {told}");
        bill.told = Some(told);
        Ok(())
    }

    /// Settles under the tracer. The agent is dead afterwards if the kill struck.
    pub(crate) async fn settle(&mut self, bill: &mut Bill, kill: Option<&Kill>) -> anyhow::Result<Run> {
        let client = self.stage.client().await?;
        let pid = self.stage.agent_id().context("no agent")?;
        let tracer = Tracer::attach(pid, self.stage.folder(), kill).await?;
        let told = client.call("visit.settle", &bill.settle).await;
        bill.told = told.ok().map(|told| String::from(told.get()));
        if bill.told.is_none() {
            self.stage.wait_for_agent_to_end().await?;
        }
        let calls = tracer.end()?;
        if !self.stage.agent_has_ended() {
            return Ok(Run::Unharmed(calls));
        }
        self.stage.kill_agent();
        Ok(Run::Struck(match kill {
            Some(Kill { call, n }) => until_struck(&calls, call, *n).to_vec(),
            None => calls,
        }))
    }

    /// Everything that must hold of a bill once the agent runs again. Waits until nothing is in doubt.
    pub(crate) async fn must_hold(&mut self, bill: &Bill) -> anyhow::Result<Found> {
        let Bill { order, settle, told } = bill;
        let id = order.bill_id();
        let visit = Some(order.visit.as_str());
        let status = self.until_certain(&id).await?;
        let sent = self.stage.admin().calls("2207", visit).await?;
        let standing = self.stage.admin().standing(&order.visit).await?;
        let found = match (status["outcome"].as_str(), status["state"].as_str()) {
            (Some("done"), _) => Found::Done,
            (_, Some("quoted")) => Found::Untouched,
            _ => Found::NotDone,
        };
        ensure!(
            sent <= 1 && standing <= 1,
            "sent {sent} times, {standing} settlements stand"
        );
        ensure!(
            (standing == 1) == (found == Found::Done),
            "{standing} settlements stand, the agent says {status}"
        );
        ensure!(found != Found::Untouched || sent == 0, "sent without a record");

        let first = self.stage.raw("visit.settle", settle).await?;
        ensure!(
            first == self.stage.raw("visit.settle", settle).await?,
            "the answer changed"
        );
        if let Some(told) = told {
            ensure!(*told == first, "the desk heard {told} and then {first}");
        }
        let answer: Value = serde_json::from_str(&first)?;
        let done = if found == Found::Done { "done" } else { "not_done" };
        ensure!(answer["outcome"] == done, "{found:?}, but the answer is {answer}");
        if found != Found::Done {
            let sent_now = self.stage.admin().calls("2207", visit).await?;
            ensure!(sent_now == sent, "told {answer}, and sent all the same");
            let settle = self.quote(order, "2").await?;
            let settled = self.stage.call("visit.settle", settle).await?;
            ensure!(
                settled["outcome"] == "done",
                "cannot be settled any more: {settled}"
            );
        }
        let standing = self.stage.admin().standing(&order.visit).await?;
        ensure!(standing == 1, "{standing} settlements stand in the end");
        self.bills.push((order.visit.clone(), 1));
        self.ledger_is_clean()?;
        Ok(found)
    }

    /// Waits as long as it may take: a centre asked for the second time is asked again after a minute.
    async fn until_certain(&self, bill: &str) -> anyhow::Result<Value> {
        let key = || json!({ "bill_id": bill });
        let certain = |status: &Value| status["outcome"] != "not_known";
        match self.stage.status_until(key(), certain).await {
            Ok(status) => Ok(status),
            Err(_) => self.stage.status_until(key(), certain).await,
        }
    }

    pub(crate) fn ledger_is_clean(&self) -> anyhow::Result<()> {
        let verify = self.stage.zhijie(&["ledger", "verify"])?;
        ensure!(
            verify.status.success(),
            "ledger: {}",
            String::from_utf8_lossy(&verify.stderr)
        );
        Ok(())
    }

    /// Nothing changes after the end, and the log is fit to be read by anybody.
    pub(crate) async fn close(&mut self) -> anyhow::Result<()> {
        self.stage.kill_agent();
        for (visit, expected) in &self.bills {
            let standing = self.stage.admin().standing(visit).await?;
            ensure!(
                standing == *expected,
                "{visit}: {standing} settlements stand at last"
            );
        }
        let log = self.stage.agent_log();
        for private in PRIVATE {
            ensure!(!log.contains(private), "a log names the patient");
        }
        // The device helper calls it an error when its agent dies while it says hello.
        let dying = |line: &str| line.contains("zhijie_devices") && line.contains("Broken pipe");
        let bad = |line: &&str| (line.contains(" ERROR ") || line.contains("panicked")) && !dying(line);
        let error = log.lines().find(bad);
        ensure!(error.is_none(), "in the log: {}", error.unwrap_or_default());
        Ok(())
    }
}
