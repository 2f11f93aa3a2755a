//! The only money there is.

use core::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::decimal::{DecimalError, parse_scaled, write_scaled};

/// An amount of money in fen (1/100 yuan), exact, negative in refunds.
///
/// Range: ±99 999 999 999 999.99 yuan, the `16,2` of the platform interface. Arithmetic is checked; a result
/// outside the range does not exist. There is no conversion from or to a binary fraction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Fen(i64);

/// Why an amount does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FenError {
    #[error("amount is outside ±99999999999999.99 yuan")]
    OutOfRange,
    #[error("amount is not exact to the fen: {0}")]
    NotExact(#[from] DecimalError),
}

impl Fen {
    /// Nothing to pay.
    pub const ZERO: Self = Self(0);
    const LIMIT: i64 = 9_999_999_999_999_999;

    /// # Errors
    /// [`FenError::OutOfRange`] beyond the range of the type.
    pub const fn new(fen: i64) -> Result<Self, FenError> {
        if fen > Self::LIMIT || fen < -Self::LIMIT {
            Err(FenError::OutOfRange)
        } else {
            Ok(Self(fen))
        }
    }

    /// The amount as a count of fen.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Reads decimal yuan text: `12.3`, `-0.05`, `1200.00`, `1.2E3`. Zeros beyond the second place are allowed.
    ///
    /// # Errors
    /// [`FenError::NotExact`] when the text is no number or carries a part of a fen.
    pub fn from_yuan(text: &str) -> Result<Self, FenError> {
        Ok(Self(parse_scaled(text, 2, Self::LIMIT)?))
    }

    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::new(self.0.checked_add(other.0)?).ok()
    }

    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::new(self.0.checked_sub(other.0)?).ok()
    }

    /// The sum, or `None` when it leaves the range.
    #[must_use]
    pub fn sum<I: IntoIterator<Item = Self>>(parts: I) -> Option<Self> {
        parts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// The same amount with the other sign; a refund row carries it.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self(-self.0)
    }

    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Distance between two amounts; the interface allows one fen of rounding in its identities.
    #[must_use]
    pub const fn abs_diff(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }
}

/// Decimal yuan with two places, as the platform and people write it.
impl fmt::Display for Fen {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_scaled(out, self.0, 2, 2)
    }
}

impl TryFrom<i64> for Fen {
    type Error = FenError;
    fn try_from(fen: i64) -> Result<Self, FenError> {
        Self::new(fen)
    }
}

impl From<Fen> for i64 {
    fn from(amount: Fen) -> Self {
        amount.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_platforms_send() {
        let table = [
            ("4.52", 452),
            ("0", 0),
            ("0.0", 0),
            ("1200.00", 120_000),
            ("-3379.26", -337_926),
            ("1.2E3", 120_000),
            ("4.5200", 452),
            (".5", 50),
            ("7.", 700),
            ("+1", 100),
            ("99999999999999.99", 9_999_999_999_999_999),
        ];
        for (text, fen) in table {
            assert_eq!(Fen::from_yuan(text).map(Fen::get), Ok(fen), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_exact_amount() {
        for text in [
            "",
            "-",
            ".",
            "1.005",
            "abc",
            "1,000.00",
            "1e99",
            "100000000000000.00",
            "NaN",
            "0x10",
            "１.00",
        ] {
            assert!(Fen::from_yuan(text).is_err(), "{text}");
        }
    }

    #[test]
    fn serde_keeps_the_range() {
        assert!(serde_json::from_str::<Fen>("9999999999999999").is_ok());
        assert!(serde_json::from_str::<Fen>("10000000000000000").is_err());
        assert!(serde_json::from_str::<Fen>("1.5").is_err());
    }

    proptest! {
        #[test]
        fn text_round_trips(fen in -9_999_999_999_999_999_i64..=9_999_999_999_999_999) {
            let amount = Fen::new(fen).unwrap();
            prop_assert_eq!(Fen::from_yuan(&amount.to_string()), Ok(amount));
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,40}") {
            let _ = Fen::from_yuan(&text);
        }
    }
}
