//! Lookups of no person, as far as provinces differ in them.

use serde::Deserialize;

/// What can be looked up. A profile without these keys is asked for neither.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LookupRules {
    /// Whether institutions can be searched (1201).
    pub institutions: bool,
    /// How the node of that search is spelled.
    pub institution_node: InstitutionNode,
    /// Whether the code tables of an area can be read (1901).
    pub dictionary: bool,
}

/// Spelling of the node of 1201.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstitutionNode {
    /// `medinsinfo`
    #[default]
    Lower,
    /// `medinsInfo`
    Camel,
}
