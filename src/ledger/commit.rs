//! What goes into the ledger in one piece.

use core::fmt;

use jiff::Timestamp;
use zhijie_model::{BillId, MessageId, RequestId};

use crate::digest::Digest;
use crate::error::WriteError;
use crate::observations::{NewObservation, ObservationKey};

/// Ending: a well-formed answer came. Final.
pub const ANSWERED: &str = "answered";
/// Ending: no byte left the machine. The same bytes may be tried again.
pub const NOT_SENT: &str = "not_sent";
/// Ending: nobody knows. Only an answer may follow.
pub const UNKNOWN: &str = "unknown";
/// Outcome of an answer that another one may follow; every other outcome is final.
pub const NOT_KNOWN: &str = "not_known";
/// Kind of the record the ledger writes itself when a commit brings none; the prefix `ledger.` is its own.
pub const OWN_KIND: &str = "ledger.attached";

/// Everything that must become durable together. One transaction, one flush.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Kept to the millisecond. Need not grow from commit to commit.
    pub at: Timestamp,
    /// The bill all parts of the commit belong to. Answers alone neither open nor list a bill.
    pub bill: Option<BillId>,
    /// Without one, the ledger writes an empty record of kind [`OWN_KIND`], so that the chain covers the rest.
    pub record: Option<NewRecord>,
    pub intent: Option<NewIntent>,
    pub ending: Option<Ending>,
    pub answers: Vec<NewAnswer>,
    pub observations: Vec<NewObservation>,
    /// Observations that lose their body. Their digests stay.
    pub erasures: Vec<ObservationKey>,
    /// Replaces the cached state of `bill`.
    pub state: Option<StateCache>,
}

impl Commit {
    /// An empty commit, to be filled with struct update syntax.
    #[must_use]
    pub const fn new(at: Timestamp) -> Self {
        Self {
            at,
            bill: None,
            record: None,
            intent: None,
            ending: None,
            answers: Vec::new(),
            observations: Vec::new(),
            erasures: Vec::new(),
            state: None,
        }
    }

    pub(crate) const fn only_answers(&self) -> bool {
        self.record.is_none() && self.intent.is_none() && self.ending.is_none() && self.state.is_none()
    }

    pub(crate) fn check(&self) -> Result<(), WriteError> {
        let observes = !self.observations.is_empty() || !self.erasures.is_empty();
        let empty = self.only_answers() && self.answers.is_empty() && !observes;
        let own_kind = |record: &NewRecord| record.kind.starts_with("ledger.");
        let how_known = |ending: &Ending| [ANSWERED, NOT_SENT, UNKNOWN].contains(&ending.how.as_str());
        let checks = [
            (empty, "it is empty"),
            (
                self.state.is_some() && self.bill.is_none(),
                "a state without a bill",
            ),
            (
                self.record.as_ref().is_some_and(own_kind),
                "a record kind that is the ledger's own",
            ),
            (
                self.record.as_ref().is_some_and(|record| record.kind.is_empty()),
                "a record without a kind",
            ),
            (
                observes && self.record.is_none(),
                "an observation without a record",
            ),
            (
                !self.ending.as_ref().is_none_or(how_known),
                "an ending of an unknown sort",
            ),
            (
                self.ending
                    .as_ref()
                    .is_some_and(|ending| ending.how == ANSWERED && ending.reply.is_none()),
                "an answered message without its reply",
            ),
            (
                self.ending
                    .as_ref()
                    .is_some_and(|ending| ending.how == NOT_SENT && ending.reply.is_some()),
                "a reply to a message that was not sent",
            ),
        ];
        match checks.iter().find(|(wrong, _)| *wrong) {
            Some((_, problem)) => Err(WriteError::Invalid(problem)),
            None => Ok(()),
        }
    }
}

/// A journal record; the body is opaque here and counts as personal.
#[derive(Clone)]
pub struct NewRecord {
    /// Any text but one that begins with `ledger.`
    pub kind: String,
    /// Version of the body's layout.
    pub version: u16,
    pub body: Vec<u8>,
}

/// The durable decision to send one message.
#[derive(Clone)]
pub struct NewIntent {
    /// From `Ledger::next_message_id` of this opening.
    pub message_id: MessageId,
    pub transaction: String,
    pub class: String,
    /// Exactly what will be sent.
    pub bytes: Vec<u8>,
    /// After this instant it must not be sent any more.
    pub stale_after: Option<Timestamp>,
}

/// How one attempt to send an intent ended.
#[derive(Clone)]
pub struct Ending {
    pub message_id: MessageId,
    /// [`ANSWERED`], [`NOT_SENT`] or [`UNKNOWN`].
    pub how: String,
    /// What came back, in full: with `answered` always, with `unknown` when something came that is no answer.
    pub reply: Option<Vec<u8>>,
}

/// What the desk is told. An answer with the outcome [`NOT_KNOWN`] may be followed by another one to the same
/// request; any other is final. An answer committed together with an intent is what the desk is told if the program
/// dies before the outcome.
#[derive(Clone)]
pub struct NewAnswer {
    pub request_id: RequestId,
    pub method: String,
    pub body_digest: Digest,
    pub outcome: String,
    /// Repeated byte for byte when the same request comes again.
    pub answer: String,
}

/// The folded state of a bill, so that a start need not read the whole journal.
#[derive(Clone)]
pub struct StateCache {
    pub state: Vec<u8>,
    /// Whether something about the bill is still due.
    pub open: bool,
}

/// Where the journal stands after a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    pub seq: u64,
    pub digest: Digest,
}

/// `Debug` for types with personal content: the named fields only.
macro_rules! debug_without_content {
    ($($name:ident { $($field:ident),* })+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        }
    )+};
}
pub(crate) use debug_without_content;

debug_without_content! {
    NewRecord { kind, version }
    NewIntent { message_id, transaction, class, stale_after }
    Ending { message_id, how }
    NewAnswer { request_id, method, outcome }
    StateCache { open }
}
