//! `reconcile.totals`: sums of some days against the centre's.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{Fault, Fen, InsuranceType};

use super::check::{ParamError, Params, amount, text, typed};
use super::common::{FaultShape, OperatorParams};

/// Sums of one request.
const SUMS_MAX: usize = 200;
/// Days of one request.
const DAYS_MAX: i32 = 31;

/// Parameters of `reconcile.totals`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReconcileTotalsParams {
    /// First day, `YYYY-MM-DD`, by the centre's clock.
    pub day: String,
    /// Last day, at most 31 days in all; the first when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The sums of the whole institution; those of this desk's ledger when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sums: Option<Vec<SumParams>>,
    /// Who asks; the desk's own operator when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
}

/// One sum, counted as the province counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SumParams {
    /// Insurance, office that clears and kind of clearing, as the platform codes them.
    pub insurance: String,
    pub office: String,
    pub kind: String,
    /// Settlements and refunds.
    pub count: i64,
    /// Refunds taken off.
    pub total_fen: i64,
    /// Of the funds, what accounts paid not included.
    pub funds_fen: i64,
    pub account_fen: i64,
}

/// A sum that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    pub insurance: InsuranceType,
    pub office: String,
    pub kind: String,
    pub count: i64,
    pub total: Fen,
    pub funds: Fen,
    pub account: Fen,
}

impl ReconcileTotalsParams {
    /// First and last day.
    ///
    /// # Errors
    /// When they are no days, or too many.
    pub fn days(&self) -> Result<(Date, Date), ParamError> {
        let read = |path: &str, text: &str| {
            let day = text.parse::<Date>();
            day.map_err(|_| ParamError::new(path, "must be a day like 2026-11-22"))
        };
        let first = read("day", &self.day)?;
        let last = match &self.until {
            Some(until) => read("until", until)?,
            None => return Ok((first, first)),
        };
        let days = first.until(last).map(|span| span.get_days());
        if days.is_ok_and(|days| (0..DAYS_MAX).contains(&days)) {
            Ok((first, last))
        } else {
            Err(ParamError::new(
                "until",
                "must not be before `day`, nor more than 30 days behind it",
            ))
        }
    }

    /// The sums that were said.
    ///
    /// # Errors
    /// The member that is not acceptable.
    pub fn to_sums(&self) -> Result<Option<Vec<Sum>>, ParamError> {
        let Some(sums) = &self.sums else { return Ok(None) };
        if sums.is_empty() || sums.len() > SUMS_MAX {
            return Err(ParamError::new("sums", "must be 1 to 200 sums"));
        }
        let read = sums.iter().enumerate().map(|(at, sum)| sum.to_sum(at));
        read.collect::<Result<_, _>>().map(Some)
    }
}

impl SumParams {
    fn to_sum(&self, at: usize) -> Result<Sum, ParamError> {
        let path = |member: &str| format!("sums[{at}].{member}");
        Ok(Sum {
            insurance: typed(&path("insurance"), &self.insurance)?,
            office: text(path("office"), &self.office, 6)?,
            kind: text(path("kind"), &self.kind, 6)?,
            count: self.count,
            total: amount(&path("total_fen"), self.total_fen)?,
            funds: amount(&path("funds_fen"), self.funds_fen)?,
            account: amount(&path("account_fen"), self.account_fen)?,
        })
    }
}

impl Params for ReconcileTotalsParams {
    fn check(&self) -> Result<(), ParamError> {
        self.days()?;
        self.to_sums()?;
        match &self.operator {
            Some(operator) => operator.to_operator("operator").map(|_| ()),
            None => Ok(()),
        }
    }
}

/// Answer of `reconcile.totals`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReconcileTotalsResult {
    pub from: String,
    pub until: String,
    /// Empty when there was nothing to compare.
    pub groups: Vec<TotalsGroup>,
    /// Settlements of these days that are in no sum whole, since their answers told too little.
    pub partial: u64,
    /// Settlements and refunds of this desk in doubt, which are in no sum: end them first (`reconcile.day`).
    pub in_doubt: u64,
}

/// How one sum compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TotalsGroup {
    /// What was compared, as sent.
    #[serde(flatten)]
    pub sum: SumParams,
    /// Whether the centre has the same.
    pub balanced: bool,
    /// What the centre has otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub differs: Option<TotalsDiffer>,
    /// Why nothing was compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub fault: Option<Fault>,
}

/// What the centre says of a sum that differs, unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TotalsDiffer {
    pub code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(day: &str, until: Option<&str>) -> ReconcileTotalsParams {
        ReconcileTotalsParams {
            day: String::from(day),
            until: until.map(String::from),
            ..ReconcileTotalsParams::default()
        }
    }

    #[test]
    fn days_are_bounded_and_in_order() {
        for (day, until, path) in [
            ("2026-11-22", None, None),
            ("2026-11-01", Some("2026-12-01"), None),
            ("2026-11-01", Some("2026-12-02"), Some("until")),
            ("2026-11-22", Some("2026-11-21"), Some("until")),
            ("22.11.", None, Some("day")),
            ("2026-11-22", Some("x"), Some("until")),
        ] {
            let refused = asked(day, until).check().err().map(|error| error.path);
            assert_eq!(refused.as_deref(), path, "{day} {until:?}");
        }
    }

    #[test]
    fn sums_are_refused_by_the_member_that_is_wrong() {
        let good = SumParams {
            insurance: String::from("390"),
            office: String::from("341200"),
            kind: String::from("11"),
            count: -1,
            total_fen: -5_000,
            funds_fen: -2_500,
            account_fen: 0,
        };
        let refused = |sums: Vec<SumParams>| {
            let mut asked = asked("2026-11-22", None);
            asked.sums = Some(sums);
            asked.check().err().map(|error| error.path)
        };
        assert_eq!(refused(vec![good.clone()]), None);
        assert_eq!(refused(Vec::new()).as_deref(), Some("sums"));
        assert_eq!(refused(vec![good.clone(); 201]).as_deref(), Some("sums"));
        let spoil = |spoil: fn(&mut SumParams)| {
            let mut wrong = good.clone();
            spoil(&mut wrong);
            refused(vec![good.clone(), wrong]).unwrap()
        };
        assert_eq!(spoil(|sum| sum.insurance.clear()), "sums[1].insurance");
        assert_eq!(spoil(|sum| sum.office.push('1')), "sums[1].office");
        assert_eq!(spoil(|sum| sum.kind.clear()), "sums[1].kind");
        assert_eq!(spoil(|sum| sum.total_fen = i64::MAX), "sums[1].total_fen");
    }
}
