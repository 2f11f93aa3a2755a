//! `visit.status`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zhijie_model::{BillId, Fault, RequestId, Ticket};

use super::check::{ParamError, Params, typed};
use super::common::{FaultShape, Outcome};
use super::deferred::DeferredView;
use super::settle::{RefundView, SettlementView};

/// Parameters of `visit.status`: exactly one of the three.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitStatusParams {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// What `visit.status` is asked by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusKey {
    Request(RequestId),
    Bill(BillId),
    Ticket(Ticket),
}

impl VisitStatusParams {
    /// # Errors
    /// When not exactly one is given, or it is not well formed.
    pub fn key(&self) -> Result<StatusKey, ParamError> {
        match (&self.request_id, &self.bill_id, &self.ticket) {
            (Some(request), None, None) => typed("request_id", request).map(StatusKey::Request),
            (None, Some(bill), None) => typed("bill_id", bill).map(StatusKey::Bill),
            (None, None, Some(ticket)) => typed("ticket", ticket).map(StatusKey::Ticket),
            _ => Err(ParamError::new(
                "",
                "exactly one of request_id, bill_id, ticket is required",
            )),
        }
    }
}

impl Params for VisitStatusParams {
    fn check(&self) -> Result<(), ParamError> {
        self.key().map(|_| ())
    }
}

/// Where a bill stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BillState {
    /// Known, nothing sent.
    Drafted,
    /// Visit and lines are on their way to the centre; no money moves.
    Preparing,
    /// Tried; waits for the cashier.
    Quoted,
    /// The settlement is under way.
    Submitted,
    /// The settlement stands.
    Settled,
    /// The platform refused; nothing stands.
    Declined,
    /// Sent, outcome not known; the agent finds out.
    InDoubt,
    /// The lost settlement is being reversed.
    Reversing,
    /// Reversed; nothing stands.
    Reversed,
    /// Given up before anything moved.
    Abandoned,
    /// The refund is under way.
    Cancelling,
    /// Refunded.
    Cancelled,
    /// Taken to be settled later; nothing is settled.
    Deferred,
    /// A person must decide; see the next step.
    NeedsClerk,
}

/// Answer of `visit.status`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct VisitStatusResult {
    /// Of the request asked for, or of the bill's last request that moves money.
    pub outcome: Outcome,
    /// Absent when nothing is known by that key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_id: Option<String>,
    /// Absent when nothing is known by that key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<BillState>,
    /// Whether the desk has confirmed the settlement.
    pub confirmed: bool,
    /// While locked the bill takes no settlement and no cancellation.
    pub locked: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settlement: Option<SettlementView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<RefundView>,
    /// How the bill was deferred, once it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferred: Option<DeferredView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<NextStep>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_check_at: Option<String>,
    /// The stored answer of the request asked for, byte for byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub answer: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub fault: Option<Fault>,
}

/// What to do now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NextStep {
    /// Chinese.
    pub cashier: String,
    /// English.
    pub engineer: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_key() {
        let table = [
            (r#"{}"#, false),
            (r#"{"request_id":"r"}"#, true),
            (r#"{"bill_id":"b"}"#, true),
            (r#"{"ticket":"t"}"#, true),
            (r#"{"bill_id":"b","ticket":"t"}"#, false),
            (r#"{"bill_id":"b","ticket":null}"#, true),
            (r#"{"request_id":""}"#, false),
        ];
        for (text, good) in table {
            let params: VisitStatusParams = serde_json::from_str(text).unwrap();
            assert_eq!(params.check().is_ok(), good, "{text}");
        }
    }
}
