//! Many bills of one person, each with a settlement the line may lose.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use zhijie_tests::{Options, Order, Stage, order};

/// Desks that work at the same time.
pub const DESKS: usize = 4;

/// Half of what a quote is good for.
const FRESH_MAX: Duration = Duration::from_secs(300);

/// Times short enough for a test: the province executes within the call, so ten seconds are a horizon.
pub fn options() -> Options {
    Options {
        fault_proxy: true,
        profile_changes: vec![
            ("late_execution_max_s = 120", "late_execution_max_s = 10"),
            ("connect_ms = 5000", "connect_ms = 1000"),
            ("moves_money_ms = 60000", "moves_money_ms = 1000"),
        ],
        // What a cut line does to one call is asked here, not what the agent learns from many.
        config: "[routes]\nfailures = 1000000\n",
        ..Options::default()
    }
}

/// A bill with an accepted quote.
#[derive(Debug)]
pub struct Bill {
    pub name: String,
    pub settle: Value,
    quoted: Instant,
}

/// A bill after the desk heard something.
#[derive(Debug)]
pub struct Told {
    pub name: String,
    pub settle: Value,
    /// The answer as it came.
    pub answer: String,
}

/// Quotes bills named `name-0` and so on, with a line that passes.
pub async fn quote(stage: &Stage, name: &str, count: usize) -> anyhow::Result<Vec<Bill>> {
    let identity = stage.type_number("fuyang-resident").await?;
    let orders: Vec<Order> = (0..count).map(|n| order(&format!("{name}-{n}"))).collect();
    let desk = async |first: usize| -> anyhow::Result<Vec<Bill>> {
        let client = stage.client().await?;
        let mut bills = Vec::new();
        for order in orders.iter().skip(first).step_by(DESKS) {
            let params = order.quote(&format!("q-{}", order.visit), &identity);
            let quote: Value = serde_json::from_str(client.call("visit.quote", &params).await?.get())?;
            anyhow::ensure!(quote["outcome"] == "done", "{}: {quote}", order.visit);
            bills.push(Bill {
                name: order.visit.clone(),
                settle: order.settle(&format!("s-{}", order.visit), &quote),
                quoted: Instant::now(),
            });
        }
        Ok(bills)
    };
    let (a, b, c, d) = tokio::try_join!(desk(0), desk(1), desk(2), desk(3))?;
    Ok([a, b, c, d].into_iter().flatten().collect())
}

impl Bill {
    /// Whether the quote will still be good when its turn comes; on a busy machine bills wait for many batches.
    pub fn is_fresh(&self) -> bool {
        self.quoted.elapsed() < FRESH_MAX
    }

    /// Asks for the settlement once.
    pub async fn settle(self, stage: &Stage) -> anyhow::Result<Told> {
        let answer = stage.raw("visit.settle", &self.settle).await?;
        Ok(self.told(answer))
    }

    pub fn told(self, answer: String) -> Told {
        Told {
            name: self.name,
            settle: self.settle,
            answer,
        }
    }
}

/// What a run has shown.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    pub cases: usize,
    /// Settlements that stand.
    pub standing: usize,
    /// Told "not known" first.
    pub doubts: usize,
    /// Connections whose fault was reached.
    pub cuts: usize,
    /// Bytes that were cut between.
    pub length: usize,
    /// Places no connection came to.
    pub unreached: Vec<String>,
    pub double: Vec<String>,
    pub falsehoods: Vec<String>,
    pub unknown: Vec<String>,
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.standing += other.standing;
        self.doubts += other.doubts;
        self.cuts += other.cuts;
        self.length += other.length;
        self.unreached.extend(other.unreached);
        self.double.extend(other.double);
        self.falsehoods.extend(other.falsehoods);
        self.unknown.extend(other.unknown);
    }

    pub fn assert_true(&self) {
        assert!(self.double.is_empty(), "double settlements: {:#?}", self.double);
        assert!(
            self.falsehoods.is_empty(),
            "false answers: {:#?}",
            self.falsehoods
        );
        assert!(self.unknown.is_empty(), "still unknown: {:#?}", self.unknown);
        assert!(self.unreached.is_empty(), "not reached: {:#?}", self.unreached);
        // Without these nothing was tried.
        assert!(
            self.doubts > 0 && self.standing > 0 && self.standing < self.cases,
            "{}",
            self.summary()
        );
    }

    /// One line.
    pub fn summary(&self) -> String {
        format!(
            "cases {}, faults struck {} over {} bytes, not reached {}, settlements standing {}, in doubt at first {}, \
             double settlements {}, false answers {}, still unknown {}",
            self.cases,
            self.cuts,
            self.length,
            self.unreached.len(),
            self.standing,
            self.doubts,
            self.double.len(),
            self.falsehoods.len(),
            self.unknown.len(),
        )
    }
}

/// Waits with a line that passes until every bill is known, then compares all that was said with the province.
pub async fn judge(stage: &Stage, told: &[Told]) -> anyhow::Result<Tally> {
    let mut tally = Tally {
        cases: told.len(),
        ..Tally::default()
    };
    for case in told {
        let first: Value = serde_json::from_str(&case.answer)?;
        if first["outcome"] != "not_known" {
            continue;
        }
        tally.doubts += 1;
        if !first["settlement"].is_null() || !first["ticket"].is_string() {
            tally.falsehoods.push(format!("{}: {first}", case.name));
        }
        let key = json!({ "request_id": case.settle["request_id"] });
        if let Err(error) = stage
            .status_until(key, |status| status["outcome"] != "not_known")
            .await
        {
            tally.unknown.push(format!("{}: {error}", case.name));
        }
    }
    let truth = Truth::of(stage).await?;
    for case in told {
        compare(stage, case, &truth, &mut tally).await?;
    }
    Ok(tally)
}

/// What the province holds, by visit number.
struct Truth {
    settlements: BTreeMap<String, Vec<Value>>,
    calls: BTreeMap<String, usize>,
}

impl Truth {
    async fn of(stage: &Stage) -> anyhow::Result<Self> {
        let mut settlements: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for row in list(stage, "/settlements").await? {
            settlements.entry(text(&row["visit"])).or_default().push(row);
        }
        let mut calls = BTreeMap::new();
        for row in list(stage, "/calls").await? {
            if text(&row["infno"]).starts_with("2207") {
                *calls.entry(text(&row["visit"])).or_default() += 1;
            }
        }
        Ok(Self { settlements, calls })
    }
}

async fn list(stage: &Stage, path: &str) -> anyhow::Result<Vec<Value>> {
    Ok(stage
        .admin()
        .get(path)
        .await?
        .as_array()
        .cloned()
        .unwrap_or_default())
}

fn text(value: &Value) -> String {
    String::from(value.as_str().unwrap_or_default())
}

async fn compare(stage: &Stage, case: &Told, truth: &Truth, tally: &mut Tally) -> anyhow::Result<()> {
    let name = &case.name;
    let rows = truth.settlements.get(name).map_or([].as_slice(), Vec::as_slice);
    let calls = truth.calls.get(name).copied().unwrap_or(0);
    if rows.len() > 1 || calls > 1 {
        tally.double.push(format!("{name}: {calls} calls, {rows:?}"));
    }
    let standing = rows.iter().find(|row| row["standing"] == json!(true));
    tally.standing += usize::from(standing.is_some());
    let last = stage.raw("visit.settle", &case.settle).await?;
    let again = stage.raw("visit.settle", &case.settle).await?;
    let said: Value = serde_json::from_str(&last)?;
    let first: Value = serde_json::from_str(&case.answer)?;
    let same = last == again && (first["outcome"] == "not_known" || case.answer == last);
    let matches = match (said["outcome"].as_str(), standing) {
        (Some("done"), Some(row)) => {
            said["settlement"]["settlement_id"] == row["setl_id"]
                && said["settlement"]["split"]["cash_fen"] == row["cash_fen"]
                && said["settlement"]["split"]["total_fen"] == row["total_fen"]
        }
        (Some("not_done"), None) => said["settlement"].is_null(),
        _ => false,
    };
    if !same || !matches {
        tally.falsehoods.push(format!(
            "{name}: first {first}, then {said}, the province has {rows:?}"
        ));
    }
    Ok(())
}
