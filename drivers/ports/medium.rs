//! The control of a security medium: a program of the province that reads a card for one named transaction.

use core::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zhijie_model::Private;

/// What the control is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediumAsk {
    /// Number of the transaction the medium is read for; the token is good for no other.
    pub transaction: String,
    pub institution: String,
    /// Six digits.
    pub care_area: String,
    /// Beijing wall clock, `yyyy-MM-dd HH:mm:ss`.
    pub at: String,
}

/// What the control has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediumReading {
    pub card_number: Private,
    pub identification: Private,
    pub name: Private,
    pub certificate: Private,
    /// Goes with the one transaction that was named.
    pub token: Private,
}

/// Why the control gave nothing. Names nothing about a person.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum MediumFault {
    #[error("there is no control for security media, or it does not start")]
    NoControl,
    #[error("no card lies in the control's reader")]
    NoMedium,
    #[error("the control gives no answer in time")]
    Silent,
    #[error("what the control answers is not understood")]
    Garbled,
    #[error("the control refuses")]
    Refused,
}

/// A control. MUST NOT keep a token, and MUST end within the time of a read: a person stands waiting.
pub trait SecurityControl: fmt::Debug + Send + Sync {
    /// Reads the medium for one transaction. Blocks.
    ///
    /// # Errors
    /// [`MediumFault`]; nothing was sent anywhere.
    fn read(&self, ask: &MediumAsk) -> Result<MediumReading, MediumFault>;
}
