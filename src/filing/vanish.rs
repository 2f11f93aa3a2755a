//! A filing that was there and is not any more. Filings have been deleted by mistake, and the patient had no proof.

use jiff::Timestamp;
use zhijie_model::business_day;

use crate::filing::Filing;
use crate::observation::{LastSeen, Observation, RefusalClass, Said, Tried};
use crate::rules::{Question, Rules};
use crate::taken_back::{TakenBack, filings_of};

/// What is gone, and who saw it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// Empty when only verdicts ever told of it.
    pub filings: Vec<Filing>,
    pub last_seen: LastSeen,
}

impl Tombstone {
    /// As it is kept.
    #[must_use]
    pub fn said(&self) -> Said {
        Said::Vanished {
            filings: self.filings.clone(),
            last_seen: self.last_seen.clone(),
        }
    }
}

/// Whether `new` says that something seen `before` is gone: a list without a filing that the same source showed and
/// that would still run, or the insured region's word that there is none although one was seen, told or accepted. A
/// filing whose last day has passed did not vanish, nor did one taken back here. Each loss is told once.
#[must_use]
pub fn vanished(before: &[Observation], new: &Observation, rules: &Rules) -> Option<Tombstone> {
    let earlier: Vec<&Observation> = before.iter().filter(|seen| seen.at <= new.at).collect();
    let taken_back = TakenBack::among(earlier.iter().copied());
    let gone = match new.said.as_ref()? {
        Said::Filings { filings, insured, .. } => {
            let last = earlier
                .iter()
                .filter(|seen| seen.source == new.source)
                .filter(|seen| {
                    matches!(&seen.said, Some(Said::Filings { insured: of, .. }) if of.city() == insured.city())
                })
                .max_by(|one, other| (one.at, &one.digest).cmp(&(other.at, &other.digest)))?;
            let day = business_day(new.at);
            let missing = |filing: &&Filing| filing.runs_on(day) && !filings.iter().any(|now| now.is(filing));
            let gone: Vec<Filing> = filings_of(last.said.as_ref())
                .iter()
                .filter(missing)
                .cloned()
                .collect();
            (!gone.is_empty()).then_some((*last, gone))
        }
        Said::Refused {
            tried,
            class: RefusalClass::FilingMissing,
            ..
        }
        | Said::Benefit {
            tried,
            class: RefusalClass::FilingMissing,
            ..
        } => last_sight(&earlier, tried, new.at, (rules, &taken_back)),
        Said::Refused { .. }
        | Said::Insured { .. }
        | Said::Benefit { .. }
        | Said::Entries { .. }
        | Said::Made { .. }
        | Said::Registered { .. }
        | Said::Withdrawn { .. }
        | Said::Accepted { .. }
        | Said::Paper { .. }
        | Said::Vanished { .. } => None,
    };
    let (seen, filings) = gone?;
    let filings: Vec<Filing> = filings
        .into_iter()
        .filter(|filing| !taken_back.has(filing))
        .collect();
    let only_a_verdict = matches!(seen.said, Some(Said::Accepted { .. }));
    let told = earlier
        .iter()
        .any(|other| matches!(&other.said, Some(Said::Vanished { .. })) && other.at >= seen.at);
    if told || (filings.is_empty() && !only_a_verdict) {
        return None;
    }
    Some(Tombstone {
        filings,
        last_seen: seen.last_seen(),
    })
}

/// The latest sight of a filing that would still run, or of a visit taken without one being named.
fn last_sight<'a>(
    earlier: &[&'a Observation],
    tried: &Tried,
    now: Timestamp,
    (rules, taken_back): (&Rules, &TakenBack<'_>),
) -> Option<(&'a Observation, Vec<Filing>)> {
    let question = Question {
        now,
        insured: tried.insured,
        care: tried.care,
        visit_kind: tried.visit_kind.clone(),
    };
    let fresh = |seen: &Observation| {
        let age = now.as_second().saturating_sub(seen.at.as_second());
        age <= i64::from(rules.age.of(seen.source))
    };
    let running = |filings: &[Filing]| -> Vec<Filing> {
        let met = filings
            .iter()
            .filter(|filing| question.is_met_by(filing) && !taken_back.has(filing));
        met.cloned().collect()
    };
    let dated_filings: Vec<&Filing> = earlier
        .iter()
        .flat_map(|seen| filings_of(seen.said.as_ref()))
        .collect();
    // Taken under a filing whose last day has passed since: it ended, it did not vanish.
    let ended_since = |seen: &Observation| {
        let day = business_day(seen.at);
        let ended = |filing: &&Filing| filing.runs_on(day) && !filing.runs_on(question.day());
        dated_filings
            .iter()
            .copied()
            .filter(|filing| filing.reaches(question.care))
            .any(|filing| ended(&filing))
    };
    let sights = earlier.iter().filter_map(|seen| {
        let (sight, dated) = match seen.said.as_ref()? {
            Said::Accepted { tried, .. } => {
                let carried = fresh(seen) && !ended_since(seen) && !taken_back.undermines(seen.at, &question);
                (
                    (rules.bears_on(tried, &question) && carried).then(Vec::new)?,
                    false,
                )
            }
            Said::Filings { insured, filings, .. } => (
                (insured.city() == tried.insured.city()).then(|| running(filings))?,
                true,
            ),
            Said::Made { insured, filing } => (
                (insured.city() == tried.insured.city()).then(|| running(core::slice::from_ref(filing)))?,
                true,
            ),
            Said::Paper { filing, .. } => (running(core::slice::from_ref(filing)), true),
            Said::Insured { .. }
            | Said::Benefit { .. }
            | Said::Entries { .. }
            | Said::Registered { .. }
            | Said::Withdrawn { .. }
            | Said::Refused { .. }
            | Said::Vanished { .. } => return None,
        };
        (!dated || !sight.is_empty()).then_some((dated, *seen, sight))
    });
    // A sight with dates proves more than a visit that was taken.
    sights
        .max_by(|(dated, one, _), (than, other, _)| {
            (dated, one.at, &one.digest).cmp(&(than, other.at, &other.digest))
        })
        .map(|(_, seen, sight)| (seen, sight))
}
