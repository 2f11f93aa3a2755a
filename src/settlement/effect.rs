//! What a decision wants done, in the imperative. Executed only after the commit that records the decision.

use jiff::Timestamp;
use zhijie_model::{Call, MessageId, Refund, RequestId, Settlement};

use crate::cause::Cause;
use crate::deferral::Deferral;
use crate::state::{Quote, State};

/// One thing to do after the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send this call under the moment's message id, once.
    Send(Box<Call>),
    /// Tell the desk.
    Answer { request: RequestId, answer: Box<Answer> },
    /// Come back with [`crate::Event::Woken`] then.
    WakeAt(Timestamp),
}

/// What the desk is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Quoted(Quote),
    Settled(Settlement),
    /// Taken to be settled later; nothing is settled.
    Deferred(Box<Deferral>),
    Confirmed,
    /// A person's verdict was taken.
    Resolved,
    /// `None` when only the query told of the refund.
    Cancelled(Option<Refund>),
    NotDone(Cause),
    /// Provisional: the agent goes on finding out; `subject` is the message in doubt.
    NotKnown {
        cause: Cause,
        subject: MessageId,
    },
}

impl Answer {
    /// Whether this answer may be pinned to its request for ever.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        !matches!(self, Self::NotKnown { .. })
    }
}

/// The outcome of one decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub next: State,
    pub effects: Vec<Effect>,
}

impl Step {
    pub(crate) const fn stay(next: State) -> Self {
        Self {
            next,
            effects: Vec::new(),
        }
    }

    pub(crate) fn send(next: State, call: Call) -> Self {
        Self {
            next,
            effects: vec![Effect::Send(Box::new(call))],
        }
    }

    pub(crate) fn answer<'a>(next: State, request: impl Into<Option<&'a RequestId>>, answer: Answer) -> Self {
        Self::stay(next).and_answer(request, answer)
    }

    pub(crate) fn not_done<'a>(next: State, request: impl Into<Option<&'a RequestId>>, cause: Cause) -> Self {
        Self::answer(next, request, Answer::NotDone(cause))
    }

    /// Nobody is told when nobody asked.
    pub(crate) fn and_answer<'a>(
        mut self,
        request: impl Into<Option<&'a RequestId>>,
        answer: Answer,
    ) -> Self {
        if let Some(request) = request.into() {
            self.effects.push(Effect::Answer {
                request: request.clone(),
                answer: Box::new(answer),
            });
        }
        self
    }

    pub(crate) fn and_wake(mut self, at: Timestamp) -> Self {
        self.effects.push(Effect::WakeAt(at));
        self
    }
}
