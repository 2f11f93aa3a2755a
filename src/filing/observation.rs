//! One thing that was seen, told or refused, as it is kept.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zhijie_model::{
    Area, InsuranceStatus, InsuranceType, MessageId, PersonNumber, PlatformMessageId, Private, Ratio,
    VisitType,
};

use crate::filing::{Filing, FilingKind};

/// What was seen, when, and by which answer. Never changed; only what it said may be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// When the answer was read, by the clock of this desk.
    pub at: Timestamp,
    pub source: Source,
    /// Our message that asked; absent for paper.
    pub message_id: Option<MessageId>,
    pub platform_message_id: Option<PlatformMessageId>,
    /// SM3 under which the ledger's journal lists it, 64 lower-case hex digits. Stays when the content is erased.
    pub digest: String,
    /// SM3 of the platform's answer as it came, 64 lower-case hex digits; absent for paper.
    pub answer_digest: Option<String>,
    /// `None` once the personal details were erased.
    pub said: Option<Said>,
}

/// Where an observation comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// 1101.
    Insurances,
    /// 2001.
    Benefits,
    /// 5301.
    ChronicEntries,
    /// 5302.
    FixedInstitutions,
    /// 5304.
    Referrals,
    /// 5360, where the province has it.
    Approvals,
    /// 2501 to 2506, done at this desk.
    Declaration,
    /// 2206.
    Trial,
    /// 2207.
    Settlement,
    /// 2101.
    PurchaseTrial,
    /// 2102.
    Purchase,
    /// 2401.
    Admission,
    /// 2303.
    StayTrial,
    /// 2304.
    StaySettlement,
    /// Told by the desk, from a paper or a screen the patient showed.
    Paper,
}

/// What an observation says. Versioned by the row it is kept in; its layout is part of the ledger's format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "snake_case")]
pub enum Said {
    /// Where the person is insured; says nothing about a filing.
    Insured {
        /// `None` in what was recorded before these were kept.
        #[serde(default)]
        person: Option<InsuredPerson>,
        rows: Vec<InsuredRow>,
    },
    /// Whether the benefits of a kind of visit at this place are enjoyed, with the insured region's words.
    Benefit {
        tried: Tried,
        enjoyed: bool,
        class: RefusalClass,
        words: Vec<Private>,
    },
    /// All filings a query showed.
    Filings {
        insured: Area,
        filings: Vec<Filing>,
        /// Whether the query would have shown a filing of any kind, so that an empty answer means that there is none.
        complete: bool,
    },
    /// Chronic-disease entries or approvals; nothing about a filing for treatment elsewhere.
    Entries { rows: Vec<Entry> },
    /// A filing made here and taken by the platform.
    Made { insured: Area, filing: Filing },
    /// Another record made here and taken by the platform; nothing about a filing for treatment elsewhere.
    Registered {
        record: Declared,
        number: Option<Private>,
        /// Of the disease, or of the institution.
        code: Private,
        name: Private,
        from: Date,
        until: Option<Date>,
    },
    /// A record taken back here.
    Withdrawn {
        number: Private,
        /// `None` in what was recorded before it was kept: a filing then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        record: Option<Declared>,
    },
    /// The insured region took a visit; `share` is the pool's share as it came, never computed.
    Accepted { tried: Tried, share: Option<Ratio> },
    /// The insured region refused a visit, in its own words.
    Refused {
        tried: Tried,
        class: RefusalClass,
        words: Private,
    },
    /// A filing the desk was shown.
    Paper { filing: Filing, seen_by: String },
    /// A filing that was there is not there any more.
    Vanished {
        filings: Vec<Filing>,
        last_seen: LastSeen,
    },
}

/// Which visit a verdict is about. Areas are compared by prefix, never for equality.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    pub insured: Area,
    pub care: Area,
    pub insurance: InsuranceType,
    pub visit_kind: VisitType,
}

/// Who a person lookup was about: what a bill needs of her, and no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsuredPerson {
    pub number: PersonNumber,
    pub name: Private,
    /// Certificate kind code; `01` is the citizen identity number.
    pub certificate_kind: String,
    pub certificate: Private,
}

/// One insurance row of a person lookup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsuredRow {
    pub insurance: InsuranceType,
    pub area: Area,
    pub active: bool,
    /// As told; `None` in what was recorded before it was kept.
    #[serde(default)]
    pub status: Option<InsuranceStatus>,
    /// Person category code of the insured region; empty in what was recorded before it was kept.
    #[serde(default)]
    pub category: String,
    #[serde(default)]
    pub civil_servant: bool,
}

/// One entry of the chronic-disease directory, or one approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Code of the directory; `None` in what was recorded before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Private>,
    pub name: Private,
    pub from: Option<Date>,
    pub until: Option<Date>,
}

/// Which kind of record was made or taken back here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Declared {
    /// 2501, 2502.
    Referral,
    /// 2505 and 2506 in the register of filings for treatment elsewhere.
    Elsewhere,
    /// 2505 and 2506 in another register.
    Place,
    /// 2503, 2504.
    Chronic,
}

impl Declared {
    /// Whether it is a filing for treatment elsewhere.
    #[must_use]
    pub const fn is_filing(self) -> bool {
        match self {
            Self::Referral | Self::Elsewhere => true,
            Self::Place | Self::Chronic => false,
        }
    }
}

/// What a refusal says about the filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalClass {
    FilingMissing,
    FilingExpired,
    /// Refused for another reason: says nothing about the filing.
    Other,
}

/// The observation that showed something for the last time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastSeen {
    pub at: Timestamp,
    pub source: Source,
    pub message_id: Option<MessageId>,
    pub platform_message_id: Option<PlatformMessageId>,
    pub digest: String,
}

impl Source {
    /// The word for ledger and desk.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Insurances => "insurances",
            Self::Benefits => "benefits",
            Self::ChronicEntries => "chronic_entries",
            Self::FixedInstitutions => "fixed_institutions",
            Self::Referrals => "referrals",
            Self::Approvals => "approvals",
            Self::Declaration => "declaration",
            Self::Trial => "trial",
            Self::Settlement => "settlement",
            Self::PurchaseTrial => "purchase_trial",
            Self::Purchase => "purchase",
            Self::Admission => "admission",
            Self::StayTrial => "stay_trial",
            Self::StaySettlement => "stay_settlement",
            Self::Paper => "paper",
        }
    }

    /// Every source.
    pub const ALL: [Self; 15] = [
        Self::Insurances,
        Self::Benefits,
        Self::ChronicEntries,
        Self::FixedInstitutions,
        Self::Referrals,
        Self::Approvals,
        Self::Declaration,
        Self::Trial,
        Self::Settlement,
        Self::PurchaseTrial,
        Self::Purchase,
        Self::Admission,
        Self::StayTrial,
        Self::StaySettlement,
        Self::Paper,
    ];

    /// The source of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.word() == word)
    }

    /// Number of the platform's transaction; paper has none, and a declaration is one of several
    /// ([`Observation::transaction`]).
    #[must_use]
    pub const fn transaction(self) -> Option<&'static str> {
        match self {
            Self::Insurances => Some("1101"),
            Self::Benefits => Some("2001"),
            Self::ChronicEntries => Some("5301"),
            Self::FixedInstitutions => Some("5302"),
            Self::Referrals => Some("5304"),
            Self::Approvals => Some("5360"),
            Self::Trial => Some("2206"),
            Self::Settlement => Some("2207"),
            Self::PurchaseTrial => Some("2101"),
            Self::Purchase => Some("2102"),
            Self::Admission => Some("2401"),
            Self::StayTrial => Some("2303"),
            Self::StaySettlement => Some("2304"),
            Self::Declaration | Self::Paper => None,
        }
    }
}

impl Observation {
    /// Number of the platform's transaction. Of a declaration only what it said tells which one it was.
    #[must_use]
    pub fn transaction(&self) -> Option<&'static str> {
        if self.source != Source::Declaration {
            return self.source.transaction();
        }
        match self.said.as_ref()? {
            Said::Made { filing, .. } if filing.kind == FilingKind::Referral => Some("2501"),
            Said::Made { .. }
            | Said::Registered {
                record: Declared::Elsewhere | Declared::Place,
                ..
            } => Some("2505"),
            Said::Registered {
                record: Declared::Referral,
                ..
            } => Some("2501"),
            Said::Registered {
                record: Declared::Chronic,
                ..
            }
            | Said::Entries { .. } => Some("2503"),
            Said::Withdrawn { record, .. } => match (*record)? {
                Declared::Referral => Some("2502"),
                Declared::Elsewhere | Declared::Place => Some("2506"),
                Declared::Chronic => Some("2504"),
            },
            Said::Insured { .. }
            | Said::Benefit { .. }
            | Said::Filings { .. }
            | Said::Accepted { .. }
            | Said::Refused { .. }
            | Said::Paper { .. }
            | Said::Vanished { .. } => None,
        }
    }

    /// This observation as the last sight of something.
    #[must_use]
    pub fn last_seen(&self) -> LastSeen {
        LastSeen {
            at: self.at,
            source: self.source,
            message_id: self.message_id.clone(),
            platform_message_id: self.platform_message_id.clone(),
            digest: self.digest.clone(),
        }
    }
}
