//! A bill that is settled later, because the platform cannot be reached now: on which terms it was taken, and how it
//! fares in the queue.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use zhijie_model::{Area, Credential, Fen, MessageId, Refusal, RequestId};

use crate::cause::Cause;

/// The terms a bill was taken on while the platform could not be reached. They never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What the patient left at the desk.
    pub deposit: Fen,
    pub rule: DepositRule,
    /// What her own share may be, from an earlier answer; never an amount to settle by.
    pub estimate: Option<Estimate>,
    /// Who bears what the settlement leaves open.
    pub risk: Risk,
    /// She agreed to be settled later.
    pub consent: bool,
    /// After this instant it is parked for a person.
    pub deadline: Timestamp,
    /// What the patient was told.
    pub words_zh: String,
    pub words_en: String,
}

/// What a settlement falls back on when nothing got through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Later {
    pub terms: Terms,
    /// As in [`crate::Order::credential`].
    pub credential: Option<Credential>,
}

/// How the deposit was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepositRule {
    /// The whole bill.
    Full,
    /// The estimated own share.
    Estimate,
    /// A fixed share of the bill, in percent.
    Percent(u8),
}

/// Who bears the loss when the settlement brings less than the deposit foresaw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    Hospital,
    Patient,
}

/// A guess of an own share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    pub cash: Fen,
    pub source: EstimateSource,
    /// Of when the source is.
    pub seen_at: Timestamp,
}

/// What a guess rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EstimateSource {
    /// The platform's answer to this message: an earlier settlement of the same person.
    Settlement(MessageId),
    /// What the hospital wrote down of a region's policy.
    Policy { region: Area, own_share_percent: u8 },
}

/// A bill on its way through the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deferral {
    /// The desk's request.
    pub request: RequestId,
    pub terms: Terms,
    pub since: Timestamp,
    /// Attempts to settle it that came to nothing.
    pub tries: u32,
    /// Of these, the ones whose settlement request was out and did not stand in the end.
    pub undone: u32,
    /// Not tried again before.
    pub next_at: Timestamp,
    pub place: Place,
}

/// Where a deferred bill is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "place", rename_all = "snake_case")]
pub enum Place {
    Queued,
    /// Being settled, or settled, from the queue.
    Replayed,
    /// The patient has to come back with card or code.
    NeedsPatient,
    /// Refused by the platform: the patient is to be told.
    Refused {
        refusal: Refusal,
    },
    /// Its time is over; a person decides.
    Parked,
    /// The desk took it out of the queue with a new quote.
    AtTheDesk,
    /// A person closed it without a settlement.
    Closed,
}

impl Place {
    /// The name people see.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Replayed => "replayed",
            Self::NeedsPatient => "needs_patient",
            Self::Refused { .. } => "refused",
            Self::Parked => "parked",
            Self::AtTheDesk => "at_the_desk",
            Self::Closed => "closed",
        }
    }
}

impl Deferral {
    pub(crate) fn new(request: RequestId, terms: Terms, now: Timestamp) -> Self {
        Self {
            request,
            terms,
            since: now,
            tries: 0,
            undone: 0,
            next_at: now.saturating_add(delay(0)).unwrap_or(Timestamp::MAX),
            place: Place::Queued,
        }
    }

    /// Whether the queue is at work on it.
    #[must_use]
    pub fn is_replayed(&self) -> bool {
        self.place == Place::Replayed
    }

    /// Whether the queue will still take it up by itself.
    #[must_use]
    pub fn is_queued(&self) -> bool {
        self.place == Place::Queued
    }

    /// What is to be paid back to the patient (positive) or collected from her (negative) once `cash` is her own share.
    #[must_use]
    pub fn to_pay_back(&self, cash: Fen) -> Fen {
        let fen = self.terms.deposit.get().saturating_sub(cash.get());
        Fen::new(fen).unwrap_or(Fen::ZERO)
    }

    /// After an attempt that moved no money: what is tried again, waits; what cannot succeed, goes to a person.
    pub(crate) fn after(&self, cause: &Cause, now: Timestamp) -> Self {
        let mut next = self.clone();
        next.tries = self.tries.saturating_add(1);
        let undone = matches!(
            cause,
            Cause::Reversed | Cause::NeverExecuted | Cause::ResolvedNotStanding
        );
        next.undone = self.undone.saturating_add(u32::from(undone));
        next.place = if next.undone >= UNDONE_MAX {
            Place::Parked
        } else {
            place_after(cause)
        };
        next.next_at = now.saturating_add(delay(next.tries)).unwrap_or(Timestamp::MAX);
        next
    }

    pub(crate) fn in_place(&self, place: Place) -> Self {
        Self {
            place,
            ..self.clone()
        }
    }
}

/// A settlement that was sent and came to nothing so often is not tried again by itself: something is wrong with it.
const UNDONE_MAX: u32 = 2;
/// The longest wait between two attempts, in seconds.
pub const REPLAY_WAIT_MAX_S: i64 = 900;

fn place_after(cause: &Cause) -> Place {
    if let Cause::NotSent { reason, .. } = cause
        && reason.needs_patient()
    {
        return Place::NeedsPatient;
    }
    if let Cause::Refused { refusal, .. } = cause
        && !refusal.sign_in_lost
        && !refusal.unavailable
    {
        let refusal = refusal.clone();
        return Place::Refused { refusal };
    }
    Place::Queued
}

/// 30 s, 1, 2, 5, then every 15 minutes.
const fn delay(tries: u32) -> SignedDuration {
    SignedDuration::from_secs(match tries {
        0 => 30,
        1 => 60,
        2 => 120,
        3 => 300,
        _ => 900,
    })
}
