//! The treatment place's catalogue: what is in scope, up to which price, with which first-own ratio.

use core::fmt;

use serde::Deserialize;
use zhijie_model::{Fen, FenError, Quantity, Ratio, UnitPrice, line_amount};

use crate::share::share;

/// Class of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Class {
    A,
    B,
    /// Outside the catalogue.
    C,
}

/// One item.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// National code.
    pub code: String,
    pub name: String,
    pub class: Class,
    /// Share the person pays first; class B only.
    #[serde(default)]
    pub first_own: Option<Ratio>,
    /// Highest price of one unit that counts.
    #[serde(default)]
    pub ceiling: Option<UnitPrice>,
    /// Charge item kind, e.g. `09` western drug.
    pub kind: String,
    #[serde(default)]
    pub negotiated: bool,
}

/// How one fee line falls apart.
///
/// INVARIANT: amount = own expense + over ceiling + first own + in scope, none of them negative (identity I6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineCut {
    pub amount: Fen,
    pub own_expense: Fen,
    pub over_ceiling: Fen,
    pub first_own: Fen,
    pub in_scope: Fen,
}

impl Class {
    /// Code of the interface.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::A => "01",
            Self::B => "02",
            Self::C => "03",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

impl Item {
    /// Share the person pays first, as the interface writes it: `0`, the ratio of class B, `1` outside the catalogue.
    #[must_use]
    pub fn first_own_text(&self) -> String {
        match (self.class, self.first_own) {
            (Class::A, _) | (Class::B, None) => String::from("0"),
            (Class::B, Some(ratio)) => ratio.to_string(),
            (Class::C, _) => String::from("1"),
        }
    }
}

/// Cuts one line. An item that the catalogue does not know is own expense as a whole.
///
/// # Errors
/// When an amount leaves the range of [`Fen`].
pub fn cut_line(amount: Fen, quantity: Quantity, item: Option<&Item>) -> Result<LineCut, FenError> {
    let own = LineCut {
        amount,
        own_expense: amount,
        over_ceiling: Fen::ZERO,
        first_own: Fen::ZERO,
        in_scope: Fen::ZERO,
    };
    let Some(item) = item.filter(|item| item.class != Class::C) else {
        return Ok(own);
    };
    let counted = match item.ceiling {
        Some(ceiling) => line_amount(quantity, ceiling)?.min(amount),
        None => amount,
    };
    let over_ceiling = amount.checked_sub(counted).ok_or(FenError::OutOfRange)?;
    let first_own = match (item.class, item.first_own) {
        (Class::B, Some(ratio)) => share(counted, ratio)?,
        (Class::A | Class::B | Class::C, _) => Fen::ZERO,
    };
    let in_scope = counted.checked_sub(first_own).ok_or(FenError::OutOfRange)?;
    Ok(LineCut {
        amount,
        own_expense: Fen::ZERO,
        over_ceiling,
        first_own,
        in_scope,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(class: Class, first_own: Option<&str>, ceiling: Option<&str>) -> Item {
        Item {
            code: String::from("X1"),
            name: String::from("药"),
            class,
            first_own: first_own.map(|text| Ratio::parse(text).unwrap()),
            ceiling: ceiling.map(|text| UnitPrice::parse(text).unwrap()),
            kind: String::from("09"),
            negotiated: false,
        }
    }

    #[test]
    fn lines_fall_apart_as_the_class_says() {
        let b = item(Class::B, Some("0.1"), Some("8"));
        let table = [
            (Some(item(Class::A, None, None)), [0, 0, 0, 1_001]),
            (Some(item(Class::A, None, Some("4"))), [0, 201, 0, 800]),
            (Some(b), [0, 0, 100, 901]),
            (Some(item(Class::B, Some("0.1"), Some("3"))), [0, 401, 60, 540]),
            (Some(item(Class::C, None, None)), [1_001, 0, 0, 0]),
            (None, [1_001, 0, 0, 0]),
        ];
        for (item, expected) in table {
            let cut = cut_line(
                Fen::new(1_001).unwrap(),
                Quantity::parse("2").unwrap(),
                item.as_ref(),
            )
            .unwrap();
            let parts = [cut.own_expense, cut.over_ceiling, cut.first_own, cut.in_scope];
            assert_eq!(parts.map(Fen::get), expected, "{item:?}");
        }
    }
}
