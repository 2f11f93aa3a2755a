//! `work.list`, `work.resolve`: what waits, and a person's verdict.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{BillId, Fault, RequestId, SettlementId, VisitId};

use super::check::{ParamError, Params, text, typed};
use super::common::{FaultShape, OperatorParams, Outcome};
use super::status::{BillState, NextStep};

/// Answer of `work.list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkListResult {
    /// What is not settled in the end, the oldest first.
    pub items: Vec<WorkItem>,
}

/// One bill, or one filing made at the desk, that waits for something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkItem {
    /// Of a filing the `act_id`.
    pub bill_id: String,
    pub kind: WorkKind,
    pub state: BillState,
    pub since: String,
    pub next_step: NextStep,
    /// The message in doubt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The settlement that stands, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settlement_id: Option<String>,
}

/// What a bill waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    /// A person must look; `work.resolve` takes the verdict.
    NeedsClerk,
    /// The agent goes on finding out by itself.
    InDoubt,
    /// The settlement stands and the desk software has not confirmed it in time.
    Unconfirmed,
    /// A visit or its lines lie unused at the centre and could not be taken back.
    Leftover,
    /// Deferred; the patient has to come back with card or code.
    NeedsPatient,
    /// Deferred; the platform refused to settle it.
    Refused,
    /// Deferred; its time is over and a person decides.
    Parked,
    /// A filing made at the desk: the agent goes on looking whether it was carried out.
    FilingInDoubt,
    /// A filing made at the desk: a person must look; `work.resolve` takes the verdict.
    FilingNeedsClerk,
}

/// Parameters of `work.resolve`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkResolveParams {
    pub request_id: String,
    pub bill_id: String,
    pub verdict: WorkVerdict,
    /// With `stands`: the settlement the person saw at the centre; of a filing the number of its record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settlement_id: Option<String>,
    /// With `stands`, for a purchase at a pharmacy whose answer was lost: its visit at the centre, without which it could
    /// not be refunded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<String>,
    /// How the person knows; kept in the ledger.
    pub reason: String,
    /// Who decided.
    pub operator: OperatorParams,
}

/// What the person found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkVerdict {
    /// The agent is to go on asking.
    AskAgain,
    /// The settlement stands at the centre, with the amounts of the quote.
    Stands,
    /// No settlement of the bill stands at the centre.
    DoesNotStand,
}

impl Params for WorkResolveParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<RequestId>("request_id", &self.request_id)?;
        typed::<BillId>("bill_id", &self.bill_id)?;
        text("reason", &self.reason, 200)?;
        self.operator.to_operator("operator")?;
        if let Some(visit) = &self.visit_id {
            typed::<VisitId>("visit_id", visit)?;
            if self.verdict != WorkVerdict::Stands {
                return Err(ParamError::new("visit_id", "only allowed with verdict stands"));
            }
        }
        match (self.verdict, &self.settlement_id) {
            (WorkVerdict::Stands, None) => {
                Err(ParamError::new("settlement_id", "required with verdict stands"))
            }
            (WorkVerdict::Stands, Some(id)) => typed::<SettlementId>("settlement_id", id).map(|_| ()),
            (WorkVerdict::AskAgain | WorkVerdict::DoesNotStand, None) => Ok(()),
            (WorkVerdict::AskAgain | WorkVerdict::DoesNotStand, Some(_)) => Err(ParamError::new(
                "settlement_id",
                "only allowed with verdict stands",
            )),
        }
    }
}

/// Answer of `work.resolve`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkResolveResult {
    pub outcome: Outcome,
    pub bill_id: String,
    /// Where the bill stands now.
    pub state: BillState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub fault: Option<Fault>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settlement_is_named_exactly_when_it_stands() {
        let table = [
            ("stands", true, true),
            ("stands", false, false),
            ("ask_again", false, true),
            ("does_not_stand", true, false),
        ];
        for (verdict, named, good) in table {
            let mut asked = serde_json::json!({
                "request_id": "r", "bill_id": "b", "verdict": verdict, "reason": "seen",
                "operator": {"code": "1", "name": "甲"}
            });
            if named {
                asked["settlement_id"] = serde_json::json!("s");
            }
            let params: WorkResolveParams = serde_json::from_value(asked).unwrap();
            assert_eq!(params.check().is_ok(), good, "{verdict} {named}");
        }
    }
}
