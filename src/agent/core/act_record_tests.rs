//! Journals of filings made at the desk, written by version 1, folded by this program.

use std::collections::BTreeSet;

use zhijie_filing::Stage;

use super::act_record::fold;
use super::stories::{records, story};

const MADE: &str = story!("act-made");
const LOOKED: &str = story!("act-looked");
const RESOLVED: &str = story!("act-resolved");
const NOT_SENT: &str = story!("act-not-sent");
const IN_DOUBT: &str = story!("act-in-doubt");

#[test]
fn each_story_ends_where_it_ended() {
    for (story, transaction, stage) in [
        (MADE, "Refer", "carried"),
        (LOOKED, "WithdrawReferral", "carried"),
        (RESOLVED, "FixPlace", "carried"),
        (NOT_SENT, "FixPlace", "not_sent"),
        (IN_DOUBT, "FixPlace", "in_doubt"),
    ] {
        let act = fold(&records(story)).unwrap();
        let called = format!("{:?}", act.new.call.transaction());
        assert_eq!((&*called, act.stage.name()), (transaction, stage));
    }
}

#[test]
fn the_number_is_kept_whoever_told_it() {
    let number = |story| match fold(&records(story)).unwrap().stage {
        Stage::Carried { number, .. } => number.map(|number| String::from(number.as_str())),
        stage => panic!("{stage:?}"),
    };
    assert_eq!(number(MADE).map(|number| number.len()), Some(30));
    assert_eq!(number(RESOLVED).as_deref(), Some("23010012345"));
    assert_eq!(number(LOOKED), None);
}

#[test]
fn every_kind_of_record_is_in_a_story_and_newer_ones_stop_the_fold() {
    let all = [MADE, LOOKED, RESOLVED, NOT_SENT, IN_DOUBT];
    let kinds: BTreeSet<String> = all
        .into_iter()
        .flat_map(records)
        .map(|record| record.kind)
        .collect();
    let known = [
        "filing.act_answered",
        "filing.act_asked",
        "filing.act_looked",
        "filing.act_lost",
        "filing.act_not_sent",
        "filing.act_resolved",
    ];
    assert_eq!(kinds, BTreeSet::from(known.map(String::from)));
    let mut newer = records(MADE);
    newer[1].version = 2;
    assert!(fold(&newer).is_none());
}
