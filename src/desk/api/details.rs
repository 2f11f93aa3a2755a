//! `visit.details`, `person.medicines` and `receipt.sheet`: what the centre holds of a settled visit, of a person's drugs, and
//! its own settlement sheet.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{BillId, IdentityId, Private};

use super::check::{ParamError, Params, instant, typed};
use super::common::OperatorParams;
use super::lookup::LookupSource;
use super::quote::{InsuranceParams, QuoteLine};

/// Parameters of `visit.details`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitDetailsParams {
    pub bill_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
}

impl Params for VisitDetailsParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<BillId>("bill_id", &self.bill_id)?;
        operator(self.operator.as_ref())
    }
}

fn operator(operator: Option<&OperatorParams>) -> Result<(), ParamError> {
    operator.map_or(Ok(()), |operator| operator.to_operator("operator").map(|_| ()))
}

/// Answer of `visit.details`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitDetailsResult {
    pub bill_id: String,
    pub lines: DetailLines,
    pub diagnoses: DetailDiagnoses,
}

/// Fee lines with their cuts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DetailLines {
    pub rows: Vec<DetailLine>,
    /// `from_disk`: our own copy of what the centre answered, because it could not be asked or showed no row.
    pub source: LookupSource,
}

/// One fee line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DetailLine {
    #[serde(flatten)]
    pub cut: QuoteLine,
    pub national_code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<String>,
}

/// Diagnoses of the visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DetailDiagnoses {
    pub rows: Vec<DetailDiagnosis>,
    pub source: LookupSource,
}

/// One diagnosis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DetailDiagnosis {
    pub code: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main: Option<bool>,
    /// Of a stay: made at discharge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_discharge: Option<bool>,
}

/// Parameters of `person.medicines`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonMedicinesParams {
    pub identity_id: String,
    /// RFC 3339 with offset.
    pub began: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance: Option<InsuranceParams>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
}

impl Params for PersonMedicinesParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<IdentityId>("identity_id", &self.identity_id)?;
        if let Some(insurance) = &self.insurance {
            insurance.to_choice()?;
        }
        let (began, ended) = self.span()?;
        if ended.is_some_and(|ended| ended < began) {
            return Err(ParamError::new("ended", "is before began"));
        }
        operator(self.operator.as_ref())
    }
}

impl PersonMedicinesParams {
    /// # Errors
    /// The end that is no time.
    pub fn span(&self) -> Result<(Timestamp, Option<Timestamp>), ParamError> {
        let ended = self.ended.as_deref().map(|ended| instant("ended", ended));
        Ok((instant("began", &self.began)?, ended.transpose()?))
    }
}

/// Answer of `person.medicines`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonMedicinesResult {
    /// At most 500, the newest last.
    pub rows: Vec<MedicineView>,
    pub cut: bool,
    pub source: LookupSource,
    pub asked_at: String,
}

/// A drug handed out under a chronic disease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MedicineView {
    pub national_code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub name: Option<Private>,
    /// The centre's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub institution: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub institution_name: Option<String>,
}

/// Parameters of `receipt.sheet`.
pub type ReceiptSheetParams = VisitDetailsParams;

/// Answer of `receipt.sheet`; exactly one of `content_base64` and `address`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReceiptSheetResult {
    pub bill_id: String,
    pub settlement_id: String,
    /// What the first bytes look like: `pdf`, `png`, `jpeg`, `zip`, `text` or `unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_base64: Option<String>,
    /// Where the platform says the sheet lies; the agent does not fetch it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    pub source: LookupSource,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_of_medicines_does_not_end_before_it_begins() {
        let table = [
            (r#""began":"2026-11-01T00:00:00+08:00""#, None),
            (
                r#""began":"2026-11-01T00:00:00+08:00","ended":"2026-10-01T00:00:00+08:00""#,
                Some("ended"),
            ),
            (r#""began":"2026-11-01""#, Some("began")),
            (
                r#""began":"2026-11-01T00:00:00+08:00","insurance":{"area":"x"}"#,
                Some("insurance.area"),
            ),
        ];
        for (text, wrong) in table {
            let text = format!("{{\"identity_id\":\"i\",{text}}}");
            let params: PersonMedicinesParams = serde_json::from_str(&text).unwrap();
            let problem = params.check().err();
            assert_eq!(problem.map(|error| error.path).as_deref(), wrong, "{text}");
        }
    }
}
