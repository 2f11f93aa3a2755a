//! The visit as the desk sends it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{Diagnosis, DiagnosisKind, Disease, Visit};

use super::check::{ParamError, instant, optional_text, text, typed};
use super::common::{DepartmentParams, StaffParams};

/// A visit; `number` is the institution's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitParams {
    pub number: String,
    /// Visit kind code, `11` ordinary outpatient.
    pub kind: String,
    /// RFC 3339 with offset.
    pub began: String,
    pub doctor: StaffParams,
    pub department: DepartmentParams,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complaint: Option<String>,
    /// Chronic or special disease the visit is settled under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disease: Option<DiseaseParams>,
    /// 1 to 99; the first one is the main diagnosis unless `rank` says otherwise.
    pub diagnoses: Vec<DiagnosisParams>,
}

/// An entry of the disease directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiseaseParams {
    pub code: String,
    pub name: String,
}

/// One diagnosis; what is left out is taken from the visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiagnosisParams {
    #[serde(default)]
    pub kind: DiagnosisKindParam,
    /// 1 to 99; defaults to the place in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u8>,
    /// ICD-10, insurance edition.
    pub code: String,
    pub name: String,
    /// Name of the department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doctor: Option<StaffParams>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// School of medicine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiagnosisKindParam {
    #[default]
    Western,
    ChineseDisease,
    ChineseSyndrome,
}

impl From<DiagnosisKindParam> for DiagnosisKind {
    fn from(kind: DiagnosisKindParam) -> Self {
        match kind {
            DiagnosisKindParam::Western => Self::Western,
            DiagnosisKindParam::ChineseDisease => Self::ChineseDisease,
            DiagnosisKindParam::ChineseSyndrome => Self::ChineseSyndrome,
        }
    }
}

impl VisitParams {
    /// The visit, checked; paths begin with `visit.`.
    ///
    /// # Errors
    /// The first member that is not acceptable.
    pub fn to_visit(&self) -> Result<Visit, ParamError> {
        if self.diagnoses.is_empty() || self.diagnoses.len() > 99 {
            return Err(ParamError::new("visit.diagnoses", "must be 1 to 99"));
        }
        let began = instant("visit.began", &self.began)?;
        let mut visit = Visit {
            number: typed("visit.number", &self.number)?,
            kind: typed("visit.kind", &self.kind)?,
            began,
            doctor: self.doctor.to_staff("visit.doctor")?,
            department: self.department.to_department("visit.department")?,
            complaint: optional_text(
                "visit.complaint",
                self.complaint.as_deref().unwrap_or_default(),
                1000,
            )?,
            disease: None,
            diagnoses: Vec::new(),
        };
        if let Some(disease) = &self.disease {
            visit.disease = Some(Disease {
                code: text("visit.disease.code", &disease.code, 30)?,
                name: text("visit.disease.name", &disease.name, 500)?,
            });
        }
        for (at, diagnosis) in self.diagnoses.iter().enumerate() {
            let made = diagnosis.to_diagnosis(at, &visit, began)?;
            visit.diagnoses.push(made);
        }
        Ok(visit)
    }
}

impl DiagnosisParams {
    fn to_diagnosis(&self, place: usize, visit: &Visit, began: Timestamp) -> Result<Diagnosis, ParamError> {
        let path = format!("visit.diagnoses[{place}]");
        let rank = match self.rank {
            Some(rank) => rank,
            None => u8::try_from(place + 1).unwrap_or(u8::MAX),
        };
        if !(1..=99).contains(&rank) {
            return Err(ParamError::new(format!("{path}.rank"), "must be 1 to 99"));
        }
        Ok(Diagnosis {
            kind: DiagnosisKind::from(self.kind),
            rank,
            code: text(format!("{path}.code"), &self.code, 20)?,
            name: text(format!("{path}.name"), &self.name, 100)?,
            department: match &self.department {
                Some(name) => text(format!("{path}.department"), name, 50)?,
                None => visit.department.name.clone(),
            },
            doctor: match &self.doctor {
                Some(doctor) => doctor.to_staff(&format!("{path}.doctor"))?,
                None => visit.doctor.clone(),
            },
            at: match &self.at {
                Some(at) => instant(&format!("{path}.at"), at)?,
                None => began,
            },
            admission_condition: None,
        })
    }
}
