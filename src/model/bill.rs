//! A bill: fee lines that add up to the fen, or no bill at all.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::fen::Fen;
use crate::ids::{BillId, ChargeBatch, IdError, InstitutionCode, LineSerial, VisitNumber};
use crate::quantity::{Quantity, UnitPrice, line_amount};
use crate::trace::{LineTrace, TraceCode, Traced, Traces};
use crate::visit::{Department, Staff};

/// One fee line as the hospital charges it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeLine {
    pub serial: LineSerial,
    /// National catalogue code.
    pub national_code: String,
    /// The institution's own item code.
    pub own_code: String,
    pub name: String,
    pub quantity: Quantity,
    pub unit_price: UnitPrice,
    pub amount: Fen,
    pub at: Timestamp,
    /// Prescription number, where the line comes from one.
    pub prescription: Option<String>,
    pub outside_prescription: bool,
    pub department: Department,
    pub doctor: Staff,
    /// Trace codes of the packages handed out for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub traces: Vec<TraceCode>,
    /// Codes there ought to be; without it as many as there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traces_due: Option<u32>,
}

/// All lines of one charge batch of one visit.
///
/// INVARIANT: every line's amount is quantity times price rounded to the fen (one fen of tolerance, as the
/// platform allows), serials are unique, and the lines sum to `total`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    id: BillId,
    batch: ChargeBatch,
    lines: Vec<ChargeLine>,
    total: Fen,
}

/// A bill that cannot be; nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BillError {
    #[error("bill does not add up ({} problems)", .0.len())]
    DoesNotAddUp(Vec<BillProblem>),
    #[error(transparent)]
    Id(#[from] IdError),
}

/// One thing wrong with a bill, naming the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum BillProblem {
    NoLines,
    TooManyLines {
        lines: usize,
        lines_max: usize,
    },
    DuplicateSerial {
        serial: LineSerial,
    },
    /// Quantity times unit price is not the amount.
    LineAmount {
        serial: LineSerial,
        expected_fen: Fen,
        given_fen: Fen,
    },
    /// Only whole bills are settled; refund lines go through a cancellation.
    LineNotPositive {
        serial: LineSerial,
    },
    LineOutOfRange {
        serial: LineSerial,
    },
    Total {
        expected_fen: Fen,
        given_fen: Fen,
    },
    TotalOutOfRange,
}

impl Bill {
    /// Lines a bill may have; ten times what one upload call carries.
    pub const LINES_MAX: usize = 1000;

    /// # Errors
    /// [`BillError::DoesNotAddUp`] with every problem found, each naming its line.
    pub fn new(
        institution: &InstitutionCode,
        visit: &VisitNumber,
        batch: ChargeBatch,
        lines: Vec<ChargeLine>,
        total: Fen,
    ) -> Result<Self, BillError> {
        let problems = problems(&lines, total);
        if !problems.is_empty() {
            return Err(BillError::DoesNotAddUp(problems));
        }
        let id = BillId::new(
            [institution.as_str(), visit.as_str(), batch.as_str()]
                .map(part)
                .join("/"),
        )?;
        Ok(Self {
            id,
            batch,
            lines,
            total,
        })
    }

    /// A bill whose lines lie at the centre.
    pub(crate) const fn whole(id: BillId, batch: ChargeBatch, total: Fen) -> Self {
        Self {
            id,
            batch,
            lines: Vec::new(),
            total,
        }
    }

    #[must_use]
    pub const fn id(&self) -> &BillId {
        &self.id
    }

    #[must_use]
    pub const fn batch(&self) -> &ChargeBatch {
        &self.batch
    }

    #[must_use]
    pub fn lines(&self) -> &[ChargeLine] {
        &self.lines
    }

    #[must_use]
    pub const fn total(&self) -> Fen {
        self.total
    }

    /// What is told of the packages handed out.
    #[must_use]
    pub fn traces(&self) -> Traces {
        let mut told = Traces::default();
        for line in &self.lines {
            let due = line.traces_due.unwrap_or_else(|| count(line.traces.len()));
            match Traced::of(&line.national_code) {
                Traced::Drug => told.drugs_due = told.drugs_due.saturating_add(due),
                Traced::Consumable => told.consumables_due = told.consumables_due.saturating_add(due),
                Traced::Nothing => {}
            }
            told.codes.extend(line.traces.iter().map(|code| LineTrace {
                serial: line.serial.clone(),
                code: code.clone(),
            }));
        }
        told
    }

    /// Lines of packages with fewer codes than there ought to be, or with none.
    #[must_use]
    pub fn untraced(&self) -> Vec<LineSerial> {
        let lacks = |line: &&ChargeLine| {
            let due = line.traces_due.unwrap_or(1);
            Traced::of(&line.national_code) != Traced::Nothing && count(line.traces.len()) < due
        };
        let lines = self.lines.iter().filter(lacks);
        lines.map(|line| line.serial.clone()).collect()
    }
}

fn count(codes: usize) -> u32 {
    u32::try_from(codes).unwrap_or(u32::MAX)
}

/// A part of a bill id: two different bills never share one, whatever characters the hospital uses.
pub(crate) fn part(text: &str) -> String {
    text.replace('%', "%25").replace('/', "%2F")
}

fn problems(lines: &[ChargeLine], total: Fen) -> Vec<BillProblem> {
    if lines.is_empty() {
        return vec![BillProblem::NoLines];
    }
    if lines.len() > Bill::LINES_MAX {
        return vec![BillProblem::TooManyLines {
            lines: lines.len(),
            lines_max: Bill::LINES_MAX,
        }];
    }
    let mut found: Vec<BillProblem> = lines.iter().filter_map(line_problem).collect();
    let mut serials: Vec<&LineSerial> = lines.iter().map(|line| &line.serial).collect();
    serials.sort();
    for pair in serials.windows(2) {
        if let [first, second] = pair
            && first == second
        {
            found.push(BillProblem::DuplicateSerial {
                serial: (*first).clone(),
            });
        }
    }
    match Fen::sum(lines.iter().map(|line| line.amount)) {
        None => found.push(BillProblem::TotalOutOfRange),
        Some(expected_fen) if expected_fen != total => {
            found.push(BillProblem::Total {
                expected_fen,
                given_fen: total,
            });
        }
        Some(_) => {}
    }
    found
}

fn line_problem(line: &ChargeLine) -> Option<BillProblem> {
    let serial = line.serial.clone();
    if line.quantity.scaled() <= 0 || line.unit_price.scaled() < 0 || line.amount.is_negative() {
        return Some(BillProblem::LineNotPositive { serial });
    }
    match line_amount(line.quantity, line.unit_price) {
        Err(_) => Some(BillProblem::LineOutOfRange { serial }),
        Ok(expected_fen) if expected_fen.abs_diff(line.amount) > 1 => Some(BillProblem::LineAmount {
            serial,
            expected_fen,
            given_fen: line.amount,
        }),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(serial: &str, quantity: &str, price: &str, fen: i64) -> ChargeLine {
        ChargeLine {
            serial: LineSerial::new(serial).unwrap(),
            national_code: String::from("XA01"),
            own_code: String::from("A1"),
            name: String::from("药"),
            quantity: Quantity::parse(quantity).unwrap(),
            unit_price: UnitPrice::parse(price).unwrap(),
            amount: Fen::new(fen).unwrap(),
            at: Timestamp::UNIX_EPOCH,
            prescription: None,
            outside_prescription: false,
            department: Department {
                code: String::from("1"),
                name: String::from("内科"),
                category: String::from("A03"),
            },
            doctor: Staff {
                code: String::from("D1"),
                name: String::from("医生"),
            },
            traces: Vec::new(),
            traces_due: None,
        }
    }

    fn bill(lines: Vec<ChargeLine>, total: i64) -> Result<Bill, BillError> {
        Bill::new(
            &InstitutionCode::new("H31010100001").unwrap(),
            &VisitNumber::new("V1").unwrap(),
            ChargeBatch::new("B1").unwrap(),
            lines,
            Fen::new(total).unwrap(),
        )
    }

    #[test]
    fn a_bill_that_adds_up_is_a_bill() {
        let made = bill(
            vec![line("1", "2", "12.50", 2500), line("2", "1", "0.005", 1)],
            2501,
        )
        .unwrap();
        assert_eq!(made.id().as_str(), "H31010100001/V1/B1");
    }

    #[test]
    fn slashes_in_the_hospitals_numbers_make_no_two_bills_one() {
        let id = |visit: &str, batch: &str| {
            let lines = vec![line("1", "1", "1", 100)];
            let visit = VisitNumber::new(visit).unwrap();
            let batch = ChargeBatch::new(batch).unwrap();
            let institution = InstitutionCode::new("H31010100001").unwrap();
            let total = Fen::new(100).unwrap();
            Bill::new(&institution, &visit, batch, lines, total)
                .unwrap()
                .id()
                .clone()
        };
        assert_ne!(id("A/B", "C"), id("A", "B/C"));
        assert_ne!(id("A%2FB", "C"), id("A/B", "C"));
    }

    #[test]
    fn every_problem_is_named() {
        let wrong = bill(
            vec![
                line("1", "2", "12.50", 2600),
                line("1", "1", "1", 100),
                line("3", "0", "1", 0),
            ],
            1,
        );
        let Err(BillError::DoesNotAddUp(problems)) = wrong else {
            panic!("must be refused")
        };
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert!(
            matches!(bill(Vec::new(), 0), Err(BillError::DoesNotAddUp(found)) if found == [BillProblem::NoLines])
        );
    }
}
