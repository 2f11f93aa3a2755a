//! Inpatient stays: what the desk tells of one, and how it is admitted.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{Admission, BillId, Discharge, Fault, IdentityId, Private, RequestId, StayExtras};

use super::check::{ParamError, Params, instant, optional_text, text, typed};
use super::common::{DepartmentParams, FaultShape, Notice, OperatorParams, Outcome, StaffParams};
use super::filing::FilingReceipt;
use super::quote::{InsuranceParams, QuoteLine};
use super::stay_status::{ChargesView, StayPhase};
use super::visit::{DiagnosisParams, DiseaseParams, VisitParams};

/// A stay as the hospital knows it at admission, or after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StayParams {
    /// The institution's own stay number.
    pub number: String,
    /// Visit kind code, `21` ordinary inpatient.
    pub kind: String,
    /// Time of admission, RFC 3339 with offset.
    pub began: String,
    pub doctor: StaffParams,
    pub department: DepartmentParams,
    pub bed: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complaint: Option<String>,
    /// Disease of a directory the stay is settled under, such as day surgery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disease: Option<DiseaseParams>,
    /// 1 to 99; the first one is the main diagnosis unless `rank` says otherwise.
    pub diagnoses: Vec<DiagnosisParams>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactParams>,
    /// Whether an injury led here; asked of visitors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub injury: Option<bool>,
    /// Whether a third party is involved; asked of visitors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub third_party: Option<bool>,
}

/// Whom to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContactParams {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl StayParams {
    /// The stay, checked; paths begin with `stay.`.
    ///
    /// # Errors
    /// The first member that is not acceptable.
    pub fn to_admission(&self) -> Result<Admission, ParamError> {
        let visit = VisitParams {
            number: self.number.clone(),
            kind: self.kind.clone(),
            began: self.began.clone(),
            doctor: self.doctor.clone(),
            department: self.department.clone(),
            complaint: self.complaint.clone(),
            disease: self.disease.clone(),
            diagnoses: self.diagnoses.clone(),
        };
        let visit = visit.to_visit().map_err(|error| below("stay", &error))?;
        let private = |path: &str, given: &str| text(path, given, 50).map(Private::new);
        let contact = self.contact.as_ref();
        Ok(Admission {
            number: visit.number,
            kind: visit.kind,
            began: visit.began,
            doctor: visit.doctor,
            department: visit.department,
            bed: text("stay.bed", &self.bed, 30)?,
            complaint: visit.complaint,
            disease: visit.disease,
            diagnoses: visit.diagnoses,
            contact: contact
                .map(|contact| private("stay.contact.name", &contact.name))
                .transpose()?,
            phone: contact
                .and_then(|contact| contact.phone.as_ref())
                .map(|phone| private("stay.contact.phone", phone))
                .transpose()?,
            injury: self.injury,
            third_party: self.third_party,
            extras: StayExtras::default(),
        })
    }
}

/// The path of a member that was checked as one of a visit.
fn below(parent: &str, error: &ParamError) -> ParamError {
    let member = error.path.strip_prefix("visit.").unwrap_or(&error.path);
    ParamError::new(format!("{parent}.{member}"), error.problem.clone())
}

/// Parameters of `stay.admit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StayAdmitParams {
    pub request_id: String,
    pub identity_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance: Option<InsuranceParams>,
    pub stay: StayParams,
}

impl Params for StayAdmitParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<RequestId>("request_id", &self.request_id)?;
        typed::<IdentityId>("identity_id", &self.identity_id)?;
        if let Some(operator) = &self.operator {
            operator.to_operator("operator")?;
        }
        if let Some(insurance) = &self.insurance {
            insurance.to_choice()?;
        }
        self.stay.to_admission().map(|_| ())
    }
}

/// Parameters of `stay.change`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StayChangeParams {
    pub request_id: String,
    pub stay_id: String,
    /// Everything, as it is now; the number must be the stay's.
    pub stay: StayParams,
}

impl Params for StayChangeParams {
    fn check(&self) -> Result<(), ParamError> {
        checked(&self.request_id, &self.stay_id)?;
        let admission = self.stay.to_admission()?;
        let end = format!(
            "/{}",
            admission.number.as_str().replace('%', "%25").replace('/', "%2F")
        );
        if self.stay_id.ends_with(&end) {
            Ok(())
        } else {
            Err(ParamError::new("stay.number", "is not that of the stay"))
        }
    }
}

/// Parameters of `stay.discharge`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StayDischargeParams {
    pub request_id: String,
    pub stay_id: String,
    /// Time of discharge, RFC 3339 with offset.
    pub ended: String,
    /// `1` as the doctor ordered, `2` to another hospital, `3` to a community or township hospital, `4` against advice,
    /// `5` died, `9` otherwise.
    pub way: String,
    pub doctor: StaffParams,
    pub department: DepartmentParams,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bed: Option<String>,
    /// Day of death, `2026-11-22`; required with way `5`, not allowed otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub died_on: Option<String>,
    /// 1 to 99; the first one is the main diagnosis unless `rank` says otherwise.
    pub diagnoses: Vec<DiagnosisParams>,
}

impl StayDischargeParams {
    /// # Errors
    /// The first member that is not acceptable.
    pub fn to_discharge(&self) -> Result<Discharge, ParamError> {
        let visit = VisitParams {
            number: String::from("discharge"),
            kind: String::from("21"),
            began: self.ended.clone(),
            doctor: self.doctor.clone(),
            department: self.department.clone(),
            complaint: None,
            disease: None,
            diagnoses: self.diagnoses.clone(),
        };
        let ended = instant("ended", &self.ended)?;
        let visit = visit.to_visit().map_err(|error| {
            let path = error.path.strip_prefix("visit.").unwrap_or(&error.path);
            ParamError::new(path, error.problem.clone())
        })?;
        if !["1", "2", "3", "4", "5", "9"].contains(&self.way.as_str()) {
            return Err(ParamError::new("way", "is none of 1, 2, 3, 4, 5, 9"));
        }
        let died_on = match &self.died_on {
            Some(day) => {
                let day: Result<Date, _> = day.parse();
                Some(day.map_err(|_| ParamError::new("died_on", "is no day such as 2026-11-22"))?)
            }
            None => None,
        };
        if died_on.is_some() != (self.way == "5") {
            return Err(ParamError::new(
                "died_on",
                "required with way 5, not allowed otherwise",
            ));
        }
        Ok(Discharge {
            ended,
            department: visit.department,
            bed: optional_text("bed", self.bed.as_deref().unwrap_or_default(), 30)?,
            way: self.way.clone(),
            died: died_on,
            diagnoses: visit.diagnoses,
        })
    }
}

impl Params for StayDischargeParams {
    fn check(&self) -> Result<(), ParamError> {
        checked(&self.request_id, &self.stay_id)?;
        self.to_discharge().map(|_| ())
    }
}

/// Parameters of `stay.undo_discharge` and `stay.undo_admission`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StayUndoParams {
    pub request_id: String,
    pub stay_id: String,
    /// Why; kept in the ledger.
    pub reason: String,
}

impl Params for StayUndoParams {
    fn check(&self) -> Result<(), ParamError> {
        checked(&self.request_id, &self.stay_id)?;
        text("reason", &self.reason, 200).map(|_| ())
    }
}

/// Request and stay of a method that changes something about a stay.
pub(super) fn checked(request_id: &str, stay_id: &str) -> Result<(), ParamError> {
    typed::<RequestId>("request_id", request_id)?;
    typed::<BillId>("stay_id", stay_id).map(|_| ())
}

/// Answer of the methods that do something with a stay and settle nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StayResult {
    pub outcome: Outcome,
    pub stay_id: String,
    /// Where the stay is now.
    pub phase: StayPhase,
    /// The centre's id of the stay, once it is admitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<String>,
    /// Of `stay.charge`: how the centre cut the lines of the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<QuoteLine>,
    /// What lies at the centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charges: Option<ChargesView>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// Of `stay.admit`: what was known of the filing when the admission was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filing: Option<FilingReceipt>,
    /// With `not_known`: quote it to `stay.status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub fault: Option<Fault>,
}
