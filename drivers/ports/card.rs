//! What one insertion of a social-security card told.

use core::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zhijie_model::{Area, Private};

use crate::check::{card_number_is_sound, citizen_number_is_sound};
use crate::fault::DeviceFault;
use crate::record::{Tag, civil_date, digits};
use crate::text::decode_name;

/// Everything read from one card in one insertion. Reading a card identifies the holder, it does not prove that
/// the card is genuine: freely readable fields can be copied onto a self-made chip. The platform decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardReading {
    /// Region that issued the card (first three bytes of the identification code).
    pub region: Area,
    /// Social-security number; normally the citizen identity number.
    pub number: Private,
    /// First nine characters of the card number.
    pub card_number: Private,
    /// Identification code of the card, 32 hex digits.
    pub identification: Private,
    /// Empty never; U+FFFD stands for each byte that is no text, see [`CardWarning::NameHasBadBytes`].
    pub name: Private,
    /// Name bytes as hex, kept only when the name did not decode.
    pub name_raw: Option<Private>,
    /// Historical bytes of the answer to reset, 26 hex digits.
    pub reset_info: Private,
    /// As printed in the card, e.g. `2.00`.
    pub version: String,
    pub generation: CardGeneration,
    pub issued: Option<Date>,
    pub valid_until: Option<Date>,
    /// `1` male, `2` female, `9` not stated.
    pub sex: Option<Private>,
    /// GB 3304, two digits.
    pub ethnic: Option<Private>,
    /// GB 2260, six digits.
    pub birthplace: Option<Private>,
    /// `YYYYMMDD`.
    pub born: Option<Private>,
    pub warnings: Vec<CardWarning>,
    /// The card proved to a key service that it is genuine.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub genuine: bool,
    /// Name of the reader as the card service knows it.
    pub reader: String,
    /// Counts up with every insertion and removal in this reader while the card service runs; with a vendor library,
    /// with every answer.
    pub insertion: u32,
    /// What only a vendor library can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<VendorPart>,
}

/// What a vendor library hands over beside the card's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorPart {
    /// Its answer as text, unchanged: where a province wants it, it goes to the platform as it is.
    pub line: Private,
    /// Base64 signature over the answer, where the library signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Private>,
    /// Number of the security module, twelve digits.
    pub terminal: String,
    pub device: String,
}

/// Card generations by the first three characters of the version record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardGeneration {
    First,
    Second,
    /// Holder data needs external authentication.
    Third,
    /// A version text nobody has described; treated as a second-generation card.
    Unknown,
}

impl CardGeneration {
    /// An empty version record means the first generation; the fourth character is not looked at.
    #[must_use]
    pub fn of(version: &str) -> Self {
        match version.get(..3) {
            Some("1.0") => Self::First,
            Some("2.0") => Self::Second,
            Some("3.0") => Self::Third,
            Some(_) => Self::Unknown,
            None if version.is_empty() => Self::First,
            None => Self::Unknown,
        }
    }
}

/// What lies in the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardKind {
    SocialSecurity,
    Bank,
    /// A resident ID card on a contactless reader.
    ResidentId,
    /// Some other smart card: hospital, transport, health.
    Other,
}

impl CardKind {
    /// For the cashier, Chinese.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::SocialSecurity => "社会保障卡",
            Self::Bank => "银行卡",
            Self::ResidentId => "居民身份证",
            Self::Other => "其他卡片",
        }
    }
}

/// Something odd that does not stop the reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardWarning {
    /// The check character of the card number does not fit.
    CardNumberCheck,
    /// The number is no sound citizen identity number; foreigners have other forms.
    NumberCheck,
    /// Some bytes of the name are no text and are shown as marks.
    NameHasBadBytes,
    /// The card does not tell until when it is valid.
    NoValidity,
    /// The version record is unlike any described.
    UnknownVersion,
    /// An optional record is there but unreadable; it was left out.
    OptionalRecordGarbled(Tag),
    /// The answer to reset does not have thirteen historical bytes.
    ResetInfoLength,
}

/// Record values as read, before they mean anything. `None` is a record the card does not have.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CardFields {
    pub identification: Option<Vec<u8>>,
    pub version: Option<Vec<u8>>,
    pub issued: Option<Vec<u8>>,
    pub valid_until: Option<Vec<u8>>,
    pub card_number: Option<Vec<u8>>,
    pub number: Option<Vec<u8>>,
    pub name: Option<Vec<u8>>,
    pub name_extension: Option<Vec<u8>>,
    pub sex: Option<Vec<u8>>,
    pub ethnic: Option<Vec<u8>>,
    pub birthplace: Option<Vec<u8>>,
    pub born: Option<Vec<u8>>,
}

impl fmt::Debug for CardFields {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("CardFields(***)")
    }
}

impl CardFields {
    /// Version text, trimmed; empty for first-generation cards.
    ///
    /// # Errors
    /// [`DeviceFault::RecordMissing`] or [`DeviceFault::RecordGarbled`] for the version record.
    pub fn version(&self) -> Result<String, DeviceFault> {
        plain(Tag::VERSION, required(Tag::VERSION, self.version.as_deref())?)
    }

    /// # Errors
    /// [`DeviceFault::RecordGarbled`] when the record is no date.
    pub fn valid_until(&self) -> Result<Option<Date>, DeviceFault> {
        civil_date(Tag::VALID_UNTIL, self.valid_until.as_deref().unwrap_or_default())
    }

    /// # Errors
    /// Missing or garbled identification record.
    pub fn region(&self) -> Result<Area, DeviceFault> {
        let tag = Tag::IDENTIFICATION;
        let value = required(tag, self.identification.as_deref())?;
        let head = value.get(..3).ok_or(DeviceFault::RecordGarbled { tag })?;
        Area::new(&digits(tag, head)?).map_err(|_| DeviceFault::RecordGarbled { tag })
    }

    /// Turns the values into a reading. Refuses on what identifies a person or a card, warns on the rest.
    ///
    /// # Errors
    /// [`DeviceFault::RecordMissing`] or [`DeviceFault::RecordGarbled`] for the identification code, version,
    /// validity, card number, number or name. Blames the card.
    pub fn reading(self, atr: &[u8], reader: &str, insertion: u32) -> Result<CardReading, DeviceFault> {
        let mut warnings = Vec::new();
        let identification = required(Tag::IDENTIFICATION, self.identification.as_deref())?;
        if identification.len() != 16 {
            return Err(DeviceFault::RecordGarbled {
                tag: Tag::IDENTIFICATION,
            });
        }
        let version = self.version()?;
        let generation = CardGeneration::of(&version);
        if generation == CardGeneration::Unknown {
            warnings.push(CardWarning::UnknownVersion);
        }
        let valid_until = self.valid_until()?;
        if valid_until.is_none() {
            warnings.push(CardWarning::NoValidity);
        }
        let card_number = plain(
            Tag::CARD_NUMBER,
            required(Tag::CARD_NUMBER, self.card_number.as_deref())?,
        )?;
        let card_number = String::from(card_number.get(..9).ok_or(DeviceFault::RecordGarbled {
            tag: Tag::CARD_NUMBER,
        })?);
        if !card_number_is_sound(&card_number) {
            warnings.push(CardWarning::CardNumberCheck);
        }
        let number = plain(Tag::NUMBER, required(Tag::NUMBER, self.number.as_deref())?)?;
        if number.is_empty() {
            return Err(DeviceFault::RecordMissing { tag: Tag::NUMBER });
        }
        if !citizen_number_is_sound(&number) {
            warnings.push(CardWarning::NumberCheck);
        }
        let name_bytes = required(Tag::NAME, self.name.as_deref())?;
        let extension = self.name_extension.as_deref().unwrap_or_default();
        let name = decode_name(name_bytes, extension);
        if name.text.is_empty() {
            return Err(DeviceFault::RecordMissing { tag: Tag::NAME });
        }
        if name.bad_bytes {
            warnings.push(CardWarning::NameHasBadBytes);
        }
        let name_raw = name
            .bad_bytes
            .then(|| Private::new(hex(name_bytes) + &hex(extension)));
        let reset_info = crate::atr::reset_info(atr);
        if reset_info.len() != 26 {
            warnings.push(CardWarning::ResetInfoLength);
        }
        Ok(CardReading {
            region: self.region()?,
            number: Private::new(number),
            card_number: Private::new(card_number),
            identification: Private::new(hex(identification)),
            name: name.text,
            name_raw,
            reset_info: Private::new(reset_info),
            version,
            generation,
            issued: optional(Tag::ISSUED, self.issued.as_deref(), &mut warnings, civil_date).flatten(),
            valid_until,
            sex: optional(Tag::SEX, self.sex.as_deref(), &mut warnings, plain).and_then(private),
            ethnic: optional(Tag::ETHNIC, self.ethnic.as_deref(), &mut warnings, digits).and_then(private),
            birthplace: optional(Tag::BIRTHPLACE, self.birthplace.as_deref(), &mut warnings, digits)
                .and_then(private),
            born: optional(Tag::BORN, self.born.as_deref(), &mut warnings, digits).and_then(private),
            warnings,
            genuine: false,
            reader: String::from(reader),
            insertion,
            vendor: None,
        })
    }
}

fn required(tag: Tag, value: Option<&[u8]>) -> Result<&[u8], DeviceFault> {
    value.ok_or(DeviceFault::RecordMissing { tag })
}

/// A broken optional record is left out with a warning: nothing about money hangs on it.
fn optional<T>(
    tag: Tag,
    value: Option<&[u8]>,
    warnings: &mut Vec<CardWarning>,
    parse: fn(Tag, &[u8]) -> Result<T, DeviceFault>,
) -> Option<T> {
    match parse(tag, value?) {
        Ok(parsed) => Some(parsed),
        Err(_) => {
            warnings.push(CardWarning::OptionalRecordGarbled(tag));
            None
        }
    }
}

fn private(text: String) -> Option<Private> {
    (!text.is_empty()).then(|| Private::new(text))
}

/// Printable ASCII with filler removed.
fn plain(tag: Tag, value: &[u8]) -> Result<String, DeviceFault> {
    let end = value
        .iter()
        .rposition(|byte| !matches!(byte, 0x00 | 0x20))
        .map_or(0, |at| at + 1);
    let text = value.get(..end).unwrap_or_default();
    if text.iter().all(u8::is_ascii_graphic) {
        Ok(text.iter().copied().map(char::from).collect())
    } else {
        Err(DeviceFault::RecordGarbled { tag })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATR: [u8; 17] = [0x3B, 0x6D, 0, 0, 0, 0x81, 1, 2, 3, 4, 5, 0x34, 0x12, 6, 7, 8, 9];

    fn fields() -> CardFields {
        CardFields {
            identification: Some(vec![
                0x34, 0x12, 0x00, 0xD1, 0x56, 0, 0, 5, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF,
            ]),
            version: Some(b"2.00".to_vec()),
            issued: Some(vec![0x20, 0x20, 0x01, 0x01]),
            valid_until: Some(vec![0x20, 0x30, 0x01, 0x01]),
            card_number: Some(b"D2143569X".to_vec()),
            number: Some(b"11010519491231002X".to_vec()),
            name: Some(b"\xD5\xC5\xC8\xFD\0\0".to_vec()),
            ..CardFields::default()
        }
    }

    #[test]
    fn a_whole_card_reads_without_warning() {
        let card = fields().reading(&ATR, "reader", 2).unwrap();
        assert_eq!(card.region.to_string(), "341200");
        assert_eq!(card.name.reveal(), "张三");
        assert_eq!(card.identification.reveal(), "341200D15600000500000001FFFFFFFF");
        assert_eq!(card.reset_info.reveal(), "00810102030405341206070809");
        assert_eq!(
            (card.generation, card.warnings.as_slice()),
            (CardGeneration::Second, &[][..])
        );
        let shown = format!("{card:?}");
        for secret in [
            "张三",
            "11010519491231002X",
            "D2143569X",
            "341200D156",
            "0081010203",
        ] {
            assert!(!shown.contains(secret), "{secret}");
        }
    }

    #[test]
    fn what_identifies_must_be_there_and_sound() {
        type Change = fn(&mut CardFields);
        let table: [(Change, DeviceFault); 7] = [
            (
                |f| f.number = None,
                DeviceFault::RecordMissing { tag: Tag::NUMBER },
            ),
            (
                |f| f.number = Some(vec![0; 18]),
                DeviceFault::RecordMissing { tag: Tag::NUMBER },
            ),
            (
                |f| f.name = Some(vec![0; 30]),
                DeviceFault::RecordMissing { tag: Tag::NAME },
            ),
            (
                |f| f.number = Some(vec![0x80; 18]),
                DeviceFault::RecordGarbled { tag: Tag::NUMBER },
            ),
            (
                |f| f.card_number = Some(b"D21".to_vec()),
                DeviceFault::RecordGarbled {
                    tag: Tag::CARD_NUMBER,
                },
            ),
            (
                |f| f.valid_until = Some(vec![0x20, 0x30, 0x13, 0x01]),
                DeviceFault::RecordGarbled {
                    tag: Tag::VALID_UNTIL,
                },
            ),
            (
                |f| f.identification = Some(vec![0xAB; 16]),
                DeviceFault::RecordGarbled {
                    tag: Tag::IDENTIFICATION,
                },
            ),
        ];
        for (change, fault) in table {
            let mut broken = fields();
            change(&mut broken);
            assert_eq!(broken.reading(&ATR, "reader", 2).unwrap_err(), fault);
        }
    }

    #[test]
    fn oddities_warn() {
        let mut odd = fields();
        odd.card_number = Some(b"D21435690XYZ".to_vec());
        odd.number = Some(b"P1234567".to_vec());
        odd.name = Some(b"\xD5\xC5\xFF\xFF".to_vec());
        odd.valid_until = None;
        odd.version = Some(b"4.20".to_vec());
        odd.ethnic = Some(vec![0xAB]);
        let card = odd.reading(&ATR[..8], "reader", 2).unwrap();
        assert_eq!(card.card_number.reveal(), "D21435690");
        assert_eq!(card.name_raw.unwrap().reveal(), "D5C5FFFF");
        assert_eq!(
            card.warnings,
            [
                CardWarning::UnknownVersion,
                CardWarning::NoValidity,
                CardWarning::CardNumberCheck,
                CardWarning::NumberCheck,
                CardWarning::NameHasBadBytes,
                CardWarning::ResetInfoLength,
                CardWarning::OptionalRecordGarbled(Tag::ETHNIC),
            ]
        );
    }

    #[test]
    fn generations() {
        let table = [
            ("", CardGeneration::First),
            ("1.00", CardGeneration::First),
            ("2.0", CardGeneration::Second),
            ("3.0x", CardGeneration::Third),
            ("9", CardGeneration::Unknown),
        ];
        for (version, generation) in table {
            assert_eq!(CardGeneration::of(version), generation, "{version}");
        }
    }
}
