//! What a type alone cannot say about a member.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use zhijie_model::{Fen, IdError};

/// A member that is not acceptable. The value itself is not repeated: it may be personal.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{path}: {problem}")]
pub struct ParamError {
    /// From the root of `params`, e.g. `bill.lines[3].amount_fen`.
    pub path: String,
    pub problem: String,
}

impl ParamError {
    #[must_use]
    pub fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            problem: problem.into(),
        }
    }
}

/// Parameters of a method.
pub trait Params: DeserializeOwned + Serialize {
    /// Ranges and combinations that the types do not express.
    ///
    /// # Errors
    /// The first member that is not acceptable.
    fn check(&self) -> Result<(), ParamError> {
        Ok(())
    }
}

/// An identifier of `zhijie-model` from the text at `path`.
///
/// # Errors
/// When the text is empty, too long or contains control characters.
pub fn typed<T>(path: &str, text: &str) -> Result<T, ParamError>
where
    T: TryFrom<String, Error = IdError>,
{
    T::try_from(String::from(text)).map_err(|error| ParamError::new(path, error.to_string()))
}

/// An amount from the number at `path`.
///
/// # Errors
/// When it leaves the range of [`Fen`].
pub fn amount(path: &str, fen: i64) -> Result<Fen, ParamError> {
    Fen::new(fen).map_err(|_| ParamError::new(path, "amount is out of range"))
}

/// An instant from the RFC 3339 text at `path`; an offset (or `Z`) is required.
///
/// # Errors
/// When the text is no such time.
pub fn instant(path: &str, text: &str) -> Result<Timestamp, ParamError> {
    text.parse()
        .map_err(|_| ParamError::new(path, "not an RFC 3339 time with offset"))
}

/// A text of 1 to `length_max` characters without control characters.
pub(super) fn text(path: impl Into<String>, text: &str, length_max: usize) -> Result<String, ParamError> {
    if text.trim().is_empty() {
        return Err(ParamError::new(path, "text is empty"));
    }
    optional_text(path, text, length_max)
}

/// A text of at most `length_max` characters without control characters; may be empty.
pub(super) fn optional_text(
    path: impl Into<String>,
    text: &str,
    length_max: usize,
) -> Result<String, ParamError> {
    if text.chars().count() > length_max {
        return Err(ParamError::new(
            path,
            format!("text is longer than {length_max} characters"),
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(ParamError::new(path, "text contains a control character"));
    }
    Ok(String::from(text))
}
