//! Lookups beside a bill's life, as far as provinces differ in them.

use serde::Deserialize;
use zhijie_model::{Area, Distance, SheetKind};

/// What can be looked up. A profile without these keys is asked for nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LookupRules {
    /// Whether institutions can be searched (1201).
    pub institutions: bool,
    /// How the node of that search is spelled.
    pub institution_node: InstitutionNode,
    /// Whether the code tables of an area can be read (1901).
    pub dictionary: bool,
    /// Whether the diagnoses of a visit can be asked for (5202).
    pub diagnoses: bool,
    /// Whether its fee lines can (5204).
    pub lines: bool,
    /// Whether drugs handed out under a chronic disease can (5205).
    pub dispensed: bool,
    /// Which settlement sheets of the centre's there are.
    pub sheets: SheetRule,
}

/// Settlement sheets that can be fetched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SheetRule {
    #[default]
    None,
    /// One for the own province (5265), others beyond (5269, 5270).
    ByProvince,
    /// One for the own city, others beyond.
    ByCity,
    /// One for everybody (5260).
    One,
}

impl SheetRule {
    /// Which sheet the settlement of somebody insured there has; `None`: no sheet can be fetched.
    #[must_use]
    pub fn kind(self, insured: Area, care: Area, stay: bool) -> Option<SheetKind> {
        let elsewhere = match (self, insured.distance_to(care)) {
            (Self::None, _) => return None,
            (Self::One, _) => return Some(SheetKind::Any),
            (_, Distance::OtherProvince) | (Self::ByCity, Distance::SameProvince) => true,
            (_, Distance::SameCity) | (Self::ByProvince, Distance::SameProvince) => false,
        };
        Some(match (elsewhere, stay) {
            (false, _) => SheetKind::Home,
            (true, false) => SheetKind::VisitElsewhere,
            (true, true) => SheetKind::StayElsewhere,
        })
    }
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
