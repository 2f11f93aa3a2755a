//! Killed at every write, flush, connect and send of one settlement.

use std::collections::{BTreeSet, VecDeque};

use crate::board::{Job, lane, run};
use crate::calls::{Call, On, Point, most_by_a_thread, points, writes_of_intent};
use crate::dose::{say, whole};
use crate::lane::Found;
use crate::scenes::Scene;
use crate::tracer::{Kill, may_trace};

/// In the short dose, one of so many writes to the ledger.
const STEP: u32 = 6;
/// Which thread talks to the platform is left to chance, and strace counts per thread: in the whole dose places that
/// were missed are tried again, so many times.
const ROUNDS_MAX: u32 = 6;

/// The kills to make. Those before sending come first: their bills stay in doubt for twenty seconds.
fn plan(calls: &[Call]) -> VecDeque<Job> {
    let intent_writes = writes_of_intent(calls);
    let mut jobs = VecDeque::new();
    let job = |name: &str, n: u32| (Scene::Settling, Kill::at(name, n));
    for (name, most) in most_by_a_thread(calls) {
        if name == "pwrite64" {
            // Around the two commits, whatever the dose.
            let near = |n: u32| n == 1 || n == most || n.abs_diff(intent_writes) <= 1;
            let chosen = |n: &u32| whole() || near(*n) || n.is_multiple_of(STEP);
            jobs.extend((1..=most).filter(chosen).map(|n| job(&name, n)));
        } else {
            for n in (1..=most).rev() {
                jobs.push_front(job(&name, n));
            }
        }
        // One beyond the last: on until a run ends unharmed.
        jobs.push_back(job(&name, most + 1));
    }
    jobs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_call_of_a_settlement() -> anyhow::Result<()> {
    if !may_trace("killed_at_every_call_of_a_settlement").await? {
        return Ok(());
    }
    let reference = lane().await?.play(&Scene::Settling, None).await?;
    let calls = reference.calls.unwrap_or_default();
    let mut tally = run(plan(&calls)).await?;
    let all: BTreeSet<Point> = points(&calls).into_iter().collect();
    for _ in 0..if whole() { ROUNDS_MAX } else { 0 } {
        let missed: BTreeSet<&str> = all
            .difference(&tally.reached)
            .map(|point| point.0.as_str())
            .collect();
        let again: VecDeque<Job> = plan(&calls)
            .into_iter()
            .filter(|(_, kill)| missed.contains(kill.call.as_str()))
            .collect();
        if again.is_empty() {
            break;
        }
        tally.add(run(again).await?);
    }
    tally.say("killed during a settlement");
    tally.must_be_without_violation();
    let missed: Vec<&Point> = all.difference(&tally.reached).collect();
    say(&format!(
        "recovery: killed during a settlement: {} of its {} places; left out besides writes to the ledger: {:?}",
        all.len() - missed.len(),
        all.len(),
        missed
            .iter()
            .filter(|point| point.0 != "pwrite64")
            .collect::<Vec<_>>()
    ));
    for found in [Found::Untouched, Found::NotDone, Found::Done] {
        assert!(tally.found(found) > 0, "never {found:?}: {tally:?}");
    }
    assert!(tally.unharmed > 0, "no run ended unharmed");
    for sure in [
        ("fsync", On::LedgerLog, 1),
        ("fsync", On::LedgerLog, 2),
        ("sendto", On::Desk, 1),
    ] {
        let point = (String::from(sure.0), sure.1, sure.2);
        assert!(tally.reached.contains(&point), "never killed at {point:?}");
    }
    let missed = missed.iter().filter(|point| point.0 == "pwrite64").count();
    assert!(
        missed == 0 || !whole(),
        "{missed} writes to the ledger were left out"
    );
    Ok(())
}
