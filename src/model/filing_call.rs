//! Filings made at the desk (2501 to 2506): they change what the insured region holds about a person.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::area::Area;
use crate::call::Payer;
use crate::filing::NamedInstitution;
use crate::ids::{FilingNumber, VisitId};
use crate::private::Private;
use crate::reply::{PlatformWords, Refusal};
use crate::transaction::Transaction;
use crate::visit::{Disease, Staff};

/// One change of a person's filings. None carries a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub enum FilingCall {
    /// A referral to another institution (2501, 2501A).
    Refer { payer: Payer, referral: NewReferral },
    /// A chronic or special disease (2503).
    RegisterChronic { payer: Payer, entry: NewChronicEntry },
    /// A fixed place (2505).
    FixPlace { payer: Payer, place: NewFixedPlace },
    /// Takes one record back (2502, 2504, 2506).
    Withdraw {
        payer: Payer,
        what: FilingRecord,
        /// Of a fixed place: the register it stands in. No message carries it; `None` in what was recorded before it was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        register: Option<crate::filing::FixedPointKind>,
        number: FilingNumber,
        /// Mandatory free text.
        reason: Private,
    },
}

/// Which kind of record is taken back; each has a transaction of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilingRecord {
    Referral,
    Chronic,
    FixedPlace,
}

/// What a referral says. Dates are civil dates of Beijing, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewReferral {
    pub diagnosis: Disease,
    pub to: NamedInstitution,
    /// Area of the target.
    pub area: Area,
    /// Kind code of the province; the national list was not found.
    pub kind_code: String,
    pub date: Date,
    pub reason: Private,
    pub opinion: Private,
    pub agreed: Option<bool>,
    pub from: Option<Date>,
    pub until: Option<Date>,
    /// Visit before the referral, for provinces that take the variant A.
    pub visit_before: Option<VisitId>,
}

/// What the registration of a chronic or special disease says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewChronicEntry {
    pub disease: Disease,
    /// Who attested it, and when.
    pub attested_by: NamedInstitution,
    pub attested_on: Date,
    pub doctor: Staff,
    pub from: Date,
    pub until: Option<Date>,
}

/// What the registration of a fixed place says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewFixedPlace {
    pub register: crate::filing::FixedPointKind,
    /// Rank among several, from 1.
    pub rank: u8,
    pub institution: NamedInstitution,
    pub from: Date,
    pub until: Option<Date>,
    pub memo: Option<Private>,
}

/// A well-formed answer to a [`FilingCall`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum FilingReply {
    Filed {
        number: FilingNumber,
        platform: PlatformWords,
    },
    Withdrawn {
        platform: PlatformWords,
    },
    Refused {
        refusal: Refusal,
    },
}

impl FilingCall {
    #[must_use]
    pub const fn transaction(&self) -> Transaction {
        match self {
            Self::Refer { .. } => Transaction::Refer,
            Self::RegisterChronic { .. } => Transaction::RegisterChronic,
            Self::FixPlace { .. } => Transaction::FixPlace,
            Self::Withdraw { what, .. } => match what {
                FilingRecord::Referral => Transaction::WithdrawReferral,
                FilingRecord::Chronic => Transaction::WithdrawChronic,
                FilingRecord::FixedPlace => Transaction::WithdrawFixedPlace,
            },
        }
    }

    #[must_use]
    pub const fn payer(&self) -> &Payer {
        match self {
            Self::Refer { payer, .. }
            | Self::RegisterChronic { payer, .. }
            | Self::FixPlace { payer, .. }
            | Self::Withdraw { payer, .. } => payer,
        }
    }
}
