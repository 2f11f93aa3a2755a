//! The insured regions and their policies: who decides the shares.

use serde::Deserialize;
use zhijie_model::{Area, Fen, Ratio};

use crate::share::{Tier, yuan};

/// Which of a region's rules a visit falls under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    Outpatient,
    /// Hospital stays, and chronic or special diseases treated outside, which regions pay by the same rules.
    Inpatient,
}

impl Setting {
    /// By the visit kind (`med_type`).
    #[must_use]
    pub fn of(kind: &str) -> Self {
        match kind.get(..2) {
            Some("14" | "21" | "22" | "23" | "24" | "25" | "26" | "27" | "28" | "52") => Self::Inpatient,
            _ => Self::Outpatient,
        }
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Outpatient => "outpatient",
            Self::Inpatient => "inpatient",
        }
    }
}

/// One insured region.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    pub area: Area,
    pub name: String,
    /// Insurance type 310.
    pub employee: Policy,
    /// Insurance type 390.
    pub resident: Policy,
    /// Share of the in-scope remainder that medical aid pays for aided persons, and its yearly limit.
    pub aid: Aid,
}

/// Rules of one insurance type.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub outpatient: Pool,
    pub inpatient: Pool,
    pub supplement: Supplement,
    /// Share of the remainder that the civil servant supplement pays.
    pub civil_servant: Ratio,
    pub account: AccountRule,
    pub visitor: Visitor,
}

/// Basic pool.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Per year.
    #[serde(with = "yuan")]
    pub deductible: Fen,
    /// By the year's in-scope amount above the deductible.
    pub tiers: Vec<Tier>,
    /// Per year.
    #[serde(with = "yuan")]
    pub cap: Fen,
}

/// Catastrophic illness of residents, large expenses of employees: pays from the year's in-scope amount that
/// the pool left.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supplement {
    #[serde(with = "yuan")]
    pub threshold: Fen,
    pub tiers: Vec<Tier>,
    #[serde(with = "yuan")]
    pub cap: Fen,
}

/// Medical aid for aided persons.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aid {
    pub ratio: Ratio,
    #[serde(with = "yuan")]
    pub cap: Fen,
}

/// Where the personal account may pay.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountRule {
    pub across_provinces: bool,
    /// Whether it also pays what lies outside the catalogue or above the ceiling.
    pub own_expense: bool,
}

/// What treatment in another province costs the insured person, in share of the pool.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visitor {
    /// Taken off the pool's ratio for temporary filings, e.g. `0.10` for ten percentage points.
    pub temporary_less: Ratio,
    /// Taken off for an emergency, which counts as filed.
    pub emergency_less: Ratio,
    /// Taken off where no filing is in force; without it such visits are refused.
    #[serde(default)]
    pub unfiled_less: Option<Ratio>,
    /// Whether a filing is also wanted for other cities of the own province.
    #[serde(default)]
    pub in_province: bool,
}

impl Region {
    #[must_use]
    pub fn policy(&self, insurance: &str) -> Option<&Policy> {
        match insurance {
            "310" => Some(&self.employee),
            "390" => Some(&self.resident),
            _ => None,
        }
    }
}

impl Policy {
    #[must_use]
    pub const fn pool(&self, setting: Setting) -> &Pool {
        match setting {
            Setting::Outpatient => &self.outpatient,
            Setting::Inpatient => &self.inpatient,
        }
    }
}

/// The region an area belongs to: the same city by prefix.
#[must_use]
pub fn region_of(regions: &[Region], area: Area) -> Option<&Region> {
    regions.iter().find(|region| region.area.city() == area.city())
}
