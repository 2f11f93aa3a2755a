//! The insured person as the insured region describes her.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::area::Area;
use crate::fen::Fen;
use crate::ids::{InsuranceType, PersonNumber};
use crate::private::Private;

/// Answer of the person lookup (1101).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub number: PersonNumber,
    pub name: Private,
    /// Certificate kind code; `01` is the citizen identity number.
    pub certificate_kind: String,
    pub certificate: Private,
    pub sex: Sex,
    pub born: Option<Date>,
    pub insurances: Vec<Insurance>,
}

/// Sex as registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Male,
    Female,
    NotStated,
    Unknown(String),
}

/// One insurance of a person; a person may have several, in several regions, some stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Insurance {
    pub kind: InsuranceType,
    pub status: InsuranceStatus,
    /// Where the insurance is held; every later call is routed by it.
    pub area: Area,
    /// Person category code of the insured region.
    pub category: String,
    pub civil_servant: bool,
    pub employer: Option<String>,
    /// Personal account; regions of other provinces may leave it out.
    pub balance: Option<Fen>,
}

/// State of an insurance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InsuranceStatus {
    NotInsured,
    Active,
    Suspended,
    Invalid,
    Terminated,
    /// The platform left the state out.
    NotStated,
    Unknown(String),
}

/// Which insurance pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InsuranceChoice {
    One(Insurance),
    /// Several areas or kinds remain: the desk asks the patient.
    Several(Vec<Insurance>),
    /// Nothing is active.
    None,
}

/// One line of the benefit check (2001).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Benefit {
    pub fund_code: String,
    pub enjoyed: bool,
    pub from: Option<Date>,
    pub until: Option<Date>,
    /// The insured region's words, unchanged.
    pub reason: Option<String>,
}

/// One total of a person's year (5206), as the insured region counts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearTotal {
    pub insurance: Option<InsuranceType>,
    pub year: String,
    /// `yyyyMM`, where the region counts by months.
    pub month: Option<String>,
    /// What is counted, by the region's own code.
    pub code: String,
    /// The decimal as it came: an amount, or a count.
    pub value: String,
}

impl Person {
    /// Picks the insurance that pays: active rows only, employees (310) before residents (390), never simply the
    /// first. When active rows of several areas remain the desk must choose; `kind` and `area` carry its choice.
    #[must_use]
    pub fn choose_insurance(&self, kind: Option<&InsuranceType>, area: Option<Area>) -> InsuranceChoice {
        let mut rows: Vec<&Insurance> = self
            .insurances
            .iter()
            .filter(|row| row.status == InsuranceStatus::Active)
            .filter(|row| kind.is_none_or(|wanted| *wanted == row.kind))
            .filter(|row| area.is_none_or(|wanted| wanted == row.area))
            .collect();
        let Some(first) = rows.first() else {
            return InsuranceChoice::None;
        };
        if rows.iter().any(|row| row.area != first.area) {
            return InsuranceChoice::Several(rows.into_iter().cloned().collect());
        }
        for preferred in ["310", "390"] {
            if let Some(row) = rows.iter().find(|row| row.kind.as_str() == preferred) {
                return InsuranceChoice::One((*row).clone());
            }
        }
        match (rows.pop(), rows.is_empty()) {
            (Some(row), true) => InsuranceChoice::One(row.clone()),
            (Some(row), false) => {
                rows.push(row);
                InsuranceChoice::Several(rows.into_iter().cloned().collect())
            }
            (None, _) => InsuranceChoice::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: &str, status: InsuranceStatus, area: &str) -> Insurance {
        Insurance {
            kind: InsuranceType::new(kind).unwrap(),
            status,
            area: Area::new(area).unwrap(),
            category: String::from("11"),
            civil_servant: false,
            employer: None,
            balance: None,
        }
    }

    fn person(insurances: Vec<Insurance>) -> Person {
        Person {
            number: PersonNumber::new("1").unwrap(),
            name: Private::new("某"),
            certificate_kind: String::from("01"),
            certificate: Private::new("1"),
            sex: Sex::Female,
            born: None,
            insurances,
        }
    }

    #[test]
    fn employees_come_before_residents_and_stopped_rows_never_count() {
        let active = InsuranceStatus::Active;
        let who = person(vec![
            row("310", InsuranceStatus::Suspended, "310000"),
            row("390", active.clone(), "341200"),
            row("310", active, "341200"),
        ]);
        let InsuranceChoice::One(chosen) = who.choose_insurance(None, None) else {
            panic!("one row expected")
        };
        assert_eq!(
            (chosen.kind.as_str(), chosen.area.to_string().as_str()),
            ("310", "341200")
        );
    }

    #[test]
    fn two_areas_are_the_desks_choice() {
        let active = InsuranceStatus::Active;
        let who = person(vec![
            row("390", active.clone(), "341200"),
            row("310", active, "330400"),
        ]);
        assert!(
            matches!(who.choose_insurance(None, None), InsuranceChoice::Several(rows) if rows.len() == 2)
        );
        let area = Area::new("341200").unwrap();
        assert!(matches!(
            who.choose_insurance(None, Some(area)),
            InsuranceChoice::One(_)
        ));
    }

    #[test]
    fn nothing_active_is_said() {
        let who = person(vec![row("390", InsuranceStatus::Terminated, "341200")]);
        assert_eq!(who.choose_insurance(None, None), InsuranceChoice::None);
    }
}
