//! The road a bill is settled by: which transactions try, settle and refund it.

use serde::{Deserialize, Serialize};

use crate::call::Transaction;

/// One saga serves them all; a road only says with which calls it is walked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Road {
    /// Visit, diagnoses and lines are prepared one by one, then settled.
    #[default]
    Outpatient,
    /// One call carries the whole purchase; the settlement itself makes the visit.
    Pharmacy,
}

impl Road {
    /// Whether it is the road that records of old do not name.
    #[must_use]
    pub const fn is_outpatient(&self) -> bool {
        matches!(self, Self::Outpatient)
    }

    #[must_use]
    pub const fn trial(self) -> Transaction {
        match self {
            Self::Outpatient => Transaction::Trial,
            Self::Pharmacy => Transaction::TryPurchase,
        }
    }

    #[must_use]
    pub const fn settle(self) -> Transaction {
        match self {
            Self::Outpatient => Transaction::Settle,
            Self::Pharmacy => Transaction::Purchase,
        }
    }

    #[must_use]
    pub const fn cancel(self) -> Transaction {
        match self {
            Self::Outpatient => Transaction::Cancel,
            Self::Pharmacy => Transaction::CancelPurchase,
        }
    }

    /// Whether the visit exists only once it is settled, so that its id is lost with a lost answer.
    #[must_use]
    pub const fn settlement_makes_visit(self) -> bool {
        match self {
            Self::Outpatient => false,
            Self::Pharmacy => true,
        }
    }
}
