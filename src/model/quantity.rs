//! Exact decimals that are not money: quantity, unit price, ratio.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::decimal::{DecimalError, parse_plain, parse_scaled, write_scaled};
use crate::fen::{Fen, FenError};

macro_rules! exact_decimal {
    ($name:ident, $places:literal, $limit:literal, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(i64);

        impl $name {
            /// Reads decimal text exactly.
            ///
            /// # Errors
            /// When the text is no number, too precise or out of range.
            pub fn parse(text: &str) -> Result<Self, DecimalError> {
                parse_scaled(text, $places, $limit).map(Self)
            }

            /// Reads a plain decimal, `digits[.digits]`, as people write one: no sign, no blank, no exponent, at
            /// most the stated places even where the further ones are zero.
            ///
            /// # Errors
            /// When the text is no plain decimal, too precise or out of range.
            pub fn parse_plain(text: &str) -> Result<Self, DecimalError> {
                parse_plain(text, $places, $limit).map(Self)
            }

            /// From a count of its smallest unit.
            ///
            /// # Errors
            /// When it is out of range.
            pub const fn from_scaled(scaled: i64) -> Result<Self, DecimalError> {
                if scaled.unsigned_abs() > $limit {
                    return Err(DecimalError::OutOfRange);
                }
                Ok(Self(scaled))
            }

            /// The value as a count of its smallest unit.
            #[must_use]
            pub const fn scaled(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_scaled(out, self.0, $places, 0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = DecimalError;
            fn try_from(text: String) -> Result<Self, DecimalError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}

exact_decimal!(
    Quantity,
    4,
    9_999_999_999_999_999,
    "How many of an item, four decimal places (`16,4`); negative on a refund line."
);
exact_decimal!(
    UnitPrice,
    6,
    9_999_999_999_999_999,
    "Price of one unit in yuan, six decimal places (`16,6`)."
);
exact_decimal!(
    Ratio,
    4,
    10_000,
    "A share between 0 and 1, four decimal places (`5,4`)."
);

/// Quantity times unit price, rounded half up to the fen, as the platform checks a fee line.
///
/// # Errors
/// [`FenError::OutOfRange`] when the product is no amount.
pub fn line_amount(quantity: Quantity, price: UnitPrice) -> Result<Fen, FenError> {
    // 10^-4 times 10^-6 is 10^-10; a fen is 10^-2, so the product counts 10^-8 of a fen.
    const PER_FEN: i128 = 100_000_000;
    let product = i128::from(quantity.0) * i128::from(price.0);
    let half = if product < 0 { -PER_FEN / 2 } else { PER_FEN / 2 };
    let fen = i64::try_from((product + half) / PER_FEN).map_err(|_| FenError::OutOfRange)?;
    Fen::new(fen)
}

impl Quantity {
    /// As many the other way, for a line that gives another back.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_amounts_round_half_up() {
        let table = [
            ("2", "12.50", 2500),
            ("1", "0.005", 1),
            ("3", "0.3333", 100),
            ("-2", "12.50", -2500),
            ("-1", "0.005", -1),
            ("0.0001", "1", 0),
            ("7.5", "33.333333", 25_000),
        ];
        for (quantity, price, fen) in table {
            let amount = line_amount(
                Quantity::parse(quantity).unwrap(),
                UnitPrice::parse(price).unwrap(),
            );
            assert_eq!(amount.map(Fen::get), Ok(fen), "{quantity} x {price}");
        }
    }

    #[test]
    fn plain_decimals_only() {
        for (text, scaled) in [("2", 20_000), ("0.5", 5_000), ("1.2500", 12_500), ("007", 70_000)] {
            assert_eq!(
                Quantity::parse_plain(text).map(Quantity::scaled),
                Ok(scaled),
                "{text}"
            );
        }
        let wrong = [
            "", ".", "1.", ".5", "+1", "-1", " 1", "1 ", "1e2", "1E2", "1,5", "1.2.3", "0x1", "１", "1\n",
            "1_0",
        ];
        for text in wrong {
            assert_eq!(
                Quantity::parse_plain(text),
                Err(DecimalError::NotANumber),
                "{text}"
            );
        }
        assert_eq!(Quantity::parse_plain("1.00000"), Err(DecimalError::TooPrecise(4)));
        assert_eq!(
            UnitPrice::parse_plain("1.0000000"),
            Err(DecimalError::TooPrecise(6))
        );
        assert!(UnitPrice::parse_plain("1.000000").is_ok());
        assert_eq!(
            Quantity::parse_plain("9999999999999"),
            Err(DecimalError::OutOfRange)
        );
        assert!(Quantity::parse("1.00000").is_ok() && Quantity::parse(" +1e0 ").is_ok());
    }

    #[test]
    fn prints_without_padding() {
        assert_eq!(Quantity::parse("2.5000").unwrap().to_string(), "2.5");
        assert_eq!(Ratio::parse("1.0000").unwrap().to_string(), "1");
        assert!(Ratio::parse("1.0001").is_err());
    }
}
