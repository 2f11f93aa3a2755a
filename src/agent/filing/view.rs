//! Checks and observations as the desk gets them.

use jiff::Timestamp;
use zhijie_desk::api::{
    CodeName, FilingAnswer, FilingCheckResult, FilingEntry, FilingEvidence, FilingKindWord, FilingReceipt,
    FilingShare, FilingSureness, FilingVanished, FilingView,
};
use zhijie_filing::{
    AgeLimits, Answer, Check, CheckReceipt, Evidence, Filing, FilingKind, LastSeen, Observation, Question,
    Said, Source, Sureness,
};
use zhijie_model::{Area, MessageId, PlatformMessageId, rfc3339_beijing};

use super::{Past, text};
use crate::areas::area_name;
use crate::receipt::FilingLines;

/// The answer of `filing.check`.
pub(crate) fn check_view(check: &Check, question: &Question, seen: &[Observation]) -> FilingCheckResult {
    let seen_at = check.evidence.as_ref().map(|evidence| evidence.at);
    FilingCheckResult {
        answer: answer(check.answer),
        sureness: sureness(check.sureness),
        text_zh: text::answer(check.answer, check.sureness, seen_at, check.stale),
        checked_at: rfc3339_beijing(question.now),
        age_s: check.age_s,
        stale: check.stale,
        evidence: check.evidence.as_ref().map(evidence),
        filing: check.filing.as_ref().map(filing),
        share: check.share.as_ref().map(|share| FilingShare {
            ratio: share.ratio.to_string(),
            source: String::from(share.source.word()),
            at: rfc3339_beijing(share.at),
            age_s: share.age_s,
            stale: share.stale,
        }),
        vanished: vanished(seen),
        insured_area: Some(named(question.insured)),
        care_area: named(question.care),
        next_step: text::next_step(check.next_step, Some(question.insured)),
    }
}

/// Without an insured region nothing can be said.
pub(crate) fn unknown_region(now: Timestamp, care: Area) -> FilingCheckResult {
    FilingCheckResult {
        answer: FilingAnswer::NotKnown,
        sureness: FilingSureness::Nothing,
        text_zh: text::answer(Answer::NotKnown, Sureness::Nothing, None, false),
        checked_at: rfc3339_beijing(now),
        age_s: 0,
        stale: false,
        evidence: None,
        filing: None,
        share: None,
        vanished: None,
        insured_area: None,
        care_area: named(care),
        next_step: text::region_unknown(),
    }
}

/// The latest loss, unless something good was seen after it.
fn vanished(seen: &[Observation]) -> Option<FilingVanished> {
    let losses = seen.iter().filter_map(|seen| match seen.said.as_ref()? {
        Said::Vanished { filings, last_seen } => Some((seen, filings, last_seen)),
        _ => None,
    });
    let (loss, filings, last) = losses.max_by_key(|(loss, _, _)| loss.at)?;
    let back = |seen: &&Observation| {
        let good = matches!(&seen.said, Some(Said::Accepted { .. } | Said::Made { .. }))
            || matches!(&seen.said, Some(Said::Filings { filings: now, .. })
                if filings.iter().all(|gone| now.iter().any(|now| now.is(gone))));
        good && seen.at > loss.at
    };
    (!seen.iter().any(|seen| back(&seen))).then(|| FilingVanished {
        noticed_at: rfc3339_beijing(loss.at),
        last_seen: last_seen(last),
        filings: filings.iter().map(filing).collect(),
    })
}

/// One line of the history.
pub(crate) fn entry_view(past: &Past, now: Timestamp, limits: &AgeLimits) -> FilingEntry {
    let seen = &past.seen;
    let age = now.as_second().saturating_sub(seen.at.as_second());
    let observation = seen.observation.as_ref();
    let said = observation.and_then(|observation| observation.said.as_ref());
    let (word, text_zh) = match (said, &past.check, seen.erased) {
        (Some(said), _, _) => text::said(said),
        (None, Some(check), _) => ("checked", checked_text(check)),
        (None, None, Some(_)) => ("erased", String::from("内容已按规定清除，摘要保留")),
        (None, None, None) => ("unreadable", String::from("由更新版本的程序写入，本版本不能读取")),
    };
    FilingEntry {
        evidence: observation.map_or_else(
            || FilingEvidence {
                source: seen.source.clone(),
                transaction: None,
                at: rfc3339_beijing(seen.at),
                message_id: None,
                platform_message_id: None,
                digest: seen.digest.clone(),
            },
            |observation| FilingEvidence {
                transaction: observation.transaction().map(String::from),
                ..last_seen(&observation.last_seen())
            },
        ),
        age_s: u64::try_from(age).unwrap_or_default(),
        age_max_s: observation.map(|observation| u64::from(limits.of(observation.source))),
        answer_digest: observation.and_then(|observation| observation.answer_digest.clone()),
        bill_id: seen.bill.as_ref().map(|bill| String::from(bill.as_str())),
        said: String::from(word),
        text_zh,
        filings: said
            .map(filings_of)
            .unwrap_or_default()
            .iter()
            .map(filing)
            .collect(),
        erased_at: seen.erased.map(rfc3339_beijing),
    }
}

fn filings_of(said: &Said) -> &[Filing] {
    match said {
        Said::Filings { filings, .. } | Said::Vanished { filings, .. } => filings,
        Said::Made { filing, .. } | Said::Paper { filing, .. } => core::slice::from_ref(filing),
        Said::Insured { .. }
        | Said::Benefit { .. }
        | Said::Entries { .. }
        | Said::Registered { .. }
        | Said::Withdrawn { .. }
        | Said::Accepted { .. }
        | Said::Refused { .. } => &[],
    }
}

/// The check that went with a settlement.
pub(crate) fn receipt_view(check: &CheckReceipt) -> FilingReceipt {
    FilingReceipt {
        answer: answer(check.answer),
        sureness: sureness(check.sureness),
        text_zh: text::answer(check.answer, check.sureness, None, check.stale),
        checked_at: rfc3339_beijing(check.checked_at),
        age_s: check.age_s,
        stale: check.stale,
        source: check.source.map(|source| String::from(source.word())),
        digest: check.digest.clone(),
    }
}

/// The check on the patient's sheet: the sentence; when the evidence was seen and how long that was before the check;
/// the first digits of the evidence's digest.
pub(crate) fn receipt_lines(check: &CheckReceipt) -> FilingLines {
    let seen_at = seen_at(check);
    FilingLines {
        answer: text::answer(check.answer, check.sureness, None, check.stale),
        seen: seen_at.map(|at| format!("{}，核对时{}", text::second(at), text::before(check.age_s))),
        digest: check
            .digest
            .as_deref()
            .and_then(|digest| digest.get(..16))
            .map(String::from),
    }
}

fn checked_text(check: &CheckReceipt) -> String {
    text::answer(check.answer, check.sureness, seen_at(check), check.stale)
}

/// When the evidence was seen; `None` without evidence.
fn seen_at(check: &CheckReceipt) -> Option<Timestamp> {
    check.source?;
    let age = jiff::SignedDuration::from_secs(i64::try_from(check.age_s).ok()?);
    check.checked_at.checked_sub(age).ok()
}

fn evidence(evidence: &Evidence) -> FilingEvidence {
    shown(
        (evidence.source, evidence.transaction),
        evidence.at,
        evidence.message_id.as_ref(),
        evidence.platform_message_id.as_ref(),
        &evidence.digest,
    )
}

fn last_seen(seen: &LastSeen) -> FilingEvidence {
    shown(
        (seen.source, seen.source.transaction()),
        seen.at,
        seen.message_id.as_ref(),
        seen.platform_message_id.as_ref(),
        &seen.digest,
    )
}

fn shown(
    (source, transaction): (Source, Option<&'static str>),
    at: Timestamp,
    message: Option<&MessageId>,
    platform: Option<&PlatformMessageId>,
    digest: &str,
) -> FilingEvidence {
    FilingEvidence {
        source: String::from(source.word()),
        transaction: transaction.map(String::from),
        at: rfc3339_beijing(at),
        message_id: message.map(|id| String::from(id.as_str())),
        platform_message_id: platform.map(|id| String::from(id.as_str())),
        digest: String::from(digest),
    }
}

fn filing(filing: &Filing) -> FilingView {
    FilingView {
        kind: kind(filing.kind),
        number: filing.number.clone(),
        from: filing.from.to_string(),
        until: filing.until.map(|day| day.to_string()),
        area: filing.area.map(named),
    }
}

fn named(area: Area) -> CodeName {
    CodeName {
        code: area.to_string(),
        name: Some(area_name(area)),
    }
}

const fn answer(answer: Answer) -> FilingAnswer {
    match answer {
        Answer::Valid => FilingAnswer::Valid,
        Answer::NotNeeded => FilingAnswer::NotNeeded,
        Answer::Missing => FilingAnswer::Missing,
        Answer::Expired => FilingAnswer::Expired,
        Answer::NotKnown => FilingAnswer::NotKnown,
    }
}

const fn sureness(sureness: Sureness) -> FilingSureness {
    match sureness {
        Sureness::Rule => FilingSureness::Rule,
        Sureness::Verdict => FilingSureness::Verdict,
        Sureness::Hint => FilingSureness::Hint,
        Sureness::Paper => FilingSureness::Paper,
        Sureness::Nothing => FilingSureness::Nothing,
    }
}

const fn kind(kind: FilingKind) -> FilingKindWord {
    match kind {
        FilingKind::ResettledRetiree => FilingKindWord::ResettledRetiree,
        FilingKind::LongTermResident => FilingKindWord::LongTermResident,
        FilingKind::PostedWorker => FilingKindWord::PostedWorker,
        FilingKind::Referral => FilingKindWord::Referral,
        FilingKind::Emergency => FilingKindWord::Emergency,
        FilingKind::OtherTemporary => FilingKindWord::OtherTemporary,
        FilingKind::NotStated => FilingKindWord::NotStated,
    }
}

/// The kind a desk names.
pub(crate) const fn filing_kind(word: FilingKindWord) -> FilingKind {
    match word {
        FilingKindWord::ResettledRetiree => FilingKind::ResettledRetiree,
        FilingKindWord::LongTermResident => FilingKind::LongTermResident,
        FilingKindWord::PostedWorker => FilingKind::PostedWorker,
        FilingKindWord::Referral => FilingKind::Referral,
        FilingKindWord::Emergency => FilingKind::Emergency,
        FilingKindWord::OtherTemporary => FilingKind::OtherTemporary,
        FilingKindWord::NotStated => FilingKind::NotStated,
    }
}

/// The kind in Chinese, by the word the desk knows.
pub(super) const fn kind_zh(word: FilingKindWord) -> &'static str {
    text::kind(filing_kind(word))
}

/// The source in Chinese, by its word.
pub(super) fn source_zh(word: &str) -> &'static str {
    Source::parse(word).map_or("核对", text::source)
}
