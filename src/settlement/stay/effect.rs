//! What a decision about a stay wants done. Executed only after the commit that records the decision.

use jiff::Timestamp;
use zhijie_model::{Call, LineCut, MessageId, RequestId, VisitId};

use super::cause::StayCause;
use super::state::StayState;

/// One thing to do after the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StayEffect {
    /// Send this call under the moment's message id, once.
    Send(Box<Call>),
    /// Tell the desk.
    Answer {
        request: RequestId,
        answer: Box<StayAnswer>,
    },
    /// Come back with [`crate::StayEvent::Woken`] then.
    WakeAt(Timestamp),
}

/// What the desk is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StayAnswer {
    Admitted {
        visit_id: VisitId,
    },
    /// How the centre split the lines of the request.
    Charged {
        cuts: Vec<LineCut>,
    },
    /// The step stands.
    Done,
    /// A person's verdict was taken.
    Resolved,
    NotDone(StayCause),
    /// Provisional: the agent goes on finding out; `subject` is the message in doubt.
    NotKnown {
        cause: StayCause,
        subject: MessageId,
    },
}

impl StayAnswer {
    /// Whether this answer may be pinned to its request for ever.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        !matches!(self, Self::NotKnown { .. })
    }
}

/// The outcome of one decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayStep {
    pub next: StayState,
    pub effects: Vec<StayEffect>,
}

impl StayStep {
    pub(crate) const fn stay(next: StayState) -> Self {
        Self {
            next,
            effects: Vec::new(),
        }
    }

    pub(crate) fn send(next: StayState, call: Call) -> Self {
        Self {
            next,
            effects: vec![StayEffect::Send(Box::new(call))],
        }
    }

    pub(crate) fn answer(next: StayState, request: &RequestId, answer: StayAnswer) -> Self {
        Self::stay(next).and_answer(request, answer)
    }

    pub(crate) fn not_done(next: StayState, request: &RequestId, cause: impl Into<StayCause>) -> Self {
        Self::answer(next, request, StayAnswer::NotDone(cause.into()))
    }

    pub(crate) fn and_answer(mut self, request: &RequestId, answer: StayAnswer) -> Self {
        self.effects.push(StayEffect::Answer {
            request: request.clone(),
            answer: Box::new(answer),
        });
        self
    }

    pub(crate) fn and_wake(mut self, at: Timestamp) -> Self {
        self.effects.push(StayEffect::WakeAt(at));
        self
    }
}
