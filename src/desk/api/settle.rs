//! `visit.settle`, `visit.confirm`, `visit.cancel`.

use jiff::civil::DateTime;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{
    BillId, Clearing, Fault, Fen, Refund, RequestId, Settlement, SettlementId, from_beijing, rfc3339_beijing,
};

use super::check::{ParamError, Params, amount, optional_text, text, typed};
use super::common::{FaultShape, Notice, OperatorParams, Outcome};
use super::deferred::{DeferredParams, DeferredView};
use super::filing::FilingReceipt;
use super::split::SplitView;
use super::status::BillState;

/// Parameters of `visit.settle`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitSettleParams {
    pub request_id: String,
    pub bill_id: String,
    /// Required unless the bill can only be deferred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote_id: Option<String>,
    /// What the cashier accepted; must be the cash of the quote. Required with `quote_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cash_fen: Option<i64>,
    /// Must be the total of the bill.
    pub total_fen: i64,
    #[serde(default)]
    pub mode: SettleMode,
    /// The whole bill, so that it can be settled later; required with `prefer_online` and `deferred`, not allowed otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferred: Option<DeferredParams>,
    /// Number of the hospital's invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<String>,
    /// Why the bill is settled although rules of the insurance are broken, where the quote asks for a reason. Kept in the
    /// ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
}

impl Params for VisitSettleParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<RequestId>("request_id", &self.request_id)?;
        typed::<BillId>("bill_id", &self.bill_id)?;
        match (&self.quote_id, self.cash_fen) {
            (Some(_), _) if self.mode == SettleMode::Deferred => {
                let problem = "not allowed with mode deferred; what has a quote may prefer_online";
                return Err(ParamError::new("quote_id", problem));
            }
            (Some(quote), Some(cash)) => {
                text("quote_id", quote, 64)?;
                amount("cash_fen", cash)?;
            }
            (None, None) if self.mode != SettleMode::Online => {}
            (None, _) => {
                return Err(ParamError::new(
                    "quote_id",
                    "required unless the bill is deferred",
                ));
            }
            (Some(_), None) => return Err(ParamError::new("cash_fen", "required with quote_id")),
        }
        match (&self.deferred, self.mode) {
            (Some(deferred), SettleMode::PreferOnline | SettleMode::Deferred) => deferred.check()?,
            (None, SettleMode::Online) => {}
            (Some(_), SettleMode::Online) => {
                return Err(ParamError::new("deferred", "not allowed with mode online"));
            }
            (None, SettleMode::PreferOnline | SettleMode::Deferred) => {
                return Err(ParamError::new(
                    "deferred",
                    "required with mode prefer_online and deferred",
                ));
            }
        }
        amount("total_fen", self.total_fen)?;
        optional_text("invoice", self.invoice.as_deref().unwrap_or_default(), 20)?;
        let reason = self.override_reason.as_deref();
        optional_text("override_reason", reason.unwrap_or_default(), 200)?;
        if let Some(operator) = &self.operator {
            operator.to_operator("operator")?;
        }
        Ok(())
    }
}

/// What to do when the platform cannot be reached. The offline policy of the desk decides whether anything may be deferred.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettleMode {
    #[default]
    /// Settle now or not at all.
    Online,
    /// Settle now if the road is open, else take the bill to be settled later.
    PreferOnline,
    /// Take the bill to be settled later; refused while the road is open.
    Deferred,
}

/// Answer of `visit.settle`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitSettleResult {
    pub outcome: Outcome,
    pub bill_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settlement: Option<SettlementView>,
    /// With `deferred`: the terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferred: Option<DeferredView>,
    /// With `not_known`: quote it to `visit.status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub fault: Option<Fault>,
}

/// A settlement that stands at the centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettlementView {
    pub settlement_id: String,
    /// The centre's time; its day is the accounting day.
    pub settled_at: String,
    pub split: SplitView,
    pub clearing: ClearingView,
    /// Our message that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_message_id: Option<String>,
    /// What was known of the filing when it was settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filing: Option<FilingReceipt>,
    pub warnings: Vec<Notice>,
}

impl From<&Settlement> for SettlementView {
    fn from(settlement: &Settlement) -> Self {
        let warnings = settlement
            .platform
            .text
            .iter()
            .map(|words| Notice {
                code: String::from("PLATFORM-TEXT"),
                text_zh: words.clone(),
                text_en: String::from("the platform's own words, unchanged"),
            })
            .collect();
        Self {
            settlement_id: String::from(settlement.id.as_str()),
            settled_at: with_offset(settlement.settled_at),
            split: SplitView::from(&settlement.split),
            clearing: ClearingView::from(&settlement.clearing),
            message_id: settlement.message_id.as_ref().map(|id| String::from(id.as_str())),
            platform_message_id: settlement
                .platform
                .message_id
                .as_ref()
                .map(|id| String::from(id.as_str())),
            filing: None,
            warnings,
        }
    }
}

fn with_offset(civil: DateTime) -> String {
    from_beijing(civil).map_or_else(|| format!("{civil}+08:00"), rfc3339_beijing)
}

/// How the settlement is cleared between hospital and funds; codes as the platform sent them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClearingView {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

impl From<&Clearing> for ClearingView {
    fn from(clearing: &Clearing) -> Self {
        Self {
            office: clearing.office.clone(),
            way: clearing.way.clone(),
            kind: clearing.kind.clone(),
        }
    }
}

/// Parameters of `visit.confirm`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitConfirmParams {
    pub request_id: String,
    pub bill_id: String,
    pub settlement_id: String,
    /// Always `true`: the settlement stands in the hospital's books.
    pub booked: bool,
}

impl Params for VisitConfirmParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<RequestId>("request_id", &self.request_id)?;
        typed::<BillId>("bill_id", &self.bill_id)?;
        typed::<SettlementId>("settlement_id", &self.settlement_id)?;
        if self.booked {
            Ok(())
        } else {
            Err(ParamError::new(
                "booked",
                "must be true; to undo a settlement use visit.cancel",
            ))
        }
    }
}

/// Answer of `visit.confirm`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitConfirmResult {
    pub outcome: Outcome,
    pub bill_id: String,
    pub state: BillState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub fault: Option<Fault>,
}

/// Parameters of `visit.cancel`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitCancelParams {
    pub request_id: String,
    pub bill_id: String,
    pub settlement_id: String,
    /// Why; kept in the ledger.
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
    /// Who agreed, where the policy of the house asks for two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_person: Option<OperatorParams>,
}

impl Params for VisitCancelParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<RequestId>("request_id", &self.request_id)?;
        typed::<BillId>("bill_id", &self.bill_id)?;
        typed::<SettlementId>("settlement_id", &self.settlement_id)?;
        text("reason", &self.reason, 200)?;
        if let Some(operator) = &self.operator {
            operator.to_operator("operator")?;
        }
        if let Some(person) = &self.second_person {
            person.to_operator("second_person")?;
        }
        Ok(())
    }
}

/// Answer of `visit.cancel`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitCancelResult {
    pub outcome: Outcome,
    pub bill_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<RefundView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub fault: Option<Fault>,
}

/// A refund: a row of its own, with negative amounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefundView {
    /// The refund's own id, not that of the settlement it undoes.
    pub settlement_id: String,
    pub refunded_at: String,
    /// Negative.
    pub total_fen: i64,
    /// Negative: what the cashier pays back. Absent where the platform leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cash_fen: Option<i64>,
    /// What the cashier or the engineer should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Notice>,
}

impl From<&Refund> for RefundView {
    fn from(refund: &Refund) -> Self {
        Self {
            settlement_id: String::from(refund.id.as_str()),
            refunded_at: with_offset(refund.refunded_at),
            total_fen: refund.total.get(),
            cash_fen: refund.cash.map(Fen::get),
            warnings: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_without_a_quote_brings_everything_with_it() {
        let page = include_str!("../../../docs/desk-api.md");
        let block = page
            .split("\n```json deferred-request visit.settle\n")
            .nth(1)
            .unwrap();
        let whole: serde_json::Value = serde_json::from_str(block.split("\n```").next().unwrap()).unwrap();
        let table = [
            // mode, with quote, with cash, with the whole bill: refused member
            ("online", true, true, false, None),
            ("online", false, false, false, Some("quote_id")),
            ("online", true, false, false, Some("cash_fen")),
            ("online", true, true, true, Some("deferred")),
            ("prefer_online", true, true, true, None),
            ("prefer_online", false, false, true, None),
            ("prefer_online", true, true, false, Some("deferred")),
            ("prefer_online", false, true, true, Some("quote_id")),
            ("deferred", false, false, true, None),
            ("deferred", false, false, false, Some("deferred")),
            ("deferred", true, true, true, Some("quote_id")),
        ];
        for (mode, quoted, cash, bill, refused) in table {
            let mut asked = serde_json::json!({
                "request_id": "r", "bill_id": whole["bill_id"], "total_fen": 41_260, "mode": mode
            });
            if quoted {
                asked["quote_id"] = "H31010100001202611220910130000".into();
            }
            if cash {
                asked["cash_fen"] = 1.into();
            }
            if bill {
                asked["deferred"] = whole["deferred"].clone();
            }
            let params: VisitSettleParams = serde_json::from_value(asked.clone()).unwrap();
            let problem = params.check().err();
            assert_eq!(problem.map(|error| error.path).as_deref(), refused, "{asked}");
        }
    }
}
