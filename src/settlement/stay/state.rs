//! Where a stay is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zhijie_model::{
    Call, Discharge, LineCut, LineSerial, MessageId, Refusal, RequestId, Shared, StayLine, VisitId,
};

use super::cause::StayCause;
use super::event::Act;
use super::order::StayOrder;
use crate::cause::ClerkReason;
use crate::doubt::Doubt;

/// The state of one stay. INVARIANT: at most one call is open at a time, and none in a state that does not name it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum StayState {
    /// Nothing is recorded yet.
    #[default]
    Blank,
    /// The admission is out.
    Admitting(Admitting),
    /// The admission was sent, outcome unknown; the stay is locked.
    AdmissionInDoubt(AdmissionInDoubt),
    /// A reversal of the admission in doubt is out.
    ReversingAdmission(ReversingAdmission),
    /// Nothing of the stay lies at the centre; it may be admitted, again.
    NotAdmitted(NotAdmitted),
    /// Admitted, and nothing under way.
    Admitted(Stay),
    /// A step of the stay is out.
    Working(Working),
    /// A discharge or an undo was sent, outcome unknown; the stay is locked.
    StepInDoubt(StepInDoubt),
    /// Refused for want of a sign-in; the same call goes out once more under a new one.
    Renewing(StayRenewing),
    /// Only a person can go on.
    NeedsClerk(StayNeedsClerk),
}

/// A call that was refused for want of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayRenewing {
    /// The state the call was out in.
    pub before: Box<StayState>,
    pub call: Call,
    pub refusal: Refusal,
    pub since: Timestamp,
}

/// A stay at the centre, as far as it confirmed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    pub order: StayOrder,
    pub visit_id: VisitId,
    /// The message that admitted.
    pub message_id: MessageId,
    /// When the agent learned that it is admitted.
    pub known_at: Timestamp,
    /// Grows with everything that changes what a settlement would cover.
    pub revision: u32,
    /// Fee lines at the centre, by serial.
    pub lines: BTreeMap<LineSerial, Shared<Charged>>,
    /// Lines that may lie there or not: an upload or a withdrawal of them was lost.
    pub uncertain: BTreeSet<LineSerial>,
    pub discharge: Option<Discharge>,
    /// Visits of earlier admissions under this number that were taken back.
    pub gone: Vec<VisitId>,
}

/// A fee line at the centre. A long stay has thousands, and each step has its own copy of the stay: lines are shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charged {
    pub line: Shared<StayLine>,
    pub cut: LineCut,
    /// The revision of the stay it came with.
    pub revision: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admitting {
    pub order: StayOrder,
    pub request: RequestId,
    pub message_id: MessageId,
    pub sent_at: Timestamp,
    pub gone: Vec<VisitId>,
    /// It was tried before under this number, so that an old list may show a stay of then.
    #[serde(default)]
    pub again: bool,
    /// Whether it is out for the second time, after a new sign-in.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub renewed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmissionInDoubt {
    pub order: StayOrder,
    pub request: RequestId,
    pub doubt: Doubt,
    /// A question that is out.
    pub query: Option<Question>,
    pub gone: Vec<VisitId>,
    /// It was tried before under this number, so that an old list may show a stay of then.
    #[serde(default)]
    pub again: bool,
}

/// A question about an admission in doubt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "question", rename_all = "snake_case")]
pub enum Question {
    /// Who is in hospital (5303).
    InHospital { message_id: MessageId },
    /// Which visits there are (5201).
    Visits { message_id: MessageId },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversingAdmission {
    pub order: StayOrder,
    pub request: RequestId,
    pub doubt: Doubt,
    pub reversal: MessageId,
    pub gone: Vec<VisitId>,
    /// It was tried before under this number, so that an old list may show a stay of then.
    #[serde(default)]
    pub again: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotAdmitted {
    pub order: StayOrder,
    /// Why; `None` when the desk took the admission back.
    pub why: Option<StayCause>,
    pub gone: Vec<VisitId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Working {
    pub stay: Stay,
    pub request: RequestId,
    pub act: Act,
    pub task: Task,
    pub open: MessageId,
    pub sent_at: Timestamp,
    /// As they stood when the desk asked.
    pub settled_through: Option<u32>,
    /// Whether it is out for the second time, after a new sign-in.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub renewed: bool,
}

/// One call of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    Change,
    /// Lines on their way to the centre.
    Upload {
        lines: Vec<Shared<StayLine>>,
    },
    /// Lines being taken back; `all`: every one that is not settled.
    Withdraw {
        serials: BTreeSet<LineSerial>,
        all: bool,
        /// They are only in the way of the desk's own wish: that they never were there is as good.
        heals: bool,
    },
    Discharge,
    UndoDischarge,
    UndoAdmission,
}

/// A step that nobody knows the outcome of. It ends by query only: none of these can be reversed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepInDoubt {
    pub stay: Stay,
    pub request: RequestId,
    pub act: Act,
    pub doubt: Doubt,
    pub query: Option<MessageId>,
    /// Age of the doubt when everything was first seen to be as before the step.
    pub before_age_s: Option<u32>,
    /// Age of the doubt when the stay was first seen to be gone.
    pub gone_age_s: Option<u32>,
}

/// Stopped at a named human, with everything known so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayNeedsClerk {
    pub reason: ClerkReason,
    pub before: Box<StayState>,
    pub since: Timestamp,
}
