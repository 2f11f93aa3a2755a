//! `reconcile.day`: the centre's statement of some days against this desk's ledger.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::Fault;

use super::check::{ParamError, Params};
use super::common::{FaultShape, OperatorParams, Outcome};
use super::status::NextStep;

/// Parameters of `reconcile.day`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReconcileDayParams {
    /// `YYYY-MM-DD`: this desk's settlements since that day are compared too; only what is in doubt when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    /// Who asks; the desk's own operator when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
}

impl ReconcileDayParams {
    /// The day, when one was said.
    ///
    /// # Errors
    /// When it is no day.
    pub fn day(&self) -> Result<Option<Date>, ParamError> {
        let read = |text: &String| {
            let day = text.parse::<Date>();
            day.map_err(|_| ParamError::new("day", "must be a day like 2026-11-22"))
        };
        self.day.as_ref().map(read).transpose()
    }
}

impl Params for ReconcileDayParams {
    fn check(&self) -> Result<(), ParamError> {
        self.day()?;
        match &self.operator {
            Some(operator) => operator.to_operator("operator").map(|_| ()),
            None => Ok(()),
        }
    }
}

/// Answer of `reconcile.day`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReconcileDayResult {
    /// One for each office and kind of clearing that was asked about; empty when there was nothing to compare.
    pub groups: Vec<StatementGroup>,
    /// Doubts that ended; their requests have their answers now.
    pub ended: Vec<DoubtEnded>,
    /// Doubts that are left.
    pub left: Vec<DoubtLeft>,
}

/// How one group compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatementGroup {
    /// Office that clears, and kind of clearing, as the platform codes them.
    pub office: String,
    pub kind: String,
    /// First and last day, by the centre's clock.
    pub from: String,
    pub until: String,
    /// Rows of this desk.
    pub rows: u64,
    /// Whether every row of this desk stands at the centre with the same amounts.
    pub balanced: bool,
    /// Rows only the centre has: other desks' are among them.
    pub centre_more: u64,
    /// Rows only this desk has.
    pub hospital_more: u64,
    /// Rows with other amounts.
    pub differ: u64,
    /// Messages of these rows that are numbered as this desk numbers its own and that it never sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strangers: Vec<String>,
    /// Why nothing was compared; with `strangers`, what they mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub fault: Option<Fault>,
}

/// A doubt that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DoubtEnded {
    pub bill_id: String,
    /// The message that was in doubt.
    pub ticket: String,
    /// `done` or `not_done`, of what the desk had asked for.
    pub outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settlement_id: Option<String>,
}

/// A doubt that is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DoubtLeft {
    pub bill_id: String,
    pub ticket: String,
    pub stated: StatedWord,
    pub next_step: NextStep,
}

/// What the statement said of a doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatedWord {
    /// A row names it.
    Listed,
    /// No row names it, which proves nothing yet.
    Unlisted,
    /// No statement, or none that covers it.
    Nothing,
}
