//! The transactions of the interface, and what is at stake when the answer to one is lost.

use serde::{Deserialize, Serialize};

use crate::catalogue::CatalogueList;
use crate::lookup::SheetKind;
use crate::violation::CheckStage;

/// Which transaction of the interface a call is, without its provincial variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transaction {
    SignIn,
    SignOut,
    PersonLookup,
    BenefitCheck,
    VoucherDecode,
    Register,
    WithdrawVisit,
    Describe,
    Upload,
    WithdrawLines,
    Trial,
    Settle,
    Cancel,
    TryPurchase,
    Purchase,
    CancelPurchase,
    /// An outpatient bill in one call, tried, settled and refunded (2260, 2260, 2261).
    TrySlip,
    SettleSlip,
    CancelSlip,
    Reverse,
    QueryVisit,
    QuerySettlement,
    QueryTotals,
    QueryChronic,
    QueryFixedPoints,
    QueryReferrals,
    QueryApprovals,
    /// Institutions by name or code (1201).
    FindInstitution,
    /// A code table of an area (1901).
    QueryDictionary,
    /// Diagnoses of a visit at the centre (5202).
    QueryDiagnoses,
    /// Fee lines of a visit at the centre (5204).
    QueryLines,
    /// Drugs handed out under a chronic disease (5205).
    QueryDispensed,
    /// The centre's own settlement sheet (5260, 5265, 5269, 5270).
    FetchSheet(SheetKind),
    /// The rules of the insurance against a bill (3101, 3102).
    CheckBill(CheckStage),
    /// What the desk does about their violations (3103).
    AnswerCheck,
    /// Totals of settlements against the centre's (3201).
    CompareTotals,
    /// Rows of settlements against the centre's (3202).
    CompareRows,
    /// One list of the catalogue (1301 to 1321).
    Catalogue(CatalogueList),
    MapItem,
    WithdrawMapping,
    /// A file for the platform (9101).
    UploadFile,
    /// A file of the platform (9102).
    FetchFile,
    Refer,
    WithdrawReferral,
    RegisterChronic,
    WithdrawChronic,
    FixPlace,
    WithdrawFixedPlace,
    Admit,
    ChangeStay,
    ChargeStay,
    WithdrawCharges,
    Discharge,
    WithdrawDischarge,
    WithdrawAdmission,
    TryStay,
    SettleStay,
    CancelStay,
    QueryInHospital,
}

/// What is at stake when the answer to a call is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallClass {
    /// Changes nothing that matters; ask again.
    Reads,
    /// Changes the visit, or what is known of the institution's own items, at the centre; has an undo of its own.
    Prepares,
    /// Changes the person's filings at the insured region; moves no money. A lost answer is doubt: the record is
    /// looked for, never made a second time unseen.
    Files,
    /// Says that a person lies in hospital, or no longer does; moves no money. A lost answer is doubt: other hospitals
    /// and every outpatient desk go by it.
    MovesStay,
    /// Moves money; a lost answer is doubt.
    MovesMoney,
}

impl CallClass {
    /// Whether nothing but a certain refusal may be taken for one.
    #[must_use]
    pub const fn leaves_doubt(self) -> bool {
        match self {
            Self::Files | Self::MovesStay | Self::MovesMoney => true,
            Self::Reads | Self::Prepares => false,
        }
    }
}

impl Transaction {
    #[must_use]
    pub const fn class(self) -> CallClass {
        match self {
            Self::SignIn
            | Self::SignOut
            | Self::PersonLookup
            | Self::BenefitCheck
            | Self::VoucherDecode
            | Self::Trial
            | Self::TryStay
            | Self::QueryInHospital
            | Self::TryPurchase
            | Self::TrySlip
            | Self::QueryVisit
            | Self::QuerySettlement
            | Self::QueryTotals
            | Self::QueryChronic
            | Self::QueryFixedPoints
            | Self::QueryReferrals
            | Self::QueryApprovals
            | Self::FindInstitution
            | Self::QueryDictionary
            | Self::QueryDiagnoses
            | Self::QueryLines
            | Self::QueryDispensed
            | Self::FetchSheet(_)
            | Self::CheckBill(_)
            | Self::CompareTotals
            | Self::CompareRows
            | Self::Catalogue(_)
            | Self::UploadFile
            | Self::FetchFile => CallClass::Reads,
            Self::Register
            | Self::WithdrawVisit
            | Self::Describe
            | Self::Upload
            | Self::WithdrawLines
            | Self::AnswerCheck
            | Self::MapItem
            | Self::WithdrawMapping
            | Self::ChangeStay
            | Self::ChargeStay
            | Self::WithdrawCharges => CallClass::Prepares,
            Self::Admit | Self::Discharge | Self::WithdrawDischarge | Self::WithdrawAdmission => {
                CallClass::MovesStay
            }
            Self::Refer
            | Self::WithdrawReferral
            | Self::RegisterChronic
            | Self::WithdrawChronic
            | Self::FixPlace
            | Self::WithdrawFixedPlace => CallClass::Files,
            Self::Settle
            | Self::Cancel
            | Self::Purchase
            | Self::CancelPurchase
            | Self::SettleSlip
            | Self::CancelSlip
            | Self::SettleStay
            | Self::CancelStay
            | Self::Reverse => CallClass::MovesMoney,
        }
    }
}
