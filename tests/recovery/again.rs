//! Killed while it comes back, while it makes its ledger, and while it goes.

use std::collections::VecDeque;

use crate::board::{Job, lane, run};
use crate::calls::{Call, most_by_a_thread, writes_of_intent};
use crate::dose::whole;
use crate::scenes::Scene;
use crate::tracer::{Kill, may_trace};

/// Of every call: how many kills the short dose has, besides the first and the last.
const SHARE: u32 = 3;

async fn calls_of(scene: &Scene) -> anyhow::Result<Vec<Call>> {
    Ok(lane().await?.play(scene, None).await?.calls.unwrap_or_default())
}

/// All kills of a scene, or some.
async fn plan(scene: &Scene) -> anyhow::Result<VecDeque<Job>> {
    let mut jobs = VecDeque::new();
    for (name, most) in most_by_a_thread(&calls_of(scene).await?) {
        let step = if whole() { 1 } else { (most / SHARE).max(1) };
        let chosen = |n: &u32| n.is_multiple_of(step) || *n == 1 || *n == most;
        let kills = (1..=most).filter(chosen).map(|n| Kill::at(&name, n));
        jobs.extend(kills.map(|kill| (scene.clone(), kill)));
    }
    Ok(jobs)
}

async fn play(what: &str, jobs: VecDeque<Job>) -> anyhow::Result<()> {
    let tally = run(jobs).await?;
    tally.say(what);
    tally.must_be_without_violation();
    assert!(tally.struck > 2, "{tally:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_ledger_is_made() -> anyhow::Result<()> {
    if may_trace("killed_while_a_ledger_is_made").await? {
        play("killed while a ledger is made", plan(&Scene::Making).await?).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_the_agent_stops() -> anyhow::Result<()> {
    if may_trace("killed_while_the_agent_stops").await? {
        play("killed while the agent stops", plan(&Scene::Stopping).await?).await?;
    }
    Ok(())
}

/// First the request was recorded and about to leave, or the answer had come and was about to be recorded.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_once_more_on_the_way_back() -> anyhow::Result<()> {
    if !may_trace("killed_once_more_on_the_way_back").await? {
        return Ok(());
    }
    let unrecorded = 1 + writes_of_intent(&calls_of(&Scene::Settling).await?);
    let executed = Scene::Returning(Kill::at("pwrite64", unrecorded));
    let not_sent = Scene::Returning(Kill::at("fsync", 1));
    let mut jobs = if whole() {
        plan(&not_sent).await?
    } else {
        // Later ones wait a minute each: the centre was asked once already.
        [("pwrite64", 1), ("fsync", 1), ("fsync", 2)]
            .map(|(name, n)| (not_sent.clone(), Kill::at(name, n)))
            .into()
    };
    jobs.extend(plan(&executed).await?);
    play("killed once more on the way back", jobs).await
}
