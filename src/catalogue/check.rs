//! A bill against the treatment place's catalogue, before anything is uploaded: what would be refused, or paid by the
//! patient as a whole, and how much money that is. No share of anybody is computed: what is at stake is a bound.

use jiff::civil::Date;
use zhijie_model::{CatalogueList, Fen, Quantity, Ratio, UnitPrice, line_amount};

use crate::error::StoreError;
use crate::find::Terms;
use crate::reader::Reader;

/// A fee line as far as the catalogue is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineToCheck {
    pub national_code: String,
    pub own_code: String,
    pub quantity: Quantity,
    pub unit_price: UnitPrice,
    pub amount: Fen,
    /// Class the desk takes it for, where it says: 01 A, 02 B, 03 own expense.
    pub class: Option<String>,
    /// When the fee occurred.
    pub day: Date,
}

/// Something wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The own code is not mapped.
    Unmapped,
    /// The own code is mapped to another national code.
    MappedElsewhere { national_code: String },
    /// The national code stands in none of the lists.
    Unknown,
    /// The national code was withdrawn.
    Withdrawn,
    /// The national code is past its last day.
    Ended { until: Option<Date> },
    /// The national code is not in force yet.
    NotYet { from: Option<Date> },
    /// The insurance does not cover it.
    OwnExpense,
    /// The price is above every ceiling in force.
    AboveCeiling { ceiling: UnitPrice },
    /// The desk takes it for another class.
    OtherClass { class: String },
}

/// A problem with the money that hangs on it: at most so much is not covered because of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    pub problem: Problem,
    pub at_stake: Fen,
}

/// A line that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedLine {
    pub complaints: Vec<Complaint>,
    /// Of the whole line: the greatest of them, for they do not add up.
    pub at_stake: Fen,
    pub class: Option<String>,
}

impl Reader {
    /// Checks lines. `expected` are the lists this province has: what stands in none of them is only missed when all of
    /// them are here, for absence from a list nobody has fetched proves nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn check(
        &self,
        lines: &[LineToCheck],
        expected: &[CatalogueList],
    ) -> Result<Vec<CheckedLine>, StoreError> {
        let held: Vec<CatalogueList> = self.lists()?.into_iter().map(|state| state.list).collect();
        let has = |list: CatalogueList| held.contains(&list);
        let here = Here {
            items: expected
                .iter()
                .filter(|list| list.holds_items())
                .all(|list| has(*list)),
            mappings: has(CatalogueList::Mappings),
            covered: has(CatalogueList::Covered)
                && (has(CatalogueList::Matches) || !expected.contains(&CatalogueList::Matches)),
        };
        lines.iter().map(|line| self.check_line(line, here)).collect()
    }

    fn check_line(&self, line: &LineToCheck, here: Here) -> Result<CheckedLine, StoreError> {
        let mut problems = Vec::new();
        problems.extend(self.mapping_problem(line, here)?);
        problems.extend(self.item_problem(line, here)?);
        let terms = self.terms(&line.national_code, line.day)?;
        if here.covered && terms.insurance_code.is_none() || terms.class.as_deref() == Some(OWN) {
            problems.push(Problem::OwnExpense);
        }
        if let Some(ceiling) = terms.ceiling.filter(|ceiling| line.unit_price > *ceiling) {
            problems.push(Problem::AboveCeiling { ceiling });
        }
        if let (Some(said), Some(class)) = (&line.class, &terms.class)
            && said != class
        {
            problems.push(Problem::OtherClass { class: class.clone() });
        }
        let complaints: Vec<Complaint> = problems
            .into_iter()
            .map(|problem| Complaint {
                at_stake: at_stake(&problem, line, &terms),
                problem,
            })
            .collect();
        Ok(CheckedLine {
            at_stake: complaints
                .iter()
                .map(|complaint| complaint.at_stake)
                .max()
                .unwrap_or(Fen::ZERO),
            complaints,
            class: terms.class,
        })
    }

    fn mapping_problem(&self, line: &LineToCheck, here: Here) -> Result<Option<Problem>, StoreError> {
        if !here.mappings {
            return Ok(None);
        }
        let mapped = self.in_force(&line.own_code, CatalogueList::Mappings, line.day)?;
        let targets: Vec<String> = mapped.into_iter().filter_map(|kept| kept.row.points_to).collect();
        Ok(match targets.first() {
            None => Some(Problem::Unmapped),
            Some(_) if targets.contains(&line.national_code) => None,
            Some(other) => Some(Problem::MappedElsewhere {
                national_code: other.clone(),
            }),
        })
    }

    fn item_problem(&self, line: &LineToCheck, here: Here) -> Result<Option<Problem>, StoreError> {
        let mut kept = self.of_code(&line.national_code, None)?;
        kept.retain(|kept| kept.list.holds_items());
        if kept.iter().any(|kept| kept.is_in_force(line.day)) {
            return Ok(None);
        }
        let standing = kept.iter().find(|kept| kept.row.valid).map(|kept| &kept.row);
        Ok(match standing {
            Some(row) if row.from.is_some_and(|from| line.day < from) => {
                Some(Problem::NotYet { from: row.from })
            }
            Some(row) => Some(Problem::Ended { until: row.until }),
            None if !kept.is_empty() => Some(Problem::Withdrawn),
            None => here.items.then_some(Problem::Unknown),
        })
    }
}

/// Class of what the insurance does not pay at all.
const OWN: &str = "03";

/// Which absences prove something.
#[derive(Debug, Clone, Copy)]
struct Here {
    items: bool,
    mappings: bool,
    covered: bool,
}

fn at_stake(problem: &Problem, line: &LineToCheck, terms: &Terms) -> Fen {
    match problem {
        Problem::Unmapped
        | Problem::MappedElsewhere { .. }
        | Problem::Unknown
        | Problem::Withdrawn
        | Problem::Ended { .. }
        | Problem::NotYet { .. }
        | Problem::OwnExpense => line.amount,
        Problem::AboveCeiling { ceiling } => {
            let counted = line_amount(line.quantity, *ceiling).unwrap_or(Fen::ZERO);
            line.amount
                .checked_sub(counted)
                .unwrap_or(line.amount)
                .max(Fen::ZERO)
        }
        Problem::OtherClass { class } if class == OWN => line.amount,
        Problem::OtherClass { .. } => terms
            .first_own
            .map_or(Fen::ZERO, |share| part(line.amount, share)),
    }
}

/// A share of an amount, rounded half up.
fn part(amount: Fen, share: Ratio) -> Fen {
    let product = i128::from(amount.get()).saturating_mul(i128::from(share.scaled()));
    let fen = i64::try_from(product.saturating_add(5_000) / 10_000).ok();
    fen.and_then(|fen| Fen::new(fen).ok()).unwrap_or(amount)
}
