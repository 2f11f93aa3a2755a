//! Why a question brought nothing, in terms of the link that failed.

use thiserror::Error;
use zhijie_model::{PlatformWords, Refusal};
use zhijie_settlement::NotSent;
use zhijie_wire::Unreadable;

use crate::faults::TLS_ALERT;

/// Why an inquiry brought nothing. No money ever moves in one.
#[derive(Debug, Error)]
pub enum Trouble {
    #[error("not sent: {0:?}")]
    NotSent(NotSent),
    #[error("no answer: {0}")]
    Lost(String),
    /// The gateway did not let it in; the evidence names the clock where that is off.
    #[error("{0}")]
    TurnedAway(String),
    /// The platform broke the connection off behind the handshake, as it does with a certificate it refuses.
    #[error("{TLS_ALERT}")]
    TlsAlert,
    #[error("answer is not valid: {0}")]
    Unreadable(#[source] Unreadable),
    #[error("refused with code {}", .0.code)]
    Refused(Refusal),
    /// The answer was for another question; a bug or a confused gateway.
    #[error("answer to another question")]
    OtherAnswer,
}

impl Trouble {
    /// The platform's own words, when there are some.
    #[must_use]
    pub fn words(&self) -> Option<&PlatformWords> {
        match self {
            Self::Refused(refusal) => Some(&refusal.platform),
            Self::Unreadable(unreadable) => unreadable.words(),
            Self::NotSent(_) | Self::Lost(_) | Self::TurnedAway(_) | Self::TlsAlert | Self::OtherAnswer => {
                None
            }
        }
    }
}
