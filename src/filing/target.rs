//! What a register is searched for after an answer was lost, and what it shows.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zhijie_model::{Area, ChronicEntry, FilingNumber, FixedPoint, FixedPointKind, InstitutionCode, Referral};

/// One record of one register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "register", rename_all = "snake_case")]
pub enum Target {
    /// 5304.
    Referral { wanted: Wanted },
    /// 5301, whose rows carry no number.
    Disease { code: String, from: Option<Date> },
    /// 5302.
    Place { kind: FixedPointKind, wanted: Wanted },
}

/// By which marks a record is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Wanted {
    Number { number: FilingNumber },
    Institution { code: InstitutionCode, from: Date },
}

/// What a register showed of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "sight", rename_all = "snake_case")]
pub enum Sight {
    There {
        number: Option<FilingNumber>,
    },
    /// The register answered without it.
    Gone,
    /// The register did not answer.
    Nothing,
    /// The register's rows do not carry what the record would be known by.
    Unclear,
}

impl Target {
    #[must_use]
    pub fn among_referrals(&self, rows: &[Referral]) -> Sight {
        let Self::Referral { wanted } = self else {
            return Sight::Unclear;
        };
        match wanted {
            Wanted::Number { number } => by_number(number, rows.iter().map(|row| row.number.as_ref())),
            Wanted::Institution { code, from } => {
                let same = |row: &&Referral| {
                    row.to.as_ref().is_some_and(|to| to.code == *code) && row.referred_on == Some(*from)
                };
                found(rows.iter().find(same).map(|row| row.number.as_ref()))
            }
        }
    }

    #[must_use]
    pub fn among_diseases(&self, rows: &[ChronicEntry]) -> Sight {
        let Self::Disease { code, from } = self else {
            return Sight::Unclear;
        };
        let same =
            |row: &&ChronicEntry| row.disease.code == *code && from.is_none_or(|from| row.from == Some(from));
        found(rows.iter().find(same).map(|_| None))
    }

    #[must_use]
    pub fn among_places(&self, rows: &[FixedPoint]) -> Sight {
        let Self::Place { wanted, .. } = self else {
            return Sight::Unclear;
        };
        match wanted {
            Wanted::Number { number } => by_number(number, rows.iter().map(|row| row.number.as_ref())),
            Wanted::Institution { code, from } => {
                let same = |row: &&FixedPoint| row.from == Some(*from) && is_at(row, code);
                found(rows.iter().find(same).map(|row| row.number.as_ref()))
            }
        }
    }
}

/// A register may name the area in place of the institution.
fn is_at(row: &FixedPoint, code: &InstitutionCode) -> bool {
    let area = code.as_str().get(1..7).and_then(|digits| Area::new(digits).ok());
    match (&row.institution, row.area) {
        (Some(institution), _) => institution.code == *code,
        (None, Some(place)) => area.is_some_and(|area| area.city() == place.city()),
        (None, None) => false,
    }
}

fn found(row: Option<Option<&FilingNumber>>) -> Sight {
    match row {
        Some(number) => Sight::There {
            number: number.cloned(),
        },
        None => Sight::Gone,
    }
}

fn by_number<'a>(wanted: &FilingNumber, rows: impl Iterator<Item = Option<&'a FilingNumber>>) -> Sight {
    let mut unnumbered = false;
    for number in rows {
        match number {
            Some(number) if number == wanted => return found(Some(Some(number))),
            Some(_) => {}
            None => unnumbered = true,
        }
    }
    if unnumbered { Sight::Unclear } else { Sight::Gone }
}
