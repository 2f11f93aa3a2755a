//! Identifiers as types of their own, so that none can stand where another belongs.

use core::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a text is no identifier of the kind asked for. The text is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IdError {
    #[error("{0} is empty")]
    Empty(&'static str),
    #[error("{0} is longer than {1} characters")]
    TooLong(&'static str, usize),
    #[error("{0} contains a control character or a blank at its edge")]
    BadCharacter(&'static str),
}

fn checked(kind: &'static str, text: String, length_max: usize) -> Result<String, IdError> {
    if text.is_empty() {
        return Err(IdError::Empty(kind));
    }
    if text.chars().count() > length_max {
        return Err(IdError::TooLong(kind, length_max));
    }
    let unseen = |shown: char| {
        shown.is_control()
            || matches!(shown, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
    };
    if text.chars().any(unseen) || text.trim() != text {
        return Err(IdError::BadCharacter(kind));
    }
    Ok(text)
}

macro_rules! text_id {
    ($(#[doc = $doc:literal] $name:ident, $what:literal, $max:literal, $show:ident;)+) => {$(
        #[doc = $doc]
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// # Errors
            /// When the text is empty, too long, or contains control characters.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                checked($what, text.into(), $max).map(Self)
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        text_id!(@$show $name);
    )+};
    (@open $name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
    (@masked $name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("***")
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("***")
            }
        }
    };
}

text_id! {
    /// The caller's own id of a request that changes something; the same id is the same act.
    RequestId, "request id", 64, open;
    /// Institution + visit + charge batch: unique in the ledger, at most one settlement stands for it.
    BillId, "bill id", 220, open;
    /// Handle for "not known yet": quote it to `visit.status`.
    Ticket, "ticket", 64, open;
    /// Handle of one card insertion or one scanned code, valid in this run of the agent only.
    IdentityId, "identity id", 64, open;
    /// The institution's national code, `H` or `P` + 11 digits in most provinces.
    InstitutionCode, "institution code", 30, open;
    /// The institution's own visit number.
    VisitNumber, "visit number", 30, open;
    /// The visit as the platform names it; opaque.
    VisitId, "visit id", 40, open;
    /// One charge batch of a visit; one settlement each.
    ChargeBatch, "charge batch", 30, open;
    /// One fee line, unique within the visit.
    LineSerial, "line serial", 30, open;
    /// A settlement as the platform names it; a refund has one of its own.
    SettlementId, "settlement id", 40, open;
    /// Our id of one message to the platform; made before sending, never made twice.
    MessageId, "message id", 30, open;
    /// The platform's id of its answer.
    PlatformMessageId, "platform message id", 60, open;
    /// Number of a sign-in of an operator.
    SignIn, "sign-in number", 60, open;
    /// Who works at the desk, as known to the platform.
    OperatorCode, "operator code", 30, open;
    /// Insurance type code, e.g. 310 employees, 390 residents.
    InsuranceType, "insurance type", 6, open;
    /// Visit type code, e.g. 11 ordinary outpatient.
    VisitType, "visit type", 6, open;
    /// A filing, referral or registration as the insured region numbers it; opaque.
    FilingNumber, "filing number", 60, open;
    /// The insured person's number in the insured region; opaque, and private.
    PersonNumber, "person number", 40, masked;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn person_numbers_print_masked() {
        let number = PersonNumber::new("34120000000000000000000001").unwrap();
        assert_eq!(format!("{number} {number:?}"), "*** ***");
    }

    #[test]
    fn ids_have_edges() {
        assert_eq!(RequestId::new(""), Err(IdError::Empty("request id")));
        assert_eq!(
            RequestId::new("x".repeat(65)),
            Err(IdError::TooLong("request id", 64))
        );
        assert_eq!(RequestId::new("a\nb"), Err(IdError::BadCharacter("request id")));
        for unseen in ['\u{200B}', '\u{200F}', '\u{202E}', '\u{2060}', '\u{FEFF}'] {
            assert_eq!(
                RequestId::new(format!("a{unseen}b")),
                Err(IdError::BadCharacter("request id"))
            );
        }
        assert_eq!(RequestId::new(" a"), Err(IdError::BadCharacter("request id")));
        assert!(serde_json::from_str::<MessageId>("\"\"").is_err());
    }
}
