//! The elementary files of a social-security card as bytes.

use encoding_rs::GB18030;

use crate::data::{CardData, Damage, DataError, Generation};

/// One record: its tag and its bytes on the wire, tag and length included.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) tag: u8,
    pub(crate) bytes: Vec<u8>,
}

/// Records of the two basic files, in record-number order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files {
    pub(crate) ef05: Vec<Record>,
    pub(crate) ef06: Vec<Record>,
}

impl Files {
    pub(crate) fn of(data: &CardData) -> Result<Self, DataError> {
        let mut identification = packed("region", &data.region, 3)?;
        identification.extend([0xD1, 0x56, 0x00, 0x00, 0x05]);
        identification.extend(packed("serial", &data.serial, 4)?);
        identification.extend([0xFF; 4]);
        let region = packed("region", &data.region, 3)?;
        let mut issuer = vec![0x91, 0x56, 0x00, 0x00, 0x02];
        issuer.extend_from_slice(&region);
        issuer.extend_from_slice(&region);
        issuer.push(0x01);
        let version = match data.generation {
            Generation::First => "1.00",
            Generation::Second => "2.00",
            Generation::Third => "3.00",
        };
        let (name, _, unmappable) = GB18030.encode(&data.name);
        if unmappable || name.len() > 50 {
            return Err(DataError::Field("name"));
        }
        let (head, tail) = name.split_at(name.len().min(30));
        let mut ef06 = vec![
            record(0x08, text("number", &data.number, 18)?),
            record(0x09, filled(head, 30)),
        ];
        if data.generation != Generation::First {
            ef06.push(record(0x4E, filled(tail, 20)));
        } else if !tail.is_empty() {
            return Err(DataError::Field("name"));
        }
        ef06.push(record(0x0A, text("sex", &data.sex, 1)?));
        ef06.push(record(0x0B, packed("ethnic", &data.ethnic, 1)?));
        ef06.push(record(0x0C, packed("birthplace", &data.birthplace, 3)?));
        ef06.push(record(0x0D, packed("born", &data.born, 4)?));
        let mut files = Self {
            ef05: vec![
                record(0x01, identification),
                record(0x02, b"3".to_vec()),
                record(0x03, text("version", version, 4)?),
                record(0x04, issuer),
                record(0x05, packed("issued", &data.issued, 4)?),
                record(0x06, packed("valid_until", &data.valid_until, 4)?),
                record(0x07, text("card_number", &data.card_number, 9)?),
            ],
            ef06,
        };
        files.spoil(data.damage);
        Ok(files)
    }

    fn spoil(&mut self, damage: Damage) {
        for records in [&mut self.ef05, &mut self.ef06] {
            match damage {
                Damage::MissingRecord(tag) => records.retain(|record| record.tag != tag),
                Damage::GarbledRecord(tag) => {
                    for record in records.iter_mut().filter(|record| record.tag == tag) {
                        record.bytes.fill(0xA5);
                    }
                }
                Damage::NoiseInRecord(tag) => {
                    for record in records.iter_mut().filter(|record| record.tag == tag) {
                        for byte in record.bytes.iter_mut().skip(2) {
                            *byte = 0x9B;
                        }
                    }
                }
                Damage::None
                | Damage::Locked
                | Damage::MuteAtCommand(_)
                | Damage::PulledAtCommand(_)
                | Damage::HalfAnswerAtCommand(_)
                | Damage::FloodAtCommand(_)
                | Damage::RestsAtCommand(_) => {}
            }
        }
    }
}

fn record(tag: u8, value: Vec<u8>) -> Record {
    let mut bytes = vec![tag, u8::try_from(value.len()).unwrap_or(u8::MAX)];
    bytes.extend(value);
    Record { tag, bytes }
}

/// Digits two a byte, filled with `F`.
pub(crate) fn packed(field: &'static str, digits: &str, length: usize) -> Result<Vec<u8>, DataError> {
    if digits.len() > length * 2 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DataError::Field(field));
    }
    let mut nibbles = digits.chars().map(|digit| digit.to_digit(16)).collect::<Vec<_>>();
    nibbles.resize(length * 2, Some(0xF));
    nibbles
        .chunks(2)
        .map(|pair| match pair {
            [Some(high), Some(low)] => u8::try_from(high * 16 + low).map_err(|_| DataError::Field(field)),
            _ => Err(DataError::Field(field)),
        })
        .collect()
}

fn text(field: &'static str, value: &str, length: usize) -> Result<Vec<u8>, DataError> {
    if value.len() > length || !value.is_ascii() {
        return Err(DataError::Field(field));
    }
    Ok(filled(value.as_bytes(), length))
}

fn filled(value: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = value.to_vec();
    bytes.resize(length, 0x00);
    bytes
}
