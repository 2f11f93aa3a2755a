//! The card's PIN as the pipe speaks of it.

use serde::{Deserialize, Serialize};
use zhijie_model::Private;

/// How long a holder may take at a reader's own key pad, on top of what a card takes.
pub const PAD_LIMIT_MS: u64 = 40_000;

/// What to do about the PIN. Never more than one PIN is presented for one of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PinTask {
    /// How many tries are left; costs none.
    Ask,
    /// Present these digits, once.
    Present(Private),
    /// Have the holder type so many digits, 4 to 16, at the reader's own key pad, once.
    Pad { digits: u8 },
}

/// How the PIN of a card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "pin", rename_all = "snake_case")]
pub enum PinState {
    /// The card has none; nothing was presented.
    NotSet,
    Open {
        left: u8,
    },
    /// No try is left; only the issuer can help.
    Blocked,
    /// The digits presented were right. The right ends with this reading.
    Verified,
}
