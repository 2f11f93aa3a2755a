//! When something is gone, and when it merely ended.

use core::slice::from_ref;

use jiff::civil::date;
use zhijie_model::Private;

use crate::kit::{accepted, area, benefit, ended, erased, listed, paper, refused, running, seen, tried};
use crate::{Declared, Filing, FilingKind, Observation, RefusalClass, Rules, Said, Source, vanished};

const MISSING: RefusalClass = RefusalClass::FilingMissing;

fn gone(before: &[Observation], new: &Observation) -> Option<(usize, Source)> {
    let tombstone = vanished(before, new, &Rules::default())?;
    Some((tombstone.filings.len(), tombstone.last_seen.source))
}

#[test]
fn a_list_without_what_it_had_tells() {
    let had = listed(90, vec![running()]);
    assert_eq!(
        gone(from_ref(&had), &listed(0, vec![])),
        Some((1, Source::FixedInstitutions))
    );
    assert_eq!(gone(from_ref(&had), &listed(0, vec![running()])), None);
    assert_eq!(
        gone(&[listed(90, vec![ended(date(2026, 11, 21))])], &listed(0, vec![])),
        None
    );
    assert_eq!(gone(&[], &listed(0, vec![])), None);
    assert_eq!(gone(&[erased(had.clone())], &listed(0, vec![])), None);
    // Another query shows other filings.
    let mut other = listed(0, vec![]);
    other.source = Source::Referrals;
    assert_eq!(gone(from_ref(&had), &other), None);
    // The same filing under a new date of entry is the same by its number.
    let mut numbered = running();
    numbered.number = Some(Private::new("7"));
    let mut moved = numbered.clone();
    moved.from = date(2026, 2, 1);
    assert_eq!(gone(&[listed(90, vec![numbered])], &listed(0, vec![moved])), None);
    // Seen again in between, and gone again: a loss of its own.
    let told = seen(Source::FixedInstitutions, 60, tombstone(&had));
    assert_eq!(gone(&[had.clone(), told.clone()], &listed(0, vec![])), None);
    let back = listed(30, vec![running()]);
    assert!(gone(&[had, told, back], &listed(0, vec![])).is_some());
}

fn tombstone(had: &Observation) -> Said {
    Said::Vanished {
        filings: vec![running()],
        last_seen: had.last_seen(),
    }
}

#[test]
fn the_insured_regions_word_tells() {
    let none = refused(0, MISSING);
    assert_eq!(gone(&[accepted(90)], &none), Some((0, Source::Trial)));
    assert_eq!(gone(&[paper(90, running())], &none), Some((1, Source::Paper)));
    // A sight with dates says more than a visit that was taken.
    assert_eq!(
        gone(&[paper(90, running()), accepted(30)], &none),
        Some((1, Source::Paper))
    );
    assert_eq!(gone(&[], &none), None);
    assert_eq!(gone(&[accepted(40 * 86_400)], &none), None);
    assert_eq!(
        gone(&[accepted(90)], &refused(0, RefusalClass::FilingExpired)),
        None
    );
    assert_eq!(gone(&[accepted(90)], &refused(0, RefusalClass::Other)), None);
    // A benefit check in the same words tells it before anybody quotes.
    assert_eq!(
        gone(&[accepted(90)], &benefit(0, false, MISSING)),
        Some((0, Source::Trial))
    );
    assert_eq!(
        gone(&[accepted(90)], &benefit(0, true, MISSING)),
        Some((0, Source::Trial))
    );
    assert_eq!(
        gone(&[accepted(90)], &benefit(0, false, RefusalClass::Other)),
        None
    );
    let told = seen(Source::Trial, 60, tombstone(&accepted(90)));
    assert_eq!(gone(&[accepted(90), told], &none), None);
}

#[test]
fn what_ended_or_was_taken_back_did_not_vanish() {
    let none = refused(0, MISSING);
    let day = 86_400;
    let ended = paper(3 * day, ended(date(2026, 11, 21)));
    assert_eq!(gone(&[ended, accepted(2 * day)], &none), None);
    let mut numbered = running();
    numbered.number = Some(Private::new("7"));
    let number = Private::new("7");
    let record = Some(Declared::Referral);
    let back = seen(Source::Declaration, 60, Said::Withdrawn { number, record });
    assert_eq!(
        gone(&[listed(90, vec![numbered]), back], &listed(0, vec![])),
        None
    );
    let emergency = Said::Accepted {
        tried: tried("13"),
        share: None,
    };
    assert_eq!(gone(&[seen(Source::Trial, 90, emergency)], &none), None);
}

#[test]
fn a_filing_spelled_anew_is_no_other_filing() {
    let mut old = running();
    old.number = Some(Private::new("7"));
    let with = |change: fn(&mut Filing)| {
        let mut new = old.clone();
        change(&mut new);
        gone(&[listed(90, vec![old.clone()])], &listed(0, vec![new]))
    };
    assert_eq!(with(|new| new.kind = FilingKind::NotStated), None);
    assert_eq!(with(|new| new.kind = FilingKind::Referral), None);
    assert_eq!(with(|new| new.area = Some(area("310100"))), None);
    assert_eq!(with(|new| new.area = None), None);
    assert_eq!(with(|new| new.number = Some(Private::new("X-7"))), None);
    assert_eq!(
        with(|new| {
            new.number = None;
            new.kind = FilingKind::NotStated;
            new.area = None;
        }),
        None
    );
    // A new number for other days, and an old number for another place and other days, are other filings.
    let other_days = with(|new| {
        new.number = Some(Private::new("8"));
        new.from = date(2026, 3, 1);
    });
    assert!(other_days.is_some());
    let reused = with(|new| {
        new.area = Some(area("330100"));
        new.from = date(2026, 3, 1);
    });
    assert!(reused.is_some());
}
