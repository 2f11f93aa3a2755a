//! What a call is for, as far as an outage may allow or stop it.

use zhijie_model::{Area, Call, FilingCall, Transaction};
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
    /// Register, describe, upload, trial, and taking these back; of a stay, admission and discharge too.
    Quote,
    Settle,
    Cancel,
    /// Asking about a bill in doubt, and reversing it.
    Query,
}

/// How far a call goes. Which transactions the place of treatment answers from its own books is written nowhere, so
/// only those count as proof of a region that the region itself must decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The province answers by itself.
    Province,
    /// The insured region may be asked: its failure counts, an answer proves nothing about it.
    Perhaps,
    /// The insured region decides.
    Region,
}

/// One call as calendar and breakers see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    pub work: Work,
    /// The patient's insured region, where the call concerns a patient whose region is known.
    pub area: Option<Area>,
    pub reach: Reach,
}

impl Passage {
    /// A settlement of a patient of `area`.
    #[must_use]
    pub const fn settlement(area: Area) -> Self {
        Self {
            work: Work::Settle,
            area: Some(area),
            reach: Reach::Region,
        }
    }

    /// Fetching the catalogue, and telling the centre of own items.
    pub const CATALOGUE: Self = Self {
        work: Work::Lookup,
        area: None,
        reach: Reach::Province,
    };

    /// A sign-in or sign-out.
    pub const SESSION: Self = Self {
        work: Work::Session,
        area: None,
        reach: Reach::Province,
    };

    /// A statement of some days.
    pub const STATEMENT: Self = Self {
        work: Work::Lookup,
        area: None,
        reach: Reach::Province,
    };

    /// A call of a bill.
    #[must_use]
    pub const fn of_call(call: &Call) -> Self {
        let (work, reach) = sort(call.transaction());
        Self {
            work,
            area: Some(call.payer().area),
            reach,
        }
    }

    /// A filing made at the desk.
    #[must_use]
    pub const fn of_filing(call: &FilingCall) -> Self {
        let (work, reach) = sort(call.transaction());
        Self {
            work,
            area: Some(call.payer().area),
            reach,
        }
    }

    /// An inquiry. `area` is the one its message names; a lookup of somebody unknown names the place of treatment.
    #[must_use]
    pub fn of_inquiry(inquiry: &Inquiry, area: Area, care_area: Area) -> Self {
        let (transaction, area) = match inquiry {
            Inquiry::SignIn { .. } => (Transaction::SignIn, None),
            Inquiry::SignOut { .. } => (Transaction::SignOut, None),
            Inquiry::DecodeVoucher { .. } => (Transaction::VoucherDecode, None),
            Inquiry::Person { .. } => (Transaction::PersonLookup, (area != care_area).then_some(area)),
            Inquiry::Benefits { .. } => (Transaction::BenefitCheck, Some(area)),
            Inquiry::Totals { .. } => (Transaction::QueryTotals, Some(area)),
            Inquiry::ChronicEntries { .. } => (Transaction::QueryChronic, Some(area)),
            Inquiry::FixedPoints { .. } => (Transaction::QueryFixedPoints, Some(area)),
            Inquiry::Referrals { .. } => (Transaction::QueryReferrals, Some(area)),
            Inquiry::Approvals { .. } => (Transaction::QueryApprovals, Some(area)),
            Inquiry::Visits { .. } => (Transaction::QueryVisit, Some(area)),
            Inquiry::Institutions { .. } => (Transaction::FindInstitution, None),
            Inquiry::Dictionary { .. } => (Transaction::QueryDictionary, None),
            Inquiry::Diagnoses { .. } => (Transaction::QueryDiagnoses, Some(area)),
            Inquiry::Lines { .. } => (Transaction::QueryLines, Some(area)),
            Inquiry::Dispensed { .. } => (Transaction::QueryDispensed, Some(area)),
            Inquiry::Sheet { kind, .. } => (Transaction::FetchSheet(*kind), Some(area)),
            Inquiry::CheckBill { stage, .. } => (Transaction::CheckBill(*stage), Some(area)),
            Inquiry::AnswerCheck { .. } => (Transaction::AnswerCheck, None),
            Inquiry::CatalogueFile { list, .. } | Inquiry::CataloguePage { list, .. } => {
                (Transaction::Catalogue(*list), None)
            }
        };
        let (work, reach) = sort(transaction);
        Self { work, area, reach }
    }

    /// The region whose breaker the call meets.
    pub(super) fn region(&self) -> Option<Area> {
        self.area.filter(|_| self.reach != Reach::Province)
    }
}

const fn sort(transaction: Transaction) -> (Work, Reach) {
    match transaction {
        Transaction::SignIn | Transaction::SignOut => (Work::Session, Reach::Province),
        Transaction::VoucherDecode
        | Transaction::FindInstitution
        | Transaction::QueryDictionary
        | Transaction::QueryDiagnoses
        | Transaction::QueryLines
        | Transaction::FetchSheet(_)
        | Transaction::CheckBill(_)
        | Transaction::AnswerCheck
        | Transaction::CompareTotals
        | Transaction::CompareRows
        | Transaction::UploadFile
        | Transaction::FetchFile
        | Transaction::Catalogue(_)
        | Transaction::MapItem
        | Transaction::WithdrawMapping => (Work::Lookup, Reach::Province),
        Transaction::PersonLookup
        | Transaction::BenefitCheck
        | Transaction::QueryTotals
        | Transaction::QueryDispensed
        | Transaction::QueryChronic
        | Transaction::QueryFixedPoints
        | Transaction::QueryReferrals
        | Transaction::QueryApprovals => (Work::Lookup, Reach::Perhaps),
        Transaction::Refer
        | Transaction::WithdrawReferral
        | Transaction::RegisterChronic
        | Transaction::WithdrawChronic
        | Transaction::FixPlace
        | Transaction::WithdrawFixedPlace => (Work::File, Reach::Perhaps),
        Transaction::Register => (Work::Quote, Reach::Perhaps),
        Transaction::WithdrawVisit
        | Transaction::Describe
        | Transaction::Upload
        | Transaction::WithdrawLines => (Work::Quote, Reach::Province),
        Transaction::Discharge | Transaction::WithdrawDischarge => (Work::Quote, Reach::Perhaps),
        Transaction::ChangeStay | Transaction::ChargeStay | Transaction::WithdrawCharges => {
            (Work::Quote, Reach::Province)
        }
        Transaction::Admit
        | Transaction::WithdrawAdmission
        | Transaction::Trial
        | Transaction::TryPurchase
        | Transaction::TrySlip
        | Transaction::TryStay => (Work::Quote, Reach::Region),
        Transaction::Settle | Transaction::Purchase | Transaction::SettleSlip | Transaction::SettleStay => {
            (Work::Settle, Reach::Region)
        }
        Transaction::Cancel
        | Transaction::CancelPurchase
        | Transaction::CancelSlip
        | Transaction::CancelStay => (Work::Cancel, Reach::Region),
        Transaction::QueryInHospital => (Work::Query, Reach::Perhaps),
        Transaction::Reverse => (Work::Query, Reach::Region),
        Transaction::QueryVisit | Transaction::QuerySettlement => (Work::Query, Reach::Province),
    }
}

impl Work {
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
