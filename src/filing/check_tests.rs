//! The weighing, as tables.

use jiff::civil::date;
use zhijie_model::VisitType;

use crate::kit::{
    DAY_S, accepted, area, benefit, ended, erased, filing, listed, now, paper, question, refused, running,
    seen, tried,
};
use crate::{
    Answer, Check, CheckReceipt, NextStep, Observation, Question, RefusalClass, Rules, Said, Source,
    Sureness, check,
};

const MISSING: RefusalClass = RefusalClass::FilingMissing;
const HOUR: i64 = 3600;

fn ask(seen: &[Observation]) -> Check {
    check(seen, &question(), &Rules::default())
}

fn gives(seen: &[Observation], answer: Answer, sureness: Sureness) {
    let found = ask(seen);
    assert_eq!((found.answer, found.sureness), (answer, sureness), "{seen:#?}");
}

#[test]
fn distance_and_kind_of_visit_come_first() {
    let rules = Rules::default();
    let other_city = Rules {
        needed_same_province: true,
        ..Rules::default()
    };
    let table = [
        ("310115", "11", &rules, Answer::NotNeeded),
        ("310000", "11", &other_city, Answer::NotNeeded),
        ("341225", "11", &rules, Answer::NotKnown),
        ("341225", "1301", &rules, Answer::NotNeeded),
    ];
    for (insured, kind, rules, answer) in table {
        let asked = Question {
            insured: area(insured),
            visit_kind: VisitType::new(kind).unwrap(),
            ..question()
        };
        assert_eq!(check(&[], &asked, rules).answer, answer, "{insured} {kind}");
    }
    let nearby = Question {
        insured: area("320500"),
        care: area("320100"),
        ..question()
    };
    assert_eq!(check(&[], &nearby, &rules).answer, Answer::NotNeeded);
    assert_eq!(check(&[], &nearby, &other_city).answer, Answer::NotKnown);
}

#[test]
fn each_rank_answers_by_itself() {
    gives(&[accepted(HOUR)], Answer::Valid, Sureness::Verdict);
    gives(&[refused(HOUR, MISSING)], Answer::Missing, Sureness::Verdict);
    gives(
        &[refused(HOUR, RefusalClass::FilingExpired)],
        Answer::Expired,
        Sureness::Verdict,
    );
    gives(
        &[refused(HOUR, RefusalClass::Other)],
        Answer::NotKnown,
        Sureness::Nothing,
    );
    gives(&[listed(HOUR, vec![running()])], Answer::Valid, Sureness::Hint);
    gives(&[listed(HOUR, vec![])], Answer::Missing, Sureness::Hint);
    gives(
        &[listed(HOUR, vec![ended(date(2026, 11, 21))])],
        Answer::Expired,
        Sureness::Hint,
    );
    gives(
        &[listed(HOUR, vec![ended(date(2026, 11, 22))])],
        Answer::Valid,
        Sureness::Hint,
    );
    gives(
        &[benefit(HOUR, true, RefusalClass::Other)],
        Answer::Valid,
        Sureness::Hint,
    );
    gives(&[benefit(HOUR, false, MISSING)], Answer::Missing, Sureness::Hint);
    gives(
        &[benefit(HOUR, false, RefusalClass::Other)],
        Answer::NotKnown,
        Sureness::Nothing,
    );
    gives(&[paper(HOUR, running())], Answer::Valid, Sureness::Paper);
    gives(
        &[paper(HOUR, filing(date(2026, 12, 1), None))],
        Answer::Missing,
        Sureness::Paper,
    );
}

#[test]
fn a_higher_rank_wins_unless_the_lower_one_is_newer() {
    let older_hint = [listed(2 * HOUR, vec![]), accepted(HOUR)];
    gives(&older_hint, Answer::Valid, Sureness::Verdict);
    let older_paper = [paper(2 * HOUR, running()), refused(HOUR, MISSING)];
    gives(&older_paper, Answer::Missing, Sureness::Verdict);
    let newer_hint = [accepted(2 * HOUR), listed(HOUR, vec![])];
    gives(&newer_hint, Answer::NotKnown, Sureness::Nothing);
    let newer_paper = [refused(2 * HOUR, MISSING), paper(HOUR, running())];
    gives(&newer_paper, Answer::NotKnown, Sureness::Nothing);
    assert_eq!(ask(&newer_paper).next_step, NextStep::Quote);
    let newer_and_same = [accepted(2 * HOUR), listed(HOUR, vec![running()])];
    gives(&newer_and_same, Answer::Valid, Sureness::Verdict);
}

#[test]
fn equal_ones_that_contradict_each_other_leave_nothing_known() {
    let verdicts = [accepted(HOUR), refused(HOUR, MISSING)];
    gives(&verdicts, Answer::NotKnown, Sureness::Nothing);
    let hints = [listed(HOUR, vec![running()]), benefit(2 * HOUR, false, MISSING)];
    gives(&hints, Answer::NotKnown, Sureness::Nothing);
    // Of one source only the latest counts, and of several papers one that runs is enough.
    let lists = [listed(2 * HOUR, vec![running()]), listed(HOUR, vec![])];
    gives(&lists, Answer::Missing, Sureness::Hint);
    let papers = [paper(2 * HOUR, running()), paper(HOUR, ended(date(2026, 1, 1)))];
    gives(&papers, Answer::Valid, Sureness::Paper);
}

#[test]
fn taken_without_a_filing_is_no_filing_and_no_contradiction() {
    let lower = benefit(HOUR, true, MISSING);
    let found = ask(core::slice::from_ref(&lower));
    assert_eq!((found.answer, found.sureness), (Answer::Missing, Sureness::Hint));
    assert_eq!(found.next_step, NextStep::FileForMore);
    let found = ask(&[accepted(2 * HOUR), lower.clone()]);
    assert_eq!(
        (found.answer, found.next_step),
        (Answer::Missing, NextStep::FileForMore)
    );
    // She may have filed in between: the newer verdict counts.
    gives(&[lower, accepted(60)], Answer::Valid, Sureness::Verdict);
}

#[test]
fn old_ones_answer_after_fresh_ones_and_say_so() {
    let old = ask(&[accepted(31 * DAY_S)]);
    assert_eq!((old.answer, old.stale), (Answer::Valid, true));
    assert_eq!(old.age_s, 31 * 86_400);
    let fresh = ask(&[accepted(30 * DAY_S)]);
    assert_eq!((fresh.answer, fresh.stale), (Answer::Valid, false));
    let fresher_paper = [refused(31 * DAY_S, MISSING), paper(DAY_S, running())];
    gives(&fresher_paper, Answer::Valid, Sureness::Paper);
    let old_hint = [listed(2 * DAY_S, vec![running()]), accepted(31 * DAY_S)];
    gives(&old_hint, Answer::Valid, Sureness::Verdict);
}

#[test]
fn the_last_day_decides_even_after_a_verdict() {
    let list = vec![ended(date(2026, 11, 21))];
    let seen = [listed(3 * DAY_S, list.clone()), accepted(2 * DAY_S)];
    let found = ask(&seen);
    assert_eq!((found.answer, found.sureness), (Answer::Expired, Sureness::Hint));
    assert_eq!(found.next_step, NextStep::Renew);
    // It was taken after the last day: then another filing carried it.
    let seen = [listed(3 * DAY_S, list), accepted(HOUR)];
    gives(&seen, Answer::Valid, Sureness::Verdict);
    let renewed = [
        listed(3 * DAY_S, vec![ended(date(2026, 11, 21))]),
        accepted(2 * DAY_S),
        paper(HOUR, running()),
    ];
    gives(&renewed, Answer::Valid, Sureness::Verdict);
}

#[test]
fn what_is_about_something_else_says_nothing() {
    let emergency = seen(
        Source::Trial,
        HOUR,
        Said::Accepted {
            tried: tried("13"),
            share: None,
        },
    );
    gives(&[emergency], Answer::NotKnown, Sureness::Nothing);
    let mut elsewhere = tried("11");
    elsewhere.insured = area("330400");
    let elsewhere = seen(
        Source::Trial,
        HOUR,
        Said::Accepted {
            tried: elsewhere,
            share: None,
        },
    );
    gives(&[elsewhere], Answer::NotKnown, Sureness::Nothing);
    let mut to_another_city = running();
    to_another_city.area = Some(area("330100"));
    gives(
        &[paper(HOUR, to_another_city.clone())],
        Answer::NotKnown,
        Sureness::Nothing,
    );
    gives(
        &[listed(HOUR, vec![to_another_city])],
        Answer::Missing,
        Sureness::Hint,
    );
    let mut area_unsaid = running();
    area_unsaid.area = None;
    gives(&[paper(HOUR, area_unsaid)], Answer::NotKnown, Sureness::Nothing);
    gives(&[erased(accepted(HOUR))], Answer::NotKnown, Sureness::Nothing);
}

#[test]
fn a_filing_for_the_province_reaches_its_cities() {
    let mut whole = running();
    whole.area = Some(area("320000"));
    assert!(whole.reaches(area("320500")) && !whole.reaches(area("330100")));
    whole.area = Some(area("320500"));
    assert!(whole.reaches(area("320506")) && !whole.reaches(area("320100")));
}

#[test]
fn a_refused_emergency_knows_better_than_the_rule() {
    let asked = Question {
        visit_kind: VisitType::new("13").unwrap(),
        ..question()
    };
    let said = Said::Refused {
        tried: tried("13"),
        class: MISSING,
        words: zhijie_model::Private::new("未备案"),
    };
    let verdict = seen(Source::Trial, HOUR, said);
    let found = check(&[verdict], &asked, &Rules::default());
    assert_eq!(
        (found.answer, found.sureness),
        (Answer::Missing, Sureness::Verdict)
    );
}

#[test]
fn the_share_is_the_latest_one_told_whatever_the_answer_is() {
    let seen = [accepted(40 * DAY_S), refused(HOUR, MISSING)];
    let found = ask(&seen);
    assert_eq!(found.answer, Answer::Missing);
    let share = found.share.unwrap();
    assert_eq!((share.ratio.to_string().as_str(), share.stale), ("0.55", true));
    assert_eq!(share.age_s, 40 * 86_400);
}

#[test]
fn a_verdict_on_a_stay_counts_for_every_visit_and_its_share_for_stays() {
    let of_stay = |source, age_s, share: Option<&str>| {
        let share = share.map(|share| zhijie_model::Ratio::parse(share).unwrap());
        let tried = tried("21");
        seen(source, age_s, Said::Accepted { tried, share })
    };
    let share_of = |seen: &[Observation], kind: &str| {
        let asked = Question {
            visit_kind: VisitType::new(kind).unwrap(),
            ..question()
        };
        let found = check(seen, &asked, &Rules::default());
        assert_eq!(found.answer, Answer::Valid, "{kind}");
        found.share.map(|share| share.ratio.to_string())
    };
    let admitted = of_stay(Source::Admission, DAY_S, None);
    gives(core::slice::from_ref(&admitted), Answer::Valid, Sureness::Verdict);
    let all = [
        accepted(2 * DAY_S),
        admitted,
        of_stay(Source::StayTrial, HOUR, Some("0.8")),
        of_stay(Source::StaySettlement, 60, Some("0.85")),
    ];
    for (kind, share) in [("11", "0.55"), ("1105", "0.55"), ("21", "0.85"), ("2101", "0.85")] {
        assert_eq!(share_of(&all, kind).as_deref(), Some(share), "{kind}");
    }
    assert_eq!(share_of(&all, "14"), None);
    // Old as every verdict grows old, and no sooner.
    for source in [Source::Admission, Source::StayTrial, Source::StaySettlement] {
        assert!(!ask(&[of_stay(source, 30 * DAY_S, None)]).stale, "{source:?}");
        assert!(ask(&[of_stay(source, 31 * DAY_S, None)]).stale, "{source:?}");
    }
    let said = Said::Refused {
        tried: tried("21"),
        class: MISSING,
        words: zhijie_model::Private::new("未备案"),
    };
    let refused = seen(Source::Admission, 0, said);
    let found = ask(&[all.as_slice(), &[refused]].concat());
    assert_eq!(
        (found.answer, found.sureness),
        (Answer::Missing, Sureness::Verdict)
    );
}

#[test]
fn the_receipt_repeats_the_check() {
    let found = ask(&[accepted(HOUR)]);
    let receipt = CheckReceipt::new(&found, now());
    assert_eq!((receipt.answer, receipt.age_s), (Answer::Valid, 3600));
    assert_eq!(receipt.digest, found.evidence.map(|evidence| evidence.digest));
    let text = serde_json::to_string(&receipt).unwrap();
    assert_eq!(serde_json::from_str::<CheckReceipt>(&text).unwrap(), receipt);
}

#[test]
fn a_list_that_lost_what_it_showed_says_missing_though_it_never_shows_everything() {
    let incomplete = |age_s, filings: Vec<crate::Filing>| {
        let said = Said::Filings {
            insured: area("341200"),
            filings,
            complete: false,
        };
        seen(Source::FixedInstitutions, age_s, said)
    };
    let had = incomplete(DAY_S, vec![running()]);
    assert_eq!(ask(&[incomplete(0, vec![])]).answer, Answer::NotKnown);
    let lost = ask(&[had.clone(), incomplete(HOUR, vec![])]);
    assert_eq!((lost.answer, lost.sureness), (Answer::Missing, Sureness::Hint));
    let back = ask(&[had, incomplete(HOUR, vec![]), incomplete(0, vec![running()])]);
    assert_eq!(back.answer, Answer::Valid);
    // The same filing without its place is no empty list: what was seen before still counts.
    let mut nowhere = running();
    nowhere.area = None;
    let had = incomplete(DAY_S, vec![running()]);
    assert_eq!(ask(&[had, incomplete(HOUR, vec![nowhere])]).answer, Answer::Valid);
    // What another query showed says nothing about this one.
    let mut referral = incomplete(DAY_S, vec![running()]);
    referral.source = Source::Referrals;
    let both = ask(&[referral, incomplete(HOUR, vec![])]);
    assert_eq!(both.answer, Answer::Valid);
}
