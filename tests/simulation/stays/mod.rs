//! Wards: one desk takes a patient in, charges, discharges, settles in parts and takes everything back, while line, centre
//! and agent do by the seed whatever they may. A patient is admitted once, a settlement stands once, what the desk was
//! told is so, and when the faults stop every saga ends. Start reading at `truth.rs`, then `ward.rs`.

mod centre;
mod clerk;
mod person;
mod truth;
mod ward;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::logs::Lines;
use crate::model::Broken;
use crate::run;

/// Wards in `cargo test`.
const SEEDS: u64 = 100;

/// The promise a ward broke, with its course.
pub(crate) fn broken_in(seed: u64, profile: &Arc<zhijie_wire::Profile>) -> Option<(Broken, Vec<String>)> {
    let lines = Lines::default();
    let mut ward = ward::Ward::new(seed, profile, lines.clone());
    let ended = tracing::subscriber::with_default(lines, || catch_unwind(AssertUnwindSafe(|| ward.run())));
    let broken = match ended {
        Ok(Ok(())) => return None,
        Ok(Err(broken)) => broken,
        Err(_) => Broken {
            invariant: "nothing-panics",
            detail: String::from("see above"),
        },
    };
    Some((broken, ward.shown.into_iter().collect()))
}

/// Ward after ward until one fails, told as the hunt for a planted bug wants it.
pub(crate) fn hunt(seeds: u64) {
    let profile = run::profile();
    for seed in 1..=seeds {
        if let Some((broken, _)) = broken_in(seed, &profile) {
            println!("{}", broken.detail);
            println!("hunt: {} {seed}", broken.invariant);
            return;
        }
    }
    println!("hunt: nothing {seeds}");
}

/// `ZHIJIE_WARDS=2000` sets how many are run, `ZHIJIE_WARD=17` replays one of them.
#[test]
fn every_stay_ends_well() {
    let profile = run::profile();
    let seeds = match run::number("ZHIJIE_WARD") {
        Some(seed) => seed..=seed,
        None => 1..=run::number("ZHIJIE_WARDS").unwrap_or(SEEDS),
    };
    for seed in seeds {
        if let Some((broken, shown)) = broken_in(seed, &profile) {
            panic!(
                "ward {seed} breaks {}: {}\n  {}",
                broken.invariant,
                broken.detail,
                shown.join("\n  ")
            );
        }
    }
}
