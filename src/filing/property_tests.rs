//! Promises about every set of observations.

use jiff::SignedDuration;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use crate::kit::{
    accepted, ago, benefit, erased, filing, listed, made, now, numbered, paper, question, refused, taken,
};
use crate::{Answer, Observation, RefusalClass, Rules, check, vanished};

fn day(offset: i16) -> Date {
    date(2026, 11, 22)
        .checked_add(jiff::Span::new().days(offset))
        .unwrap()
}

fn any_class() -> impl Strategy<Value = RefusalClass> {
    prop_oneof![
        Just(RefusalClass::FilingMissing),
        Just(RefusalClass::FilingExpired),
        Just(RefusalClass::Other)
    ]
}

/// Ages around now, around the limits, and ahead of the clock; few values, so that some coincide.
fn any_age() -> impl Strategy<Value = i64> {
    prop_oneof![
        -3..4_i64,
        Just(86_400),
        Just(86_401),
        Just(40 * 86_400),
        Just(-7_200)
    ]
}

fn any_seen() -> impl Strategy<Value = Observation> {
    let term = (-400..3_i16, proptest::option::of(-2..400_i16))
        .prop_map(|(from, until)| filing(day(from), until.map(|until| day(until.max(from)))));
    let body = (any_age(), term, any_class(), 0..8_u8, any::<bool>(), 0..9_u8);
    body.prop_map(|(age, term, class, kind, flag, erase)| {
        let made = match kind {
            0 => accepted(age),
            1 => refused(age, class),
            2 => listed(age, if flag { vec![term] } else { Vec::new() }),
            3 => benefit(age, flag, class),
            4 => made(age, numbered(if flag { "7" } else { "8" })),
            5 => taken(age, if flag { "7" } else { "8" }, None),
            _ => paper(age, term),
        };
        let mut made = if erase == 0 { erased(made) } else { made };
        // Digests are of the content, so two alike are one.
        let said = serde_json::to_string(&made.said).unwrap();
        made.digest = format!("{:?}", (made.at, made.source, said));
        made
    })
}

fn any_past() -> impl Strategy<Value = Vec<Observation>> {
    proptest::collection::vec(any_seen(), 0..8)
}

proptest! {
    #[test]
    fn the_order_does_not_matter(past in any_past().prop_flat_map(|past| (Just(past.clone()), Just(past).prop_shuffle()))) {
        let rules = Rules::default();
        prop_assert_eq!(check(&past.0, &question(), &rules), check(&past.1, &question(), &rules));
    }

    #[test]
    fn a_newer_verdict_wins(past in any_past(), good in any::<bool>()) {
        let verdict = if good { accepted(-4) } else { refused(-4, RefusalClass::FilingMissing) };
        let mut past: Vec<Observation> = past.into_iter().filter(|seen| seen.at < verdict.at).collect();
        past.push(verdict.clone());
        let found = check(&past, &question(), &Rules::default());
        prop_assert_eq!(found.answer, if good { Answer::Valid } else { Answer::Missing });
        prop_assert_eq!(found.evidence.map(|evidence| evidence.digest), Some(verdict.digest));
    }

    #[test]
    fn what_was_erased_counts_as_never_seen(past in any_past(), gone in any_past()) {
        let erased: Vec<Observation> = gone.into_iter().map(erased).collect();
        let rules = Rules::default();
        for seen in &erased {
            prop_assert_eq!(vanished(&past, seen, &rules), None);
        }
        let with = [erased, past.clone()].concat();
        prop_assert_eq!(check(&with, &question(), &rules), check(&past, &question(), &rules));
    }

    #[test]
    fn a_clock_set_back_never_makes_anything_fresher(past in any_past(), back_s in 61..1_000_000_i64) {
        let rules = Rules::default();
        let mut asked = question();
        asked.now = now() - SignedDuration::from_secs(back_s + 8_000);
        let past: Vec<Observation> = past.into_iter().filter(|seen| seen.at > ago(8_000)).collect();
        let found = check(&past, &asked, &rules);
        prop_assert!(found.evidence.is_none() || found.stale);
        prop_assert_eq!(found.age_s, 0);
    }

    #[test]
    fn what_is_taken_back_last_is_never_the_filing_behind_an_answer(past in any_past()) {
        let mut past: Vec<Observation> = past.into_iter().filter(|seen| seen.at < ago(-4)).collect();
        past.push(made(-4, numbered("7")));
        past.push(taken(-5, "7", None));
        let found = check(&past, &question(), &Rules::default());
        let number = found.filing.and_then(|filing| filing.number);
        prop_assert!(number.is_none_or(|number| number.reveal() != "7"));
        let none = refused(-6, RefusalClass::FilingMissing);
        if let Some(tombstone) = vanished(&past, &none, &Rules::default()) {
            let numbers = tombstone.filings.iter().filter_map(|filing| filing.number.as_ref());
            prop_assert!(numbers.into_iter().all(|number| number.reveal() != "7"));
        }
    }

    #[test]
    fn a_loss_names_only_what_was_there(past in any_past(), new in any_seen()) {
        if let Some(tombstone) = vanished(&past, &new, &Rules::default()) {
            prop_assert!(past.iter().any(|seen| seen.last_seen() == tombstone.last_seen));
            let day = zhijie_model::business_day(new.at);
            prop_assert!(tombstone.filings.iter().all(|filing| filing.runs_on(day)));
        }
    }
}
