//! `person.lookup`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{Benefit, Fen, IdentityId, Insurance, InsuranceStatus, Private, VisitType};

use super::check::{ParamError, Params, typed};
use super::common::{Notice, OperatorParams};

/// Parameters of `person.lookup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonLookupParams {
    pub identity_id: String,
    /// Visit kind the benefits are asked for; `11` ordinary outpatient.
    #[serde(default = "visit_kind_default")]
    pub visit_kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
}

fn visit_kind_default() -> String {
    String::from("11")
}

impl Params for PersonLookupParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<IdentityId>("identity_id", &self.identity_id)?;
        typed::<VisitType>("visit_kind", &self.visit_kind)?;
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
    pub benefits: Vec<BenefitView>,
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
