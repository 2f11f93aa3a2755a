//! What is asked of the platform, in our words. `zhijie-wire` turns a call into bytes and an answer into a `Reply`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::area::Area;
use crate::bill::Bill;
use crate::credential::CredentialKind;
use crate::fen::Fen;
use crate::ids::{
    ChargeBatch, InsuranceType, LineSerial, MessageId, PersonNumber, SettlementId, VisitId, VisitNumber,
    VisitType,
};
use crate::person::{Insurance, Person};
use crate::private::Private;
use crate::stay::{Admission, Discharge, StayLine, StayPart};
use crate::trace::Traces;
use crate::transaction::Transaction;
use crate::visit::Visit;

/// Who is settled: the person with the one insurance that pays, as every call of a visit needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    pub number: PersonNumber,
    pub name: Private,
    pub certificate_kind: String,
    pub certificate: Private,
    pub insurance: InsuranceType,
    pub category: String,
    pub area: Area,
    pub credential: CredentialKind,
}

impl Payer {
    #[must_use]
    pub fn new(person: &Person, insurance: &Insurance, credential: CredentialKind) -> Self {
        Self {
            number: person.number.clone(),
            name: person.name.clone(),
            certificate_kind: person.certificate_kind.clone(),
            certificate: person.certificate.clone(),
            insurance: insurance.kind.clone(),
            category: insurance.category.clone(),
            area: insurance.area,
            credential,
        }
    }
}

/// Whether the personal account may be drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountUse {
    Use,
    Keep,
    /// Up to this amount, where the province takes one.
    UpTo(Fen),
}

/// The four amounts of a trial that a settlement repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialAmounts {
    pub own_expense: Fen,
    pub over_ceiling: Fen,
    pub first_own: Fen,
    pub in_scope: Fen,
}

/// One call of a bill's life. Everything a call needs except the credential, which stays in memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub enum Call {
    /// Opens the visit (2201).
    Register { payer: Payer, visit: Visit },
    /// Visit kind and diagnoses (2203, 2203A).
    Describe {
        payer: Payer,
        visit_id: VisitId,
        visit: Visit,
    },
    /// Fee lines (2204). One chunk of a large bill: `first` is the index of its first line.
    Upload {
        payer: Payer,
        visit_id: VisitId,
        visit: Visit,
        bill: Bill,
        first: usize,
    },
    /// Takes the lines of one batch back (2205).
    WithdrawLines {
        payer: Payer,
        visit_id: VisitId,
        batch: ChargeBatch,
    },
    /// Closes a visit without settlement (2202).
    WithdrawVisit {
        payer: Payer,
        visit_id: VisitId,
        number: VisitNumber,
    },
    /// Trial settlement (2206, 2206A); moves nothing.
    Trial {
        payer: Payer,
        visit_id: VisitId,
        kind: VisitType,
        batch: ChargeBatch,
        total: Fen,
        account: AccountUse,
    },
    /// Settlement (2207, 2207A); moves money.
    Settle {
        payer: Payer,
        visit_id: VisitId,
        kind: VisitType,
        batch: ChargeBatch,
        total: Fen,
        account: AccountUse,
        amounts: TrialAmounts,
        invoice: Option<String>,
        /// The packages handed out.
        #[serde(default, skip_serializing_if = "Traces::is_empty")]
        traces: Traces,
    },
    /// Refund of a settlement that stands (2208); moves money.
    Cancel {
        payer: Payer,
        visit_id: VisitId,
        settlement: SettlementId,
    },
    /// Trial of a purchase at a pharmacy (2101); moves nothing.
    TryPurchase {
        payer: Payer,
        visit: Visit,
        bill: Bill,
        account: AccountUse,
    },
    /// Settlement of a purchase at a pharmacy (2102): visit, lines and settlement in one; moves money.
    Purchase {
        payer: Payer,
        visit: Visit,
        bill: Bill,
        account: AccountUse,
        invoice: Option<String>,
    },
    /// Refund of a purchase that stands (2103); moves money.
    CancelPurchase {
        payer: Payer,
        visit_id: VisitId,
        settlement: SettlementId,
    },
    /// Trial of an outpatient bill that one call carries whole (2260); moves nothing.
    TrySlip { payer: Payer, visit: Visit, bill: Bill },
    /// Its settlement (2260): visit, diagnoses, lines and settlement in one; moves money.
    SettleSlip {
        payer: Payer,
        visit: Visit,
        bill: Bill,
        invoice: Option<String>,
    },
    /// Its refund (2261); moves money.
    CancelSlip {
        payer: Payer,
        visit_id: VisitId,
        settlement: SettlementId,
    },
    /// Reversal of one message whose outcome is unknown (2601).
    Reverse {
        payer: Payer,
        target: MessageId,
        transaction: Transaction,
    },
    /// Opens an inpatient stay (2401); reversible by its message id.
    Admit { payer: Payer, admission: Admission },
    /// What changed of a stay (2403); overwrites.
    ChangeStay {
        payer: Payer,
        visit_id: VisitId,
        admission: Admission,
    },
    /// Fee lines of a stay (2301); what one call does not carry waits for the next.
    ChargeStay {
        payer: Payer,
        visit_id: VisitId,
        kind: VisitType,
        lines: Vec<StayLine>,
    },
    /// Takes fee lines of a stay back (2302); `None`: all that are not settled.
    WithdrawCharges {
        payer: Payer,
        visit_id: VisitId,
        serials: Option<Vec<LineSerial>>,
    },
    /// The patient leaves (2402).
    Discharge {
        payer: Payer,
        visit_id: VisitId,
        admission: Admission,
        discharge: Discharge,
    },
    /// Takes a discharge back (2405).
    WithdrawDischarge { payer: Payer, visit_id: VisitId },
    /// Takes an admission back (2404).
    WithdrawAdmission { payer: Payer, visit_id: VisitId },
    /// Trial settlement of a stay (2303, 2303A); moves nothing.
    TryStay {
        payer: Payer,
        visit_id: VisitId,
        part: StayPart,
        account: AccountUse,
    },
    /// Settlement of a stay, or of a part of it (2304, 2304A); moves money.
    SettleStay {
        payer: Payer,
        visit_id: VisitId,
        part: StayPart,
        account: AccountUse,
        amounts: TrialAmounts,
        invoice: Option<String>,
    },
    /// Refund of a settlement of a stay (2305); moves money.
    CancelStay {
        payer: Payer,
        visit_id: VisitId,
        settlement: SettlementId,
    },
    /// Where this person lies in hospital, or lay (5303); moves nothing.
    QueryInHospital {
        payer: Payer,
        from: Timestamp,
        until: Timestamp,
    },
    /// Which visits of a kind began in a span of time (5201); moves nothing.
    QueryVisits {
        payer: Payer,
        kind: VisitType,
        from: Timestamp,
        until: Timestamp,
    },
    /// Which settlements stand for a visit (5203); moves nothing.
    QuerySettlement {
        payer: Payer,
        visit_id: VisitId,
        settlement: Option<SettlementId>,
    },
}

impl Call {
    #[must_use]
    pub const fn transaction(&self) -> Transaction {
        match self {
            Self::Register { .. } => Transaction::Register,
            Self::Describe { .. } => Transaction::Describe,
            Self::Upload { .. } => Transaction::Upload,
            Self::WithdrawLines { .. } => Transaction::WithdrawLines,
            Self::WithdrawVisit { .. } => Transaction::WithdrawVisit,
            Self::Trial { .. } => Transaction::Trial,
            Self::Settle { .. } => Transaction::Settle,
            Self::Cancel { .. } => Transaction::Cancel,
            Self::TryPurchase { .. } => Transaction::TryPurchase,
            Self::Purchase { .. } => Transaction::Purchase,
            Self::CancelPurchase { .. } => Transaction::CancelPurchase,
            Self::TrySlip { .. } => Transaction::TrySlip,
            Self::SettleSlip { .. } => Transaction::SettleSlip,
            Self::CancelSlip { .. } => Transaction::CancelSlip,
            Self::Reverse { .. } => Transaction::Reverse,
            Self::QueryVisits { .. } => Transaction::QueryVisit,
            Self::Admit { .. } => Transaction::Admit,
            Self::ChangeStay { .. } => Transaction::ChangeStay,
            Self::ChargeStay { .. } => Transaction::ChargeStay,
            Self::WithdrawCharges { .. } => Transaction::WithdrawCharges,
            Self::Discharge { .. } => Transaction::Discharge,
            Self::WithdrawDischarge { .. } => Transaction::WithdrawDischarge,
            Self::WithdrawAdmission { .. } => Transaction::WithdrawAdmission,
            Self::TryStay { .. } => Transaction::TryStay,
            Self::SettleStay { .. } => Transaction::SettleStay,
            Self::CancelStay { .. } => Transaction::CancelStay,
            Self::QueryInHospital { .. } => Transaction::QueryInHospital,
            Self::QuerySettlement { .. } => Transaction::QuerySettlement,
        }
    }

    #[must_use]
    pub const fn payer(&self) -> &Payer {
        match self {
            Self::Register { payer, .. }
            | Self::Describe { payer, .. }
            | Self::Upload { payer, .. }
            | Self::WithdrawLines { payer, .. }
            | Self::WithdrawVisit { payer, .. }
            | Self::Trial { payer, .. }
            | Self::Settle { payer, .. }
            | Self::Cancel { payer, .. }
            | Self::TryPurchase { payer, .. }
            | Self::Purchase { payer, .. }
            | Self::CancelPurchase { payer, .. }
            | Self::TrySlip { payer, .. }
            | Self::SettleSlip { payer, .. }
            | Self::CancelSlip { payer, .. }
            | Self::Reverse { payer, .. }
            | Self::QueryVisits { payer, .. }
            | Self::Admit { payer, .. }
            | Self::ChangeStay { payer, .. }
            | Self::ChargeStay { payer, .. }
            | Self::WithdrawCharges { payer, .. }
            | Self::Discharge { payer, .. }
            | Self::WithdrawDischarge { payer, .. }
            | Self::WithdrawAdmission { payer, .. }
            | Self::TryStay { payer, .. }
            | Self::SettleStay { payer, .. }
            | Self::CancelStay { payer, .. }
            | Self::QueryInHospital { payer, .. }
            | Self::QuerySettlement { payer, .. } => payer,
        }
    }

    /// Whether the message carries the patient's credential, which must then still be in memory.
    #[must_use]
    pub const fn needs_credential(&self) -> bool {
        matches!(
            self,
            Self::Register { .. }
                | Self::Trial { .. }
                | Self::Settle { .. }
                | Self::Admit { .. }
                | Self::TryStay { .. }
                | Self::SettleStay { .. }
                | Self::TryPurchase { .. }
                | Self::Purchase { .. }
                | Self::TrySlip { .. }
                | Self::SettleSlip { .. }
        )
    }

    /// When the visit began, for the calls that say so.
    #[must_use]
    pub const fn visit_began(&self) -> Option<Timestamp> {
        match self {
            Self::Admit { admission, .. } => Some(admission.began),
            Self::Register { visit, .. }
            | Self::Describe { visit, .. }
            | Self::Upload { visit, .. }
            | Self::TryPurchase { visit, .. }
            | Self::Purchase { visit, .. }
            | Self::TrySlip { visit, .. }
            | Self::SettleSlip { visit, .. } => Some(visit.began),
            Self::WithdrawLines { .. }
            | Self::WithdrawVisit { .. }
            | Self::Trial { .. }
            | Self::Settle { .. }
            | Self::Cancel { .. }
            | Self::CancelPurchase { .. }
            | Self::CancelSlip { .. }
            | Self::Reverse { .. }
            | Self::QueryVisits { .. }
            | Self::ChangeStay { .. }
            | Self::ChargeStay { .. }
            | Self::WithdrawCharges { .. }
            | Self::Discharge { .. }
            | Self::WithdrawDischarge { .. }
            | Self::WithdrawAdmission { .. }
            | Self::TryStay { .. }
            | Self::SettleStay { .. }
            | Self::CancelStay { .. }
            | Self::QueryInHospital { .. }
            | Self::QuerySettlement { .. } => None,
        }
    }
}
