//! Bills that are settled later: what `visit.settle` takes and answers for them, and the queue they stand in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{Bill, BillId, Fault, IdentityId};

use super::bill::BillParams;
use super::check::{ParamError, Params, amount, typed};
use super::common::FaultShape;
use super::quote::{AccountParam, InsuranceParams};
use super::status::NextStep;
use super::visit::VisitParams;

/// A bill complete enough to be settled later without the desk; with `mode` `deferred` or `prefer_online`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeferredParams {
    pub identity_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance: Option<InsuranceParams>,
    #[serde(default)]
    pub account: AccountParam,
    pub visit: VisitParams,
    pub bill: BillParams,
    /// What the patient left at the desk.
    pub deposit_fen: i64,
    /// She agreed that her bill is settled later.
    pub consent: bool,
}

impl DeferredParams {
    pub(super) fn check(&self) -> Result<(), ParamError> {
        typed::<IdentityId>("deferred.identity_id", &self.identity_id)?;
        amount("deferred.deposit_fen", self.deposit_fen)?;
        if let Some(insurance) = &self.insurance {
            insurance.to_choice()?;
        }
        if self.bill.lines.len() > Bill::LINES_MAX {
            let problem = format!("must be 1 to {}", Bill::LINES_MAX);
            return Err(ParamError::new("deferred.bill.lines", problem));
        }
        Ok(())
    }
}

/// On which terms a bill was taken. Nothing is settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeferredView {
    pub since: String,
    pub deposit_fen: i64,
    pub deposit_rule: DepositRuleView,
    /// Absent where nothing is known to estimate from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<EstimateView>,
    pub bears_loss: RiskView,
    /// After this a person decides.
    pub deadline: String,
    /// Words to print and to say, Chinese and English.
    pub words_zh: String,
    pub words_en: String,
}

/// How the deposit was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DepositRuleView {
    Full,
    Estimate,
    Percent,
}

/// Who bears what the settlement leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RiskView {
    Hospital,
    Patient,
}

/// A guess of the own share; never an amount to settle by. Names exactly one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EstimateView {
    pub cash_fen: i64,
    /// The message whose answer it was read off: the last settlement of the same person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_message_id: Option<String>,
    /// The region whose policy, as the hospital wrote it down, it was read off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_region: Option<String>,
    pub seen_at: String,
}

/// Answer of `queue.list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QueueListResult {
    /// Every deferred bill that has not come to its end, the oldest first.
    pub items: Vec<QueueItem>,
}

/// One deferred bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QueueItem {
    pub bill_id: String,
    pub place: QueuePlace,
    pub since: String,
    pub deadline: String,
    pub tries: u32,
    pub deposit_fen: i64,
    /// When the queue looks at it next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<String>,
    /// Once settled: what to pay back to the patient; negative: to collect from her.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_pay_back_fen: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settlement_id: Option<String>,
    pub next_step: NextStep,
    /// With `refused`: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub fault: Option<Fault>,
}

/// Where a deferred bill is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueuePlace {
    /// Waits for its turn.
    Queued,
    /// Being settled, or in doubt.
    UnderWay,
    /// Settled; the difference is to be paid back or collected, then `visit.confirm`.
    Settled,
    /// The patient has to come back with card or code: `visit.quote` takes the bill out of the queue.
    NeedsPatient,
    /// The platform refused: tell the patient.
    Refused,
    /// Its time is over; a person decides.
    Parked,
    /// Taken out of the queue with a new quote at the desk.
    AtTheDesk,
    /// Closed by a person without a settlement (`work.resolve`); not listed any more.
    Closed,
}

/// Parameters of `queue.run`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QueueRunParams {
    /// Only this bill; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_id: Option<String>,
}

impl Params for QueueRunParams {
    fn check(&self) -> Result<(), ParamError> {
        match &self.bill_id {
            Some(bill) => typed::<BillId>("bill_id", bill).map(|_| ()),
            None => Ok(()),
        }
    }
}

/// Answer of `queue.run`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QueueRunResult {
    /// Bills that are tried now.
    pub due: u64,
}
