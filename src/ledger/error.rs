//! What can go wrong when a ledger is opened, written or read.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use zhijie_model::{MessageId, RequestId};

use crate::damage::Damage;
use crate::seal::SealError;

/// Why a ledger was not opened. Whatever the reason, the file is left as it was.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error("another process has the ledger {path} open")]
    InUse { path: PathBuf },
    #[error("sqlite {found} is too old, at least {needed} is needed")]
    OldSqlite { found: String, needed: &'static str },
    #[error("{path} is not an SQLite file")]
    NotSqlite { path: PathBuf },
    #[error("{path} is an SQLite file of another program (application id {application_id})")]
    Foreign { path: PathBuf, application_id: i32 },
    #[error("{path} was written by a newer program (format {found}, this one knows up to {known})")]
    Newer { path: PathBuf, found: i32, known: i32 },
    #[error("{path} says it is a ledger but has format {found}")]
    NoFormat { path: PathBuf, found: i32 },
    /// Never answered by making an empty ledger: it would settle the same bills a second time.
    #[error(
        "the ledger {path} is missing although there was one here ({trace} is left of it); put it back, or make a \
         new one on purpose with `zhijie ledger init`"
    )]
    Lost { path: PathBuf, trace: PathBuf },
    /// Never opened by itself: it does not know what was settled after the copy was made.
    #[error(
        "the ledger {path} is not the one this desk wrote last: it holds {found} records, this desk wrote {known}; put \
         the right one back, or take this one on purpose with `zhijie ledger accept`"
    )]
    Restored { path: PathBuf, found: u64, known: u64 },
    /// Never opened by itself: the PC it was copied from may be settling under the same desk slot.
    #[error(
        "the ledger {path} was last written on another PC: a copy of its disk or folder, or this PC's network card was \
         changed; take it on purpose with `zhijie ledger accept`"
    )]
    OtherMachine { path: PathBuf },
    #[error("there is a ledger at {path}")]
    AlreadyThere { path: PathBuf },
    #[error("{path} does not exist")]
    Missing { path: PathBuf },
    #[error("the ledger belongs to institution {found}, not {asked}")]
    OtherInstitution { found: String, asked: String },
    #[error("the ledger belongs to desk slot {found}, not {asked}")]
    OtherSlot { found: u8, asked: u8 },
    #[error("desk slot {0} is not between 0 and 99")]
    SlotOutOfRange(u8),
    #[error("institution code {0} has characters other than ASCII letters and digits")]
    InstitutionCode(String),
    #[error("the ledger's file system does not let it use a write-ahead log")]
    NoWal,
    #[error("the ledger is damaged")]
    Damaged(#[source] Damage),
    #[error("the file {path} cannot be used")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the ledger cannot be read")]
    Sqlite(#[from] rusqlite::Error),
}

/// Why a commit was not acknowledged.
#[derive(Debug, Error)]
pub enum WriteError {
    #[error("the ledger failed earlier and takes nothing until it is opened again")]
    Poisoned,
    #[error("the disk has {free} bytes free, {needed} are needed before anything is sent")]
    NoSpace { free: u64, needed: u64 },
    #[error("another program holds the ledger's write lock")]
    Busy,
    #[error("the commit makes no sense: {0}")]
    Invalid(&'static str),
    #[error("message {message_id}: {problem}")]
    Message {
        message_id: MessageId,
        problem: &'static str,
    },
    #[error("request {request_id} has its final answer already")]
    AnsweredAlready { request_id: RequestId },
    #[error("request {request_id} came with another body before")]
    OtherBody { request_id: RequestId },
    #[error("the time is outside the years a message id can tell")]
    TimeOutOfRange,
    #[error("the journal does not end where this program left it")]
    HeadMoved,
    #[error("the ledger's file was moved, replaced or deleted while it was open")]
    Replaced,
    #[error("the free space of the disk cannot be told")]
    Space(#[source] io::Error),
    #[error("writing the ledger failed")]
    Sqlite(#[source] rusqlite::Error),
}

impl WriteError {
    /// Whether it is certain that nothing of the commit is on disk. When not, reopening tells.
    #[must_use]
    pub const fn surely_not_written(&self) -> bool {
        !self.poisons()
    }

    pub(crate) const fn poisons(&self) -> bool {
        matches!(self, Self::HeadMoved | Self::Replaced | Self::Sqlite(_))
    }
}

/// Why something could not be read back.
#[derive(Debug, Error)]
pub enum ReadError {
    #[error("the ledger is damaged")]
    Damaged(#[from] Damage),
    #[error("a sealed column cannot be read")]
    Sealed(#[from] SealError),
    #[error("reading the ledger failed")]
    Sqlite(#[from] rusqlite::Error),
}
