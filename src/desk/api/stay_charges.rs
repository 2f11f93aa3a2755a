//! `stay.charge`, `stay.withdraw_charges`: the fee lines of a stay.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{Department, Fen, LineSerial, Quantity, Staff, StayLine};

use super::bill::{BillLineParams, LineDefaults};
use super::check::{ParamError, Params, typed};
use super::stay::checked;

/// Fee lines one request may carry.
pub const STAY_LINES_MAX: usize = 3000;

/// Parameters of `stay.charge`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StayChargeParams {
    pub request_id: String,
    pub stay_id: String,
    /// 1 to 3000. What lies at the centre already, the same line under the same serial, is left out.
    pub lines: Vec<StayLineParams>,
}

/// One fee line of a stay; what is left out is taken from the stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StayLineParams {
    /// Unique within the stay. Of a line that gives another back, `quantity` and `amount_fen` are negative.
    #[serde(flatten)]
    pub line: BillLineParams,
    /// Serial of the line this one gives back, wholly or in part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunds: Option<String>,
}

impl StayLineParams {
    /// The line, checked; paths begin with `path`.
    ///
    /// # Errors
    /// The member that is not acceptable.
    pub fn to_line(&self, path: &str, defaults: &LineDefaults<'_>) -> Result<StayLine, ParamError> {
        let at = |member: &str| format!("{path}.{member}");
        let refunds = match &self.refunds {
            Some(serial) => Some(typed::<LineSerial>(&at("refunds"), serial)?),
            None => None,
        };
        if self.line.at.is_none() {
            return Err(ParamError::new(at("at"), "required of a line of a stay"));
        }
        let mut plain = self.line.clone();
        if refunds.is_some() {
            let quantity = plain.quantity.strip_prefix('-').map(String::from);
            let needed = || ParamError::new(at("quantity"), "must be negative where a line is given back");
            plain.quantity = quantity.ok_or_else(needed)?;
            plain.amount_fen = plain.amount_fen.saturating_neg();
        }
        let mut charge = plain.to_line(path, defaults)?;
        if charge.quantity.scaled() <= 0 || charge.amount <= Fen::ZERO {
            let problem = "must be more than nothing, or negative where a line is given back";
            return Err(ParamError::new(at("amount_fen"), problem));
        }
        let expected = zhijie_model::line_amount(charge.quantity, charge.unit_price);
        if expected.is_ok_and(|expected| expected.abs_diff(charge.amount) > 1) || expected.is_err() {
            return Err(ParamError::new(
                at("amount_fen"),
                "is not quantity times unit price",
            ));
        }
        if refunds.is_some() {
            let taken = Quantity::from_scaled(charge.quantity.scaled().saturating_neg());
            charge.quantity = taken.map_err(|error| ParamError::new(at("quantity"), error.to_string()))?;
            charge.amount = charge.amount.negated();
        }
        Ok(StayLine { charge, refunds })
    }
}

impl StayChargeParams {
    /// The lines, checked; those without time, department or doctor take the stay's.
    ///
    /// # Errors
    /// The first member that is not acceptable.
    pub fn to_lines(&self, defaults: &LineDefaults<'_>) -> Result<Vec<StayLine>, ParamError> {
        let line = |(at, line): (usize, &StayLineParams)| line.to_line(&format!("lines[{at}]"), defaults);
        self.lines.iter().enumerate().map(line).collect()
    }
}

impl Params for StayChargeParams {
    fn check(&self) -> Result<(), ParamError> {
        checked(&self.request_id, &self.stay_id)?;
        if self.lines.is_empty() || self.lines.len() > STAY_LINES_MAX {
            let problem = format!("must be 1 to {STAY_LINES_MAX}");
            return Err(ParamError::new("lines", problem));
        }
        let mut serials: Vec<&str> = self.lines.iter().map(|line| line.line.serial.as_str()).collect();
        serials.sort_unstable();
        if serials.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(ParamError::new("lines", "a serial stands twice"));
        }
        // What lines leave out is the stay's, which was checked when it was told.
        let department = Department {
            code: String::new(),
            name: String::new(),
            category: String::new(),
        };
        let doctor = Staff {
            code: String::new(),
            name: String::new(),
        };
        let defaults = LineDefaults {
            at: Timestamp::UNIX_EPOCH,
            department: &department,
            doctor: &doctor,
        };
        self.to_lines(&defaults).map(|_| ())
    }
}

/// Parameters of `stay.withdraw_charges`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StayWithdrawParams {
    pub request_id: String,
    pub stay_id: String,
    /// Which lines; absent: all that are not settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serials: Option<Vec<String>>,
}

impl StayWithdrawParams {
    /// # Errors
    /// The first serial that is not acceptable.
    pub fn to_serials(&self) -> Result<Option<Vec<LineSerial>>, ParamError> {
        let Some(serials) = &self.serials else {
            return Ok(None);
        };
        if serials.is_empty() || serials.len() > STAY_LINES_MAX {
            let problem = format!("must be 1 to {STAY_LINES_MAX}");
            return Err(ParamError::new("serials", problem));
        }
        let serial = |(at, serial): (usize, &String)| typed(&format!("serials[{at}]"), serial);
        serials
            .iter()
            .enumerate()
            .map(serial)
            .collect::<Result<Vec<_>, _>>()
            .map(Some)
    }
}

impl Params for StayWithdrawParams {
    fn check(&self) -> Result<(), ParamError> {
        checked(&self.request_id, &self.stay_id)?;
        self.to_serials().map(|_| ())
    }
}
