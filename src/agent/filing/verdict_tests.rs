//! Which records of real journals carry a verdict, and which one.

use zhijie_filing::{RefusalClass, Rules, Said, Source};
use zhijie_ledger::Record;
use zhijie_model::Area;
use zhijie_settlement::{fold, stay_fold};

use super::Sighting;
use super::verdicts::{Bench, stay_verdict, verdict};
use crate::core::stories::{records, story};
use crate::core::{read_record, read_stay_record};

fn bench(rules: &Rules) -> Bench<'_> {
    Bench {
        at: jiff::Timestamp::UNIX_EPOCH,
        care: Area::new("310000").unwrap(),
        rules,
        raw: Some(b"{}"),
    }
}

fn of_bill(story: &[Record]) -> Vec<Sighting> {
    let (rules, mut history) = (Rules::default(), Vec::new());
    let mut heard = Vec::new();
    for record in story {
        let step = read_record(record).unwrap().unwrap();
        heard.extend(verdict(&fold(&history), &step.0, bench(&rules)));
        history.push(step);
    }
    heard
}

fn of_stay(story: &[Record]) -> Vec<Sighting> {
    let (rules, mut history) = (Rules::default(), Vec::new());
    let mut heard = Vec::new();
    for record in story {
        let step = read_stay_record(record).unwrap().unwrap();
        heard.extend(stay_verdict(&stay_fold(&history), &step.0, bench(&rules)));
        history.push(step);
    }
    heard
}

/// Source, and the share or the refusal's class.
fn told(heard: &[Sighting]) -> Vec<(Source, String)> {
    let told = heard.iter().map(|Sighting { observation, .. }| {
        assert!(observation.message_id.is_some() && observation.answer_digest.is_some());
        let what = match observation.said.as_ref().unwrap() {
            Said::Accepted { tried, share } => {
                assert_eq!(tried.care.to_string(), "310000");
                share.map_or_else(|| String::from("taken"), |share| share.to_string())
            }
            Said::Refused { class, words, .. } => {
                assert_eq!(
                    *class == RefusalClass::FilingMissing,
                    words.reveal().contains("备案")
                );
                String::from("refused")
            }
            said => panic!("{said:?}"),
        };
        (observation.source, what)
    });
    told.collect()
}

#[test]
fn trials_settlements_and_admissions_are_verdicts_and_nothing_else() {
    let table = [
        (
            told(&of_bill(&records(story!("settled-and-refunded")))),
            vec![(Source::Trial, "0.4"), (Source::Settlement, "0.4")],
        ),
        (
            told(&of_bill(&records(story!("declined")))),
            vec![(Source::Trial, "0.4"), (Source::Settlement, "refused")],
        ),
        (
            told(&of_bill(&records(story!("doubt-after-restart")))),
            vec![(Source::Trial, "0.4")],
        ),
        (
            told(&of_bill(&records(story!("stay-bill-settled")))),
            vec![(Source::StayTrial, "0"), (Source::StaySettlement, "0")],
        ),
        (
            told(&of_stay(&records(story!("stay-there-and-back")))),
            vec![(Source::Admission, "taken")],
        ),
        (
            told(&of_stay(&records(story!("stay-refused")))),
            vec![(Source::Admission, "refused")],
        ),
        // Found by a list, which decides nothing; and by a person.
        (
            told(&of_stay(&records(story!("stay-admission-reversed")))),
            vec![],
        ),
        (told(&of_stay(&records(story!("stay-resolved")))), vec![]),
    ];
    for (n, (heard, wanted)) in table.into_iter().enumerate() {
        let wanted: Vec<(Source, String)> = wanted
            .into_iter()
            .map(|(source, what)| (source, String::from(what)))
            .collect();
        assert_eq!(heard, wanted, "{n}");
    }
}
