//! What can happen to a bill, in the past tense.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zhijie_model::{Fen, MessageId, Reply, RequestId, SettlementId, VisitId};

use crate::cause::{NotSent, Silence};
use crate::deferral::{Later, Terms};
use crate::order::Order;
use crate::statement::Stated;

/// One thing that happened. Journaled before any of its effects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    QuoteAsked {
        request: RequestId,
        order: Box<Order>,
    },
    SettleAsked {
        request: RequestId,
        quote: MessageId,
        total: Fen,
        cash: Fen,
        invoice: Option<String>,
        /// Why the desk settles although the rules of the insurance are broken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        overruled: Option<String>,
        /// The terms on which it is taken to be settled later, should nothing get through now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        later: Option<Box<Later>>,
    },
    /// The desk wants the bill settled later, because the platform cannot be reached.
    DeferAsked {
        request: RequestId,
        order: Box<Order>,
        terms: Box<Terms>,
    },
    /// The queue has room for a deferred bill.
    ReplayDue,
    CancelAsked {
        request: RequestId,
        settlement: SettlementId,
        reason: String,
        second_person: Option<String>,
    },
    Confirmed {
        request: RequestId,
        settlement: SettlementId,
    },
    Answered {
        message_id: MessageId,
        reply: Box<Reply>,
    },
    NotSent {
        message_id: MessageId,
        reason: NotSent,
    },
    Lost {
        message_id: MessageId,
        silence: Silence,
    },
    /// A person looked at a bill that waits for one.
    Resolved {
        request: RequestId,
        verdict: Verdict,
        person: String,
        reason: String,
    },
    /// The centre is being asked for a statement of some days.
    StatementAsked {
        /// The message that asks for it.
        statement: MessageId,
    },
    /// What the statement says about the message in doubt.
    StatementTold {
        statement: MessageId,
        /// How far behind the centre's books it may be, in seconds.
        behind_s: u32,
        stated: Stated,
    },
    /// A timer the saga had set went off.
    Woken,
    /// The agent started and found the saga open; nobody saw what became of its open call.
    Restarted,
}

/// What a person found out about a bill that waits for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// The line works again: the agent goes on asking.
    AskAgain,
    /// The centre shows this settlement of the bill, with the amounts of the quote, and it is not refunded.
    Stands {
        settlement: SettlementId,
        /// The visit it settles, where the settlement itself made it and the agent never learned its id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        visit: Option<VisitId>,
    },
    /// The centre shows no settlement of the bill that is not refunded.
    DoesNotStand,
}

/// When a decision is made, and the message id it may use. Journaled with the event, so a fold repeats the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    pub now: Timestamp,
    /// Seconds on a clock nobody can set; runs on only while the PC is awake and starts anew with the program. Never
    /// more passes on it than really passed. Absent where there is none.
    #[serde(default)]
    pub uptime_s: Option<u64>,
    /// Unused and durable-unique; at most one call leaves a decision, and it bears this id.
    pub message_id: MessageId,
}
