//! Journals of stays written by version 1, folded by this program; see `record_tests` of bills.

use std::collections::BTreeSet;

use zhijie_ledger::Record;
use zhijie_settlement::{Cause, ClerkReason, StayCause, StayState, fold, stay_fold};

use super::record::{kind, read, write};
use crate::core::record;
use crate::core::stories::{records, story};

const THERE_AND_BACK: &str = story!("stay-there-and-back");
const REFUSED: &str = story!("stay-refused");
const REVERSED: &str = story!("stay-admission-reversed");
const INTERRUPTED: &str = story!("stay-interrupted");
const RESOLVED: &str = story!("stay-resolved");
const DISCHARGE_IN_DOUBT: &str = story!("stay-discharge-in-doubt");
const SETTLED: &str = story!("stay-settled");
const BILL_SETTLED: &str = story!("stay-bill-settled");

const ALL: [&str; 7] = [
    THERE_AND_BACK,
    REFUSED,
    REVERSED,
    INTERRUPTED,
    RESOLVED,
    DISCHARGE_IN_DOUBT,
    SETTLED,
];

/// Folds a story. The names of all states on the way come first.
fn folded(story: &str) -> (Vec<&'static str>, StayState) {
    let mut history = Vec::new();
    let mut names = Vec::new();
    for record in records(story) {
        let step = read(&record).unwrap().unwrap();
        assert_eq!(kind(&step.0), record.kind);
        history.push(step);
        names.push(stay_fold(&history).name());
    }
    names.dedup();
    (names, stay_fold(&history))
}

#[test]
fn the_whole_way_and_back() {
    let (names, state) = folded(THERE_AND_BACK);
    assert_eq!(names[..3], ["admitting", "admitted", "working"]);
    let StayState::NotAdmitted(not) = &state else {
        panic!("{}", state.name())
    };
    assert_eq!((not.why.clone(), not.gone.len()), (None, 1));
    assert_eq!(not.order.number().as_str(), "ZY-BACK");
}

#[test]
fn refused_or_reversed_nobody_is_admitted() {
    let (names, state) = folded(REFUSED);
    assert_eq!(names, ["admitting", "not_admitted"]);
    let StayState::NotAdmitted(not) = &state else {
        panic!("{}", state.name())
    };
    assert!(matches!(
        &not.why,
        Some(StayCause::Of {
            why: Cause::Refused { .. }
        })
    ));
    let (names, state) = folded(REVERSED);
    let road = [
        "admitting",
        "admission_in_doubt",
        "reversing_admission",
        "admission_in_doubt",
        "not_admitted",
    ];
    assert_eq!(names, road);
    let StayState::NotAdmitted(not) = &state else {
        panic!("{}", state.name())
    };
    assert_eq!(not.why, Some(StayCause::from(Cause::NeverExecuted)));
}

#[test]
fn lines_of_a_lost_upload_stay_in_question() {
    let (_, state) = folded(INTERRUPTED);
    let stay = state.stay().unwrap();
    let uncertain: Vec<&str> = stay.uncertain.iter().map(|serial| serial.as_str()).collect();
    assert_eq!((stay.lines.len(), uncertain), (0, vec!["9"]));
}

#[test]
fn a_person_found_the_admission() {
    let (names, state) = folded(RESOLVED);
    assert_eq!(
        names,
        ["admitting", "admission_in_doubt", "needs_clerk", "admitted"]
    );
    assert!(state.stay().unwrap().lines.is_empty());
}

#[test]
fn a_discharge_stays_in_doubt() {
    let (_, state) = folded(DISCHARGE_IN_DOUBT);
    let StayState::StepInDoubt(doubt) = &state else {
        panic!("{}", state.name())
    };
    assert_eq!((doubt.stay.lines.len(), doubt.query.is_some()), (3, true));
    assert!(doubt.stay.discharge.is_none());
}

#[test]
fn settled_after_the_discharge() {
    let (_, state) = folded(SETTLED);
    let stay = state.stay().unwrap();
    assert!(stay.discharge.is_some());
    let unsettled = stay.unsettled(None).unwrap();
    assert_eq!((unsettled.lines, unsettled.total.get()), (3, 11_400));

    let history: Vec<_> = records(BILL_SETTLED)
        .iter()
        .map(|record| record::read(record).unwrap().unwrap())
        .collect();
    let bill = fold(&history);
    let settled = bill.settled().unwrap();
    assert_eq!(settled.settlement.split.total().get(), 11_400);
    let road = settled.case.order.road.stay().unwrap();
    assert_eq!(
        (road.revision, &road.visit_id, road.part.interim),
        (stay.revision, &stay.visit_id, false)
    );
}

#[test]
fn none_of_them_waits_for_a_person_because_of_a_bug() {
    for story in ALL {
        let mut history = Vec::new();
        for record in records(story) {
            history.push(read(&record).unwrap().unwrap());
            let state = stay_fold(&history);
            let stopped =
                matches!(&state, StayState::NeedsClerk(clerk) if clerk.reason == ClerkReason::Impossible);
            assert!(!stopped, "{}", record.seq);
        }
    }
}

#[test]
fn every_kind_of_record_is_in_a_story_and_written_the_same() {
    let all: Vec<Record> = ALL.into_iter().flat_map(records).collect();
    let kinds: BTreeSet<&str> = all.iter().map(|record| &*record.kind).collect();
    let known = [
        "stay.admit_asked",
        "stay.answered",
        "stay.asked",
        "stay.lost",
        "stay.not_sent",
        "stay.resolved",
        "stay.restarted",
        "stay.woken",
    ];
    assert_eq!(kinds, BTreeSet::from(known));
    for record in all {
        let (event, moment) = read(&record).unwrap().unwrap();
        let written = write(&event, &moment).unwrap();
        let again = Record {
            body: written.body,
            version: written.version,
            ..record
        };
        assert_eq!(read(&again).unwrap(), Some((event, moment)));
    }
}
