//! What can be looked up beside persons: institutions, and the code tables of an area.

use serde::{Deserialize, Serialize};

/// What an institution is designated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstitutionKind {
    Hospital,
    Pharmacy,
    /// Rehabilitation after accidents at work.
    Rehabilitation,
    /// Prostheses and other aids.
    Aids,
    FamilyPlanning,
}

/// An institution as the platform lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownInstitution {
    pub code: String,
    pub name: String,
    /// Unified social credit code.
    pub credit_code: Option<String>,
    /// Kind as coded, where it is none we know.
    pub kind: Result<InstitutionKind, Option<String>>,
    /// Level, as coded.
    pub level: Option<String>,
}

/// One entry of a code table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DictionaryEntry {
    pub code: String,
    pub name: String,
    /// The entry it belongs to, in tables of several levels.
    pub parent: Option<String>,
    pub valid: bool,
}
