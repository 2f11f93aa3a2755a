//! Journals written by version 1, folded by this program. A model type that changed under them shows here; then the
//! old layout gets a copy of its own in `record.rs`, and the files stay as they are.

use std::collections::BTreeSet;

use zhijie_ledger::Record;
use zhijie_settlement::{Cause, ClerkReason, State, fold};

use super::record::{RecordError, kind, read, write};
use super::stories::{records, story};

const SETTLED_AND_REFUNDED: &str = story!("settled-and-refunded");
const DOUBT_AFTER_RESTART: &str = story!("doubt-after-restart");
const DECLINED: &str = story!("declined");
const ABANDONED: &str = story!("abandoned");
const STEP_LOST: &str = story!("step-lost");
const NEVER_EXECUTED: &str = story!("never-executed");
const NEEDS_CLERK: &str = story!("needs-clerk");
const CLERK_RESOLVED: &str = story!("clerk-resolved");

/// Folds a story. The names of all states on the way come first.
fn folded(story: &str) -> (Vec<&'static str>, State) {
    let mut history = Vec::new();
    let mut names = Vec::new();
    for record in records(story) {
        let step = read(&record).unwrap().unwrap();
        assert_eq!(kind(&step.0), record.kind);
        history.push(step);
        names.push(fold(&history).name());
    }
    names.dedup();
    (names, fold(&history))
}

#[test]
fn settled_by_card_and_refunded() {
    let (names, state) = folded(SETTLED_AND_REFUNDED);
    assert_eq!(
        names,
        [
            "preparing",
            "quoted",
            "submitted",
            "settled",
            "cancelling",
            "cancelled"
        ]
    );
    let State::Cancelled { settled, refund, .. } = &state else {
        panic!("{}", state.name())
    };
    let split = &settled.settlement.split;
    assert_eq!((split.total().get(), split.cash().get()), (13_300, 1_112));
    assert_eq!(
        (split.parts().account.get(), split.parts().fund_total.get()),
        (3_680, 8_508)
    );
    assert!(settled.confirmed_at.is_some());
    let refund = refund.as_ref().unwrap();
    assert_eq!(
        (refund.total.get(), refund.cash.map(|cash| cash.get())),
        (-13_300, Some(-1_112))
    );
    let payer = &settled.case.order.payer;
    assert_eq!(
        (payer.name.reveal(), payer.area.to_string().as_str()),
        ("李桂兰", "341200")
    );
    assert_eq!(settled.case.order.bill.id().as_str(), "H31010100001/F1/B1");
    assert_eq!(settled.case.order.policy.doubt_max_s, 86_400);
}

#[test]
fn in_doubt_after_a_restart_and_found_settled() {
    let (names, state) = folded(DOUBT_AFTER_RESTART);
    assert_eq!(names, ["preparing", "quoted", "submitted", "in_doubt", "settled"]);
    let settled = state.settled().unwrap();
    assert_eq!(settled.settlement.message_id.as_ref(), Some(&settled.message_id));
    assert_eq!(settled.confirmed_at, None);
}

#[test]
fn declined_by_the_insured_region() {
    let (names, state) = folded(DECLINED);
    assert_eq!(names, ["preparing", "quoted", "submitted", "declined"]);
    let State::Declined { refusal, .. } = &state else {
        panic!("{}", state.name())
    };
    assert!(refusal.platform.text.as_deref().unwrap().contains("备案"));
}

#[test]
fn never_sent() {
    let (names, state) = folded(ABANDONED);
    assert_eq!(names, ["preparing", "quoted", "submitted", "abandoned"]);
    assert!(!state.is_locked());
}

#[test]
fn a_preparing_step_lost_and_quoted_again() {
    let (names, state) = folded(STEP_LOST);
    assert_eq!(names, ["preparing", "drafted", "preparing", "quoted"]);
    let State::Quoted(quoted) = &state else {
        panic!("{}", state.name())
    };
    assert_eq!(quoted.quote.trial.split.total().get(), 13_300);
    assert_eq!(quoted.case.progress.cuts.len(), 1);
}

#[test]
fn a_lost_settlement_that_never_was() {
    let (names, state) = folded(NEVER_EXECUTED);
    let road = ["submitted", "in_doubt", "reversing", "in_doubt", "reversed"];
    assert_eq!(names[2..], road);
    assert!(matches!(
        state,
        State::Reversed {
            why: Cause::NeverExecuted,
            ..
        }
    ));
}

#[test]
fn silent_for_two_days_and_then_a_person_looks() {
    let (names, state) = folded(NEEDS_CLERK);
    assert_eq!(names[2..], ["submitted", "in_doubt", "needs_clerk"]);
    let State::NeedsClerk(clerk) = &state else {
        panic!("{}", state.name())
    };
    assert_eq!(clerk.reason, ClerkReason::SilentTooLong);
    let subject = state.doubt().unwrap().subject.clone();

    let (names, state) = folded(CLERK_RESOLVED);
    assert_eq!(names[2..], ["submitted", "in_doubt", "needs_clerk", "in_doubt"]);
    assert_eq!(state.doubt().unwrap().subject, subject);
}

#[test]
fn every_kind_of_record_is_in_a_story() {
    let stories = [
        SETTLED_AND_REFUNDED,
        DOUBT_AFTER_RESTART,
        DECLINED,
        ABANDONED,
        STEP_LOST,
        NEVER_EXECUTED,
        NEEDS_CLERK,
        CLERK_RESOLVED,
    ];
    let records: Vec<Record> = stories.into_iter().flat_map(records).collect();
    let kinds: BTreeSet<&str> = records.iter().map(|record| &*record.kind).collect();
    let known = [
        "bill.answered",
        "bill.cancel_asked",
        "bill.confirmed",
        "bill.lost",
        "bill.not_sent",
        "bill.quote_asked",
        "bill.resolved",
        "bill.restarted",
        "bill.settle_asked",
        "bill.woken",
    ];
    assert_eq!(kinds, BTreeSet::from(known));
}

#[test]
fn what_is_written_now_is_read_back_the_same() {
    for record in records(SETTLED_AND_REFUNDED) {
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

#[test]
fn a_newer_or_damaged_record_stops_the_fold_and_repeats_nothing() {
    let mut record = records(DECLINED).remove(0);
    record.version = 2;
    assert!(matches!(
        read(&record),
        Err(RecordError::Newer { seq: 1, version: 2 })
    ));
    record.version = 1;
    record.body.truncate(300);
    let error = read(&record).unwrap_err();
    assert_eq!(error.to_string(), "record 1 is not readable");
    record.kind = String::from("ledger.opened");
    assert!(read(&record).unwrap().is_none());
}
