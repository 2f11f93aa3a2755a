//! `stay.status`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{BillId, Fault};

use super::check::{ParamError, Params, typed};
use super::common::{FaultShape, Notice};
use super::filing::FilingReceipt;
use super::status::{BillState, NextStep};

/// Parameters of `stay.status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StayStatusParams {
    pub stay_id: String,
}

impl Params for StayStatusParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<BillId>("stay_id", &self.stay_id).map(|_| ())
    }
}

/// Where a stay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StayPhase {
    /// Nothing of it is known at this desk.
    NotFound,
    /// The admission is under way.
    Admitting,
    /// The admission was sent, outcome not known; the agent finds out.
    AdmissionInDoubt,
    /// Nothing of the stay lies at the centre; it may be admitted.
    NotAdmitted,
    /// In hospital.
    Admitted,
    Discharged,
    /// A step is under way.
    Working,
    /// A discharge or an undo was sent, outcome not known; the agent finds out.
    StepInDoubt,
    /// A person must decide; see the next step.
    NeedsClerk,
}

/// Fee lines of a stay at the centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChargesView {
    pub line_count: u64,
    pub total_fen: i64,
    /// Lines no settlement covers, and their sum.
    pub unsettled_count: u64,
    pub unsettled_fen: i64,
    /// Lines that may lie there or not; the next upload or withdrawal clears them up.
    pub uncertain_count: u64,
}

/// One settlement of a stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StayBillView {
    pub bill_id: String,
    pub interim: bool,
    pub state: BillState,
    pub total_fen: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settlement_id: Option<String>,
}

/// Answer of `stay.status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StayStatusResult {
    pub stay_id: String,
    pub phase: StayPhase,
    /// While locked nothing of the stay can be changed or settled.
    pub locked: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charges: Option<ChargesView>,
    /// Every settlement that was ever quoted, the oldest first.
    pub bills: Vec<StayBillView>,
    pub notices: Vec<Notice>,
    /// What was known of the filing when the admission was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filing: Option<FilingReceipt>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    pub next_step: NextStep,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_check_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub fault: Option<Fault>,
}
