//! Administrative areas of the insurance system.

use core::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A six-digit area code (GB/T 2260 plus the insurance system's own `xx9900`, `xxyy99`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Area(u32);

/// The text is no area code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("area code is not six digits")]
pub struct AreaError;

/// How far the insured region lies from the place of treatment. Compared by prefix: an insured region may be
/// given at county level, a place of treatment at pool level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distance {
    SameCity,
    SameProvince,
    OtherProvince,
}

impl Area {
    /// # Errors
    /// When `text` is not six ASCII digits.
    pub fn new(text: &str) -> Result<Self, AreaError> {
        if text.len() != 6 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(AreaError);
        }
        text.parse().map(Self).map_err(|_| AreaError)
    }

    /// First two digits.
    #[must_use]
    pub const fn province(self) -> u32 {
        self.0 / 10_000
    }

    /// First four digits; the whole municipality for the four cities that are provinces.
    #[must_use]
    pub const fn city(self) -> u32 {
        match self.province() {
            11 | 12 | 31 | 50 => self.province() * 100,
            _ => self.0 / 100,
        }
    }

    /// The pool this area belongs to, `xxyy00`; `xx0000` in the four cities that are provinces.
    #[must_use]
    pub const fn pool(self) -> Self {
        Self(self.city() * 100)
    }

    /// Whether `other` lies in this area: a province holds its cities, a city its counties, a county itself.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        if self.0.is_multiple_of(10_000) {
            self.province() == other.province()
        } else if self.0.is_multiple_of(100) {
            self.city() == other.city()
        } else {
            self.0 == other.0
        }
    }

    #[must_use]
    pub const fn distance_to(self, other: Self) -> Distance {
        if self.city() == other.city() {
            Distance::SameCity
        } else if self.province() == other.province() {
            Distance::SameProvince
        } else {
            Distance::OtherProvince
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:06}", self.0)
    }
}

impl fmt::Debug for Area {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

impl TryFrom<String> for Area {
    type Error = AreaError;
    fn try_from(text: String) -> Result<Self, AreaError> {
        Self::new(&text)
    }
}

impl From<Area> for String {
    fn from(area: Area) -> Self {
        area.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_goes_by_prefix() {
        let table = [
            ("341200", "310000", Distance::OtherProvince),
            ("341225", "341200", Distance::SameCity),
            ("341225", "340100", Distance::SameProvince),
            ("310115", "310000", Distance::SameCity),
        ];
        for (insured, care, distance) in table {
            assert_eq!(
                Area::new(insured).unwrap().distance_to(Area::new(care).unwrap()),
                distance
            );
        }
    }

    #[test]
    fn an_area_covers_what_lies_in_it() {
        let area = |text| Area::new(text).unwrap();
        let table = [
            ("340000", "341225", true),
            ("341200", "341225", true),
            ("341200", "341200", true),
            ("341225", "341200", false),
            ("341200", "340100", false),
            ("310000", "310115", true),
            ("310115", "310000", false),
            ("349900", "341200", false),
        ];
        for (outer, inner, covers) in table {
            assert_eq!(area(outer).covers(area(inner)), covers, "{outer} {inner}");
        }
        for (place, pool) in [("341225", "341200"), ("310115", "310000"), ("320399", "320300")] {
            assert_eq!(area(place).pool(), area(pool));
        }
    }

    #[test]
    fn only_six_digits_are_an_area() {
        for text in ["", "31000", "3100000", "31000a", "３１００００"] {
            assert!(Area::new(text).is_err(), "{text}");
        }
    }
}
