//! `pharmacy.quote`; `pharmacy.settle` and `pharmacy.cancel` speak the words of `visit.settle` and `visit.cancel`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{Bill, Department, Disease, IdentityId, RequestId, Staff, Visit};

use super::bill::BillParams;
use super::check::{ParamError, Params, instant, text, typed};
use super::common::OperatorParams;
use super::quote::{AccountParam, InsuranceParams, account_use};
use super::visit::DiseaseParams;

/// Parameters of `pharmacy.quote`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PharmacyQuoteParams {
    pub request_id: String,
    pub identity_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance: Option<InsuranceParams>,
    #[serde(default)]
    pub account: AccountParam,
    /// As for `visit.quote`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_fen: Option<i64>,
    pub purchase: PurchaseParams,
    pub bill: BillParams,
}

impl Params for PharmacyQuoteParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<RequestId>("request_id", &self.request_id)?;
        typed::<IdentityId>("identity_id", &self.identity_id)?;
        if let Some(operator) = &self.operator {
            operator.to_operator("operator")?;
        }
        if let Some(insurance) = &self.insurance {
            insurance.to_choice()?;
        }
        account_use(self.account, self.account_fen)?;
        if self.bill.lines.len() > Bill::LINES_MAX {
            return Err(ParamError::new(
                "bill.lines",
                format!("must be 1 to {}", Bill::LINES_MAX),
            ));
        }
        Ok(())
    }
}

/// A purchase; `number` is the pharmacy's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PurchaseParams {
    pub number: String,
    /// Visit kind code, `41` purchase at a pharmacy.
    #[serde(default = "purchase_kind")]
    pub kind: String,
    /// RFC 3339 with offset.
    pub began: String,
    /// Chronic or special disease the purchase is settled under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disease: Option<DiseaseParams>,
}

fn purchase_kind() -> String {
    String::from("41")
}

impl PurchaseParams {
    /// The purchase as a visit without doctor, department and diagnoses; paths begin with `purchase.`.
    ///
    /// # Errors
    /// The first member that is not acceptable.
    pub fn to_visit(&self) -> Result<Visit, ParamError> {
        let disease = match &self.disease {
            Some(disease) => Some(Disease {
                code: text("purchase.disease.code", &disease.code, 30)?,
                name: text("purchase.disease.name", &disease.name, 500)?,
            }),
            None => None,
        };
        Ok(Visit {
            number: typed("purchase.number", &self.number)?,
            kind: typed("purchase.kind", &self.kind)?,
            began: instant("purchase.began", &self.began)?,
            doctor: Staff {
                code: String::new(),
                name: String::new(),
            },
            department: Department {
                code: String::new(),
                name: String::new(),
                category: String::new(),
            },
            complaint: String::new(),
            disease,
            diagnoses: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purchase_is_a_visit_without_a_doctor() {
        let params: PurchaseParams = serde_json::from_value(serde_json::json!({
            "number": "YD1", "began": "2026-11-22T09:00:00+08:00"
        }))
        .unwrap();
        let visit = params.to_visit().unwrap();
        assert_eq!((visit.number.as_str(), visit.kind.as_str()), ("YD1", "41"));
        assert!(visit.doctor.code.is_empty() && visit.diagnoses.is_empty());
        let table = [
            ("number", "", "purchase.number"),
            ("kind", "4141414", "purchase.kind"),
            ("began", "today", "purchase.began"),
        ];
        for (member, value, path) in table {
            let mut wrong = serde_json::to_value(&params).unwrap();
            wrong[member] = value.into();
            let wrong: PurchaseParams = serde_json::from_value(wrong).unwrap();
            assert_eq!(
                wrong.to_visit().map_err(|error| error.path),
                Err(String::from(path))
            );
        }
    }
}
