//! How personal columns are sealed at rest. Every such column goes through here and carries its scheme.

use std::borrow::Cow;

use thiserror::Error;

/// How a personal column is stored; its number stands in the `scheme` column beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scheme {
    /// 0: as it came.
    Clear,
}

impl Scheme {
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Clear => 0,
        }
    }
}

/// A personal column that cannot be read back.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SealError {
    #[error("column {column} is sealed with scheme {scheme}, which this program does not know")]
    UnknownScheme { column: &'static str, scheme: i64 },
}

/// A column as it goes to disk.
pub(crate) struct Sealed<'a> {
    pub(crate) scheme: Scheme,
    pub(crate) stored: Cow<'a, [u8]>,
}

/// Seals and unseals with the key of this ledger; today there is none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sealer;

impl Sealer {
    pub(crate) fn seal<'a>(self, plain: &'a [u8]) -> Sealed<'a> {
        Sealed {
            scheme: Scheme::Clear,
            stored: Cow::Borrowed(plain),
        }
    }

    pub(crate) fn unseal(
        self,
        column: &'static str,
        scheme: i64,
        stored: Vec<u8>,
    ) -> Result<Vec<u8>, SealError> {
        if scheme == Scheme::Clear.code() {
            Ok(stored)
        } else {
            Err(SealError::UnknownScheme { column, scheme })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_comes_back_and_other_schemes_are_refused() {
        let sealed = Sealer.seal(b"name");
        let back = Sealer.unseal("body", sealed.scheme.code(), sealed.stored.into_owned());
        assert_eq!(back, Ok(b"name".to_vec()));
        assert_eq!(
            Sealer.unseal("body", 9, vec![]),
            Err(SealError::UnknownScheme {
                column: "body",
                scheme: 9
            })
        );
    }
}
