//! Checks of a bill against the rules of the insurance, as far as provinces differ in them.

use std::collections::BTreeMap;

use serde::Deserialize;
use zhijie_model::{Area, CheckStage, Distance, Severity};

use crate::profile_check::{ProfileError, text};

/// Which checks this province has. A profile without these keys has none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CheckRules {
    /// Checks that can be asked for.
    pub offered: Vec<CheckStage>,
    /// The one that goes with every quote.
    pub with_quote: Option<CheckStage>,
    /// Whether a bill that could not be checked is not quoted either.
    pub needed: bool,
    /// Whether the platform is told what the desk does about a violation (3103).
    pub answered: bool,
    /// Short name of the calling system; sent where there is one.
    pub system: Option<String>,
    /// Code of the occasion; a check without one names none.
    pub occasions: BTreeMap<CheckStage, String>,
    /// Whether the patient goes as an array with one row.
    pub patient_as_array: bool,
    /// Kind and level of the institution, as this province codes them.
    pub institution_kind: String,
    pub institution_level: String,
    /// Mark of a bill of a patient insured elsewhere.
    pub elsewhere: ElsewhereCodes,
    /// What a violation of each coded severity asks of the desk.
    pub severities: BTreeMap<String, Severity>,
    /// What one of a severity nobody listed asks.
    pub other_severity: Severity,
}

/// Codes by how far the insured region lies.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ElsewhereCodes {
    pub same_city: String,
    pub same_province: String,
    pub other_province: String,
}

impl Default for CheckRules {
    fn default() -> Self {
        Self {
            offered: Vec::new(),
            with_quote: None,
            needed: false,
            answered: false,
            system: None,
            occasions: BTreeMap::new(),
            patient_as_array: true,
            institution_kind: String::new(),
            institution_level: String::new(),
            elsewhere: ElsewhereCodes::default(),
            severities: BTreeMap::new(),
            other_severity: Severity::Asks,
        }
    }
}

impl Default for ElsewhereCodes {
    fn default() -> Self {
        Self {
            same_city: String::from("0"),
            same_province: String::from("1"),
            other_province: String::from("1"),
        }
    }
}

impl CheckRules {
    /// # Errors
    /// The first key found wrong.
    pub(crate) fn check(&self) -> Result<(), ProfileError> {
        if self.offered.is_empty() {
            return Ok(());
        }
        text("checks.institution_kind", &self.institution_kind, 3)?;
        text("checks.institution_level", &self.institution_level, 3)?;
        if self
            .with_quote
            .is_some_and(|stage| !self.offered.contains(&stage))
        {
            return Err(ProfileError::NotOneOf {
                key: "checks.with_quote",
                allowed: "checks.offered",
            });
        }
        if self.occasions.values().any(|code| code.trim().is_empty()) {
            return Err(ProfileError::Empty {
                key: "checks.occasions",
            });
        }
        Ok(())
    }

    pub(crate) fn severity(&self, code: Option<&str>) -> Severity {
        let known = code.and_then(|code| self.severities.get(code));
        known.copied().unwrap_or(self.other_severity)
    }

    pub(crate) fn elsewhere(&self, insured: Area, care: Area) -> &str {
        match insured.distance_to(care) {
            Distance::SameCity => &self.elsewhere.same_city,
            Distance::SameProvince => &self.elsewhere.same_province,
            Distance::OtherProvince => &self.elsewhere.other_province,
        }
    }
}
