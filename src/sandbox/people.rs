//! The people of the sandbox, their cards, insurances and filings.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zhijie_model::{Area, Fen};

use crate::engine::YearTotals;
use crate::filing::{Entry, Filing};
use crate::policy::Setting;
use crate::share::yuan;

/// A fictitious person. Serialises with clear text: nobody real is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Name to call the person by on the command line, e.g. `fuyang-resident`.
    pub key: String,
    pub name: String,
    /// ID number with a correct check digit, or the number of other papers.
    pub certificate: String,
    /// What papers these are (`psn_cert_type`).
    #[serde(default = "resident_card")]
    pub certificate_kind: String,
    /// Number of the person at the insured region (`psn_no`).
    pub number: String,
    /// 1 male, 2 female.
    pub sex: String,
    /// GB/T 3304.
    pub ethnic_group: String,
    pub born: Date,
    /// Receives medical aid.
    #[serde(default)]
    pub aided: bool,
    pub card: Card,
    #[serde(default)]
    pub brought_forward: BroughtForward,
    pub insurance: Vec<Insurance>,
    /// A family member's personal account that pays for this person, too.
    #[serde(default)]
    pub family: Option<FamilyAccount>,
    /// Filings on the first day; the store holds what became of them.
    #[serde(default)]
    pub filing: Vec<Filing>,
    /// Entries in other registers on the first day.
    #[serde(default)]
    pub entry: Vec<Entry>,
}

fn resident_card() -> String {
    String::from("01")
}

/// Social-security card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    pub number: String,
    /// 32 hexadecimal digits (`card_sn`).
    pub identification: String,
    /// Specification version; the first three characters tell the generation.
    pub version: String,
    /// `YYYYMMDD`.
    pub issued: String,
    /// `YYYYMMDD`.
    pub valid_until: String,
}

/// One insurance of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Insurance {
    /// `insutype`: 310 employees, 390 residents.
    pub kind: String,
    pub area: Area,
    /// `psn_type`.
    pub category: String,
    /// `psn_insu_stas`: 1 active, 2 suspended.
    pub status: String,
    pub since: Date,
    #[serde(default)]
    pub paused: Option<Date>,
    #[serde(default)]
    pub civil_servant: bool,
    pub employer: String,
    /// Personal account on the first day; fen when serialised.
    #[serde(deserialize_with = "yuan::deserialize", rename(serialize = "balance_fen"))]
    pub balance: Fen,
}

/// The account of somebody in the family; fen when serialised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilyAccount {
    #[serde(deserialize_with = "yuan::deserialize", rename(serialize = "balance_fen"))]
    pub balance: Fen,
}

/// What the year had used up before the sandbox began.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BroughtForward {
    pub outpatient: PoolUsed,
    pub inpatient: PoolUsed,
    #[serde(deserialize_with = "yuan::deserialize")]
    pub burden: Fen,
    #[serde(deserialize_with = "yuan::deserialize")]
    pub supplement: Fen,
    #[serde(deserialize_with = "yuan::deserialize")]
    pub aid: Fen,
}

/// Part of the totals that counts per setting.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PoolUsed {
    #[serde(deserialize_with = "yuan::deserialize")]
    pub deductible: Fen,
    #[serde(deserialize_with = "yuan::deserialize")]
    pub base: Fen,
    #[serde(deserialize_with = "yuan::deserialize")]
    pub pool: Fen,
}

impl Person {
    #[must_use]
    pub fn insured(&self, kind: &str) -> Option<&Insurance> {
        self.insurance.iter().find(|insurance| insurance.kind == kind)
    }

    /// The insurance held in the region of `area`, an active one first.
    #[must_use]
    pub fn insured_in(&self, area: Area) -> Option<&Insurance> {
        let here = |insurance: &&Insurance| insurance.area.city() == area.city();
        let active = self
            .insurance
            .iter()
            .filter(here)
            .find(|insurance| insurance.status == "1");
        active.or_else(|| self.insurance.iter().find(here))
    }

    /// Region of the active insurance, else of the first.
    #[must_use]
    pub fn region(&self) -> Option<Area> {
        let active = self.insurance.iter().find(|insurance| insurance.status == "1");
        active
            .or_else(|| self.insurance.first())
            .map(|insurance| insurance.area)
    }

    /// Full years on `day`.
    #[must_use]
    pub fn age(&self, day: Date) -> i16 {
        let before_birthday = (day.month(), day.day()) < (self.born.month(), self.born.day());
        day.year() - self.born.year() - i16::from(before_birthday)
    }
}

impl BroughtForward {
    #[must_use]
    pub const fn totals(&self, setting: Setting) -> YearTotals {
        let used = match setting {
            Setting::Outpatient => &self.outpatient,
            Setting::Inpatient => &self.inpatient,
        };
        YearTotals {
            deductible: used.deductible,
            base: used.base,
            pool: used.pool,
            burden: self.burden,
            supplement: self.supplement,
            aid: self.aid,
        }
    }
}
