//! Figures that hold on any machine: what the product takes, divided by what the bare minimum takes, in the same run.
//!
//! Never part of the tests: a figure is read by a person. Start at [`Contest`]; one file per floor (one `[[bench]]` without
//! harness each) holds the contests, `make bench` plays them all and prints a line each.

#![expect(clippy::disallowed_methods, reason = "measuring time is what this is for")]
#![expect(clippy::print_stdout, reason = "so is telling it")]

mod awake;
mod relay;

pub use awake::{Awake, Counted};
pub use relay::Relay;

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// Two ways to do the same work, run in turn so that a machine that slows down slows both.
#[derive(Debug)]
pub struct Contest<'a> {
    name: &'a str,
    rounds: usize,
    /// Ratio that is wanted at most; infinite where none is.
    goal: f64,
}

/// Medians of a contest.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    pub ours: Duration,
    pub bare: Duration,
    /// Median of the ratios round by round.
    pub ratio: f64,
}

impl<'a> Contest<'a> {
    #[must_use]
    pub const fn new(name: &'a str, goal: f64) -> Self {
        Self {
            name,
            rounds: 31,
            goal,
        }
    }

    /// How many rounds are counted; one more is played first.
    #[must_use]
    pub const fn rounds(mut self, rounds: usize) -> Self {
        self.rounds = rounds;
        self
    }

    /// Plays and prints one line: `bench: name ratio 1.04 (goal 1.20), ours 1.2 ms, bare 1.1 ms`.
    pub fn play<A, B>(&self, mut ours: impl FnMut() -> A, mut bare: impl FnMut() -> B) -> Figures {
        let mut taken: Vec<(Duration, Duration)> = Vec::with_capacity(self.rounds);
        for _ in 0..=self.rounds {
            taken.push((timed(&mut ours), timed(&mut bare)));
        }
        taken.remove(0); // caches and branch predictors are cold in the first
        let figures = Figures {
            ours: median(taken.iter().map(|(ours, _)| *ours).collect()),
            bare: median(taken.iter().map(|(_, bare)| *bare).collect()),
            ratio: median_ratio(&taken),
        };
        let verdict = if figures.ratio <= self.goal { "" } else { " MISSED" };
        let goal = if self.goal.is_finite() {
            format!("goal {:.2}", self.goal)
        } else {
            String::from("no goal")
        };
        println!(
            "bench: {} ratio {:.3} ({goal}){verdict}, ours {:?}, bare {:?}",
            self.name, figures.ratio, figures.ours, figures.bare
        );
        figures
    }
}

/// How long one call takes.
pub fn timed<T>(work: &mut impl FnMut() -> T) -> Duration {
    let began = Instant::now();
    black_box(work());
    began.elapsed()
}

/// What it gives, and how long it took.
pub fn moment<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let done = work();
    (done, began.elapsed())
}

/// A figure of `/proc/PID/FILE` the kernel keeps of a process's memory, in kB; `name` with its colon.
///
/// # Errors
/// The process is gone, or its kernel keeps no such figure.
pub fn memory_kb(pid: u32, file: &str, name: &str) -> anyhow::Result<u32> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/{file}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let figure = line.and_then(|line| line.split_whitespace().next());
    Ok(figure.with_context(|| String::from(name))?.parse()?)
}

/// The middle one; zero of none.
#[must_use]
pub fn median(mut taken: Vec<Duration>) -> Duration {
    taken.sort_unstable();
    taken.get(taken.len() / 2).copied().unwrap_or_default()
}

/// What so many of a hundred do not exceed; zero of none.
#[must_use]
pub fn percentile(taken: &mut [Duration], share: usize) -> Duration {
    taken.sort_unstable();
    taken.get(taken.len() * share / 100).copied().unwrap_or_default()
}

/// The middle one of the ratios, pair by pair.
#[must_use]
pub fn median_ratio(taken: &[(Duration, Duration)]) -> f64 {
    let mut ratios: Vec<f64> = taken
        .iter()
        .map(|(ours, bare)| ours.as_secs_f64() / bare.as_secs_f64().max(f64::MIN_POSITIVE))
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or_default()
}
