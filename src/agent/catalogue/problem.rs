//! Why a list did not come, with the link that is to blame.

use jiff::civil::DateTime;
use thiserror::Error;
use zhijie_catalogue::{OpenError, StoreError};
use zhijie_model::Fault;
use zhijie_wire::{RowFault, ZipFault};

use crate::core::CoreGone;
use crate::faults::{
    self, CATL_001, CATL_002, CATL_003, CATL_004, CATL_005, CATL_006, CATL_007, CATL_008, Entry,
};
use crate::platform::Trouble;

/// What went wrong. What was there before is untouched.
#[derive(Debug, Error)]
pub enum SyncProblem {
    #[error("the platform was not asked, or did not answer")]
    Platform(#[from] Trouble),
    #[error("the agent stops")]
    Core(CoreGone),
    #[error("the file could be fetched until {until}")]
    Expired { until: DateTime },
    #[error("the download broke off: {0}")]
    BrokenOff(String),
    #[error("the file is not taken")]
    Zip(#[from] ZipFault),
    #[error("line {line} of the file is no row of the list")]
    Row { line: u64, source: RowFault },
    #[error("pages do not come to an end: page {page}")]
    Endless { page: u32 },
    #[error("the local copy cannot be opened")]
    Open(#[from] OpenError),
    #[error("the local copy cannot be used")]
    Store(#[from] StoreError),
    #[error("the fetched file cannot be kept")]
    Disk(#[from] std::io::Error),
    #[error("a look into the copy broke off")]
    Broken,
}

impl SyncProblem {
    /// Whether trying again later may help without anybody doing anything: nothing came that was wrong.
    pub(crate) const fn passes(&self) -> bool {
        match self {
            Self::Platform(trouble) => !matches!(trouble, Trouble::OtherAnswer),
            Self::Core(_) | Self::BrokenOff(_) | Self::Expired { .. } => true,
            Self::Zip(fault) => matches!(fault, ZipFault::BrokenOff | ZipFault::Checksum),
            Self::Row { .. }
            | Self::Endless { .. }
            | Self::Open(_)
            | Self::Store(_)
            | Self::Disk(_)
            | Self::Broken => false,
        }
    }

    /// Whether what came so far of the list may be kept for going on.
    pub(super) const fn may_go_on(&self) -> bool {
        matches!(
            self,
            Self::Platform(_) | Self::Core(_) | Self::BrokenOff(_) | Self::Disk(_)
        )
    }

    pub(crate) fn fault(&self, marker: &str) -> Fault {
        let made = |entry: &Entry| faults::fault(entry, &self.evidence(), None, marker);
        match self {
            Self::Platform(trouble) => crate::methods::trouble_fault(trouble, marker),
            Self::Core(gone) => crate::methods::core_fault(*gone),
            Self::Expired { .. } => made(&CATL_001),
            Self::BrokenOff(_) | Self::Zip(ZipFault::BrokenOff | ZipFault::Checksum) => made(&CATL_002),
            Self::Zip(fault) => match fault {
                ZipFault::TooBig { .. } | ZipFault::TooDense { .. } => made(&CATL_004),
                ZipFault::NotText { .. } | ZipFault::LineTooLong { .. } => made(&CATL_005),
                ZipFault::NotZip
                | ZipFault::BrokenOff
                | ZipFault::Checksum
                | ZipFault::Entries { .. }
                | ZipFault::Name
                | ZipFault::Method { .. } => made(&CATL_003),
            },
            Self::Row { .. } => made(&CATL_005),
            Self::Endless { .. } => made(&CATL_006),
            Self::Store(StoreError::Incomplete { .. }) => made(&CATL_008),
            Self::Open(_) | Self::Store(_) | Self::Disk(_) | Self::Broken => made(&CATL_007),
        }
    }

    fn evidence(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(next) = cause {
            text = format!("{text}: {next}");
            cause = next.source();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_file_names_its_own_fault() {
        let until = DateTime::constant(2026, 11, 22, 0, 0, 0, 0);
        let row = RowFault::TooFewColumns { found: 3, needed: 79 };
        let table = [
            (SyncProblem::Expired { until }, "CATL-001", true),
            (
                SyncProblem::BrokenOff(String::from("Truncated")),
                "CATL-002",
                true,
            ),
            (SyncProblem::Zip(ZipFault::Checksum), "CATL-002", true),
            (SyncProblem::Zip(ZipFault::Name), "CATL-003", false),
            (SyncProblem::Zip(ZipFault::NotZip), "CATL-003", false),
            (
                SyncProblem::Zip(ZipFault::TooDense { max: 250 }),
                "CATL-004",
                false,
            ),
            (SyncProblem::Row { line: 1, source: row }, "CATL-005", false),
            (SyncProblem::Zip(ZipFault::NotText { line: 1 }), "CATL-005", false),
            (SyncProblem::Endless { page: 2 }, "CATL-006", false),
            (SyncProblem::Broken, "CATL-007", false),
            (
                SyncProblem::Store(StoreError::Incomplete {
                    announced: 2,
                    found: 1,
                }),
                "CATL-008",
                false,
            ),
        ];
        for (problem, code, passes) in table {
            assert_eq!(problem.fault("m").code, code, "{problem}");
            assert_eq!(problem.passes(), passes, "{problem}");
        }
    }
}
