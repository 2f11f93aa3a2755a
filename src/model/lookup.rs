//! What can be looked up beside persons: institutions, code tables of an area, and what the centre holds of a visit.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::fen::Fen;
use crate::ids::SettlementId;
use crate::private::Private;
use crate::reply::LineCut;

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

/// One fee line of a visit as the centre holds it (5204). Quantity and price are decimals as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CentreLine {
    pub settlement: Option<SettlementId>,
    /// Beijing wall clock.
    pub at: Option<DateTime>,
    pub national_code: String,
    pub own_code: Option<String>,
    pub name: Option<String>,
    pub quantity: Option<String>,
    pub unit_price: Option<String>,
    pub cut: LineCut,
}

/// One diagnosis of a visit as the centre holds it (5202).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CentreDiagnosis {
    pub code: String,
    pub name: String,
    pub rank: Option<String>,
    pub main: Option<bool>,
    /// Of a stay: made at discharge, not at admission.
    pub at_discharge: Option<bool>,
}

/// A drug handed out to somebody under a chronic disease, wherever it was (5205).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispensed {
    /// Beijing wall clock.
    pub at: Option<DateTime>,
    pub national_code: String,
    /// Tells of an illness.
    pub name: Option<Private>,
    pub quantity: Option<String>,
    pub amount: Option<Fen>,
    pub institution: Option<String>,
    pub institution_name: Option<String>,
}

/// Which of the centre's settlement sheets is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SheetKind {
    /// Of somebody insured here (5265).
    Home,
    /// Of a visitor's visit (5269).
    VisitElsewhere,
    /// Of a visitor's stay (5270).
    StayElsewhere,
    /// Of anybody, where there is one for all (5260).
    Any,
}

/// A settlement sheet of the centre's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CentreSheet {
    File(Vec<u8>),
    /// Where it can be fetched.
    Address(String),
}
