//! The answer to "may this person settle here today", as far as the filing goes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zhijie_model::{MessageId, PlatformMessageId, Ratio};

use crate::filing::Filing;
use crate::lists::shown_before;
use crate::observation::{Observation, Said, Source};
use crate::rules::{Question, Rules};
use crate::taken_back::TakenBack;
use crate::voice::{Beside, Rank, Together, Voice, Word, age, together};

/// What is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub answer: Answer,
    pub sureness: Sureness,
    /// The observation the answer rests on; `None` when a rule answers, or nothing does.
    pub evidence: Option<Evidence>,
    /// Age of the evidence; 0 without one, or when it lies ahead of the clock.
    pub age_s: u64,
    /// The evidence is older than its limit, or nobody can say how old it is.
    pub stale: bool,
    /// The filing behind the answer, where one was seen. A visit that was taken does not prove that there is one: some
    /// regions take people without a filing at a lower share.
    pub filing: Option<Filing>,
    /// The share of the latest verdict that told one, whatever the answer is.
    pub share: Option<Share>,
    pub next_step: NextStep,
}

/// The five answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Valid,
    /// Same pool, a distance for which the province asks for none, or an emergency.
    NotNeeded,
    Missing,
    Expired,
    NotKnown,
}

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sureness {
    /// Follows from the rules alone.
    Rule,
    /// The insured region decided about a visit like this one.
    Verdict,
    /// A query showed it; the insured region decides.
    Hint,
    /// Somebody showed a paper.
    Paper,
    /// Nothing is known, or what is known contradicts itself.
    Nothing,
}

/// Which observation it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub at: Timestamp,
    pub source: Source,
    /// Number of the platform's transaction, where it was one.
    pub transaction: Option<&'static str>,
    pub message_id: Option<MessageId>,
    pub platform_message_id: Option<PlatformMessageId>,
    /// 64 lower-case hex digits.
    pub digest: String,
}

/// A share as the insured region told it in a verdict. Never computed, never promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub ratio: Ratio,
    pub source: Source,
    pub at: Timestamp,
    pub age_s: u64,
    pub stale: bool,
}

/// What the patient or the desk does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    /// Settle.
    Settle,
    /// File: at the insured region's agency, in the national app, by telephone.
    File,
    /// File again: the filing has ended.
    Renew,
    /// Settle at the share for people without a filing, or file first.
    FileForMore,
    /// Quote: the insured region's answer to the trial tells.
    Quote,
}

/// Weighs what was seen. A fresh verdict comes before hints, these before paper; the same order again for what is old.
/// Something of lower rank counts against a higher one only when it is newer, and then nothing is known until the
/// insured region is asked again. The order of `seen` does not matter.
#[must_use]
pub fn check(seen: &[Observation], question: &Question, rules: &Rules) -> Check {
    let taken_back = TakenBack::among(seen);
    let voice = |one| {
        let beside = Beside {
            taken_back: &taken_back,
            shown_before: shown_before(seen, one, question),
        };
        Voice::of(one, question, rules, beside)
    };
    let voices: Vec<Voice<'_>> = seen.iter().filter_map(voice).collect();
    let share = share(seen, question, rules);
    if !rules.asks_for_filing(question) {
        return not_needed(&voices, share);
    }
    let fresh: Vec<Voice<'_>> = voices.iter().filter(|voice| !voice.stale).cloned().collect();
    let old: Vec<Voice<'_>> = voices.iter().filter(|voice| voice.stale).cloned().collect();
    for group in [&fresh, &old] {
        for rank in [Rank::Verdict, Rank::Hint, Rank::Paper] {
            match together(group, rank) {
                Together::Nothing => {}
                Together::Torn(one, _) => return torn(&one, share),
                Together::One(main) => return answer(&main, &voices, share),
            }
        }
    }
    Check {
        answer: Answer::NotKnown,
        sureness: Sureness::Nothing,
        evidence: None,
        age_s: 0,
        stale: false,
        filing: None,
        share,
        next_step: NextStep::Quote,
    }
}

/// The rules ask for nothing; only a fresh refusal of the insured region itself knows better.
fn not_needed(voices: &[Voice<'_>], share: Option<Share>) -> Check {
    let fresh: Vec<Voice<'_>> = voices.iter().filter(|voice| !voice.stale).cloned().collect();
    if let Together::One(verdict) = together(&fresh, Rank::Verdict)
        && !matches!(verdict.word, Word::Valid(_))
    {
        return said(&verdict, share);
    }
    Check {
        answer: Answer::NotNeeded,
        sureness: Sureness::Rule,
        evidence: None,
        age_s: 0,
        stale: false,
        filing: None,
        share,
        next_step: NextStep::Settle,
    }
}

fn answer(main: &Voice<'_>, voices: &[Voice<'_>], share: Option<Share>) -> Check {
    let below = || voices.iter().filter(|voice| voice.rank < main.rank);
    if let Some(ended) = ended_since(main, voices) {
        return said(&ended, share);
    }
    let against = below().filter(|voice| !voice.stale && voice.seen.at > main.seen.at);
    let papers_agree = |voice: &Voice<'_>| {
        // Of several papers one that fits is enough.
        voice.rank == Rank::Paper
            && below().any(|other| other.rank == Rank::Paper && other.says_the_same(main))
    };
    let against = against
        .filter(|voice| !voice.says_the_same(main) && !papers_agree(voice))
        .max_by(|one, other| (one.seen.at, &one.seen.digest).cmp(&(other.seen.at, &other.seen.digest)));
    match against {
        // Being taken without a filing does not contradict having been taken.
        Some(voice) if voice.taken && matches!(main.word, Word::Valid(_)) => said(voice, share),
        Some(voice) => torn(voice, share),
        None => said(main, share),
    }
}

/// The insured region took a visit under a filing that has ended since, and no running one is known.
fn ended_since<'a>(main: &Voice<'_>, voices: &[Voice<'a>]) -> Option<Voice<'a>> {
    if main.rank != Rank::Verdict || !matches!(main.word, Word::Valid(_)) {
        return None;
    }
    let day = zhijie_model::business_day(main.seen.at);
    let dated = || voices.iter().filter(|voice| voice.rank < Rank::Verdict);
    if dated().any(|voice| matches!(voice.word, Word::Valid(_))) {
        return None;
    }
    let ended = dated().filter_map(|voice| match &voice.word {
        Word::Expired { on: Some(on), .. } if *on >= day => Some((*on, voice)),
        Word::Expired { .. } | Word::Valid(_) | Word::Missing => None,
    });
    ended
        .max_by(|(on, one), (than, other)| {
            (on, one.seen.at, &one.seen.digest).cmp(&(than, other.seen.at, &other.seen.digest))
        })
        .map(|(_, voice)| voice.clone())
}

fn said(voice: &Voice<'_>, share: Option<Share>) -> Check {
    let (answer, filing, next_step) = match &voice.word {
        Word::Valid(filing) => (Answer::Valid, filing.clone(), NextStep::Settle),
        Word::Expired { filing, .. } => (Answer::Expired, filing.clone(), NextStep::Renew),
        Word::Missing => (Answer::Missing, None, NextStep::File),
    };
    let next_step = if voice.taken && next_step != NextStep::Settle {
        NextStep::FileForMore
    } else {
        next_step
    };
    let sureness = match voice.rank {
        Rank::Verdict => Sureness::Verdict,
        Rank::Hint => Sureness::Hint,
        Rank::Paper => Sureness::Paper,
    };
    Check {
        answer,
        sureness,
        evidence: Some(evidence(voice.seen)),
        age_s: voice.age_s,
        stale: voice.stale,
        filing,
        share,
        next_step,
    }
}

/// Contradictions: shown with the newest of what was seen.
fn torn(voice: &Voice<'_>, share: Option<Share>) -> Check {
    Check {
        answer: Answer::NotKnown,
        sureness: Sureness::Nothing,
        evidence: Some(evidence(voice.seen)),
        age_s: voice.age_s,
        stale: voice.stale,
        filing: None,
        share,
        next_step: NextStep::Quote,
    }
}

fn evidence(seen: &Observation) -> Evidence {
    Evidence {
        at: seen.at,
        source: seen.source,
        transaction: seen.transaction(),
        message_id: seen.message_id.clone(),
        platform_message_id: seen.platform_message_id.clone(),
        digest: seen.digest.clone(),
    }
}

/// The latest share the insured region told for a visit of this group of kinds: a stay is paid at another share than a
/// visit of a day.
fn share(seen: &[Observation], question: &Question, rules: &Rules) -> Option<Share> {
    let told = seen.iter().filter_map(|seen| match seen.said.as_ref()? {
        Said::Accepted {
            tried,
            share: Some(ratio),
        } if rules.bears_on(tried, question) && question.is_of_group(&tried.visit_kind) => {
            Some((seen, ratio))
        }
        Said::Accepted { .. }
        | Said::Insured { .. }
        | Said::Benefit { .. }
        | Said::Filings { .. }
        | Said::Entries { .. }
        | Said::Made { .. }
        | Said::Registered { .. }
        | Said::Withdrawn { .. }
        | Said::Refused { .. }
        | Said::Paper { .. }
        | Said::Vanished { .. } => None,
    });
    let (seen, ratio) =
        told.max_by(|(one, _), (other, _)| (one.at, &one.digest).cmp(&(other.at, &other.digest)))?;
    let (age_s, ahead) = age(seen, question);
    Some(Share {
        ratio: *ratio,
        source: seen.source,
        at: seen.at,
        age_s,
        stale: ahead || age_s > u64::from(rules.age.of(seen.source)),
    })
}
