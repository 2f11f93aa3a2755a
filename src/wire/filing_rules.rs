//! Filings, as far as provinces differ in them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use zhijie_model::{Area, Distance, FilingKind, FixedPointKind, VisitType};

use crate::profile_check::ProfileError;

/// What a province can be asked about filings, and for whom it wants one. A profile without these keys asks nothing
/// and wants a filing of patients of other provinces only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FilingRules {
    /// Queries this province has.
    pub queries: BTreeSet<FilingQuery>,
    /// Queries that show every filing a person has, so that an empty answer means that there is none.
    pub complete: BTreeSet<FilingQuery>,
    /// Registers of fixed places, by the code each is asked with; a register without a code is not asked.
    pub application_kinds: BTreeMap<FixedPointKind, String>,
    /// Kind codes of filings in the words of the policy; other codes stay visible as unknown.
    pub kinds: BTreeMap<String, FilingKind>,
    /// Whether a register of fixed places may name an area where an institution is due.
    pub area_as_institution: bool,
    /// Who needs a filing, by distance between insured region and treatment place.
    pub required: FilingNeed,
    /// Visit kinds that count as filed, by the beginning of their code.
    pub exempt_visit_kinds: Vec<String>,
    /// Texts that say that there is no filing, and that it has ended, in place of the general ones; `…` stands for any
    /// text between its halves. Empty: the general ones.
    pub words_missing: Vec<String>,
    pub words_expired: Vec<String>,
}

/// A query about filings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum FilingQuery {
    #[serde(rename = "5301")]
    Chronic,
    #[serde(rename = "5302")]
    FixedPoints,
    #[serde(rename = "5304")]
    Referrals,
    #[serde(rename = "5360")]
    Approvals,
}

/// Whether a filing is wanted, by distance. Only an expectation: the insured region decides at the trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilingNeed {
    pub same_city: bool,
    pub same_province: bool,
    pub other_province: bool,
}

impl Default for FilingRules {
    fn default() -> Self {
        Self {
            queries: BTreeSet::new(),
            complete: BTreeSet::new(),
            application_kinds: BTreeMap::new(),
            kinds: BTreeMap::new(),
            area_as_institution: true,
            required: FilingNeed {
                same_city: false,
                same_province: false,
                other_province: true,
            },
            exempt_visit_kinds: vec![String::from("13")],
            words_missing: Vec::new(),
            words_expired: Vec::new(),
        }
    }
}

impl FilingRules {
    /// Whether a patient insured in `insured` is expected to need a filing for a visit of that kind in `care`.
    #[must_use]
    pub fn is_required(&self, insured: Area, care: Area, kind: &VisitType) -> bool {
        let wanted = match insured.distance_to(care) {
            Distance::SameCity => self.required.same_city,
            Distance::SameProvince => self.required.same_province,
            Distance::OtherProvince => self.required.other_province,
        };
        let exempt = |start: &String| kind.as_str().starts_with(start.as_str());
        wanted && !self.exempt_visit_kinds.iter().any(exempt)
    }

    pub(crate) fn kind(&self, code: Option<&str>) -> FilingKind {
        match code {
            None => FilingKind::NotStated,
            Some(code) => self
                .kinds
                .get(code)
                .cloned()
                .unwrap_or_else(|| FilingKind::Unknown(code.to_owned())),
        }
    }

    pub(crate) fn check(&self) -> Result<(), ProfileError> {
        let empty = |key| Err(ProfileError::Empty { key });
        if self.application_kinds.values().any(|code| code.trim().is_empty()) {
            return empty("filing.application_kinds");
        }
        if self
            .exempt_visit_kinds
            .iter()
            .any(|start| start.trim().is_empty())
        {
            return empty("filing.exempt_visit_kinds");
        }
        let words = self.words_missing.iter().chain(&self.words_expired);
        if words
            .into_iter()
            .any(|text| text.trim_matches('…').trim().is_empty())
        {
            return empty("filing.words_missing, filing.words_expired");
        }
        if self.queries.contains(&FilingQuery::FixedPoints) && self.application_kinds.is_empty() {
            return empty("filing.application_kinds");
        }
        Ok(())
    }
}
