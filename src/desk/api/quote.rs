//! `visit.quote`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{AccountUse, Area, Bill, Fault, IdentityId, InsuranceType, LineCut, RequestId};

use super::bill::BillParams;
use super::check::{ParamError, Params, amount, typed};
use super::common::{FaultShape, Notice, OperatorParams, Outcome};
use super::rules::RuleCheckView;
use super::split::SplitView;
use super::visit::VisitParams;

/// Parameters of `visit.quote`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitQuoteParams {
    pub request_id: String,
    pub identity_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance: Option<InsuranceParams>,
    #[serde(default)]
    pub account: AccountParam,
    /// What the personal account is to pay at most; with `account` `use`, where the province takes an amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_fen: Option<i64>,
    pub visit: VisitParams,
    pub bill: BillParams,
}

impl Params for VisitQuoteParams {
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

/// The desk's choice among several insurances.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InsuranceParams {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
}

impl InsuranceParams {
    /// As [`zhijie_model::Person::choose_insurance`] takes it; paths begin with `insurance.`.
    ///
    /// # Errors
    /// The member that is not acceptable.
    pub fn to_choice(&self) -> Result<(Option<InsuranceType>, Option<Area>), ParamError> {
        let kind = match &self.insurance_type {
            Some(kind) => Some(typed("insurance.insurance_type", kind)?),
            None => None,
        };
        let area = match &self.area {
            Some(area) => {
                Some(Area::new(area).map_err(|error| ParamError::new("insurance.area", error.to_string()))?)
            }
            None => None,
        };
        Ok((kind, area))
    }
}

/// Whether the personal account may be drawn on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountParam {
    #[default]
    Use,
    Keep,
}

impl From<AccountParam> for AccountUse {
    fn from(account: AccountParam) -> Self {
        match account {
            AccountParam::Use => Self::Use,
            AccountParam::Keep => Self::Keep,
        }
    }
}

/// How far the personal account may be drawn on.
///
/// # Errors
/// When an amount is named that cannot be paid.
pub fn account_use(account: AccountParam, at_most: Option<i64>) -> Result<AccountUse, ParamError> {
    const PATH: &str = "account_fen";
    let Some(fen) = at_most else {
        return Ok(account.into());
    };
    if account == AccountParam::Keep {
        return Err(ParamError::new(PATH, "not allowed with account keep"));
    }
    if fen < 1 {
        return Err(ParamError::new(
            PATH,
            "must be above 0; to pay nothing from it use account keep",
        ));
    }
    amount(PATH, fen).map(AccountUse::UpTo)
}

/// Answer of `visit.quote`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitQuoteResult {
    pub outcome: Outcome,
    pub bill_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<QuoteView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub fault: Option<Fault>,
}

/// A trial settlement; binds nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuoteView {
    pub quote_id: String,
    pub split: SplitView,
    pub lines: Vec<QuoteLine>,
    /// `visit.settle` refuses the quote afterwards.
    pub good_until: String,
    /// What the rules of the insurance have against the bill, where the province checks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<RuleCheckView>,
    /// What the cashier or the engineer should know; nothing here keeps the quote from being settled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
}

/// How the centre cut one fee line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuoteLine {
    pub serial: String,
    pub amount_fen: i64,
    pub own_expense_fen: i64,
    pub over_ceiling_fen: i64,
    pub first_own_fen: i64,
    pub in_scope_fen: i64,
    /// `01` A, `02` B, `03` own expense; other codes as they came.
    pub class: String,
}

impl From<&LineCut> for QuoteLine {
    fn from(cut: &LineCut) -> Self {
        Self {
            serial: String::from(cut.serial.as_str()),
            amount_fen: cut.amount.get(),
            own_expense_fen: cut.own_expense.get(),
            over_ceiling_fen: cut.over_ceiling.get(),
            first_own_fen: cut.first_own.get(),
            in_scope_fen: cut.in_scope.get(),
            class: cut.class.clone(),
        }
    }
}
