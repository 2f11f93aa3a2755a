//! `[catalogue]`: where the local copy of the catalogue lies, and how fresh it is kept.

use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use serde::Deserialize;

/// The local copy of the catalogue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Catalogue {
    /// An SQLite file of its own; beside the ledger when not said. Holds nothing that cannot be fetched again.
    pub path: Option<PathBuf>,
    /// Hours after which lists that are here are brought up to date by themselves; 0: never.
    pub refresh_hours: u32,
}

impl Default for Catalogue {
    fn default() -> Self {
        Self {
            path: None,
            refresh_hours: 24,
        }
    }
}

impl Catalogue {
    /// Where it lies, given where the ledger does.
    #[must_use]
    pub fn path(&self, ledger: &Path) -> PathBuf {
        let beside = || ledger.with_file_name("catalogue.sqlite");
        self.path.clone().unwrap_or_else(beside)
    }

    /// Age at which lists are brought up to date; zero: never.
    #[must_use]
    pub fn refresh(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.refresh_hours))
    }
}
