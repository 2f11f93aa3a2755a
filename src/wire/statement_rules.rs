//! How a province states the settlements of its days, and what a statement proves there.

use serde::Deserialize;
use zhijie_model::{Area, Road};

use crate::profile_check::{ProfileError, range, text};
use crate::totals_rules::TotalsRules;

/// The day's reconciliation (3202) of this province. Without it no statement is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StatementRules {
    /// Which of columns 5 and 6 of the result file comes first. The documents disagree.
    pub columns: StatementColumns,
    /// Whether a settlement that no row names was not executed.
    pub absence_is_evidence: bool,
    /// Whether the centre's current day is complete in a statement.
    pub same_day: bool,
    /// Seconds by which a statement may lag behind the books.
    pub lag_max_s: u32,
    /// The office that clears, where none was seen in an answer.
    pub office: Option<OfficeRule>,
    /// Whether that rule holds for every settlement, so that what is missing there is missing.
    pub office_is_certain: bool,
    /// Kinds of clearing by road.
    pub kinds: ClearingKinds,
    /// Totals (3201), which are compared apart from rows.
    pub totals: TotalsRules,
}

/// Order of verdict and mark of refund in the result file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementColumns {
    #[default]
    VerdictFirst,
    RefundFirst,
}

/// Whose office clears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfficeRule {
    InsuredArea,
    CareArea,
}

/// Kinds of clearing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClearingKinds {
    pub outpatient: String,
    pub pharmacy: String,
    pub stay: String,
}

impl Default for ClearingKinds {
    fn default() -> Self {
        Self {
            outpatient: String::from("11"),
            pharmacy: String::from("41"),
            stay: String::from("21"),
        }
    }
}

impl StatementRules {
    /// Kind of clearing of a road, where no answer told it.
    #[must_use]
    pub fn kind(&self, road: &Road) -> &str {
        match road {
            Road::Outpatient | Road::Slip => &self.kinds.outpatient,
            Road::Pharmacy => &self.kinds.pharmacy,
            Road::Stay(_) => &self.kinds.stay,
        }
    }

    /// The office that clears for people insured in `insured`, where no answer told it.
    #[must_use]
    pub fn office(&self, insured: Area, care: Area) -> Option<String> {
        match self.office? {
            OfficeRule::InsuredArea => Some(insured.to_string()),
            OfficeRule::CareArea => Some(care.to_string()),
        }
    }

    pub(crate) fn check(&self) -> Result<(), ProfileError> {
        range("reconciliation.lag_max_s", u64::from(self.lag_max_s), 0, 604_800)?;
        text("reconciliation.kinds.outpatient", &self.kinds.outpatient, 6)?;
        text("reconciliation.kinds.pharmacy", &self.kinds.pharmacy, 6)?;
        text("reconciliation.kinds.stay", &self.kinds.stay, 6)
    }
}
