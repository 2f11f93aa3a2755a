//! `stay.quote`, `stay.settle`, `stay.cancel`: the settlements of a stay, each a bill of its own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{BillId, IdentityId, SettlementId};

use super::check::{ParamError, Params, amount, optional_text, text, typed};
use super::common::OperatorParams;
use super::quote::AccountParam;
use super::stay::checked;

/// Parameters of `stay.quote`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StayQuoteParams {
    pub request_id: String,
    pub stay_id: String,
    pub identity_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
    #[serde(default)]
    pub account: AccountParam,
    /// Settles what was charged so far while the stay goes on.
    #[serde(default)]
    pub interim: bool,
    /// The hospital's sum of the lines that are not settled; must be that of the lines at the centre.
    pub total_fen: i64,
}

impl Params for StayQuoteParams {
    fn check(&self) -> Result<(), ParamError> {
        checked(&self.request_id, &self.stay_id)?;
        typed::<IdentityId>("identity_id", &self.identity_id)?;
        if let Some(operator) = &self.operator {
            operator.to_operator("operator")?;
        }
        amount("total_fen", self.total_fen).map(|_| ())
    }
}

/// Parameters of `stay.settle`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StaySettleParams {
    pub request_id: String,
    pub stay_id: String,
    /// Of the quote.
    pub bill_id: String,
    pub quote_id: String,
    /// What the cashier accepted; must be the cash of the quote.
    pub cash_fen: i64,
    /// Must be the total of the quote.
    pub total_fen: i64,
    /// As in the quote; another word is refused.
    #[serde(default)]
    pub interim: bool,
    /// Number of the hospital's invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<String>,
}

impl Params for StaySettleParams {
    fn check(&self) -> Result<(), ParamError> {
        checked(&self.request_id, &self.stay_id)?;
        bill_of(&self.stay_id, &self.bill_id)?;
        text("quote_id", &self.quote_id, 64)?;
        amount("cash_fen", self.cash_fen)?;
        amount("total_fen", self.total_fen)?;
        optional_text("invoice", self.invoice.as_deref().unwrap_or_default(), 20).map(|_| ())
    }
}

/// Parameters of `stay.cancel`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StayCancelParams {
    pub request_id: String,
    pub stay_id: String,
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

impl Params for StayCancelParams {
    fn check(&self) -> Result<(), ParamError> {
        checked(&self.request_id, &self.stay_id)?;
        bill_of(&self.stay_id, &self.bill_id)?;
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

/// A settlement of a stay is a bill whose id begins with the stay's.
fn bill_of(stay_id: &str, bill_id: &str) -> Result<(), ParamError> {
    typed::<BillId>("bill_id", bill_id)?;
    let rest = bill_id.strip_prefix(stay_id);
    if rest.is_some_and(|rest| rest.starts_with('/')) {
        Ok(())
    } else {
        Err(ParamError::new("bill_id", "is no bill of this stay"))
    }
}
