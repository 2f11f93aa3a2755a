//! What a type alone cannot say about a member.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use zhijie_model::{Fen, IdError, beijing};

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

/// An instant from the RFC 3339 text at `path`; an offset (or `Z`) is required, and a year from 2000 to 2099 in Beijing:
/// what lies outside is a clock that was never set, or a slip.
///
/// # Errors
/// When the text is no such time.
pub fn instant(path: &str, text: &str) -> Result<Timestamp, ParamError> {
    let at: Timestamp = text
        .parse()
        .map_err(|_| ParamError::new(path, "not an RFC 3339 time with offset"))?;
    if (2000..2100).contains(&beijing(at).year()) {
        Ok(at)
    } else {
        Err(ParamError::new(path, "time is not between 2000 and 2099"))
    }
}

/// Characters that show nothing and change what stands around them: two names that look alike would differ.
fn is_unseen(shown: char) -> bool {
    matches!(shown, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

/// A text of 1 to `length_max` characters without control characters and unseen ones.
pub(super) fn text(path: impl Into<String>, text: &str, length_max: usize) -> Result<String, ParamError> {
    if text.trim().is_empty() {
        return Err(ParamError::new(path, "text is empty"));
    }
    optional_text(path, text, length_max)
}

/// A text of at most `length_max` characters without control characters and unseen ones; may be empty.
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
    if text.chars().any(is_unseen) {
        return Err(ParamError::new(
            path,
            "text contains a character that cannot be seen",
        ));
    }
    Ok(String::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_sane_range() {
        let table = [
            ("2026-11-22T09:00:00+08:00", true),
            ("2000-01-01T00:00:00+08:00", true),
            ("2099-12-31T23:59:59+08:00", true),
            ("2026-11-22T01:00:00Z", true),
            ("1999-12-31T23:59:59+08:00", false),
            ("2100-01-01T00:00:00+08:00", false),
            ("0000-01-01T00:00:00+08:00", false),
            ("1900-01-01T00:00:00+08:00", false),
            ("9999-12-01T00:00:00+08:00", false),
            ("2026-11-22T09:00:00", false),
        ];
        for (text, good) in table {
            let found = instant("visit.began", text);
            assert_eq!(found.is_ok(), good, "{text}");
            assert!(found.err().is_none_or(|error| error.path == "visit.began"));
        }
    }

    #[test]
    fn what_cannot_be_seen_is_refused() {
        for unseen in [
            '\u{200B}', '\u{200D}', '\u{200F}', '\u{202A}', '\u{202E}', '\u{2060}', '\u{2064}', '\u{FEFF}',
            '\u{7}',
        ] {
            let name = format!("王{unseen}秀英");
            assert_eq!(text("name", &name, 50).unwrap_err().path, "name", "{unseen:?}");
            assert!(optional_text("name", &name, 50).is_err(), "{unseen:?}");
            assert!(
                typed::<zhijie_model::VisitNumber>("number", &name).is_err(),
                "{unseen:?}"
            );
        }
        for good in ["王秀英", "阿卜杜拉·买买提", "A–B…", "𠮷野"] {
            assert!(text("name", good, 50).is_ok(), "{good}");
        }
    }
}
