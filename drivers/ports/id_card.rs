//! What a reader with the police security module takes from a resident ID card.
//!
//! Source: common layout of the 256 bytes such readers give: UTF-16, fixed widths, blanks behind each field. Inferred from
//! programs that use it; no document was at hand.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zhijie_model::Private;

use crate::check::{citizen_number_is_sound, date_of};
use crate::fault::DeviceFault;

/// Bytes of the text part.
const TEXT_BYTES: usize = 256;
/// Characters of each field: name, sex, ethnic group, birth, address, number, authority, from, until.
const WIDTHS: [usize; 9] = [15, 1, 2, 8, 35, 18, 15, 8, 8];
/// In the place of a last day.
const FOR_EVER: &str = "长期";

/// One card, as far as the desk needs it. Address and photo are not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdCardReading {
    pub name: Private,
    pub number: Private,
    /// `None` for a card without end.
    pub valid_until: Option<Date>,
    /// Name of the reader's library.
    pub reader: String,
}

impl IdCardReading {
    /// # Errors
    /// [`DeviceFault::VendorGarbled`] with the field's number from 1, 0 for the whole; [`DeviceFault::CardExpired`] when its last
    /// day was before `today`.
    pub fn parse(bytes: &[u8], reader: &str, today: Date) -> Result<Self, DeviceFault> {
        let garbled = |field: u8| DeviceFault::VendorGarbled { field };
        let text = bytes.get(..TEXT_BYTES).ok_or(garbled(0))?;
        let units = text
            .chunks_exact(2)
            .filter_map(|pair| <[u8; 2]>::try_from(pair).ok().map(u16::from_le_bytes));
        let units: Vec<u16> = units.collect();
        let field = |number: u8| -> Result<String, DeviceFault> {
            let index = usize::from(number).saturating_sub(1);
            let begin: usize = WIDTHS.iter().take(index).sum();
            let width = WIDTHS.get(index).copied().unwrap_or_default();
            let units = units
                .get(begin..begin.saturating_add(width))
                .ok_or(garbled(number))?;
            let text = String::from_utf16(units).map_err(|_| garbled(number))?;
            Ok(String::from(text.trim_matches(['\0', ' ', '\u{3000}'])))
        };
        let (name, number, until) = (field(1)?, field(6)?, field(9)?);
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(garbled(1));
        }
        if !citizen_number_is_sound(&number) {
            return Err(garbled(6));
        }
        let valid_until = if until == FOR_EVER {
            None
        } else {
            Some(date_of(&until).ok_or(garbled(9))?)
        };
        match valid_until.filter(|last| *last < today) {
            Some(valid_until) => Err(DeviceFault::CardExpired { valid_until }),
            None => Ok(Self {
                name: Private::new(name),
                number: Private::new(number),
                valid_until,
                reader: String::from(reader),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::constant(2026, 11, 22);

    fn bytes(name: &str, number: &str, until: &str) -> Vec<u8> {
        let fields = [
            name,
            "2",
            "01",
            "19491231",
            "某市某区某路1号",
            number,
            "某市公安局",
            "20200101",
            until,
        ];
        let mut units: Vec<u16> = Vec::new();
        for (field, width) in fields.into_iter().zip(WIDTHS) {
            let mut field: Vec<u16> = field.encode_utf16().collect();
            field.resize(width, 0x20);
            units.extend(field);
        }
        units.resize(TEXT_BYTES / 2, 0x20);
        units.into_iter().flat_map(u16::to_le_bytes).collect()
    }

    fn read(name: &str, number: &str, until: &str) -> Result<IdCardReading, DeviceFault> {
        IdCardReading::parse(&bytes(name, number, until), "library", TODAY)
    }

    #[test]
    fn what_identifies_is_taken_and_must_be_sound() {
        let number = "11010519491231002X";
        let card = read("欧阳娜娜", number, "20400101").unwrap();
        assert_eq!((card.name.reveal(), card.number.reveal()), ("欧阳娜娜", number));
        assert_eq!(card.valid_until, Some(Date::constant(2040, 1, 1)));
        assert_eq!(read("张三", number, "长期").unwrap().valid_until, None);
        assert!(read("张三", number, "20261122").is_ok(), "the last day counts");
        assert!(!format!("{card:?}").contains("欧阳娜娜"));
        let table = [
            (read("", number, "长期"), 1),
            (read("张三", "110105194912310020", "长期"), 6),
            (read("张三", number, "20260230"), 9),
            (read("张三", number, ""), 9),
            (IdCardReading::parse(&[0x20; 255], "library", TODAY), 0),
            (IdCardReading::parse(&[0xFF; 256], "library", TODAY), 6),
        ];
        for (result, field) in table {
            assert_eq!(result, Err(DeviceFault::VendorGarbled { field }), "field {field}");
        }
        let valid_until = Date::constant(2026, 11, 21);
        assert_eq!(
            read("张三", number, "20261121"),
            Err(DeviceFault::CardExpired { valid_until })
        );
    }
}
