//! The outpatient visit a bill belongs to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{VisitNumber, VisitType};

/// A visit as the hospital knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub number: VisitNumber,
    pub kind: VisitType,
    pub began: Timestamp,
    pub doctor: Staff,
    pub department: Department,
    /// Main complaint, free text; may be empty.
    pub complaint: String,
    /// Chronic or special disease the visit is settled under.
    pub disease: Option<Disease>,
    pub diagnoses: Vec<Diagnosis>,
}

/// A doctor with the nationally registered code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    pub code: String,
    pub name: String,
}

/// A department with its own code and the national category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    pub code: String,
    pub name: String,
    /// National department category, e.g. `A03`.
    pub category: String,
}

/// A disease of the chronic and special disease directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disease {
    pub code: String,
    pub name: String,
}

/// One diagnosis; the first in rank is the main one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    pub kind: DiagnosisKind,
    /// 1 to 99.
    pub rank: u8,
    /// ICD-10, insurance edition.
    pub code: String,
    pub name: String,
    pub department: String,
    pub doctor: Staff,
    pub at: Timestamp,
    /// How the illness stood at admission; stays only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admission_condition: Option<String>,
}

/// School of medicine a diagnosis is made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiagnosisKind {
    Western,
    ChineseDisease,
    ChineseSyndrome,
}
