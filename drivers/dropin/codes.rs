//! Which number of the interface says what the agent said.

use serde_json::Value;

/// Why there is no card: a number of the interface and a text for the cashier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub number: i32,
    pub text: String,
}

pub(crate) const NO_LINK: i32 = -11;
pub(crate) const UNSUPPORTED: i32 = -13;
pub(crate) const PARAMETER: i32 = -14;
pub(crate) const LENGTH: i32 = -42;

impl Refusal {
    pub(crate) fn new(number: i32, text: &str) -> Self {
        Self {
            number,
            text: String::from(text),
        }
    }

    /// The agent cannot be asked: it does not run, or this user may not reach it.
    pub(crate) fn no_agent() -> Self {
        Self::new(NO_LINK, "结算程序没有运行或不允许本程序连接，请联系信息科")
    }

    /// The fault of an answer.
    pub(crate) fn of(fault: &Value) -> Self {
        let text = |member: &str| fault.get(member).and_then(Value::as_str).unwrap_or_default();
        Self::new(number_of(text("code"), text("engineer")), text("cashier"))
    }
}

/// The number for a fault code of the agent. Two codes carry the number itself at the end of their English text: what the
/// card answered, and what a vendor's library answered. A code that is not known here counts as a lost link, never as
/// success.
fn number_of(code: &str, engineer: &str) -> i32 {
    match code {
        "CARD-001" => -12,
        "CARD-002" | "CARD-003" | "DESK-001" | "DESK-002" => -2,
        "CARD-004" => -4,
        "CARD-005" => -1,
        "CARD-006" => -0x6A81,
        "CARD-007" => -0x6985,
        "CARD-008" => -0x6A83,
        "CARD-009" | "CARD-024" => -15,
        "CARD-010" => -2201,
        "CARD-011" => status_word(engineer).map_or(-0x6F00, |status| -i32::from(status)),
        "CARD-017" | "CARD-026" | "CARD-027" => -2203,
        "CARD-028" => -24,
        "CARD-029" => -0x6983,
        "CARD-018" => -21,
        "CARD-019" => -51,
        "CARD-020" => -52,
        "CARD-021" => -31,
        "CARD-022" => -5,
        "CARD-023" => answered(engineer).unwrap_or(UNSUPPORTED),
        _ => NO_LINK,
    }
}

/// `...refused a command with 6982`.
fn status_word(engineer: &str) -> Option<u16> {
    let word = engineer.rsplit(' ').next()?;
    u16::from_str_radix(word, 16).ok().filter(|_| word.len() == 4)
}

/// `...the vendor library answered -13: ...`.
fn answered(engineer: &str) -> Option<i32> {
    let number = engineer.rsplit("answered ").next()?.split(':').next()?;
    number.parse().ok().filter(|number| *number != 0)
}

#[cfg(test)]
mod tests {
    use zhijie_ports::DeviceFault;

    use super::*;

    #[test]
    fn the_numbers_come_back_from_the_faults_that_carry_them() {
        let refused = |status| DeviceFault::CardRefused { status }.to_string();
        let vendor = |code| DeviceFault::VendorRefused { code, said: None }.to_string();
        let table = [
            ("CARD-011", refused(0x6982), -27010),
            ("CARD-011", refused(0x63C2), -25538),
            ("CARD-011", String::from("something else"), -28416),
            ("CARD-023", vendor(-14), -14),
            ("CARD-023", vendor(7), 7),
            ("CARD-023", String::from("something else"), -13),
            ("CARD-002", String::new(), -2),
            ("XXXX-999", String::new(), -11),
            ("", String::new(), -11),
        ];
        for (code, cause, number) in table {
            assert_eq!(
                number_of(code, &format!("the entry: {cause}")),
                number,
                "{code} {cause}"
            );
        }
    }
}
