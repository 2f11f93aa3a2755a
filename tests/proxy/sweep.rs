//! The line is cut after every byte of a settlement.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::time::Instant;
use zhijie_tests::{At, Fault, Stage, Trace, Way};

use crate::bills::{Bill, DESKS, Tally, Told, judge, options, quote};

/// In the tests of every day.
pub const SMALL: usize = 16;
/// Settlements tried between two comparisons.
const BATCH_MAX: usize = 240;
const BATCH_MIN: usize = 16;
/// The first question about a lost answer comes after five seconds and would meet a fault meant for a settlement.
const WINDOW: Duration = Duration::from_secs(3);
/// A place the connections of a batch did not reach, as those of a resumed session, is tried again.
const TRIES_MAX: usize = 3;
/// By so many bytes the signatures of two handshakes may differ.
const SIGNATURES: usize = 8;

/// A place no connection comes to.
const NEVER: usize = usize::MAX;
/// What a client keeps to resume a session, and a fault that uses up one without a gain: a batch begins with them, so
/// that its handshakes are whole ones.
const TICKETS_MAX: usize = 8;
const BURN: Fault = Fault::Reset(Way::Request, At::Start(0));

/// A stretch of one direction.
#[derive(Debug, Clone, Copy)]
pub enum Stretch {
    /// The handshake, as far as it comes before anything else of the other side.
    Handshake(Way),
    /// What follows: the agent's certificate and message, or the platform's answer.
    Rest(Way),
}

impl Stretch {
    const fn cut(self, n: usize) -> Fault {
        match self {
            Self::Handshake(way) => Fault::Cut(way, At::Start(n)),
            Self::Rest(way) => Fault::Cut(way, At::Handshake(n)),
        }
    }

    const fn place(fault: Fault) -> Option<usize> {
        match fault {
            Fault::Cut(_, At::Start(n) | At::Handshake(n)) => Some(n),
            _ => None,
        }
    }

    /// Whether the length hangs on what is said: an answer tells amounts, and the year's sums change them.
    const fn varies(self) -> bool {
        matches!(self, Self::Rest(Way::Answer))
    }

    const fn length(self, trace: &Trace) -> usize {
        match self {
            Self::Handshake(Way::Request) => trace.request.0 - trace.request.1,
            Self::Handshake(Way::Answer) => trace.answer.0 - trace.answer.1,
            Self::Rest(Way::Request) => trace.request.1,
            Self::Rest(Way::Answer) => trace.answer.1,
        }
    }
}

/// Cuts of one stretch, a batch at a time.
struct Sweep<'a> {
    stage: &'a Stage,
    stretch: Stretch,
    step: usize,
    /// The longest such stretch seen; cuts go that far.
    length: usize,
    planned: usize,
    pending: BTreeSet<usize>,
    tries: BTreeMap<usize, usize>,
    bills: Vec<Bill>,
    batches: usize,
    /// What a window can take, going by the last one: quotes that wait for the next ones grow old.
    most: usize,
    tally: Tally,
}

/// Settles through a line that is cut after every `step`th byte of this direction; a desk for each stretch.
pub async fn play(way: Way, step: usize) -> anyhow::Result<Tally> {
    let (mut tally, rest) =
        tokio::try_join!(run(Stretch::Handshake(way), step), run(Stretch::Rest(way), step))?;
    tally.add(rest);
    Ok(tally)
}

async fn run(stretch: Stretch, step: usize) -> anyhow::Result<Tally> {
    let stage = Stage::open(options()).await?;
    Sweep::new(&stage, stretch, step).run().await
}

impl<'a> Sweep<'a> {
    fn new(stage: &'a Stage, stretch: Stretch, step: usize) -> Self {
        Self {
            stage,
            stretch,
            step,
            length: 0,
            planned: 0,
            pending: BTreeSet::new(),
            tries: BTreeMap::new(),
            bills: Vec::new(),
            batches: 0,
            most: BATCH_MAX,
            tally: Tally::default(),
        }
    }

    async fn run(mut self) -> anyhow::Result<Tally> {
        // A cut that is never reached tells how long the stretch is.
        self.batch(&[NEVER]).await?;
        while self.more() {
            let places: Vec<usize> = self.pending.iter().copied().take(self.most).collect();
            self.batch(&places).await?;
        }
        self.tally.length += self.length;
        Ok(self.tally)
    }

    /// Adds what the longest stretch seen asks for; whether anything is left to do.
    fn more(&mut self) -> bool {
        while self.planned <= self.length {
            self.pending.insert(self.planned);
            self.planned += self.step;
        }
        !self.pending.is_empty()
    }

    async fn batch(&mut self, places: &[usize]) -> anyhow::Result<()> {
        let faults: Vec<Fault> = std::iter::repeat_n(BURN, TICKETS_MAX)
            .chain(places.iter().map(|n| self.stretch.cut(*n)))
            .collect();
        let wanted = faults.len();
        self.batches += 1;
        let name = format!("C{}", self.batches);
        self.bills.retain(Bill::is_fresh);
        let missing = wanted.saturating_sub(self.bills.len());
        self.bills.extend(quote(self.stage, &name, missing).await?);
        let proxy = self.stage.proxy()?;
        let before = proxy.taken();
        let _ = proxy.traces();
        proxy.plan(faults);
        let told = settle(self.stage, &mut self.bills, wanted).await?;
        let left = proxy.pass();
        let connections = proxy.taken() - before;
        self.most = (told.len() + told.len() / 2).clamp(BATCH_MIN, BATCH_MAX);
        ensure!(
            connections == told.len(),
            "{connections} connections for {} settlements",
            told.len()
        );
        ensure!(left.len() + told.len() == wanted, "faults and settlements differ");
        self.tally.add(judge(self.stage, &told).await?);
        let traces = proxy.traces();
        // Connections of other calls say nothing about a settlement.
        let settlements = traces.iter().filter(|trace| trace.fault != Fault::Pass);
        let lengths = settlements.map(|trace| self.stretch.length(trace));
        self.length = self.length.max(lengths.max().unwrap_or(0));
        self.count(places, &left, &traces);
        Ok(())
    }

    /// A place counts when its cut was made, or when the stretch ended just before it.
    fn count(&mut self, places: &[usize], left: &[Fault], traces: &[Trace]) {
        let left: BTreeSet<usize> = left.iter().filter_map(|fault| Stretch::place(*fault)).collect();
        let went: BTreeMap<usize, &Trace> = traces
            .iter()
            .filter_map(|trace| Some((Stretch::place(trace.fault)?, trace)))
            .collect();
        for place in places.iter().filter(|place| !left.contains(place)) {
            let struck = went.get(place).is_some_and(|trace| trace.struck);
            let length = went.get(place).map_or(0, |trace| self.stretch.length(trace));
            let tries = self.tries.entry(*place).or_default();
            *tries += 1;
            if struck || self.stretch.varies() || length + SIGNATURES >= self.length {
                self.tally.cuts += usize::from(struck);
                self.pending.remove(place);
            } else if *tries >= TRIES_MAX {
                self.tally.unreached.push(format!("{:?} {place}", self.stretch));
                self.pending.remove(place);
            }
        }
    }
}

/// Settles bills at several desks until they are used up or the window closes.
async fn settle(stage: &Stage, bills: &mut Vec<Bill>, most: usize) -> anyhow::Result<Vec<Told>> {
    let until = Instant::now() + WINDOW;
    let kept = bills.split_off(most.min(bills.len()));
    let queue = tokio::sync::Mutex::new(VecDeque::from(std::mem::replace(bills, kept)));
    let desk = async || -> anyhow::Result<Vec<Told>> {
        let client = stage.client().await?;
        let mut told = Vec::new();
        while Instant::now() < until {
            let Some(bill) = queue.lock().await.pop_front() else {
                break;
            };
            let answer = client.call("visit.settle", &bill.settle).await;
            let answer = answer.with_context(|| bill.name.clone())?;
            told.push(bill.told(String::from(answer.get())));
        }
        Ok(told)
    };
    const { assert!(DESKS == 4) };
    let (a, b, c, d) = tokio::try_join!(desk(), desk(), desk(), desk())?;
    bills.extend(queue.into_inner());
    Ok([a, b, c, d].into_iter().flatten().collect())
}

async fn small(way: Way) -> anyhow::Result<()> {
    let tally = play(way, SMALL).await?;
    eprintln!("{way:?} cut at every {SMALL}th byte: {}", tally.summary());
    tally.assert_true();
    Ok(())
}

/// Everything, in one line: `make proxy`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes"]
async fn whole() -> anyhow::Result<()> {
    let (mut tally, answers, requests) =
        tokio::try_join!(crate::modes::play(), play(Way::Answer, 1), play(Way::Request, 1))?;
    tally.add(answers);
    tally.add(requests);
    println!("proxy: {}", tally.summary());
    tally.assert_true();
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_cut_anywhere_leaves_a_true_answer() -> anyhow::Result<()> {
    small(Way::Answer).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_cut_anywhere_leaves_a_true_answer() -> anyhow::Result<()> {
    small(Way::Request).await
}
