//! Why the answer is "not done" or "not known": for the fault table, one variant per next move of the cashier.

use serde::{Deserialize, Serialize};
use zhijie_model::{Fen, PlatformWords, Refusal, SettlementId, Transaction};

/// Proof that no byte of a request left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "not_sent", rename_all = "snake_case")]
pub enum NotSent {
    /// Name or address could not be reached.
    Unreachable { evidence: String },
    /// The TLS handshake failed.
    Handshake { evidence: String },
    /// The credential is no longer in memory: read card or code again.
    CredentialGone,
    /// The message could not be built.
    NotEncodable { evidence: String },
    /// No sign-in could be had.
    NoSignIn { evidence: String },
    /// The agent ended before the message was built.
    Stopping,
}

impl NotSent {
    /// The kind, without evidence.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::Handshake { .. } => "handshake",
            Self::CredentialGone => "credential_gone",
            Self::NotEncodable { .. } => "not_encodable",
            Self::NoSignIn { .. } => "no_sign_in",
            Self::Stopping => "stopping",
        }
    }

    /// Whether only the patient can help, with card or code.
    #[must_use]
    pub const fn needs_patient(&self) -> bool {
        matches!(self, Self::CredentialGone)
    }

    /// Whether the message existed when sending it failed.
    #[must_use]
    pub const fn had_bytes(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Handshake { .. } => true,
            Self::CredentialGone | Self::NotEncodable { .. } | Self::NoSignIn { .. } | Self::Stopping => {
                false
            }
        }
    }
}

/// Why nobody knows whether a call was executed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "silence", rename_all = "snake_case")]
pub enum Silence {
    TimedOut,
    ConnectionLost {
        evidence: String,
    },
    /// Something came back that is no answer of the platform to this call.
    Unreadable {
        evidence: String,
    },
    /// A failure text that could come from a transport fault behind the platform.
    UnclassifiedRefusal {
        words: PlatformWords,
    },
    /// The agent stopped between sending and recording.
    AgentStopped,
}

impl Silence {
    /// The kind, without evidence or the platform's words: those may name a patient.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TimedOut => "timed_out",
            Self::ConnectionLost { .. } => "connection_lost",
            Self::Unreadable { .. } => "unreadable",
            Self::UnclassifiedRefusal { .. } => "unclassified_refusal",
            Self::AgentStopped => "agent_stopped",
        }
    }
}

/// Why the desk gets no "done".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    NotSent {
        transaction: Transaction,
        reason: NotSent,
    },
    Refused {
        transaction: Transaction,
        refusal: Refusal,
    },
    /// A step before the settlement was lost; no money can have moved.
    StepLost {
        transaction: Transaction,
        silence: Silence,
    },
    /// The answer to a call that moves money was lost.
    AnswerLost {
        transaction: Transaction,
        silence: Silence,
    },
    /// The agent was restarted during the quote.
    Interrupted,
    NoQuote,
    OtherQuote,
    QuoteStale,
    AmountsDiffer {
        total: Fen,
        cash: Fen,
    },
    /// The rules of the insurance are broken: this bill is not settled as it is.
    Forbidden {
        violations: Vec<String>,
    },
    /// The rules of the insurance are broken and the desk gave no reason to settle all the same.
    NotOverruled {
        violations: Vec<String>,
    },
    /// A settlement or refund of this bill is under way or in doubt.
    Locked,
    AlreadySettled,
    /// The bill waits in the queue to be settled.
    Deferred,
    AlreadyCancelled,
    NotSettled,
    OtherSettlement,
    /// The settlement was undone at the centre; it does not stand.
    Reversed,
    /// The settlement request was never executed.
    NeverExecuted,
    /// The refund was never executed; the settlement stands.
    RefundNeverExecuted,
    NeedsClerk {
        reason: ClerkReason,
    },
    /// A person looked and said that the settlement does not stand.
    ResolvedNotStanding,
    /// Nothing of this bill waits for a person.
    NothingToResolve,
}

/// Why only a person can go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum ClerkReason {
    /// Neither query nor reversal gave a fence; the day's reconciliation decides.
    NoFence,
    /// The centre shows a settlement of this visit that is not ours.
    ForeignSettlement,
    /// The centre was silent for longer than the policy allows.
    SilentTooLong,
    /// The day's statement shows our settlement at the centre, with other amounts than the quote's or with too little about it.
    ListedOtherwise {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        settlement: Option<SettlementId>,
    },
    /// Something happened that cannot happen.
    Impossible,
}
