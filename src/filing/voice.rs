//! What one observation has to say to one question.

use jiff::civil::Date;

use crate::filing::Filing;
use crate::observation::{Declared, Observation, RefusalClass, Said, Source};
use crate::rules::{Question, Rules};
use crate::taken_back::TakenBack;

/// How much an observation counts. Higher ones come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    Paper,
    Hint,
    Verdict,
}

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word {
    Valid(Option<Filing>),
    /// `on`: the last day of the filing that ended latest, where a date is known.
    Expired {
        on: Option<Date>,
        filing: Option<Filing>,
    },
    Missing,
}

/// What an observation is read beside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beside<'a> {
    pub(crate) taken_back: &'a TakenBack<'a>,
    /// The same query showed, at an earlier time, a filing that would answer the question.
    pub(crate) shown_before: bool,
}

/// An observation that has something to say.
#[derive(Debug, Clone)]
pub(crate) struct Voice<'a> {
    pub(crate) rank: Rank,
    pub(crate) word: Word,
    pub(crate) seen: &'a Observation,
    pub(crate) age_s: u64,
    pub(crate) stale: bool,
    /// The insured region takes such a visit all the same, at its share for people without a filing.
    pub(crate) taken: bool,
}

/// Observations this much ahead of the clock are of now; more than that, and nobody knows how old they are.
const AHEAD_MAX_S: i64 = 60;

impl<'a> Voice<'a> {
    /// `None` when the observation says nothing about the question, or was erased.
    pub(crate) fn of(
        seen: &'a Observation,
        question: &Question,
        rules: &Rules,
        beside: Beside<'_>,
    ) -> Option<Self> {
        let (rank, word) = word(seen, question, rules, beside)?;
        let (age_s, ahead) = age(seen, question);
        let limit = u64::from(rules.age.of(seen.source));
        Some(Self {
            rank,
            word,
            seen,
            age_s,
            stale: ahead || age_s > limit,
            taken: matches!(seen.said, Some(Said::Benefit { enjoyed: true, .. })),
        })
    }

    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        core::mem::discriminant(&self.word) == core::mem::discriminant(&other.word)
    }
}

/// Age in seconds, and whether the observation lies so far ahead of the clock that its age cannot be told.
pub(crate) fn age(seen: &Observation, question: &Question) -> (u64, bool) {
    let age = question.now.as_second().saturating_sub(seen.at.as_second());
    (u64::try_from(age).unwrap_or(0), age < -AHEAD_MAX_S)
}

fn word(seen: &Observation, question: &Question, rules: &Rules, beside: Beside<'_>) -> Option<(Rank, Word)> {
    let taken_back = beside.taken_back;
    // What was taken under a filing that was taken back since proves nothing for the next visit.
    let holds = || !taken_back.undermines(seen.at, question);
    let standing = |filings: &[Filing]| -> Vec<Filing> {
        let stands = filings.iter().filter(|filing| !taken_back.has(filing));
        stands.cloned().collect()
    };
    match seen.said.as_ref()? {
        Said::Accepted { tried, .. } => {
            (rules.bears_on(tried, question) && holds()).then_some((Rank::Verdict, Word::Valid(None)))
        }
        Said::Refused { tried, class, .. } => rules
            .bears_on(tried, question)
            .then(|| refused(*class))
            .flatten()
            .map(|word| (Rank::Verdict, word)),
        Said::Benefit {
            tried,
            enjoyed,
            class,
            ..
        } => rules
            .bears_on(tried, question)
            .then(|| refused(*class).or_else(|| (*enjoyed && holds()).then_some(Word::Valid(None))))
            .flatten()
            .map(|word| (Rank::Hint, word)),
        Said::Filings {
            insured,
            filings,
            complete,
        } => (insured.city() == question.insured.city())
            .then(|| listed(&standing(filings), question, *complete || beside.shown_before))
            .flatten()
            .map(|word| (Rank::Hint, word)),
        Said::Made { insured, filing } => (insured.city() == question.insured.city())
            .then(|| listed(&standing(core::slice::from_ref(filing)), question, false))
            .flatten()
            .map(|word| (Rank::Hint, word)),
        Said::Withdrawn { number, record } => (record.is_none_or(Declared::is_filing)
            && taken_back.leaves_nothing(number, question))
        .then_some((Rank::Hint, Word::Missing)),
        Said::Paper { filing, .. } => {
            listed(&standing(core::slice::from_ref(filing)), question, false).map(|word| (Rank::Paper, word))
        }
        Said::Insured { .. } | Said::Entries { .. } | Said::Registered { .. } | Said::Vanished { .. } => None,
    }
}

const fn refused(class: RefusalClass) -> Option<Word> {
    match class {
        RefusalClass::FilingMissing => Some(Word::Missing),
        RefusalClass::FilingExpired => Some(Word::Expired {
            on: None,
            filing: None,
        }),
        RefusalClass::Other => None,
    }
}

/// Dates decide. A list that would have shown everything, or what it showed before, and shows nothing for this place says
/// that there is nothing; a filing that has not begun yet is none today.
fn listed(filings: &[Filing], question: &Question, complete: bool) -> Option<Word> {
    if let Some(filing) = filings.iter().find(|filing| question.is_met_by(filing)) {
        return Some(Word::Valid(Some(filing.clone())));
    }
    let here = || filings.iter().filter(|filing| filing.reaches(question.care));
    let ended = here()
        .filter(|filing| filing.until.is_some_and(|until| until < question.day()))
        .max_by_key(|filing| filing.until);
    if let Some(filing) = ended {
        return Some(Word::Expired {
            on: filing.until,
            filing: Some(filing.clone()),
        });
    }
    // It runs, and nobody says where: neither that it holds here nor that there is none.
    if filings
        .iter()
        .any(|filing| filing.area.is_none() && filing.runs_on(question.day()))
    {
        return None;
    }
    let begins_later = here().next().is_some();
    (complete || begins_later).then_some(Word::Missing)
}

/// What the observations of one rank say together. Of verdicts, and of each query, only the latest counts. Papers count
/// together: each shows one filing, and that it does not show another proves nothing.
pub(crate) fn together<'a>(voices: &[Voice<'a>], rank: Rank) -> Together<'a> {
    let of_rank: Vec<&Voice<'a>> = voices.iter().filter(|voice| voice.rank == rank).collect();
    match rank {
        Rank::Verdict => latest(&of_rank),
        Rank::Paper => best_paper(&of_rank),
        Rank::Hint => {
            let mut heard = Vec::new();
            for source in Source::ALL {
                let of_source: Vec<&Voice<'a>> = of_rank
                    .iter()
                    .copied()
                    .filter(|voice| voice.seen.source == source)
                    .collect();
                match latest(&of_source) {
                    Together::Nothing => {}
                    Together::One(voice) => heard.push(voice),
                    Together::Torn(one, other) => return Together::Torn(one, other),
                }
            }
            agree(heard)
        }
    }
}

/// What several voices come to.
#[derive(Debug, Clone)]
pub(crate) enum Together<'a> {
    Nothing,
    One(Voice<'a>),
    /// Equal ones that contradict each other.
    Torn(Voice<'a>, Voice<'a>),
}

fn latest<'a>(voices: &[&Voice<'a>]) -> Together<'a> {
    let Some(last) = voices.iter().map(|voice| voice.seen.at).max() else {
        return Together::Nothing;
    };
    let last = voices.iter().filter(|voice| voice.seen.at == last);
    let mut last: Vec<Voice<'a>> = last.map(|voice| (*voice).clone()).collect();
    last.sort_by(|one, other| order(one).cmp(&order(other)));
    agree(last)
}

/// One voice when all say the same (the latest of them), both sides when not.
fn agree(mut voices: Vec<Voice<'_>>) -> Together<'_> {
    voices.sort_by(|one, other| {
        one.seen
            .at
            .cmp(&other.seen.at)
            .then(order(one).cmp(&order(other)))
    });
    let Some(last) = voices.pop() else {
        return Together::Nothing;
    };
    match voices.into_iter().find(|voice| !voice.says_the_same(&last)) {
        Some(other) if other.stale == last.stale => Together::Torn(last, other),
        Some(other) if last.stale => Together::One(other),
        Some(_) | None => Together::One(last),
    }
}

/// A running filing on any paper counts; else the one that ended latest; else that none runs yet.
fn best_paper<'a>(voices: &[&Voice<'a>]) -> Together<'a> {
    let merit = |voice: &Voice<'a>| match &voice.word {
        Word::Valid(_) => (2, None),
        Word::Expired { on, .. } => (1, *on),
        Word::Missing => (0, None),
    };
    let best = voices.iter().max_by(|one, other| {
        (!one.stale, merit(one), one.seen.at, order(one)).cmp(&(
            !other.stale,
            merit(other),
            other.seen.at,
            order(other),
        ))
    });
    best.map_or(Together::Nothing, |voice| Together::One((*voice).clone()))
}

/// Breaks ties by content, so that the order in which observations are given never matters.
fn order<'v>(voice: &'v Voice<'_>) -> (Source, &'v str) {
    (voice.seen.source, voice.seen.digest.as_str())
}
