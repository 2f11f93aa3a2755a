//! Killed at every write, flush, connect and send of one settlement.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::calls::{Call, On, Point, most_by_a_thread, points};
use crate::dose::{say, whole};
use crate::lane::{Found, Lane, Run};
use crate::tracer::{Kill, may_trace};

/// Desks side by side; most of the time each waits for the centre to be asked a second time.
const LANES: usize = 8;
/// In the short dose, one of so many writes to the ledger.
const STEP: u32 = 6;

/// What is left to do and what came out.
#[derive(Default)]
struct Board {
    kills: VecDeque<Kill>,
    /// Kills whose `n` lay beyond the end, by name of the call.
    unharmed: u32,
    struck: u32,
    found: BTreeMap<Found, u32>,
    reached: BTreeSet<Point>,
    violations: Vec<String>,
}

/// All places of one settlement that nobody disturbs.
async fn reference() -> anyhow::Result<Vec<Call>> {
    let mut lane = Lane::open(91).await?;
    let mut bill = lane.quoted().await?;
    match lane.settle(&mut bill, None).await? {
        Run::Unharmed(calls) => Ok(calls),
        Run::Struck(calls) => anyhow::bail!("the agent died by itself after {calls:?}"),
    }
}

/// The kills to make. Those before sending come first: their bills stay in doubt for twenty seconds.
fn plan(calls: &[Call]) -> VecDeque<Kill> {
    let flush = |calls: &[Call]| calls.iter().position(Call::is_flush).unwrap_or(0);
    let writes = |calls: &[Call]| calls.iter().filter(|call| call.name == "pwrite64").count();
    let before_intent = u32::try_from(writes(&calls[..flush(calls)])).unwrap_or(0);
    let mut kills = VecDeque::new();
    for (name, most) in most_by_a_thread(calls) {
        if name == "pwrite64" {
            // Around the two commits, whatever the dose.
            let chosen = |n: &u32| {
                let near = n.abs_diff(before_intent) <= 1 || most - n < 1 || *n == 1;
                whole() || near || n % STEP == 0
            };
            kills.extend((1..=most).filter(chosen).map(|n| Kill::at(&name, n)));
        } else {
            for n in (1..=most).rev() {
                kills.push_front(Kill::at(&name, n));
            }
        }
        // One beyond the last: on until a run ends unharmed.
        kills.push_back(Kill::at(&name, most + 1));
    }
    kills
}

/// Works on the board until nothing is left.
async fn work(name: usize, board: Arc<Mutex<Board>>) -> anyhow::Result<()> {
    let mut lane = Lane::open(name).await?;
    loop {
        let Some(kill) = board.lock().unwrap().kills.pop_front() else {
            break;
        };
        let outcome = strike(&mut lane, &kill).await;
        let mut board = board.lock().unwrap();
        match outcome {
            Ok(Some((calls, found))) => {
                board.struck += 1;
                *board.found.entry(found).or_default() += 1;
                if calls.last().is_some_and(|call| call.on != On::Itself) {
                    board.reached.extend(points(&calls).pop());
                }
            }
            Ok(None) => board.unharmed += 1,
            Err(error) => {
                let log = lane.stage.agent_log();
                let tail: Vec<&str> = log.lines().rev().take(12).collect();
                let tail: Vec<&str> = tail.into_iter().rev().collect();
                board.violations.push(format!("killed at {kill}: {error:#}\n{}", tail.join("\n")));
            }
        }
    }
    if let Err(error) = lane.close().await {
        board.lock().unwrap().violations.push(format!("lane {name}: {error:#}"));
    }
    Ok(())
}

async fn strike(lane: &mut Lane, kill: &Kill) -> anyhow::Result<Option<(Vec<Call>, Found)>> {
    let mut bill = lane.quoted().await?;
    let calls = match lane.settle(&mut bill, Some(kill)).await? {
        Run::Unharmed(_) => None,
        Run::Struck(calls) => {
            lane.stage.start_agent().await?;
            Some(calls)
        }
    };
    let found = lane.must_hold(&bill).await?;
    Ok(calls.map(|calls| (calls, found)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_call_of_a_settlement() -> anyhow::Result<()> {
    if !may_trace("killed_at_every_call_of_a_settlement").await? {
        return Ok(());
    }
    let began = Instant::now();
    let calls = reference().await?;
    let all: BTreeSet<Point> = points(&calls).into_iter().collect();
    let board = Arc::new(Mutex::new(Board {
        kills: plan(&calls),
        ..Board::default()
    }));
    let mut lanes = JoinSet::new();
    for name in 0..LANES {
        lanes.spawn(work(name, Arc::clone(&board)));
    }
    while let Some(ended) = lanes.join_next().await {
        ended??;
    }
    let board = board.lock().unwrap();
    let count = |found| board.found.get(&found).copied().unwrap_or(0);
    let missed: Vec<&Point> = all.difference(&board.reached).collect();
    say(&format!(
        "recovery: killed at {} of {} calls of a settlement ({} kills, {} runs ended unharmed): {} untouched, {} not done, \
         {} done; {} violations, {} s",
        all.len() - missed.len(),
        all.len(),
        board.struck,
        board.unharmed,
        count(Found::Untouched),
        count(Found::NotDone),
        count(Found::Done),
        board.violations.len(),
        began.elapsed().as_secs(),
    ));
    assert!(board.violations.is_empty(), "{}", board.violations.join("\n\n"));
    assert!(
        count(Found::Untouched) > 0 && count(Found::NotDone) > 0 && count(Found::Done) > 0,
        "not all three ways were seen: {:?}",
        board.found
    );
    let skipped = |point: &&Point| !whole() && point.0 == "pwrite64";
    let missed: Vec<&Point> = missed.into_iter().filter(|point| !skipped(point)).collect();
    assert!(missed.is_empty(), "never killed at {missed:?}");
    Ok(())
}
