//! What can happen to a stay, in the past tense.

use serde::{Deserialize, Serialize};
use zhijie_model::{
    Admission, Discharge, LineSerial, MessageId, Reply, RequestId, Shared, StayLine, VisitId,
};

use super::order::StayOrder;
use crate::cause::{NotSent, Silence};

/// One thing that happened. Journaled before any of its effects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum StayEvent {
    AdmitAsked {
        request: RequestId,
        order: Box<StayOrder>,
    },
    /// The desk wants something done with a stay that is admitted.
    Asked {
        request: RequestId,
        act: Box<Act>,
        /// How the stay's bills stood when it was asked, so that a fold repeats the decision.
        bills: Bills,
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
    /// A person looked at a stay that waits for one.
    Resolved {
        request: RequestId,
        verdict: StayVerdict,
        person: String,
        reason: String,
    },
    /// A timer the saga had set went off.
    Woken,
    /// The agent started and found the stay open; nobody saw what became of its open call.
    Restarted,
}

/// What the desk can do with a stay between admission and the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// Ward, bed, doctor, diagnoses are others now (2403).
    Change {
        admission: Box<Admission>,
    },
    /// Fee lines of a day, refund lines among them (2301).
    Charge {
        lines: Vec<Shared<StayLine>>,
    },
    /// Takes fee lines back (2302); `None`: all that are not settled.
    WithdrawCharges {
        serials: Option<Vec<LineSerial>>,
    },
    Discharge {
        discharge: Box<Discharge>,
    },
    /// Takes the discharge back (2405).
    UndoDischarge {
        reason: String,
    },
    /// Takes the admission back (2404).
    UndoAdmission {
        reason: String,
    },
}

/// How the settlements of a stay stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bills {
    /// One of them is under way, in doubt, or waits for a person.
    pub busy: bool,
    /// The last settlement of the stay stands.
    pub final_stands: bool,
    /// The newest revision of the stay that a standing settlement covers.
    pub settled_through: Option<u32>,
}

/// What a person found out about a stay that waits for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum StayVerdict {
    /// The line works again: the agent goes on asking.
    AskAgain,
    /// The centre shows that it was done: the patient admitted as this visit, the discharge told, or taken back.
    Stands { visit: Option<VisitId> },
    /// The centre shows that it was not done.
    DoesNotStand,
}
