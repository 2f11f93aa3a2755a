//! `identity.compare`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::IdentityId;

use super::check::{ParamError, Params, typed};
use super::common::Notice;

/// Parameters of `identity.compare`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdentityCompareParams {
    /// From one `identity.read`.
    pub identity_id: String,
    /// From another one of the same visit: the code beside the card.
    pub other_identity_id: String,
}

impl Params for IdentityCompareParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<IdentityId>("identity_id", &self.identity_id)?;
        typed::<IdentityId>("other_identity_id", &self.other_identity_id)?;
        if self.identity_id == self.other_identity_id {
            return Err(ParamError::new("other_identity_id", "must be another identity"));
        }
        Ok(())
    }
}

/// Answer of `identity.compare`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdentityCompareResult {
    pub standing: CompareStanding,
    /// What differs, by name and never by value. With `agree` a difference of regions alone may stand here.
    pub differences: Vec<Notice>,
}

/// How two identities stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompareStanding {
    /// One person, by everything both of them tell.
    Agree,
    /// Not one person, or not surely.
    Differ,
    /// They have nothing in common to compare.
    NotComparable,
}
