//! Visits under a chronic or special disease, as far as provinces differ in them.

use std::collections::BTreeSet;

use serde::Deserialize;
use zhijie_model::{Distance, VisitType};

use crate::profile_check::ProfileError;

/// Which visits are settled under a registered disease, and for whom. A profile without these keys takes the national
/// kinds and leaves it to the insured region who may use which disease.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChronicRules {
    /// Visit kinds of it, by the beginning of their code.
    pub visit_kinds: Vec<String>,
    /// Diseases that are open to patients of other provinces, by the code of the directory; empty: not known.
    pub other_provinces: BTreeSet<String>,
}

impl Default for ChronicRules {
    fn default() -> Self {
        Self {
            visit_kinds: vec![String::from("14")],
            other_provinces: BTreeSet::new(),
        }
    }
}

impl ChronicRules {
    /// Whether a visit of that kind is settled under a registered disease.
    #[must_use]
    pub fn is_chronic(&self, kind: &VisitType) -> bool {
        let starts = |start: &String| kind.as_str().starts_with(start.as_str());
        self.visit_kinds.iter().any(starts)
    }

    /// Whether a patient that far from home may be settled under the disease, as far as known.
    #[must_use]
    pub fn is_open(&self, disease: &str, distance: Distance) -> bool {
        match distance {
            Distance::SameCity | Distance::SameProvince => true,
            Distance::OtherProvince => {
                self.other_provinces.is_empty() || self.other_provinces.contains(disease)
            }
        }
    }

    pub(crate) fn check(&self) -> Result<(), ProfileError> {
        if self.visit_kinds.iter().any(|start| start.trim().is_empty()) {
            return Err(ProfileError::Empty {
                key: "chronic.visit_kinds",
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_visitors_are_held_to_the_short_list_and_only_where_there_is_one() {
        let mut rules = ChronicRules::default();
        let kind = |code| VisitType::new(code).unwrap();
        assert!(rules.is_chronic(&kind("140104")) && !rules.is_chronic(&kind("11")));
        assert!(rules.is_open("M03900", Distance::OtherProvince));
        rules.other_provinces.insert(String::from("M01600"));
        let table = [
            ("M01600", Distance::OtherProvince, true),
            ("M03900", Distance::OtherProvince, false),
            ("M03900", Distance::SameProvince, true),
            ("M03900", Distance::SameCity, true),
        ];
        for (code, distance, open) in table {
            assert_eq!(rules.is_open(code, distance), open, "{code} {distance:?}");
        }
    }
}
