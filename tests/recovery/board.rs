//! Many deaths side by side, and what came of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::calls::{On, Point, points};
use crate::dose::{say, whole};
use crate::lane::{Found, Lane};
use crate::scenes::Scene;
use crate::tracer::Kill;

/// Desks side by side; most of the time each waits for the centre to be asked a second time.
const LANES: usize = 8;
/// Every desk has a name of its own, whatever test it is in.
static NAMES: AtomicUsize = AtomicUsize::new(0);

pub(crate) async fn lane() -> anyhow::Result<Lane> {
    Lane::open(NAMES.fetch_add(1, Ordering::Relaxed)).await
}

pub(crate) type Job = (Scene, Kill);

/// What came out.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Times the agent died.
    pub(crate) struck: u32,
    /// Runs that ended before the kill's turn came.
    pub(crate) unharmed: u32,
    found: BTreeMap<Found, u32>,
    /// Places at which it died.
    pub(crate) reached: BTreeSet<Point>,
    violations: Vec<String>,
    seconds: u64,
}

impl Tally {
    pub(crate) fn found(&self, found: Found) -> u32 {
        self.found.get(&found).copied().unwrap_or(0)
    }

    /// Adds what another run brought.
    pub(crate) fn add(&mut self, other: Self) {
        self.struck += other.struck;
        self.unharmed += other.unharmed;
        for (found, count) in other.found {
            *self.found.entry(found).or_default() += count;
        }
        self.reached.extend(other.reached);
        self.violations.extend(other.violations);
        self.seconds += other.seconds;
    }

    /// Says the figures in one line.
    pub(crate) fn say(&self, what: &str) {
        say(&format!(
            "recovery: {what}: n = {} kills, {} runs ended unharmed; bill untouched {}, not done {}, done {}; \
             {} violations; {} s",
            self.struck,
            self.unharmed,
            self.found(Found::Untouched),
            self.found(Found::NotDone),
            self.found(Found::Done),
            self.violations.len(),
            self.seconds,
        ));
    }

    pub(crate) fn must_be_without_violation(&self) {
        assert!(self.violations.is_empty(), "{}", self.violations.join("\n\n"));
    }

    fn take(&mut self, job: &Job, outcome: anyhow::Result<crate::scenes::Struck>, lane: &Lane) {
        let (scene, kill) = job;
        match outcome {
            Ok(struck) => {
                *self.found.entry(struck.found).or_default() += 1;
                let Some(calls) = struck.calls else {
                    self.unharmed += 1;
                    return;
                };
                self.struck += 1;
                if calls.last().is_some_and(|call| call.on != On::Itself) {
                    self.reached.extend(points(&calls).pop());
                }
            }
            Err(error) => {
                let log = lane.stage.agent_log();
                let lines: Vec<&str> = log.lines().collect();
                let tail = &lines[lines.len().saturating_sub(12)..];
                let text = format!(
                    "VIOLATION {scene}, killed at {kill}: {error:#}\n{}",
                    tail.join("\n")
                );
                self.violations.push(text);
            }
        }
    }
}

/// Does all jobs.
///
/// # Errors
/// When the desks cannot be set up; violations are in the tally.
pub(crate) async fn run(jobs: VecDeque<Job>) -> anyhow::Result<Tally> {
    let began = Instant::now();
    let lanes_max = if whole() { 3 * LANES } else { LANES }.min(jobs.len());
    let jobs = Arc::new(Mutex::new(jobs));
    let tally = Arc::new(Mutex::new(Tally::default()));
    let mut lanes = JoinSet::new();
    for _ in 0..lanes_max {
        lanes.spawn(work(Arc::clone(&jobs), Arc::clone(&tally)));
    }
    while let Some(ended) = lanes.join_next().await {
        ended??;
    }
    let mut tally = std::mem::take(&mut *tally.lock().unwrap_or_else(PoisonError::into_inner));
    tally.seconds = began.elapsed().as_secs();
    Ok(tally)
}

async fn work(jobs: Arc<Mutex<VecDeque<Job>>>, tally: Arc<Mutex<Tally>>) -> anyhow::Result<()> {
    let mut lane = lane().await?;
    loop {
        let Some(job) = jobs.lock().unwrap().pop_front() else {
            break;
        };
        let outcome = lane.play(&job.0, Some(&job.1)).await;
        tally.lock().unwrap().take(&job, outcome, &lane);
    }
    if let Err(error) = lane.close().await {
        let text = format!("VIOLATION at the end of a desk: {error:#}");
        tally.lock().unwrap().violations.push(text);
    }
    Ok(())
}
