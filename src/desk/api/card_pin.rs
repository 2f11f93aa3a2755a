//! `card.pin`.

use core::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::Private;

use super::check::{ParamError, Params};

/// Parameters of `card.pin`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardPinParams {
    /// How long to wait for a card, 1 to 300 seconds.
    #[serde(default = "timeout_s_default")]
    #[schemars(range(min = 1, max = 300))]
    pub timeout_s: u32,
    /// 4 to 16 digits to present, once. Left out: only ask how many tries are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub pin: Option<Private>,
    /// Have the holder type a PIN of so many digits, 4 to 16, at the reader's own key pad, once. Not together with `pin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 4, max = 16))]
    pub key_pad_digits: Option<u8>,
}

const fn timeout_s_default() -> u32 {
    60
}

impl CardPinParams {
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.timeout_s))
    }
}

impl Params for CardPinParams {
    fn check(&self) -> Result<(), ParamError> {
        if !(1..=300).contains(&self.timeout_s) {
            return Err(ParamError::new("timeout_s", "must be 1 to 300"));
        }
        let digits = |pin: &Private| {
            (4..=16).contains(&pin.reveal().len()) && pin.reveal().bytes().all(|byte| byte.is_ascii_digit())
        };
        if self.pin.as_ref().is_some_and(|pin| !digits(pin)) {
            return Err(ParamError::new("pin", "must be 4 to 16 digits"));
        }
        if self
            .key_pad_digits
            .is_some_and(|digits| !(4..=16).contains(&digits))
        {
            return Err(ParamError::new("key_pad_digits", "must be 4 to 16"));
        }
        if self.pin.is_some() && self.key_pad_digits.is_some() {
            return Err(ParamError::new("key_pad_digits", "not allowed together with pin"));
        }
        Ok(())
    }
}

/// Answer of `card.pin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardPinResult {
    pub state: PinStanding,
    /// With `open` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u8>,
}

/// How the PIN of the card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PinStanding {
    /// The card has none.
    NotSet,
    Open,
    /// No try is left.
    Blocked,
    /// What was presented is right.
    Verified,
}
