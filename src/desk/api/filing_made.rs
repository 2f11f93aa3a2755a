//! `filing.refer`, `filing.register_chronic`, `filing.fix_place`, `filing.withdraw`: what the insured region holds of a
//! person is changed from the desk.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{
    Fault, FilingNumber, FixedPointKind, IdentityId, InstitutionCode, NamedInstitution, Private, RequestId,
    VisitId,
};

use super::check::{ParamError, Params, optional_text, text, typed};
use super::common::{FaultShape, OperatorParams, Outcome, StaffParams};
use super::filing::area;
use super::filing_acts::day;
use super::quote::InsuranceParams;
use super::visit::DiseaseParams;

/// An institution with its national code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InstitutionParams {
    pub code: String,
    pub name: String,
}

impl InstitutionParams {
    /// # Errors
    /// The member that is not acceptable.
    pub fn to_institution(&self, path: &str) -> Result<NamedInstitution, ParamError> {
        Ok(NamedInstitution {
            code: typed::<InstitutionCode>(&format!("{path}.code"), &self.code)?,
            name: text(format!("{path}.name"), &self.name, 200)?,
        })
    }
}

/// Who asks, and for whom; the same in every method that makes or takes back a filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingActParams {
    pub request_id: String,
    pub identity_id: String,
    /// Which insurance, where several remain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance: Option<InsuranceParams>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
}

impl FilingActParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<RequestId>("request_id", &self.request_id)?;
        typed::<IdentityId>("identity_id", &self.identity_id)?;
        if let Some(insurance) = &self.insurance {
            insurance.to_choice()?;
        }
        if let Some(operator) = &self.operator {
            operator.to_operator("operator")?;
        }
        Ok(())
    }
}

/// Parameters of `filing.refer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingReferParams {
    #[serde(flatten)]
    pub act: FilingActParams,
    pub diagnosis: DiseaseParams,
    /// Where the patient is referred to.
    pub to: InstitutionParams,
    /// Area of that institution, six digits.
    pub area: String,
    /// Kind of referral as the province numbers it.
    pub kind_code: String,
    /// Day of the referral, `YYYY-MM-DD`.
    pub date: String,
    #[schemars(with = "String")]
    pub reason: Private,
    #[schemars(with = "String")]
    pub opinion: Private,
    /// Whether this hospital agrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The platform's id of the visit before the referral, where the province wants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_before: Option<String>,
}

/// Parameters of `filing.register_chronic`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingRegisterChronicParams {
    #[serde(flatten)]
    pub act: FilingActParams,
    pub disease: DiseaseParams,
    /// Who attested it; left out: this institution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attested_by: Option<InstitutionParams>,
    pub attested_on: String,
    pub doctor: StaffParams,
    pub from: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Which register of fixed places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FixedPlaceKind {
    /// 门诊慢特病.
    Chronic,
    /// 就医定点医疗机构.
    Institution,
    /// 异地安置: a filing for treatment elsewhere.
    Elsewhere,
}

impl From<FixedPlaceKind> for FixedPointKind {
    fn from(kind: FixedPlaceKind) -> Self {
        match kind {
            FixedPlaceKind::Chronic => Self::Chronic,
            FixedPlaceKind::Institution => Self::Institution,
            FixedPlaceKind::Elsewhere => Self::Elsewhere,
        }
    }
}

/// Parameters of `filing.fix_place`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingFixPlaceParams {
    #[serde(flatten)]
    pub act: FilingActParams,
    pub kind: FixedPlaceKind,
    /// Rank among several, from 1.
    #[serde(default = "rank_default")]
    pub rank: u8,
    /// Left out: this institution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub institution: Option<InstitutionParams>,
    pub from: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub memo: Option<Private>,
}

const fn rank_default() -> u8 {
    1
}

/// Which kind of record is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilingRecordWord {
    Referral,
    Chronic,
    FixedPlace,
}

/// Parameters of `filing.withdraw`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingWithdrawParams {
    #[serde(flatten)]
    pub act: FilingActParams,
    pub what: FilingRecordWord,
    /// Number of the record at the insured region.
    #[schemars(with = "String")]
    pub number: Private,
    /// With `fixed_place`, and only with it: which register the record stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<FixedPlaceKind>,
    /// With `chronic`, and only with it: the disease, by which its register is searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disease_code: Option<String>,
    #[schemars(with = "String")]
    pub reason: Private,
}

/// First and last day, in order.
///
/// # Errors
/// The member that is not acceptable.
pub fn term(from: &str, until: Option<&str>) -> Result<(Date, Option<Date>), ParamError> {
    let from = day("from", from)?;
    let until = until.map(|text| day("until", text)).transpose()?;
    if until.is_some_and(|until| until < from) {
        return Err(ParamError::new("until", "is before from"));
    }
    Ok((from, until))
}

/// The day at `path`, `YYYY-MM-DD`.
///
/// # Errors
/// When it is none.
pub fn civil_day(path: &str, text: &str) -> Result<Date, ParamError> {
    day(path, text)
}

fn disease(path: &str, given: &DiseaseParams) -> Result<(), ParamError> {
    text(format!("{path}.code"), &given.code, 30)?;
    text(format!("{path}.name"), &given.name, 300).map(|_| ())
}

impl Params for FilingReferParams {
    fn check(&self) -> Result<(), ParamError> {
        self.act.check()?;
        disease("diagnosis", &self.diagnosis)?;
        self.to.to_institution("to")?;
        area("area", &self.area)?;
        text("kind_code", &self.kind_code, 30)?;
        let date = day("date", &self.date)?;
        text("reason", self.reason.reveal(), 100)?;
        text("opinion", self.opinion.reveal(), 200)?;
        let from = self.from.clone().unwrap_or_else(|| date.to_string());
        term(&from, self.until.as_deref())?;
        match &self.visit_before {
            Some(id) => typed::<VisitId>("visit_before", id).map(|_| ()),
            None => Ok(()),
        }
    }
}

impl Params for FilingRegisterChronicParams {
    fn check(&self) -> Result<(), ParamError> {
        self.act.check()?;
        disease("disease", &self.disease)?;
        if let Some(institution) = &self.attested_by {
            institution.to_institution("attested_by")?;
        }
        day("attested_on", &self.attested_on)?;
        self.doctor.to_staff("doctor")?;
        term(&self.from, self.until.as_deref()).map(|_| ())
    }
}

impl Params for FilingFixPlaceParams {
    fn check(&self) -> Result<(), ParamError> {
        self.act.check()?;
        if !(1..=99).contains(&self.rank) {
            return Err(ParamError::new("rank", "must be 1 to 99"));
        }
        if let Some(institution) = &self.institution {
            institution.to_institution("institution")?;
        }
        optional_text("memo", self.memo.as_ref().map_or("", Private::reveal), 500)?;
        term(&self.from, self.until.as_deref()).map(|_| ())
    }
}

impl Params for FilingWithdrawParams {
    fn check(&self) -> Result<(), ParamError> {
        self.act.check()?;
        typed::<FilingNumber>("number", self.number.reveal())?;
        text("reason", self.reason.reveal(), 500)?;
        if (self.what == FilingRecordWord::FixedPlace) != self.kind.is_some() {
            return Err(ParamError::new("kind", "with fixed_place, and only with it"));
        }
        match (self.what == FilingRecordWord::Chronic, &self.disease_code) {
            (true, Some(code)) => text("disease_code", code, 30).map(|_| ()),
            (false, None) => Ok(()),
            _ => Err(ParamError::new("disease_code", "with chronic, and only with it")),
        }
    }
}

/// Answer of every method that makes or takes back a filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingActResult {
    pub outcome: Outcome,
    /// The act in this desk's ledger; absent when nothing was sent. `work.list` and `work.resolve` call it `bill_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act_id: Option<String>,
    /// Number of the record at the insured region, where one was made and is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub number: Option<Private>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub fault: Option<Fault>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_record_is_taken_back_by_what_its_register_knows_it_by() {
        let table = [
            ("referral", None, None, None),
            ("referral", Some("elsewhere"), None, Some("kind")),
            ("fixed_place", Some("elsewhere"), None, None),
            ("fixed_place", None, None, Some("kind")),
            ("chronic", None, Some("M01600"), None),
            ("chronic", None, None, Some("disease_code")),
            ("referral", None, Some("M01600"), Some("disease_code")),
        ];
        for (what, kind, code, wrong) in table {
            let asked = json!({
                "request_id": "r", "identity_id": "i", "what": what, "number": "7", "reason": "重复",
                "kind": kind, "disease_code": code,
            });
            let params: FilingWithdrawParams = serde_json::from_value(asked).unwrap();
            let told = params.check().err().map(|error| error.path);
            assert_eq!(told.as_deref(), wrong, "{what} {kind:?} {code:?}");
        }
    }
}
