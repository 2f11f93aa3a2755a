//! `filing.record`, `filing.dispute`, `filing.forget`.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{Area, Fault, Private, RequestId};

use super::check::{ParamError, Params, text, typed};
use super::common::{FaultShape, OperatorParams, Outcome};
use super::filing::{FilingKindWord, WhoParams, area};

/// Parameters of `filing.record`: a filing the patient showed on paper or on a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingRecordParams {
    pub request_id: String,
    pub who: WhoParams,
    pub kind: FilingKindWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub number: Option<Private>,
    /// First day, `YYYY-MM-DD`.
    pub from: String,
    /// Last day; left out: open-ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Where treatment was filed for, six digits.
    pub area: String,
    /// Who saw it, and what was seen; kept in the ledger.
    pub seen_by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
}

impl FilingRecordParams {
    /// First day, last day and area, checked.
    ///
    /// # Errors
    /// The member that is not acceptable.
    pub fn term(&self) -> Result<(Date, Option<Date>, Area), ParamError> {
        let from = day("from", &self.from)?;
        let until = self.until.as_deref().map(|text| day("until", text)).transpose()?;
        if until.is_some_and(|until| until < from) {
            return Err(ParamError::new("until", "is before from"));
        }
        Ok((from, until, area("area", &self.area)?))
    }
}

pub(super) fn day(path: &str, text: &str) -> Result<Date, ParamError> {
    let wrong = || ParamError::new(path, "must be a day YYYY-MM-DD between 1990 and 2199");
    let day: Date = text.parse().map_err(|_| wrong())?;
    let plain = day.to_string() == text && (1990..2200).contains(&day.year());
    plain.then_some(day).ok_or_else(wrong)
}

impl Params for FilingRecordParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<RequestId>("request_id", &self.request_id)?;
        self.who.to_who()?;
        self.term()?;
        if let Some(number) = &self.number {
            text("number", number.reveal(), 60)?;
        }
        text("seen_by", &self.seen_by, 100)?;
        operator(self.operator.as_ref())
    }
}

fn operator(given: Option<&OperatorParams>) -> Result<(), ParamError> {
    given.map_or(Ok(()), |operator| operator.to_operator("operator").map(|_| ()))
}

/// Answer of `filing.record`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingRecordResult {
    pub outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub fault: Option<Fault>,
}

/// Parameters of `filing.dispute`: a packet for the insured region, with everything that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingDisputeParams {
    pub request_id: String,
    pub who: WhoParams,
    /// What is disputed, in the desk's words; printed in the packet.
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
}

impl Params for FilingDisputeParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<RequestId>("request_id", &self.request_id)?;
        self.who.to_who()?;
        text("reason", &self.reason, 200)?;
        operator(self.operator.as_ref())
    }
}

/// Answer of `filing.dispute`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingDisputeResult {
    pub outcome: Outcome,
    /// Where the packet lies on this PC, to be printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_path: Option<String>,
    /// The same for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json_path: Option<String>,
    /// SM3 of the JSON file, hex; kept in the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub fault: Option<Fault>,
}

/// Parameters of `filing.forget`: either one person, or everything older than some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingForgetParams {
    pub request_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<WhoParams>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 36500))]
    pub older_than_days: Option<u32>,
    /// Why; kept in the ledger, so no name in it.
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
}

impl Params for FilingForgetParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<RequestId>("request_id", &self.request_id)?;
        match (&self.who, self.older_than_days) {
            (Some(who), None) => who.to_who().map(|_| ())?,
            (None, Some(days)) if days <= 36_500 => {}
            (None, Some(_)) => return Err(ParamError::new("older_than_days", "must be 0 to 36500")),
            _ => return Err(ParamError::new("who", "exactly one of who, older_than_days")),
        }
        text("reason", &self.reason, 200)?;
        operator(self.operator.as_ref())
    }
}

/// Answer of `filing.forget`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingForgetResult {
    pub outcome: Outcome,
    /// Observations that lost their details; their digests stay.
    pub erased: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub fault: Option<Fault>,
}
