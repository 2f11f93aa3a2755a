//! Any order of calls, answers and clocks.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::board::{Board, Heard, Pass};
use super::breaker::{Breaker, Look, Rules, SPREAD_MAX};
use super::closed::{Blame, Route};
use zhijie_model::Area;

const RULES: Rules = Rules {
    failures: 3,
    within_s: 600,
    wait_s: 30,
    wait_max_s: 600,
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn fail(breaker: &mut Breaker, test: Option<u64>, second: i64) {
    breaker.failed(test, Blame::Silent, at(second), 0, &RULES);
}

fn opened() -> Breaker {
    let mut breaker = Breaker::default();
    for second in 0..3 {
        fail(&mut breaker, None, second);
    }
    breaker
}

#[test]
fn three_failures_in_a_row_open_it_and_a_success_between_does_not() {
    let mut breaker = Breaker::default();
    for second in [0, 1] {
        fail(&mut breaker, None, second);
    }
    breaker.succeeded();
    for second in [2, 3] {
        fail(&mut breaker, None, second);
        assert_eq!(breaker.look(at(3)), Look::Closed);
    }
    fail(&mut breaker, None, 4);
    let look = Look::Open {
        since: at(2),
        blame: Blame::Silent,
        retry_at: at(34),
    };
    assert_eq!(breaker.look(at(4)), look);
}

#[test]
fn a_pc_that_woke_up_waits_for_nothing_and_tries_once() {
    let mut breaker = opened();
    assert!(matches!(breaker.look(at(5)), Look::Open { .. }));
    breaker.look_again(at(5));
    assert!(matches!(breaker.look(at(5)), Look::Due { .. }));
    assert!(breaker.begin_test(1, at(5)));
    breaker.look_again(at(6));
    assert!(
        matches!(breaker.look(at(6)), Look::Testing { .. }),
        "a test under way stays the only one"
    );
    fail(&mut breaker, Some(1), 7);
    let Look::Open { retry_at, since, .. } = breaker.look(at(7)) else {
        panic!("the test failed")
    };
    assert_eq!(
        (retry_at, since),
        (at(67), at(0)),
        "it counts as the second opening"
    );
    let mut fine = Breaker::default();
    fine.look_again(at(8));
    assert_eq!(fine.look(at(8)), Look::Closed);
}

#[test]
fn failures_far_apart_are_not_in_a_row() {
    let mut breaker = Breaker::default();
    for second in [0, 300, 601, 1202] {
        fail(&mut breaker, None, second);
        assert_eq!(breaker.look(at(second)), Look::Closed, "{second}");
    }
}

#[test]
fn waits_double_up_to_the_most_and_since_stays() {
    let mut breaker = opened();
    let mut second = 2;
    for (number, wait) in [30, 60, 120, 240, 480, 600, 600].into_iter().enumerate() {
        let test = u64::try_from(number).unwrap();
        assert!(!breaker.begin_test(test, at(second + wait - 1)), "{wait}");
        second += wait;
        assert!(breaker.begin_test(test, at(second)), "{wait}");
        fail(&mut breaker, Some(test), second);
        assert!(matches!(breaker.look(at(second)), Look::Open { since, .. } if since == at(0)));
    }
}

#[test]
fn one_call_is_the_test_and_its_end_decides() {
    let mut breaker = opened();
    assert!(breaker.begin_test(1, at(40)));
    assert!(!breaker.begin_test(2, at(400)), "a second test");
    fail(&mut breaker, None, 41);
    assert!(
        matches!(breaker.look(at(41)), Look::Testing { .. }),
        "an older call decided"
    );
    breaker.test_abandoned(1, at(42));
    assert!(
        breaker.begin_test(2, at(42)),
        "a test that told nothing is followed by another"
    );
    breaker.test_abandoned(1, at(43));
    assert!(
        matches!(breaker.look(at(43)), Look::Testing { .. }),
        "an older test ended this one"
    );
    breaker.succeeded();
    assert_eq!(breaker.look(at(44)), Look::Closed);
}

#[test]
fn a_clock_set_back_makes_nobody_wait_longer_than_one_wait() {
    let mut breaker = opened();
    let back = -1_000_000;
    assert!(matches!(breaker.look(at(back)), Look::Open { .. }));
    assert!(!breaker.begin_test(1, at(back + 29)));
    assert!(breaker.begin_test(2, at(back + 30)));
}

#[derive(Debug, Clone)]
enum Act {
    Call(Option<u8>),
    End(usize, u8, u32),
    Pass(i64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => proptest::option::of(0..3_u8).prop_map(Act::Call),
        4 => (any::<usize>(), 0..5_u8, 0..=SPREAD_MAX).prop_map(|(which, how, spread)| Act::End(which, how, spread)),
        2 => (-700..700_i64).prop_map(Act::Pass),
    ];
    proptest::collection::vec(act, 0..120)
}

const fn heard(how: u8) -> Heard {
    match how {
        0 => Heard::NotReached(Blame::Unreachable),
        1 => Heard::NoAnswer(Blame::Silent),
        2 => Heard::RegionDown,
        3 => Heard::Answered,
        _ => Heard::Nothing,
    }
}

fn area(n: u8) -> Area {
    Area::new(&format!("34{n}100")).unwrap()
}

/// The tests under way, by route, as the passes themselves say.
fn tests(passes: &[Pass]) -> Vec<Route> {
    passes.iter().flat_map(Pass::tests).collect()
}

proptest! {
    #[test]
    fn never_two_tests_of_one_route_and_an_answer_always_opens_the_way(acts in acts()) {
        let mut board = Board::new(RULES);
        let mut passes: Vec<Pass> = Vec::new();
        let mut second = 0;
        for act in acts {
            match act {
                Act::Call(region) => {
                    let before = board.clone();
                    match board.admit(region.map(area), true, at(second)) {
                        Ok(pass) => {
                            for route in pass.tests() {
                                let look = before.clone().look(route, at(second));
                                prop_assert!(matches!(look, Look::Due { .. }), "{:?} was {:?}", route, look);
                            }
                            passes.push(pass);
                        }
                        Err(closed) => {
                            prop_assert!(!matches!(board.look(closed.route, at(second)), Look::Closed));
                            let mut before = before;
                            prop_assert_eq!(before.closed(region.map(area), at(second)), Some(*closed));
                        }
                    }
                }
                Act::End(which, how, spread) if !passes.is_empty() => {
                    let pass = passes.remove(which % passes.len());
                    board.ended(&pass, heard(how), at(second), spread);
                    if heard(how) == Heard::Answered {
                        prop_assert_eq!(board.look(Route::Gateway, at(second)), Look::Closed);
                        prop_assert_eq!(board.look(Route::Province, at(second)), Look::Closed);
                    }
                }
                Act::End(..) => {}
                Act::Pass(seconds) => second += seconds,
            }
            let running = tests(&passes);
            for route in board.routes() {
                if matches!(board.look(route, at(second)), Look::Testing { .. }) {
                    let of_route = running.iter().filter(|test| **test == route).count();
                    prop_assert!(of_route >= 1, "{:?} waits for a test nobody makes", route);
                }
            }
        }
    }

    #[test]
    fn waits_never_get_shorter_nor_longer_than_the_most(spreads in proptest::collection::vec(0..=2 * SPREAD_MAX, 1..12)) {
        let mut breaker = opened();
        let mut now = at(2);
        let mut last = SignedDuration::ZERO;
        for (number, spread) in spreads.into_iter().enumerate() {
            let test = u64::try_from(number).unwrap();
            let Look::Open { retry_at, .. } = breaker.look(now) else { panic!("not open") };
            let wait = retry_at.duration_since(now);
            prop_assert!(wait >= last && wait <= SignedDuration::from_secs(600), "{wait} after {last}");
            last = wait;
            now = retry_at;
            prop_assert!(breaker.begin_test(test, now));
            breaker.failed(Some(test), Blame::Silent, now, spread, &RULES);
        }
    }

    #[test]
    fn no_region_closes_another(calls in proptest::collection::vec((0..2_u8, 0..3_u8, -50..500_i64), 0..80)) {
        let mut board = Board::new(RULES);
        let mut second = 0;
        let well = area(7);
        for (region, how, passed) in calls {
            second += passed;
            if let Ok(pass) = board.admit(Some(area(region)), true, at(second)) {
                let heard = if how == 0 { Heard::NoAnswer(Blame::Silent) } else { Heard::RegionDown };
                board.ended(&pass, heard, at(second), 0);
            }
            prop_assert_eq!(board.closed(Some(well), at(second)), None);
        }
    }
}

#[test]
fn silence_towards_many_regions_is_the_provinces() {
    let mut board = Board::new(RULES);
    for n in 0..3 {
        let pass = board.admit(Some(area(n)), true, at(0)).unwrap();
        board.ended(&pass, Heard::NoAnswer(Blame::Silent), at(0), 0);
    }
    let closed = board.closed(Some(area(9)), at(1)).unwrap();
    assert_eq!(closed.route, Route::Province);
    let tests: BTreeSet<Route> = board.admit(None, false, at(30)).unwrap().tests().collect();
    assert_eq!(tests, BTreeSet::from([Route::Province]));
}

#[test]
fn a_gateway_that_is_not_reached_leaves_the_others_tests_open() {
    let mut board = Board::new(RULES);
    for _ in 0..3 {
        let pass = board.admit(None, false, at(0)).unwrap();
        board.ended(&pass, Heard::NoAnswer(Blame::Silent), at(0), 0);
    }
    let pass = board.admit(None, false, at(30)).unwrap();
    board.ended(&pass, Heard::NotReached(Blame::Unreachable), at(30), 0);
    assert!(matches!(board.look(Route::Province, at(30)), Look::Due { .. }));
    assert_eq!(board.closed(None, at(30)), None);
}

#[test]
fn only_an_answer_of_the_region_itself_opens_its_way() {
    let mut board = Board::new(RULES);
    let fuyang = Some(area(1));
    for second in 0..3 {
        let local = board.admit(fuyang, false, at(second)).unwrap();
        board.ended(&local, Heard::Answered, at(second), 0);
        let pass = board.admit(fuyang, true, at(second)).unwrap();
        board.ended(&pass, Heard::RegionDown, at(second), 0);
    }
    assert_eq!(board.closed(fuyang, at(3)).unwrap().route, Route::Region(area(1)));
    // A test that proves nothing hands the test on.
    let local = board.admit(fuyang, false, at(40)).unwrap();
    assert!(board.admit(fuyang, true, at(40)).is_err());
    board.ended(&local, Heard::Answered, at(40), 0);
    let pass = board.admit(fuyang, true, at(40)).unwrap();
    board.ended(&pass, Heard::Answered, at(40), 0);
    assert_eq!(board.look(Route::Region(area(1)), at(40)), Look::Closed);
}
