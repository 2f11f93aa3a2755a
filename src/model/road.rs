//! The road a bill is settled by: which transactions try, settle and refund it.

use serde::{Deserialize, Serialize};

use crate::ids::VisitId;
use crate::stay::StayPart;
use crate::transaction::Transaction;

/// One saga serves them all; a road only says with which calls it is walked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Road {
    /// Visit, diagnoses and lines are prepared one by one, then settled.
    #[default]
    Outpatient,
    /// One call carries the whole purchase; the settlement itself makes the visit.
    Pharmacy,
    /// One call carries a whole outpatient bill, diagnoses too; the settlement itself makes the visit.
    Slip,
    /// A stay is admitted and its lines lie at the centre; only trial and settlement are left.
    Stay(Box<StayRoad>),
}

/// What a settlement of a stay is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayRoad {
    pub visit_id: VisitId,
    /// The revision of the stay it was made for.
    pub revision: u32,
    pub part: StayPart,
}

impl Road {
    /// Whether it is the road that records of old do not name.
    #[must_use]
    pub const fn is_outpatient(&self) -> bool {
        matches!(self, Self::Outpatient)
    }

    #[must_use]
    pub const fn trial(&self) -> Transaction {
        match self {
            Self::Outpatient => Transaction::Trial,
            Self::Pharmacy => Transaction::TryPurchase,
            Self::Slip => Transaction::TrySlip,
            Self::Stay(_) => Transaction::TryStay,
        }
    }

    #[must_use]
    pub const fn settle(&self) -> Transaction {
        match self {
            Self::Outpatient => Transaction::Settle,
            Self::Pharmacy => Transaction::Purchase,
            Self::Slip => Transaction::SettleSlip,
            Self::Stay(_) => Transaction::SettleStay,
        }
    }

    #[must_use]
    pub const fn cancel(&self) -> Transaction {
        match self {
            Self::Outpatient => Transaction::Cancel,
            Self::Pharmacy => Transaction::CancelPurchase,
            Self::Slip => Transaction::CancelSlip,
            Self::Stay(_) => Transaction::CancelStay,
        }
    }

    /// Whether the visit exists only once it is settled, so that its id is lost with a lost answer.
    #[must_use]
    pub const fn settlement_makes_visit(&self) -> bool {
        match self {
            Self::Outpatient | Self::Stay(_) => false,
            Self::Pharmacy | Self::Slip => true,
        }
    }

    /// What a settlement of a stay is about.
    #[must_use]
    pub fn stay(&self) -> Option<&StayRoad> {
        match self {
            Self::Stay(stay) => Some(&**stay),
            Self::Outpatient | Self::Pharmacy | Self::Slip => None,
        }
    }
}
