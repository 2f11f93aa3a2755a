//! Outpatient bills that one call carries whole, where a province takes such.

use serde::Deserialize;
use zhijie_model::VisitType;

use crate::profile_check::ProfileError;

/// Which visits go by 2260 and 2261, and how they are written. A profile without these keys has none: every visit is
/// registered, described and uploaded step by step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SlipRules {
    /// Visit kinds of it, by the beginning of their code; empty: none.
    pub visit_kinds: Vec<String>,
    pub names: SlipNames,
    /// Whether diagnoses and lines lie under a member of their own within their node; else the node is the array.
    pub rows_wrapped: bool,
    /// Whether a reversal by message id takes such a settlement back. No list names it among those that one does.
    pub reversible: bool,
}

/// How members are spelled that have two spellings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlipNames {
    /// As the one table that was read spells them.
    #[default]
    Early,
    /// As the other transactions of the interface do.
    National,
}

impl SlipRules {
    /// Whether a visit of that kind goes by one call.
    #[must_use]
    pub fn takes(&self, kind: &VisitType) -> bool {
        let starts = |start: &String| kind.as_str().starts_with(start.as_str());
        self.visit_kinds.iter().any(starts)
    }

    pub(crate) fn check(&self) -> Result<(), ProfileError> {
        if self.visit_kinds.iter().any(|start| start.trim().is_empty()) {
            return Err(ProfileError::Empty {
                key: "slips.visit_kinds",
            });
        }
        Ok(())
    }
}
