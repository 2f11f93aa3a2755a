//! One record of the card: tag, length, value.

use core::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::check::date_of;
use crate::fault::DeviceFault;

/// Tag of a record in the card's basic files. Source: the card's file list of 2012 (version 2.0) and earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tag(pub u8);

impl Tag {
    pub const IDENTIFICATION: Self = Self(0x01);
    pub const VERSION: Self = Self(0x03);
    pub const ISSUED: Self = Self(0x05);
    pub const VALID_UNTIL: Self = Self(0x06);
    pub const CARD_NUMBER: Self = Self(0x07);
    pub const NUMBER: Self = Self(0x08);
    pub const NAME: Self = Self(0x09);
    pub const NAME_EXTENSION: Self = Self(0x4E);
    pub const SEX: Self = Self(0x0A);
    pub const ETHNIC: Self = Self(0x0B);
    pub const BIRTHPLACE: Self = Self(0x0C);
    pub const BORN: Self = Self(0x0D);

    /// Whole length of the record on the wire, tag and length byte included: the exact `Le` to ask with.
    #[must_use]
    pub const fn exact_le(self) -> u8 {
        match self.0 {
            0x01 => 0x12,
            0x02 | 0x0A | 0x0B => 0x03,
            0x03 | 0x05 | 0x06 | 0x0D => 0x06,
            0x04 => 0x0E,
            0x07 => 0x0B,
            0x08 => 0x14,
            0x09 => 0x20,
            0x4E => 0x16,
            0x0C => 0x05,
            _ => 0x00,
        }
    }

    /// Number of the record in its file, for cards that answer to numbers only.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self.0 {
            0x08 => 1,
            0x09 => 2,
            0x4E => 3,
            0x0A => 4,
            0x0B => 5,
            0x0C => 6,
            0x0D => 7,
            other => other,
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:02X}", self.0)
    }
}

/// The value of a record, when its tag is the one asked for and its length is the one it carries.
///
/// # Errors
/// [`DeviceFault::RecordGarbled`] with the tag asked for.
pub fn parse_record(tag: Tag, bytes: &[u8]) -> Result<&[u8], DeviceFault> {
    match bytes {
        [found, length, value @ ..] if *found == tag.0 && usize::from(*length) == value.len() => Ok(value),
        _ => Err(DeviceFault::RecordGarbled { tag }),
    }
}

/// Compressed numeric to digits; filler `F` nibbles at the end are dropped.
///
/// # Errors
/// [`DeviceFault::RecordGarbled`] when another nibble is no digit.
pub fn digits(tag: Tag, value: &[u8]) -> Result<String, DeviceFault> {
    let hex: String = value.iter().map(|byte| format!("{byte:02X}")).collect();
    let text = hex.trim_end_matches('F');
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(String::from(text))
    } else {
        Err(DeviceFault::RecordGarbled { tag })
    }
}

/// A date in four compressed bytes, `YYYYMMDD`; `None` when the record is blank (all zero or all filler).
///
/// # Errors
/// [`DeviceFault::RecordGarbled`] when the bytes are no date of the calendar.
pub fn civil_date(tag: Tag, value: &[u8]) -> Result<Option<Date>, DeviceFault> {
    if value.is_empty() || value.iter().all(|byte| *byte == 0) || value.iter().all(|byte| *byte == 0xFF) {
        return Ok(None);
    }
    date_of(&digits(tag, value)?)
        .map(Some)
        .ok_or(DeviceFault::RecordGarbled { tag })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_must_carry_its_own_tag_and_length() {
        let tag = Tag::CARD_NUMBER;
        assert_eq!(parse_record(tag, b"\x07\x03ABC"), Ok(&b"ABC"[..]));
        assert_eq!(parse_record(tag, b"\x07\x00"), Ok(&b""[..]));
        for broken in [&b""[..], b"\x07", b"\x08\x03ABC", b"\x07\x04ABC", b"\x07\x02ABC"] {
            assert_eq!(
                parse_record(tag, broken),
                Err(DeviceFault::RecordGarbled { tag }),
                "{broken:?}"
            );
        }
    }

    #[test]
    fn compressed_digits_and_dates() {
        let tag = Tag::VALID_UNTIL;
        assert_eq!(digits(tag, &[0x12, 0x3F]).unwrap(), "123");
        assert!(digits(tag, &[0x1A]).is_err());
        let date = civil_date(tag, &[0x20, 0x30, 0x12, 0x31]).unwrap().unwrap();
        assert_eq!(date.to_string(), "2030-12-31");
        for blank in [&[0_u8; 4][..], &[0xFF; 4], &[]] {
            assert_eq!(civil_date(tag, blank), Ok(None));
        }
        for broken in [
            &[0x20, 0x30, 0x13, 0x01][..],
            &[0x20, 0x30],
            &[0x20, 0x30, 0x0A, 0x01],
        ] {
            assert!(civil_date(tag, broken).is_err(), "{broken:?}");
        }
    }
}
