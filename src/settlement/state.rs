//! Where a bill stands.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zhijie_model::{Call, Fen, MessageId, Refund, Refusal, RequestId, Settlement, SettlementId, Trial};

use crate::cause::{Cause, ClerkReason};
use crate::deferral::{Deferral, Later};
use crate::doubt::{Doubt, Search};
use crate::effect::{Answer, Step};
use crate::order::Order;
use crate::preparation::Progress;

/// The state of one bill. INVARIANT: at most one call is open at a time, and none in a state that does not name it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Nothing is recorded yet.
    #[default]
    Blank,
    /// The bill is known and nothing is under way; the last quote failed or was interrupted.
    Drafted(Case),
    /// On the road to a quote.
    Preparing(Preparing),
    Quoted(Quoted),
    /// The settlement request is out.
    Submitted(Submitted),
    Settled(Settled),
    /// The platform refused the settlement; nothing happened; may be quoted again.
    Declined {
        case: Case,
        refusal: Refusal,
    },
    /// Sent, outcome unknown; the bill is locked.
    InDoubt(InDoubt),
    /// A reversal of the message in doubt is out.
    Reversing(Reversing),
    /// The settlement does not stand: undone at the centre, or proved never to have been executed.
    Reversed {
        case: Case,
        why: Cause,
    },
    /// The settlement request never left; nothing happened; may be quoted again.
    Abandoned {
        case: Case,
    },
    /// A refund is out or in doubt.
    Cancelling(Cancelling),
    /// Refunded under our message `refunded_by`; without `refund` only the query told.
    Cancelled {
        settled: Settled,
        refund: Option<Refund>,
        refunded_by: MessageId,
    },
    /// Taken to be settled later; nothing is settled.
    Deferred(Case),
    /// What an abandoned quote left at the centre is being taken back.
    Undoing(Undoing),
    /// Refused for want of a sign-in; the same call goes out once more under a new one. Nothing is out meanwhile.
    Renewing(Renewing),
    /// Only a person can go on.
    NeedsClerk(NeedsClerk),
}

/// A bill with what the centre holds of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub order: Order,
    pub progress: Progress,
    /// When the desk last did something with the bill, or the agent last tried to clear it up.
    pub touched_at: Timestamp,
    /// Attempts to take back what lies at the centre unused.
    pub undo_tries: u32,
    /// How it was taken to be settled later, once it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferral: Option<Deferral>,
}

/// What was prepared for a quote nobody settled is being taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undoing {
    pub case: Case,
    pub call: Call,
    pub open: MessageId,
}

/// A step of the preparation is out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preparing {
    pub case: Case,
    pub request: RequestId,
    pub open: MessageId,
    pub call: Call,
    /// Whether it is out for the second time, after a new sign-in.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub renewed: bool,
}

/// A call that was refused for want of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewing {
    /// The state the call was out in.
    pub before: Box<State>,
    pub call: Call,
    pub refusal: Refusal,
    pub since: Timestamp,
}

/// A trial answer, good for a while. Its id is the message id of the trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    pub id: MessageId,
    pub trial: Trial,
    pub made_at: Timestamp,
    pub good_until: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quoted {
    pub case: Case,
    pub quote: Quote,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    pub case: Case,
    pub quote: Quote,
    pub request: RequestId,
    pub message_id: MessageId,
    pub sent_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<Box<Later>>,
    /// As the call said it, should it go out once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<String>,
    /// Whether it is out for the second time, after a new sign-in.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub renewed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    pub case: Case,
    pub settlement: Settlement,
    /// The quote it was settled from.
    pub quote: MessageId,
    /// The message that settled.
    pub message_id: MessageId,
    /// When the agent learned that it stands.
    pub known_at: Timestamp,
    /// When the desk software said that it has booked the settlement.
    pub confirmed_at: Option<Timestamp>,
    /// Whether the time for that ran out and the alarm was given.
    pub overdue: bool,
    /// The cash of the quote, which the cashier accepted; `None` where nobody stood at the desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Fen>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InDoubt {
    pub case: Case,
    pub quote: Quote,
    pub request: RequestId,
    pub doubt: Doubt,
    /// A query that is out.
    pub query: Option<MessageId>,
    #[serde(default, skip_serializing_if = "Search::is_idle")]
    pub search: Search,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversing {
    pub case: Case,
    pub quote: Quote,
    pub request: RequestId,
    pub doubt: Doubt,
    pub reversal: MessageId,
}

/// A refund of a settlement that stands, as a machine of its own inside the bill's saga.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelling {
    pub settled: Settled,
    /// `None` when the policy asked, not the desk.
    pub request: Option<RequestId>,
    pub reason: String,
    pub second_person: Option<String>,
    pub phase: Phase,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    Submitted {
        message_id: MessageId,
        sent_at: Timestamp,
        /// Whether it is out for the second time, after a new sign-in.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        renewed: bool,
    },
    /// Ended by query alone: reversing a refund would restore the settlement.
    InDoubt {
        doubt: Doubt,
        query: Option<MessageId>,
        /// Age of the doubt when the settlement was first seen to stand.
        standing_age_s: Option<u32>,
    },
}

/// Stopped at a named human, with everything known so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedsClerk {
    pub reason: ClerkReason,
    pub before: Box<State>,
    pub since: Timestamp,
}

/// Attempts to take back what lies at the centre unused, before it is left to a person.
const UNDO_TRIES_MAX: u32 = 5;

impl Case {
    /// Whether something lies at the centre that the agent could not take back.
    #[must_use]
    pub const fn has_leftover(&self) -> bool {
        self.progress.registered.is_some() && self.undo_tries >= UNDO_TRIES_MAX
    }

    /// The deferral of a bill the queue is at work on.
    pub(crate) fn replayed(&self) -> Option<&Deferral> {
        self.deferral.as_ref().filter(|deferral| deferral.is_replayed())
    }

    pub(crate) fn undo_at(&self) -> Option<Timestamp> {
        let after = i64::from(self.order.policy.undo_after_s);
        let due = self.progress.registered.is_some() && after > 0 && self.undo_tries < UNDO_TRIES_MAX;
        let wait = jiff::SignedDuration::from_secs(after);
        due.then(|| self.touched_at.saturating_add(wait).unwrap_or(Timestamp::MAX))
    }
}

impl Settled {
    /// A settlement the agent has just learned of.
    pub(crate) fn new(
        case: Case,
        settlement: Settlement,
        (quote, message_id): (&Quote, MessageId),
        now: Timestamp,
    ) -> Self {
        Self {
            accepted: case.deferral.is_none().then(|| quote.trial.split.cash()),
            case,
            settlement,
            quote: quote.id.clone(),
            message_id,
            known_at: now,
            confirmed_at: None,
            overdue: false,
        }
    }

    /// When the confirmation is due, while it is missing and no alarm was given.
    pub(crate) fn confirm_by(&self) -> Option<Timestamp> {
        if self.confirmed_at.is_some() || self.overdue {
            return None;
        }
        self.case.order.policy.confirm_by(self.known_at)
    }

    /// The step to this state: `request` is told.
    pub(crate) fn reached(self, request: &RequestId) -> Step {
        let answer = Answer::Settled(self.settlement.clone());
        Step::answer(State::Settled(self), request, answer)
    }

    pub(crate) fn is(&self, settlement: &SettlementId) -> bool {
        self.settlement.id == *settlement
    }
}
