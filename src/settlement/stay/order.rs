//! What the desk asks for at admission, complete, so that replaying it needs nothing else.

use serde::{Deserialize, Serialize};
use zhijie_model::{Admission, IdentityId, Payer, VisitNumber};

use crate::order::{Bearer, Operator, Policy};

/// A stay of one person with the rules it is handled under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayOrder {
    pub payer: Payer,
    /// Where the credential lies in memory; worthless after a restart.
    pub identity: IdentityId,
    pub admission: Admission,
    pub operator: Operator,
    pub policy: Policy,
    pub rules: StayRules,
}

/// The province's order of steps, as it was at admission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayRules {
    /// The final settlement comes before the discharge is told.
    #[serde(default)]
    pub settles_before_discharge: bool,
    /// Fees of a year are settled before fees of another year lie beside them.
    #[serde(default, skip_serializing_if = "is_not")]
    pub settles_at_year_end: bool,
    /// Fee lines of one call, so few that a call always carries all of them: of a lost one it is then known which lines
    /// were in it.
    pub lines_per_call: u16,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_not(told: &bool) -> bool {
    !*told
}

impl StayRules {
    /// With this many lines a call stays below the length the interface allows, however long their texts are.
    pub const LINES_PER_CALL_MAX: u16 = 40;
}

impl Default for StayRules {
    fn default() -> Self {
        Self {
            settles_before_discharge: false,
            settles_at_year_end: false,
            lines_per_call: Self::LINES_PER_CALL_MAX,
        }
    }
}

impl StayOrder {
    #[must_use]
    pub const fn bearer(&self) -> Bearer<'_> {
        Bearer {
            operator: &self.operator,
            identity: &self.identity,
            credential: None,
        }
    }

    /// The hospital's own number of the stay.
    #[must_use]
    pub const fn number(&self) -> &VisitNumber {
        &self.admission.number
    }
}
