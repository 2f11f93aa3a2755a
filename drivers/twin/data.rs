//! What is on a software card, in plain fields.

use serde::Deserialize;
use thiserror::Error;

/// Everything on the chip. All people are invented. Unknown keys in a file are refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CardData {
    pub kind: Kind,
    pub generation: Generation,
    /// Social-security number, up to 18 characters.
    pub number: String,
    /// Up to 50 bytes of GB18030: 30 in the name record, 20 in its extension.
    pub name: String,
    /// Nine characters.
    pub card_number: String,
    /// Issuing region, six digits.
    pub region: String,
    /// Eight digits, part of the identification code and of the answer to reset.
    pub serial: String,
    /// `YYYYMMDD`.
    pub issued: String,
    /// `YYYYMMDD`.
    pub valid_until: String,
    /// `1`, `2` or `9`.
    pub sex: String,
    /// Two digits.
    pub ethnic: String,
    /// Six digits.
    pub birthplace: String,
    /// `YYYYMMDD`.
    pub born: String,
    /// False for cards that know records by number only.
    pub finds_by_tag: bool,
    /// Whether a bank application shares the chip.
    pub bank_side: bool,
    /// 4 to 16 digits; empty for a card without one.
    pub pin: String,
    /// Tries a fresh card gives, at most 15.
    pub pin_tries: u8,
    /// Wrong proofs the read key of a third-generation card takes, at most 15.
    pub key_tries: u8,
    /// A self-made chip: everything on it is copied but its keys.
    pub forged: bool,
    pub damage: Damage,
}

/// What the chip is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    #[default]
    SocialSecurity,
    Bank,
    /// Resident ID card on a contactless reader.
    ResidentId,
    Other,
}

/// Generation of a social-security card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Generation {
    #[serde(rename = "1.0")]
    First,
    #[default]
    #[serde(rename = "2.0")]
    Second,
    #[serde(rename = "3.0")]
    Third,
}

/// What is wrong with the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Damage {
    #[default]
    None,
    /// The record with this tag does not exist.
    MissingRecord(u8),
    /// The record with this tag carries another tag and noise.
    GarbledRecord(u8),
    /// The value of this record is noise under a sound tag and length.
    NoiseInRecord(u8),
    /// Locked by the issuer.
    Locked,
    /// Stops answering at this command, counted from 1.
    MuteAtCommand(u32),
    /// Is pulled out when this command arrives, counted from 1.
    PulledAtCommand(u32),
    /// Answers one byte only at this command, counted from 1.
    HalfAnswerAtCommand(u32),
    /// Answers with as many bytes as its line carries, 65,535, from this command on, counted from 1.
    FloodAtCommand(u32),
    /// Announces a further rest for ever from this command on, counted from 1.
    RestsAtCommand(u32),
}

/// Why plain fields make no card.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DataError {
    #[error("card field {0} does not fit its record")]
    Field(&'static str),
    #[error("card description is not understood: {0}")]
    Toml(String),
}

impl Default for CardData {
    /// An invented resident of Fuyang with a second-generation card.
    fn default() -> Self {
        Self {
            kind: Kind::SocialSecurity,
            generation: Generation::Second,
            number: citizen_number("341200", "19680214", "002"),
            name: String::from("王秀兰"),
            card_number: card_number("K1234567"),
            region: String::from("341200"),
            serial: String::from("00004711"),
            issued: String::from("20200101"),
            valid_until: String::from("20991231"),
            sex: String::from("2"),
            ethnic: String::from("01"),
            birthplace: String::from("341200"),
            born: String::from("19680214"),
            finds_by_tag: true,
            bank_side: true,
            pin: String::new(),
            pin_tries: 3,
            key_tries: 3,
            forged: false,
            damage: Damage::None,
        }
    }
}

impl CardData {
    /// Reads a description in TOML; missing keys take the values of [`CardData::default`].
    ///
    /// # Errors
    /// Unknown key or wrong type.
    pub fn from_toml(text: &str) -> Result<Self, DataError> {
        toml::from_str(text).map_err(|error| DataError::Toml(String::from(error.message())))
    }

    #[must_use]
    pub const fn with_damage(mut self, damage: Damage) -> Self {
        self.damage = damage;
        self
    }
}

/// A citizen identity number with its check character (ISO 7064 MOD 11-2) from six digits of area, eight of
/// birth and three of sequence. Without meaning when the parts are not digits.
#[must_use]
pub fn citizen_number(area: &str, born: &str, sequence: &str) -> String {
    let body = format!("{area}{born}{sequence}");
    let mut sum = 0_u32;
    for digit in body.chars().map(|character| character.to_digit(10).unwrap_or(0)) {
        sum = (sum + digit) * 2 % 11;
    }
    match (12 - sum) % 11 {
        10 => format!("{body}X"),
        check => format!("{body}{check}"),
    }
}

/// A card number with its check character from the first eight characters (`0-9A-Z`).
#[must_use]
pub fn card_number(body: &str) -> String {
    let weights = [3_u32, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body
        .chars()
        .map(|character| character.to_digit(36).unwrap_or(0))
        .zip(weights)
        .map(|(value, weight)| value * weight)
        .sum();
    match 11 - sum % 11 {
        10 => format!("{body}X"),
        11 => format!("{body}0"),
        check => format!("{body}{check}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_characters() {
        assert_eq!(citizen_number("110105", "19491231", "002"), "11010519491231002X");
        assert_eq!(card_number("D2143569"), "D2143569X");
    }

    #[test]
    fn a_description_overrides_what_it_names() {
        let data =
            CardData::from_toml("name = \"李四\"\ndamage = { missing_record = 9 }\ngeneration = \"1.0\"")
                .unwrap();
        assert_eq!(
            (data.name.as_str(), data.damage),
            ("李四", Damage::MissingRecord(9))
        );
        assert_eq!(data.generation, Generation::First);
        assert_eq!(data.number, CardData::default().number);
        assert!(CardData::from_toml("colour = 3").is_err());
    }
}
