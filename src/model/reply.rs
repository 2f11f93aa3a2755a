//! What the platform answered, in our words.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::call::TrialAmounts;
use crate::fen::Fen;
use crate::ids::{LineSerial, MessageId, PlatformMessageId, SettlementId, VisitId, VisitNumber};
use crate::split::Split;
use crate::stay::FoundStay;

/// A well-formed answer of the verified platform to one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    Registered {
        visit_id: VisitId,
    },
    Described,
    Uploaded {
        cuts: Vec<LineCut>,
    },
    LinesWithdrawn,
    VisitWithdrawn,
    Tried {
        trial: Trial,
    },
    Settled {
        settlement: Settlement,
    },
    Cancelled {
        refund: Refund,
    },
    Reversed,
    /// Rows found; an empty list is an answer, not a proof of absence.
    Queried {
        rows: Vec<QueryRow>,
    },
    Admitted {
        visit_id: VisitId,
    },
    StayChanged,
    Discharged,
    DischargeWithdrawn,
    AdmissionWithdrawn,
    /// Stays found; an empty list proves as little.
    InHospital {
        stays: Vec<FoundStay>,
    },
    /// Visits of the person in a span of time; an empty list proves as little.
    VisitsFound {
        visits: Vec<FoundVisit>,
    },
    Refused {
        refusal: Refusal,
    },
}

/// A trial settlement; binding nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    pub split: Split,
    pub amounts: TrialAmounts,
    /// How the centre would split the lines, where the trial carries them itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<LineCut>,
}

/// A settlement that stands at the centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    pub id: SettlementId,
    pub visit_id: VisitId,
    /// The message that made it, echoed by the centre.
    pub message_id: Option<MessageId>,
    /// Centre's time, Beijing wall clock; the accounting day of reconciliation.
    pub settled_at: DateTime,
    pub split: Split,
    pub clearing: Clearing,
    pub platform: PlatformWords,
}

/// A refund: a row of its own with the amounts negated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    pub id: SettlementId,
    pub visit_id: VisitId,
    pub refunded_at: DateTime,
    /// The refunded total, negative.
    pub total: Fen,
    /// The refunded cash, negative; `None` where the platform leaves it out.
    pub cash: Option<Fen>,
    pub clearing: Clearing,
    pub platform: PlatformWords,
}

/// How a settlement is cleared between hospital and funds; kept as the platform sent it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clearing {
    pub office: Option<String>,
    pub way: Option<String>,
    pub kind: Option<String>,
}

/// One row of a visit query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundVisit {
    pub visit_id: VisitId,
    /// The hospital's own number of the visit or stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<VisitNumber>,
    /// Beijing wall clock, as the centre shows it.
    pub began: Option<DateTime>,
    /// Of a stay: whether the patient still lies there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_hospital: Option<bool>,
}

/// One row of a settlement query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryRow {
    pub settlement: Settlement,
    /// Whether the centre marks it as refunded.
    pub refunded: bool,
}

/// How the centre split one fee line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCut {
    pub serial: LineSerial,
    pub amount: Fen,
    pub own_expense: Fen,
    pub over_ceiling: Fen,
    pub first_own: Fen,
    pub in_scope: Fen,
    /// Class of the item as normalised: `01` A, `02` B, `03` own expense; other codes as they came.
    pub class: String,
}

/// The platform's own words beside an answer, unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformWords {
    pub message_id: Option<PlatformMessageId>,
    /// Error text of a refusal, or warning text of a success.
    pub text: Option<String>,
}

/// A refusal that proves that nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Reply code as sent, e.g. `-1`.
    pub code: String,
    /// The sign-in is gone; sign in again before the next call.
    pub sign_in_lost: bool,
    /// The platform or the insured region does not work at present (an upgrade, say); later it may.
    #[serde(default)]
    pub unavailable: bool,
    /// Refused because the patient lies in hospital.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_hospital: Option<InHospital>,
    pub platform: PlatformWords,
}

/// That somebody lies in hospital, as a refusal tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InHospital {
    /// Name of the institution, where the refusal names one.
    pub institution: Option<String>,
}
