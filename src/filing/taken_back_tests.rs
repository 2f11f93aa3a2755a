//! Filings taken back here: they carry nothing any more, and nobody is alarmed.

use jiff::civil::date;
use zhijie_model::Private;

use crate::kit::{
    DAY_S, accepted, area, benefit, listed, made, numbered, paper, question, refused, running, seen, taken,
};
use crate::{
    Answer, Check, Declared, Filing, FilingKind, Observation, RefusalClass, Rules, Said, Source, Sureness,
    check, vanished,
};

const HOUR: i64 = 3600;
const MISSING: RefusalClass = RefusalClass::FilingMissing;

/// Begins on another day, so that it is no spelling of [`running`].
fn another(number: &str) -> Filing {
    Filing {
        from: date(2026, 5, 1),
        ..numbered(number)
    }
}

fn back(age_s: i64, number: &str) -> Observation {
    taken(age_s, number, Some(Declared::Referral))
}

fn registered(age_s: i64, record: Declared) -> Observation {
    let said = Said::Registered {
        record,
        number: Some(Private::new("9")),
        code: Private::new("M01600"),
        name: Private::new("糖尿病"),
        from: date(2026, 1, 1),
        until: None,
    };
    seen(Source::Declaration, age_s, said)
}

fn of(source: Source, mut observation: Observation) -> Observation {
    observation.source = source;
    observation
}

/// A register that does not show everything.
fn partial(age_s: i64, filings: Vec<Filing>) -> Observation {
    let mut list = listed(age_s, filings);
    if let Some(Said::Filings { complete, .. }) = &mut list.said {
        *complete = false;
    }
    list
}

fn ask(seen: &[Observation]) -> Check {
    check(seen, &question(), &Rules::default())
}

#[test]
fn what_was_taken_back_answers_no_question() {
    let table = [
        ("made here", vec![made(2 * HOUR, numbered("7"))]),
        ("a list", vec![partial(2 * HOUR, vec![numbered("7")])]),
        (
            "a list that still shows it",
            vec![
                partial(2 * HOUR, vec![numbered("7")]),
                partial(60, vec![numbered("7")]),
            ],
        ),
        ("a paper", vec![paper(2 * HOUR, numbered("7"))]),
        (
            "a list without numbers",
            vec![made(3 * HOUR, numbered("7")), partial(2 * HOUR, vec![running()])],
        ),
        (
            "a visit that was taken under it",
            vec![made(3 * HOUR, numbered("7")), accepted(2 * HOUR)],
        ),
        (
            "benefits enjoyed under it",
            vec![
                made(3 * HOUR, numbered("7")),
                benefit(2 * HOUR, true, RefusalClass::Other),
            ],
        ),
    ];
    for (what, mut seen) in table {
        assert_eq!(ask(&seen).answer, Answer::Valid, "{what}, before");
        seen.push(back(HOUR, "7"));
        let found = ask(&seen);
        assert_eq!(
            (found.answer, found.sureness),
            (Answer::Missing, Sureness::Hint),
            "{what}"
        );
        // A withdrawal does not wear off.
        for seen in &mut seen {
            seen.at -= jiff::SignedDuration::from_secs(10 * DAY_S);
        }
        let found = ask(&seen);
        assert_eq!(
            (found.answer, found.stale),
            (Answer::Missing, true),
            "{what}, old"
        );
    }
}

#[test]
fn another_filing_stands_and_what_is_newer_counts() {
    let valid = [
        vec![
            made(3 * HOUR, another("8")),
            made(2 * HOUR, numbered("7")),
            back(HOUR, "7"),
        ],
        vec![
            partial(3 * HOUR, vec![numbered("7"), another("8")]),
            back(HOUR, "7"),
        ],
        vec![
            made(3 * HOUR, numbered("7")),
            back(2 * HOUR, "7"),
            made(HOUR, numbered("8")),
        ],
        vec![
            made(3 * HOUR, numbered("7")),
            back(2 * HOUR, "7"),
            made(HOUR, numbered("8")),
            partial(60, vec![running()]),
        ],
        vec![made(3 * HOUR, numbered("7")), back(2 * HOUR, "7"), accepted(HOUR)],
        // Taken under the other one, for all anybody knows.
        vec![made(3 * HOUR, another("8")), accepted(2 * HOUR), back(HOUR, "7")],
    ];
    for seen in valid {
        assert_eq!(ask(&seen).answer, Answer::Valid, "{seen:#?}");
    }
}

#[test]
fn a_filing_nobody_saw_here_leaves_only_a_question() {
    let found = ask(&[accepted(2 * HOUR), back(HOUR, "7")]);
    assert_eq!(
        (found.answer, found.sureness),
        (Answer::NotKnown, Sureness::Nothing)
    );
    assert_eq!(ask(&[back(HOUR, "7")]).answer, Answer::NotKnown);
    assert_eq!(
        ask(&[accepted(2 * HOUR), taken(HOUR, "7", None)]).answer,
        Answer::NotKnown
    );
    // One for another place carried nothing here.
    let mut elsewhere = numbered("7");
    elsewhere.area = Some(area("330100"));
    let found = ask(&[made(3 * HOUR, elsewhere), accepted(2 * HOUR), back(HOUR, "7")]);
    assert_eq!((found.answer, found.sureness), (Answer::Valid, Sureness::Verdict));
}

#[test]
fn other_records_are_no_filings() {
    for record in [Declared::Chronic, Declared::Place] {
        assert_eq!(ask(&[registered(HOUR, record)]).answer, Answer::NotKnown);
        let seen = [accepted(2 * HOUR), taken(HOUR, "7", Some(record))];
        assert_eq!(ask(&seen).answer, Answer::Valid, "{record:?}");
        let seen = [refused(2 * HOUR, MISSING), registered(HOUR, record)];
        assert_eq!(ask(&seen).answer, Answer::Missing, "{record:?}");
    }
}

fn alarm(before: &[Observation], new: &Observation) -> Option<usize> {
    vanished(before, new, &Rules::default()).map(|tombstone| tombstone.filings.len())
}

#[test]
fn nobody_is_alarmed_by_what_was_taken_back() {
    let gone = partial(0, vec![]);
    let none = refused(0, MISSING);
    let had = partial(2 * HOUR, vec![numbered("7")]);
    let quiet = [
        (vec![had.clone(), back(HOUR, "7")], &gone),
        (
            vec![
                made(3 * HOUR, numbered("7")),
                partial(2 * HOUR, vec![running()]),
                back(HOUR, "7"),
            ],
            &gone,
        ),
        (vec![had.clone(), back(HOUR, "7")], &none),
        (vec![accepted(2 * HOUR), back(HOUR, "7")], &none),
        (
            vec![made(3 * HOUR, numbered("7")), accepted(2 * HOUR), back(HOUR, "7")],
            &none,
        ),
    ];
    for (before, new) in quiet {
        let without = &before[..before.len() - 1];
        assert!(alarm(without, new).is_some(), "{without:#?}");
        assert_eq!(alarm(&before, new), None, "{before:#?}");
    }
    // Another one that is gone is told all the same, also where the one taken back was seen later.
    let both = partial(2 * HOUR, vec![numbered("7"), another("8")]);
    assert_eq!(alarm(&[both, back(HOUR, "7")], &gone), Some(1));
    let papers = [
        paper(3 * HOUR, another("8")),
        made(2 * HOUR, numbered("7")),
        back(HOUR, "7"),
    ];
    assert_eq!(alarm(&papers, &none), Some(1));
    // A record that is no filing, and one taken back before, explain nothing.
    let chronic = taken(HOUR, "7", Some(Declared::Chronic));
    assert_eq!(alarm(&[had, chronic], &gone), Some(1));
    assert_eq!(alarm(&[back(2 * HOUR, "7"), accepted(HOUR)], &none), Some(0));
}

#[test]
fn a_declaration_tells_which_transaction_it_was() {
    let mut referral = numbered("7");
    referral.kind = FilingKind::Referral;
    let table = [
        (made(0, referral), Some("2501")),
        (made(0, numbered("7")), Some("2505")),
        (registered(0, Declared::Place), Some("2505")),
        (registered(0, Declared::Chronic), Some("2503")),
        (back(0, "7"), Some("2502")),
        (taken(0, "7", Some(Declared::Elsewhere)), Some("2506")),
        (taken(0, "7", Some(Declared::Place)), Some("2506")),
        (taken(0, "7", Some(Declared::Chronic)), Some("2504")),
        (taken(0, "7", None), None),
        (crate::kit::erased(back(0, "7")), None),
        (of(Source::Referrals, partial(0, vec![])), Some("5304")),
    ];
    for (seen, transaction) in table {
        assert_eq!(seen.transaction(), transaction, "{:?}", seen.said);
    }
}

#[test]
fn a_withdrawal_of_an_older_program_is_one_of_a_filing() {
    let old = r#"{"said":"withdrawn","number":"7"}"#;
    let said: Said = serde_json::from_str(old).unwrap();
    assert_eq!(said, taken(0, "7", None).said.unwrap());
    assert_eq!(serde_json::to_string(&said).unwrap(), old);
    let all = [
        made(2 * HOUR, numbered("7")),
        seen(Source::Declaration, HOUR, said),
    ];
    assert_eq!(ask(&all).answer, Answer::Missing);
}
