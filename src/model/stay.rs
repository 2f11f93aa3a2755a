//! An inpatient stay: what is told at admission, charged day by day, and told at discharge.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::bill::ChargeLine;
use crate::call::TrialAmounts;
use crate::fen::Fen;
use crate::ids::{LineSerial, VisitId, VisitNumber, VisitType};
use crate::private::Private;
use crate::visit::{Department, Diagnosis, Disease, Staff};

/// A stay as the hospital knows it at admission, or after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    /// The hospital's own stay number.
    pub number: VisitNumber,
    pub kind: VisitType,
    pub began: Timestamp,
    pub doctor: Staff,
    pub department: Department,
    pub bed: String,
    /// Main complaint, free text; may be empty.
    pub complaint: String,
    pub disease: Option<Disease>,
    /// The first in rank is the main one.
    pub diagnoses: Vec<Diagnosis>,
    pub contact: Option<Private>,
    pub phone: Option<Private>,
    /// The stay is owed to an injury.
    pub injury: Option<bool>,
    /// A third party is involved.
    pub third_party: Option<bool>,
    #[serde(default)]
    pub extras: StayExtras,
}

/// What only some stays have to tell. Codes are those of the province, passed on unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayExtras {
    /// Number of the medical record, where it is not the stay number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// Group of people the patient belongs to; told across regions only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crowd: Option<String>,
    /// Code of the sort of disease in the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disease_sort: Option<String>,
    /// The operation, code and name; a day surgery always has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Disease>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maternity: Option<Box<Maternity>>,
}

/// A stay for a birth or for birth control. Absent members are not told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maternity {
    /// Number of the family planning certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Private>,
    /// Kind of the birth, a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Kind of the operation for birth control, a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<bool>,
    /// Weeks of pregnancy, 1 to 99.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weeks: Option<u8>,
    /// Which pregnancy, and how many children.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pregnancies: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub children: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub premature: Option<bool>,
    /// Day of the birth or the operation; of a newborn that lies with her mother, the day of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Date>,
    /// Complications; told at discharge only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complicated: Option<bool>,
}

/// One fee line of a stay. The number of the doctor's order stands as the prescription of the charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayLine {
    #[serde(flatten)]
    pub charge: ChargeLine,
    /// The line it gives back, wholly or in part; quantity and amount are negative then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunds: Option<LineSerial>,
}

/// What is told at discharge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discharge {
    pub ended: Timestamp,
    pub department: Department,
    pub bed: String,
    /// Way of leaving, e.g. `1` as the doctor ordered.
    pub way: String,
    pub died: Option<Date>,
    pub diagnoses: Vec<Diagnosis>,
}

/// One row of who is in hospital.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundStay {
    pub visit_id: VisitId,
    /// The stay number of the hospital it lies in.
    pub number: Option<VisitNumber>,
    pub began: Option<Date>,
}

/// What one settlement of a stay covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayPart {
    pub kind: VisitType,
    pub total: Fen,
    /// Sums of how the centre split the lines.
    pub cuts: TrialAmounts,
    /// The stay goes on afterwards.
    pub interim: bool,
    /// Day of discharge, where it is known.
    pub discharged_on: Option<Date>,
}

impl Admission {
    /// The first diagnosis in rank.
    #[must_use]
    pub fn main_diagnosis(&self) -> Option<&Diagnosis> {
        self.diagnoses.iter().min_by_key(|diagnosis| diagnosis.rank)
    }
}
