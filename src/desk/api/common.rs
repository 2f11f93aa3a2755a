//! What several methods share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{Department, Link, LinkState, MoneyMoved, OperatorCode, Private, Staff};

use super::check::{ParamError, Params, text, typed};

/// How a request that changes something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It stands.
    Done,
    /// It did not happen and will not happen by itself.
    NotDone,
    /// The agent goes on finding out; never try again by hand meanwhile.
    NotKnown,
    /// Taken to be settled later; nothing is settled. Of `visit.settle` only.
    Deferred,
}

/// Parameters of a method that has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmptyParams {}

impl Params for EmptyParams {}

/// Who works at the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OperatorParams {
    /// As registered with the platform, 1 to 20 characters.
    pub code: String,
    pub name: String,
}

impl OperatorParams {
    /// The code and the name, checked. `path` is the path of the operator itself.
    ///
    /// # Errors
    /// The member that is not acceptable.
    pub fn to_operator(&self, path: &str) -> Result<(OperatorCode, String), ParamError> {
        Ok((
            typed(&format!("{path}.code"), &self.code)?,
            text(format!("{path}.name"), &self.name, 50)?,
        ))
    }
}

/// A doctor with the nationally registered code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StaffParams {
    pub code: String,
    pub name: String,
}

impl StaffParams {
    /// # Errors
    /// The member that is not acceptable.
    pub fn to_staff(&self, path: &str) -> Result<Staff, ParamError> {
        Ok(Staff {
            code: text(format!("{path}.code"), &self.code, 30)?,
            name: text(format!("{path}.name"), &self.name, 50)?,
        })
    }
}

/// A department with the national category, e.g. `A03`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepartmentParams {
    pub code: String,
    pub name: String,
    pub category: String,
}

impl DepartmentParams {
    /// # Errors
    /// The member that is not acceptable.
    pub fn to_department(&self, path: &str) -> Result<Department, ParamError> {
        Ok(Department {
            code: text(format!("{path}.code"), &self.code, 30)?,
            name: text(format!("{path}.name"), &self.name, 50)?,
            category: text(format!("{path}.category"), &self.category, 6)?,
        })
    }
}

/// A code with the name that belongs to it, where known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CodeName {
    pub code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Something worth knowing that stops nothing: a warning, or a reason for a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// Stable; for programs.
    pub code: String,
    /// For the cashier.
    pub text_zh: String,
    /// For the engineer.
    pub text_en: String,
}

/// Shows the first six and the last four of a certificate or card number, less of a short one.
#[must_use]
pub fn mask_number(number: &Private) -> String {
    let length = number.reveal().chars().count();
    let (head, tail) = match length {
        14.. => (6, 4),
        8..14 => (2, 2),
        _ => (0, 0),
    };
    number
        .reveal()
        .chars()
        .enumerate()
        .map(|(at, shown)| {
            if at < head || at >= length - tail {
                shown
            } else {
                '*'
            }
        })
        .collect()
}

/// The shape of [`zhijie_model::Fault`] for the schema; a test keeps the two alike.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Fault")]
#[serde(deny_unknown_fields)]
pub(super) struct FaultShape {
    /// `CARD-003` and the like; never changes its meaning.
    code: String,
    #[schemars(with = "LinkShape")]
    link: Link,
    #[schemars(with = "MoneyMovedShape")]
    money_moved: MoneyMoved,
    /// What the cashier should do, Chinese.
    cashier: String,
    /// What happened, English.
    engineer: String,
    /// The platform's words, unchanged.
    platform_text: Option<String>,
    trace: Vec<TraceEntryShape>,
    /// Quote this to support.
    marker: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TraceEntry")]
#[serde(deny_unknown_fields)]
struct TraceEntryShape {
    #[schemars(with = "LinkShape")]
    link: Link,
    #[schemars(with = "LinkStateShape")]
    state: LinkState,
    evidence: String,
}

macro_rules! shape {
    ($name:ident for $model:ident: $($variant:ident)+) => {
        #[derive(Debug, JsonSchema)]
        #[schemars(rename_all = "snake_case")]
        enum $name {
            $($variant,)+
        }

        impl $name {
            #[expect(dead_code, reason = "compiles only while both have the same variants")]
            const fn of(value: $model) -> Self {
                match value {
                    $($model::$variant => Self::$variant,)+
                }
            }
        }
    };
}

shape!(LinkShape for Link:
    Card Scanner Desk Agent HospitalNetwork Gateway Province Nation InsuredRegion);
shape!(MoneyMovedShape for MoneyMoved: No Yes Unknown);
shape!(LinkStateShape for LinkState: Ok Failed Unknown);

#[cfg(test)]
mod tests {
    use super::*;
    use zhijie_model::{Fault, TraceEntry};

    #[test]
    fn numbers_are_masked_in_the_middle() {
        let table = [
            ("341200199001011234", "341200********1234"),
            ("D12345678", "D1*****78"),
            ("1234567", "*******"),
            ("", ""),
        ];
        for (number, shown) in table {
            assert_eq!(mask_number(&Private::new(number)), shown);
        }
    }

    #[test]
    fn the_fault_of_the_schema_is_the_fault_of_the_model() {
        let fault = Fault {
            code: String::from("CARD-003"),
            link: Link::HospitalNetwork,
            money_moved: MoneyMoved::No,
            cashier: String::from("请重新插卡"),
            engineer: String::from("card pulled out"),
            platform_text: None,
            trace: vec![TraceEntry {
                link: Link::Card,
                state: LinkState::Failed,
                evidence: String::from("6A82"),
            }],
            marker: String::from("m"),
        };
        let text = serde_json::to_string(&fault).unwrap();
        let shape: FaultShape = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&shape).unwrap(), text);
    }
}
