//! Trace codes of what was handed out (追溯码).

use serde::{Deserialize, Serialize};

use crate::ids::LineSerial;

/// The trace code of one package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceCode {
    pub code: String,
    /// Whether the package was opened, so that its code may be met again.
    #[serde(default)]
    pub opened: bool,
    /// Kind of the smallest unit it is counted in, as the province codes it.
    pub unit: String,
}

/// A trace code with the fee line its package was charged on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineTrace {
    pub serial: LineSerial,
    pub code: TraceCode,
}

/// What a settlement says of the packages handed out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traces {
    pub codes: Vec<LineTrace>,
    /// Codes of drugs that ought to be there, one for each smallest package.
    pub drugs_due: u32,
    /// The same for consumables.
    pub consumables_due: u32,
}

impl Traces {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.codes.is_empty() && self.drugs_due == 0 && self.consumables_due == 0
    }
}

/// Which goods carry trace codes, by the national code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traced {
    Drug,
    Consumable,
    /// Services, herbs and whatever else has no package of its own.
    Nothing,
}

impl Traced {
    /// Drugs are coded `X`, consumables `C` (interface reference, 3.4).
    #[must_use]
    pub fn of(national_code: &str) -> Self {
        match national_code.bytes().next() {
            Some(b'X') => Self::Drug,
            Some(b'C') => Self::Consumable,
            _ => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_packages_are_traced() {
        for (code, traced) in [
            ("XA02BCA217A012010100483", Traced::Drug),
            ("C0101010010100100001", Traced::Consumable),
            ("001101000010000", Traced::Nothing),
            ("T000100001", Traced::Nothing),
            ("", Traced::Nothing),
        ] {
            assert_eq!(Traced::of(code), traced, "{code}");
        }
    }
}
