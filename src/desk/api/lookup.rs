//! `person.lookup`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{Benefit, Fen, IdentityId, Insurance, InsuranceStatus, Private, VisitType};

use super::check::{ParamError, Params, instant, text, typed};
use super::common::{Notice, OperatorParams};
use super::filing::FilingCheckResult;
use super::quote::InsuranceParams;
use super::visit::DiseaseParams;

/// Parameters of `person.lookup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonLookupParams {
    pub identity_id: String,
    /// Visit kind the benefits are asked for; `11` ordinary outpatient.
    #[serde(default = "visit_kind_default")]
    pub visit_kind: String,
    /// More of the visit, where its benefits depend on that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<BenefitCaseParams>,
    /// Which insurance the rest is asked of, where several remain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance: Option<InsuranceParams>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
}

/// What the benefits of some visits depend on. Codes are those of the province.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BenefitCaseParams {
    /// When the visit ends, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// Disease of the directory the visit is to be settled under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disease: Option<DiseaseParams>,
    /// The operation of a day surgery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<DiseaseParams>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_control_kind: Option<String>,
}

impl BenefitCaseParams {
    /// When the visit ends.
    ///
    /// # Errors
    /// The text is no time.
    pub fn ended(&self) -> Result<Option<Timestamp>, ParamError> {
        self.ended
            .as_deref()
            .map(|text| instant("case.ended", text))
            .transpose()
    }

    fn check(&self) -> Result<(), ParamError> {
        self.ended()?;
        for (path, named) in [
            ("case.disease", &self.disease),
            ("case.operation", &self.operation),
        ] {
            if let Some(named) = named {
                text(format!("{path}.code"), &named.code, 30)?;
                text(format!("{path}.name"), &named.name, 500)?;
            }
        }
        for (path, code) in [
            ("case.birth_kind", &self.birth_kind),
            ("case.birth_control_kind", &self.birth_control_kind),
        ] {
            if let Some(code) = code {
                text(path, code, 6)?;
            }
        }
        Ok(())
    }
}

fn visit_kind_default() -> String {
    String::from("11")
}

impl Params for PersonLookupParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<IdentityId>("identity_id", &self.identity_id)?;
        typed::<VisitType>("visit_kind", &self.visit_kind)?;
        if let Some(case) = &self.case {
            case.check()?;
        }
        if let Some(insurance) = &self.insurance {
            insurance.to_choice()?;
        }
        if let Some(operator) = &self.operator {
            operator.to_operator("operator")?;
        }
        Ok(())
    }
}

/// Answer of `person.lookup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonLookupResult {
    #[schemars(with = "String")]
    pub name: Private,
    pub insurances: Vec<InsuranceView>,
    /// The insurance that pays unless the desk says otherwise; absent when the desk must choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<ChosenInsurance>,
    /// When the desk must choose: what there is to choose from. Ask again with one of them as `insurance`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<ChosenInsurance>,
    pub benefits: Vec<BenefitView>,
    /// Whether she may settle here as far as the filing goes, as `filing.check` tells it; absent when the desk must choose
    /// an insurance first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filing: Option<FilingCheckResult>,
    /// Chronic and special diseases she is registered for; absent when never told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chronic: Option<ChronicList>,
    /// What her year has used up; absent where the province does not tell it, and offline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<TotalsList>,
    pub source: LookupSource,
    pub asked_at: String,
    /// Age of the answer when it was given to the desk.
    pub age_s: u64,
    /// What is not as it would be with the platform in reach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
}

/// One insurance of the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InsuranceView {
    /// `310` employees, `390` residents, ...
    pub insurance_type: String,
    pub area: String,
    /// `active`, `suspended`, `invalid`, `terminated`, `not_insured`, `not_stated` or `unknown:CODE`.
    pub status: String,
    pub category: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance_fen: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employer: Option<String>,
}

impl From<&Insurance> for InsuranceView {
    fn from(row: &Insurance) -> Self {
        let status = match &row.status {
            InsuranceStatus::NotInsured => String::from("not_insured"),
            InsuranceStatus::Active => String::from("active"),
            InsuranceStatus::Suspended => String::from("suspended"),
            InsuranceStatus::Invalid => String::from("invalid"),
            InsuranceStatus::Terminated => String::from("terminated"),
            InsuranceStatus::NotStated => String::from("not_stated"),
            InsuranceStatus::Unknown(code) => format!("unknown:{code}"),
        };
        Self {
            insurance_type: String::from(row.kind.as_str()),
            area: row.area.to_string(),
            status,
            category: row.category.clone(),
            balance_fen: row.balance.map(Fen::get),
            employer: row.employer.clone(),
        }
    }
}

/// Which insurance pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChosenInsurance {
    pub insurance_type: String,
    pub area: String,
}

impl From<&Insurance> for ChosenInsurance {
    fn from(row: &Insurance) -> Self {
        Self {
            insurance_type: String::from(row.kind.as_str()),
            area: row.area.to_string(),
        }
    }
}

/// Whether a fund can be drawn on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BenefitView {
    /// Fund code of the platform.
    pub fund: String,
    pub enjoyed: bool,
    /// First day, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last day, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The insured region's words, unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl From<&Benefit> for BenefitView {
    fn from(row: &Benefit) -> Self {
        Self {
            fund: row.fund_code.clone(),
            enjoyed: row.enjoyed,
            from: row.from.map(|day| day.to_string()),
            until: row.until.map(|day| day.to_string()),
            reason: row.reason.clone(),
        }
    }
}

/// Chronic and special diseases of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChronicList {
    pub entries: Vec<ChronicEntryView>,
    pub source: LookupSource,
    pub asked_at: String,
    pub age_s: u64,
}

/// One entry of the register of chronic and special diseases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChronicEntryView {
    /// Code of the directory, as a visit names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub code: Option<Private>,
    #[schemars(with = "String")]
    pub name: Private,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Whether a visit of today may be settled under it.
    pub valid_today: bool,
}

/// Totals of a person's year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TotalsList {
    pub rows: Vec<TotalView>,
    pub source: LookupSource,
    pub asked_at: String,
    pub age_s: u64,
}

/// One total, as the insured region counts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TotalView {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance_type: Option<String>,
    pub year: String,
    /// `yyyyMM`, where the region counts by months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<String>,
    /// What is counted, by the region's own code.
    pub code: String,
    /// A decimal as it came: yuan, or a count.
    pub value: String,
}

/// Which answer of the platform this comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LookupSource {
    /// Number of the platform's transaction.
    pub transaction: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_message_id: Option<String>,
    /// The platform did not answer: this is what this desk saw at `asked_at`, without balances and employers.
    pub from_disk: bool,
}
