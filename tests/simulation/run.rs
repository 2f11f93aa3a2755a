//! Many worlds, two at a time; each of them on one thread.

use std::fmt;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use zhijie_wire::Profile;

use crate::logs::Lines;
use crate::model::Broken;
use crate::policy::Plant;
use crate::world::{Figures, World};

const THREADS: u64 = 2;

/// A world that broke a promise.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) seed: u64,
    pub(crate) broken: Broken,
    shown: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, broken, shown } = self;
        writeln!(out, "seed {seed} breaks {}: {}", broken.invariant, broken.detail)?;
        for line in shown {
            writeln!(out, "  {line}")?;
        }
        write!(out, "replay: make sim SEED={seed}")
    }
}

#[derive(Debug, Default)]
pub(crate) struct Report {
    worlds: u64,
    figures: Figures,
    doubts_s: Vec<u64>,
    pub(crate) failures: Vec<Failure>,
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures {
            steps,
            messages,
            kills,
            power_cuts,
            restored,
            settled,
            refunded,
            persons,
        } = self.figures;
        write!(
            out,
            "{} worlds, {} broken; {steps} steps, {messages} messages, {kills} deaths of an agent ({power_cuts} power cuts, {restored} old ledgers put \
             back), {settled} bills \
             settled, {refunded} refunded, {persons} visits of a person",
            self.worlds,
            self.failures.len()
        )?;
        let mut doubts_s = self.doubts_s.clone();
        doubts_s.sort_unstable();
        let share = |percent: usize| doubts_s.get(doubts_s.len() * percent / 100).copied().unwrap_or(0);
        write!(
            out,
            "; {} doubts ended, half within {} s, nine in ten within {} s",
            doubts_s.len(),
            share(50),
            share(90)
        )
    }
}

impl Report {
    fn add(&mut self, other: Self) {
        let (sum, more) = (&mut self.figures, other.figures);
        self.worlds += other.worlds;
        sum.steps += more.steps;
        sum.messages += more.messages;
        sum.kills += more.kills;
        sum.power_cuts += more.power_cuts;
        sum.restored += more.restored;
        sum.settled += more.settled;
        sum.refunded += more.refunded;
        sum.persons += more.persons;
        self.doubts_s.extend(other.doubts_s);
        self.failures.extend(other.failures);
        self.failures.sort_by_key(|failure| failure.seed);
    }
}

pub(crate) fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.trim().parse().ok()
}

/// Runs one world and shows it when it fails.
pub(crate) fn replay(seed: u64) {
    let mut report = Report::default();
    one(seed, Plant::None, &profile(), &mut report);
    if let Some(failure) = report.failures.first() {
        panic!("{failure}");
    }
}

pub(crate) fn many(seeds: RangeInclusive<u64>, plant: Plant) -> Report {
    let profile = profile();
    let mut sum = Report::default();
    std::thread::scope(|scope| {
        let share = |n: u64| {
            let (seeds, profile) = (seeds.clone(), Arc::clone(&profile));
            scope.spawn(move || {
                let mut report = Report::default();
                for seed in seeds.filter(|seed| seed % THREADS == n) {
                    one(seed, plant, &profile, &mut report);
                }
                report
            })
        };
        let threads: Vec<_> = (0..THREADS).map(share).collect();
        for thread in threads {
            sum.add(thread.join().unwrap());
        }
    });
    sum
}

/// Everything that happens in a world whose PCs have clocks that are off by `offsets_ms`.
pub(crate) fn course(seed: u64, plant: Plant, offsets_ms: [i64; 4]) -> Vec<String> {
    let lines = Lines::default();
    let mut world = World::new(seed, plant, &profile(), lines.clone());
    world.course = Some(Vec::new());
    for (desk, offset_ms) in world.desks.iter_mut().zip(offsets_ms) {
        desk.offset_ms = offset_ms;
        desk.set_clock(world.now);
    }
    let ended = tracing::subscriber::with_default(lines, || world.run());
    assert!(ended.is_ok(), "seed {seed}: {ended:?}");
    world.course.unwrap_or_default()
}

fn one(seed: u64, plant: Plant, profile: &Arc<Profile>, report: &mut Report) {
    let lines = Lines::default();
    let mut world = World::new(seed, plant, profile, lines.clone());
    let ended = tracing::subscriber::with_default(lines, || catch_unwind(AssertUnwindSafe(|| world.run())));
    report.worlds += 1;
    report.add(Report {
        figures: world.figures,
        doubts_s: std::mem::take(&mut world.doubts_s),
        ..Report::default()
    });
    let broken = match ended {
        Ok(Ok(())) => return,
        Ok(Err(broken)) => broken,
        Err(_) => Broken {
            invariant: "nothing-panics",
            detail: String::from("see above"),
        },
    };
    let shown = world.shown.iter().cloned().collect();
    report.failures.push(Failure { seed, broken, shown });
}

pub(crate) fn profile() -> Arc<Profile> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/provinces/sandbox.toml");
    let text = std::fs::read_to_string(path).unwrap();
    Arc::new(toml::from_str(&text).unwrap())
}
