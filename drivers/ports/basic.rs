//! The eleven fields in which reader libraries hand over a card's basic data.
//!
//! Source: nationwide reader interface of 2016, `pOutInfo` of `iReadCardBas`: each field followed by `|`, GBK.

use core::fmt;

use encoding_rs::GB18030;
use jiff::civil::Date;
use zhijie_model::{Area, Private};

use crate::card::{CardGeneration, CardReading, CardWarning, VendorPart};
use crate::check::{card_number_is_sound, citizen_number_is_sound, date_of};
use crate::fault::DeviceFault;

/// Fields in the order of the line. All text; what is empty was not told.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct BasicFields {
    /// Issuing region, six digits.
    pub region: String,
    pub number: String,
    pub card_number: String,
    /// 32 hex digits.
    pub identification: String,
    pub name: String,
    /// Historical bytes of the answer to reset, 26 hex digits.
    pub reset_info: String,
    pub version: String,
    /// `YYYYMMDD`.
    pub issued: String,
    /// `YYYYMMDD`.
    pub valid_until: String,
    /// Twelve digits out of the security module; twelve zeros without one.
    pub terminal: String,
    pub device: String,
}

impl fmt::Debug for BasicFields {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("BasicFields(***)")
    }
}

/// Number of a field on the line, from 1; 0 is the line as a whole.
type Field = u8;

impl BasicFields {
    /// Takes apart what a library wrote. Lenient where libraries differ: ten to twelve fields, with or without the last
    /// separator, blanks around fields, the whole answer to reset in place of its historical bytes.
    ///
    /// # Errors
    /// [`DeviceFault::VendorGarbled`] when the bytes are no text or the number of fields cannot be.
    pub fn parse(line: &[u8]) -> Result<Self, DeviceFault> {
        let garbled = |field: Field| DeviceFault::VendorGarbled { field };
        let (text, bad_bytes) = GB18030.decode_without_bom_handling(line);
        if bad_bytes {
            return Err(garbled(0));
        }
        let text = text.trim_matches(['\0', ' ', '\r', '\n']);
        let text = text.strip_suffix('|').unwrap_or(text);
        let fields: Vec<&str> = text.split('|').map(|field| field.trim_matches(BLANK)).collect();
        if !(10..=12).contains(&fields.len()) {
            return Err(garbled(0));
        }
        let field = |at: usize| String::from(fields.get(at).copied().unwrap_or_default());
        Ok(Self {
            region: field(0),
            number: field(1),
            card_number: field(2),
            identification: field(3).to_ascii_uppercase(),
            name: field(4),
            reset_info: historical(&field(5)),
            version: field(6),
            issued: field(7),
            valid_until: field(8),
            terminal: field(9),
            device: field(10),
        })
    }

    /// The fields of a reading, for a program that expects them. `terminal` and `device` are those of the library that
    /// read it; a card read over PC/SC has no security module.
    #[must_use]
    pub fn of(card: &CardReading) -> Self {
        let day = |day: Option<Date>| {
            day.map(|day| day.strftime("%Y%m%d").to_string())
                .unwrap_or_default()
        };
        let vendor = card.vendor.as_ref();
        Self {
            region: card.region.to_string(),
            number: String::from(card.number.reveal()),
            card_number: String::from(card.card_number.reveal()),
            identification: String::from(card.identification.reveal()),
            name: String::from(card.name.reveal()),
            reset_info: String::from(card.reset_info.reveal()),
            version: card.version.clone(),
            issued: day(card.issued),
            valid_until: day(card.valid_until),
            terminal: vendor.map_or_else(|| String::from(NO_TERMINAL), |part| part.terminal.clone()),
            device: vendor.map(|part| part.device.clone()).unwrap_or_default(),
        }
    }

    /// The fields in their order.
    #[must_use]
    pub fn in_order(&self) -> [&str; 11] {
        [
            &self.region,
            &self.number,
            &self.card_number,
            &self.identification,
            &self.name,
            &self.reset_info,
            &self.version,
            &self.issued,
            &self.valid_until,
            &self.terminal,
            &self.device,
        ]
    }

    /// The line in GBK, each field followed by `|`, without the closing zero byte. A character that GBK does not know
    /// takes its four bytes of GB18030. A separator inside a field is left out: it would move all that follow.
    #[must_use]
    pub fn to_line(&self) -> Vec<u8> {
        let mut text = String::new();
        for field in self.in_order() {
            text.extend(field.chars().filter(|character| *character != '|'));
            text.push('|');
        }
        GB18030.encode(&text).0.into_owned()
    }

    /// Turns the fields into a reading. Refuses on what identifies a person or a card, warns on the rest.
    ///
    /// # Errors
    /// [`DeviceFault::VendorGarbled`] with the field's number.
    pub fn reading(self, source: VendorSource<'_>, insertion: u32) -> Result<CardReading, DeviceFault> {
        let garbled = |field: Field| DeviceFault::VendorGarbled { field };
        let region = Area::new(&self.region).map_err(|_| garbled(1))?;
        if self.number.is_empty() || !self.number.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(garbled(2));
        }
        let card_number = self.card_number.get(..9).ok_or(garbled(3))?;
        if !card_number.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(garbled(3));
        }
        let hex = self.identification.len() == 32
            && self.identification.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !hex {
            return Err(garbled(4));
        }
        if self.name.is_empty() {
            return Err(garbled(5));
        }
        let issued = day(&self.issued, 8)?;
        let valid_until = day(&self.valid_until, 9)?;
        let generation = CardGeneration::of(&self.version);
        let warnings = [
            (generation == CardGeneration::Unknown, CardWarning::UnknownVersion),
            (valid_until.is_none(), CardWarning::NoValidity),
            (!card_number_is_sound(card_number), CardWarning::CardNumberCheck),
            (!citizen_number_is_sound(&self.number), CardWarning::NumberCheck),
            (self.reset_info.len() != 26, CardWarning::ResetInfoLength),
        ];
        let warnings = warnings.into_iter().filter(|(holds, _)| *holds);
        Ok(CardReading {
            region,
            card_number: Private::new(card_number),
            identification: Private::new(self.identification),
            name: Private::new(self.name),
            name_raw: None,
            reset_info: Private::new(self.reset_info),
            generation,
            issued,
            valid_until,
            sex: None,
            ethnic: None,
            birthplace: None,
            born: None,
            warnings: warnings.map(|(_, warning)| warning).collect(),
            genuine: false,
            reader: String::from(source.reader),
            insertion,
            number: Private::new(self.number),
            version: self.version,
            vendor: Some(VendorPart {
                line: source.line,
                signature: source.signature,
                terminal: self.terminal,
                device: self.device,
            }),
        })
    }
}

/// Where a line came from.
#[derive(Debug)]
pub struct VendorSource<'a> {
    pub reader: &'a str,
    /// The line as text, unchanged.
    pub line: Private,
    /// Base64, where the library signs.
    pub signature: Option<Private>,
}

const NO_TERMINAL: &str = "000000000000";
const BLANK: [char; 3] = [' ', '\u{3000}', '\0'];

/// The historical bytes, where a library hands over the whole answer to reset.
fn historical(hex: &str) -> String {
    let upper = hex.to_ascii_uppercase();
    if upper.len() <= 26 || !upper.starts_with("3B") {
        return upper;
    }
    let pairs = upper.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> = pairs
        .map(|pair| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    match bytes.map(|bytes| crate::atr::reset_info(&bytes)) {
        Some(found) if !found.is_empty() => found,
        _ => upper,
    }
}

fn day(text: &str, field: Field) -> Result<Option<Date>, DeviceFault> {
    if text.is_empty() || text.bytes().all(|byte| byte == b'0') {
        return Ok(None);
    }
    date_of(text)
        .map(Some)
        .ok_or(DeviceFault::VendorGarbled { field })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "999900|11010519491231002X|D2143569X|999900D1560000050000000100000000|张三|00810000000000999900000001|2.00|20200101|20300101|000000000000||";

    fn gbk(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    fn read(text: &str) -> Result<CardReading, DeviceFault> {
        let source = VendorSource {
            reader: "vendor",
            line: Private::new(text),
            signature: None,
        };
        BasicFields::parse(&gbk(text))?.reading(source, 1)
    }

    #[test]
    fn a_line_comes_back_as_it_went() {
        let fields = BasicFields::parse(&gbk(LINE)).unwrap();
        assert_eq!(fields.to_line(), gbk(LINE));
        let card = read(LINE).unwrap();
        assert_eq!((card.name.reveal(), card.warnings.as_slice()), ("张三", &[][..]));
        assert_eq!(BasicFields::of(&card), fields);
        assert_eq!(card.vendor.unwrap().line.reveal(), LINE);
    }

    #[test]
    fn libraries_differ_and_are_understood() {
        let whole = LINE.trim_end_matches('|');
        let spaced = LINE.replace('|', " | ");
        let atr = LINE.replace("00810000000000999900000001", "3b6d000000810000000000999900000001");
        for line in [
            format!("{whole}|"),
            format!("{whole}||x|"),
            spaced,
            atr,
            format!("{LINE}\0\0"),
        ] {
            let card = read(&line).unwrap();
            assert_eq!(card.reset_info.reveal(), "00810000000000999900000001", "{line}");
            assert_eq!(card.warnings, [], "{line}");
        }
    }

    #[test]
    fn what_cannot_be_is_named_by_its_field() {
        let table = [
            (String::from("1|2|3"), 0),
            (format!("{LINE}a|b|"), 0),
            (LINE.replace("999900|", "99990a|"), 1),
            (LINE.replace("11010519491231002X", ""), 2),
            (LINE.replace("D2143569X", "D21"), 3),
            (LINE.replace("D156", "XYZW"), 4),
            (LINE.replace("张三", ""), 5),
            (LINE.replace("20200101", "20201301"), 8),
            (LINE.replace("20300101", "2030"), 9),
        ];
        for (line, field) in table {
            assert_eq!(
                read(&line).unwrap_err(),
                DeviceFault::VendorGarbled { field },
                "{line}"
            );
        }
        assert_eq!(
            BasicFields::parse(b"\xFF\xFF|"),
            Err(DeviceFault::VendorGarbled { field: 0 })
        );
    }
}
