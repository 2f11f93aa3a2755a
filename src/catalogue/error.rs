//! Why the copy cannot be used. Settlements go on without it.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why the file was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error("{path} is an SQLite file of another program (application id {application_id})")]
    Foreign { path: PathBuf, application_id: i32 },
    #[error("{path} cannot be used")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the catalogue's file cannot be opened")]
    Sqlite(#[from] rusqlite::Error),
}

/// Why a look or a write failed. What was whole before is untouched.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error("the catalogue's file cannot be read or written")]
    Sqlite(#[from] rusqlite::Error),
    #[error("what is noted of a list under way cannot be read")]
    Noted(#[from] serde_json::Error),
    /// Another sync of the same list has taken its place.
    #[error("the list is not under way any more")]
    NotUnderWay,
    /// Fewer or more rows came than were announced.
    #[error("{announced} rows were announced, {found} came")]
    Incomplete { announced: u64, found: u64 },
}
