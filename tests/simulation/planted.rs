//! The simulator can fail: each bug put into the world is found within a stated number of seeds.

use crate::policy::Plant;
use crate::run;

/// Runs worlds with `plant` until one fails; it must break one of `expected`, within `seeds_max` seeds.
fn found(plant: Plant, seeds_max: u64, expected: &[&str]) {
    for seed in (1..=seeds_max).step_by(2) {
        let report = run::many(seed..=seed + 1, plant);
        if let Some(failure) = report.failures.first() {
            assert!(
                expected.contains(&failure.broken.invariant),
                "{plant:?} broke something else: {failure}"
            );
            println!(
                "{plant:?}: {} after {} seeds",
                failure.broken.invariant, failure.seed
            );
            return;
        }
    }
    panic!("{plant:?} was not found within {seeds_max} seeds");
}

#[test]
fn a_centre_that_executes_twice() {
    let broken = [
        "at-most-one-live-settlement-per-bill",
        "not-done-only-if-it-does-not-stand",
        "at-rest-the-books-agree",
    ];
    found(Plant::ExecutesTwice, 40, &broken);
}

#[test]
fn a_line_that_calls_a_time_out_not_sent() {
    let broken = [
        "at-most-one-live-settlement-per-bill",
        "not-done-only-if-it-does-not-stand",
        "refund-not-done-only-if-it-is-not",
    ];
    found(Plant::TimeoutIsNotSent, 40, &broken);
}

#[test]
fn a_line_that_takes_a_page_of_the_gateway_for_a_refusal() {
    let broken = [
        "not-done-only-if-it-does-not-stand",
        "refund-not-done-only-if-it-is-not",
    ];
    found(Plant::UnreadableIsRefused, 40, &broken);
}

#[test]
fn a_message_id_used_again() {
    found(Plant::IdUsedAgain, 10, &["message-ids-never-repeat"]);
}

#[test]
fn other_bytes_than_the_recorded_ones() {
    found(Plant::OtherBytes, 10, &["no-effect-without-a-durable-intent"]);
}
