use std::collections::BTreeSet;

use proptest::prelude::*;
use zhijie_model::InstitutionCode;

use crate::counter::{Counter, position_of};
use crate::test_kit::{Desk, NOON, at, intent, opening};
use crate::{Commit, Ledger, Opening, RESERVED_SECONDS, WriteError};

#[test]
fn an_id_tells_institution_time_slot_and_sequence() {
    let cases = [
        ("H34120000001", "H34120000001202611212000000700"),
        ("H3412", "H34120000000202611212000000700"),
        ("H3412000000199", "H34120000001202611212000000700"),
    ];
    for (institution, expected) in cases {
        let institution = InstitutionCode::new(institution).unwrap();
        let mut counter = Counter::new(&institution, 7, 0).unwrap();
        let id = counter.next(at(NOON)).unwrap();
        assert_eq!(id.as_str(), expected);
        assert_eq!(position_of(id.as_str()), Some(NOON * 100));
    }
}

#[test]
fn the_hundred_and_first_id_of_a_second_takes_the_next_second() {
    let mut counter = Counter::new(&opening().institution, 7, 0).unwrap();
    let ids: Vec<_> = (0..101).map(|_| counter.next(at(NOON)).unwrap()).collect();
    assert!(ids[99].as_str().ends_with("202611212000000799"), "{}", ids[99]);
    assert!(ids[100].as_str().ends_with("202611212000010700"), "{}", ids[100]);
    let earlier = counter.next(at(NOON - 3_600)).unwrap();
    assert!(earlier > ids[100], "a clock set back changes nothing");
}

#[test]
fn odd_texts_have_no_position_and_odd_times_no_id() {
    for odd in [
        "",
        "H341200000012026112120000007",
        "H34120000001202613212000000700",
        "挂号单挂号单挂号单挂号单挂号单",
    ] {
        assert_eq!(position_of(odd), None, "{odd:?}");
    }
    let mut counter = Counter::new(&opening().institution, 7, 0).unwrap();
    let last_year = jiff::Timestamp::MAX;
    assert!(matches!(
        counter.next(last_year),
        Ok(_) | Err(WriteError::TimeOutOfRange)
    ));
    let mut full = Counter::new(&opening().institution, 7, i64::MAX).unwrap();
    assert!(matches!(full.next(at(NOON)), Err(WriteError::TimeOutOfRange)));
}

#[test]
fn after_a_crash_the_ids_run_ahead_by_no_more_than_the_reserve() {
    let desk = Desk::new();
    let before = desk.open().next_lookup_id(at(NOON)).unwrap();
    let after = desk.open().next_lookup_id(at(NOON)).unwrap();
    assert!(before < after);
    let ahead = position_of(after.as_str()).unwrap() - position_of(before.as_str()).unwrap();
    assert_eq!(ahead, RESERVED_SECONDS * 100 + 1);
    for _ in 0..5 {
        drop(desk.open());
    }
    let third = desk.open().next_lookup_id(at(NOON)).unwrap();
    let ahead = position_of(third.as_str()).unwrap() - position_of(after.as_str()).unwrap();
    assert_eq!(
        ahead,
        RESERVED_SECONDS * 100 + 1,
        "openings that hand out nothing cost nothing"
    );
}

#[derive(Debug, Clone)]
enum Act {
    Lookup,
    Commit,
    Drop,
    Reopen,
    Clock(i64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => Just(Act::Lookup),
        4 => Just(Act::Commit),
        2 => Just(Act::Drop),
        1 => Just(Act::Reopen),
        2 => (-200_i64..200).prop_map(Act::Clock),
        1 => (-100_000_i64..100_000).prop_map(Act::Clock),
    ];
    prop::collection::vec(act, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the clock does and however often the ledger is opened anew: no id leaves the house twice, and within
    /// one opening none is even handed out twice.
    #[test]
    fn no_id_is_made_twice(acts in acts()) {
        let desk = Desk::new();
        let mut second = NOON;
        let mut ledger = desk.open();
        let (mut sent, mut handed_out) = (BTreeSet::new(), BTreeSet::new());
        for act in acts {
            match act {
                Act::Lookup => {
                    let id = ledger.next_lookup_id(at(second)).unwrap();
                    prop_assert!(handed_out.insert(id.clone()));
                    prop_assert!(sent.insert(id));
                }
                Act::Commit => {
                    let id = ledger.next_message_id(at(second)).unwrap();
                    prop_assert!(handed_out.insert(id.clone()));
                    let commit = Commit { intent: Some(intent(&id)), ..Commit::new(at(second)) };
                    ledger.commit(&commit).unwrap();
                    prop_assert!(sent.insert(id));
                }
                Act::Drop => prop_assert!(handed_out.insert(ledger.next_message_id(at(second)).unwrap())),
                Act::Reopen => {
                    drop(ledger);
                    ledger = Ledger::open(&desk.path, &Opening { now: at(second), ..opening() }).unwrap();
                    handed_out.clear();
                }
                Act::Clock(jump) => second += jump,
            }
        }
        crate::verify(&ledger, |_, _| {}).unwrap();
    }
}
