//! What a call is for, as far as an outage may allow or stop it.

use zhijie_model::{Area, Call, Transaction};
use zhijie_wire::Inquiry;

use super::calendar::Allowed;

/// The purpose of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Sign-in and sign-out; possible while anything is.
    Session,
    Lookup,
    /// Changing a person's filings.
    File,
    /// Register, describe, upload, trial, and taking these back.
    Quote,
    Settle,
    Cancel,
    /// Asking about a bill in doubt, and reversing it.
    Query,
}

impl Work {
    /// What a call of a bill is for.
    #[must_use]
    pub const fn of_call(call: &Call) -> Self {
        match call.transaction() {
            Transaction::SignIn | Transaction::SignOut => Self::Session,
            Transaction::PersonLookup
            | Transaction::BenefitCheck
            | Transaction::VoucherDecode
            | Transaction::QueryChronic
            | Transaction::QueryFixedPoints
            | Transaction::QueryReferrals
            | Transaction::QueryApprovals => Self::Lookup,
            Transaction::Refer
            | Transaction::WithdrawReferral
            | Transaction::RegisterChronic
            | Transaction::WithdrawChronic
            | Transaction::FixPlace
            | Transaction::WithdrawFixedPlace => Self::File,
            Transaction::Register
            | Transaction::WithdrawVisit
            | Transaction::Describe
            | Transaction::Upload
            | Transaction::WithdrawLines
            | Transaction::Trial => Self::Quote,
            Transaction::Settle => Self::Settle,
            Transaction::Cancel => Self::Cancel,
            Transaction::Reverse | Transaction::QueryVisit | Transaction::QuerySettlement => Self::Query,
        }
    }

    /// What an inquiry is for, and the insured region it concerns. `area` is the one its message names; a lookup of
    /// somebody unknown names the place of treatment.
    #[must_use]
    pub fn of_inquiry(inquiry: &Inquiry, area: Area, care_area: Area) -> (Self, Option<Area>) {
        match inquiry {
            Inquiry::SignIn { .. } | Inquiry::SignOut { .. } => (Self::Session, None),
            Inquiry::DecodeVoucher { .. } => (Self::Lookup, None),
            Inquiry::Person { .. } => (Self::Lookup, (area != care_area).then_some(area)),
            Inquiry::Benefits { .. }
            | Inquiry::ChronicEntries { .. }
            | Inquiry::FixedPoints { .. }
            | Inquiry::Referrals { .. }
            | Inquiry::Approvals { .. } => (Self::Lookup, Some(area)),
            Inquiry::Visits { .. } => (Self::Query, Some(area)),
        }
    }

    pub(super) fn is_allowed(self, allow: &[Allowed]) -> bool {
        let named = match self {
            Self::Session => return allow.iter().any(|allowed| *allowed != Allowed::Defer),
            Self::Lookup => Allowed::Lookup,
            Self::File => Allowed::File,
            Self::Quote => Allowed::Quote,
            Self::Settle => Allowed::Settle,
            Self::Cancel => Allowed::Cancel,
            Self::Query => Allowed::Query,
        };
        allow.contains(&named)
    }
}
