//! Text about a patient that must never reach a log, a panic or an error string.

use core::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A patient's name, number, card or code text. `Debug` and `Display` show only that something is there.
///
/// INVARIANT: the value leaves through [`Private::reveal`] alone; its callers are the wire encoder, the ledger,
/// the receipt and the answer to the desk. Serialising reveals, so never serialise one into a log field.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Private(String);

impl Private {
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The value itself. Whoever calls this keeps it out of logs.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

impl fmt::Display for Private {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_nothing_of_itself() {
        let name = Private::new("张三");
        assert_eq!(format!("{name} {name:?}"), "*** ***");
    }
}
