//! World after world until one fails: what `make mutants` runs on a copy of the agent in which one bug is switched on.

use crate::policy::Plant;
use crate::run;

const BLOCK_FIRST: u64 = 8;
const BLOCK_MAX: u64 = 64;

/// Prints `hunt: INVARIANT SEED` for the first world that fails, `hunt: nothing SEEDS` when none does.
#[test]
#[ignore = "looks for a planted bug; make mutants runs it"]
fn until_a_world_fails() {
    let seeds = run::number("ZHIJIE_SEEDS").unwrap_or(1000);
    if std::env::var("ZHIJIE_WORLDS").as_deref() == Ok("wards") {
        return crate::stays::hunt(seeds);
    }
    let plant = match std::env::var("ZHIJIE_WORLDS").as_deref() {
        Ok("clocks-ahead") => Plant::ClocksAhead,
        Ok("copies-restored") => Plant::CopiesRestored,
        Ok("sign-ins-and-disks-fail") => Plant::SignInsAndDisksFail,
        Ok("statements") => Plant::StatementsAllTheTime,
        _ => Plant::None,
    };
    let (mut first, mut block) = (1, BLOCK_FIRST);
    while first <= seeds {
        let last = seeds.min(first + block - 1);
        let report = run::many(first..=last, plant);
        if let Some(failure) = report.failures.first() {
            println!("{failure}");
            println!("hunt: {} {}", failure.broken.invariant, failure.seed);
            return;
        }
        first = last + 1;
        block = BLOCK_MAX.min(block * 2);
    }
    println!("hunt: nothing {seeds}");
}
