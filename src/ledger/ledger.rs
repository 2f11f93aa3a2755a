//! The ledger open for writing: what it holds between two commits.

use core::ops::Deref;
use std::path::PathBuf;

use jiff::Timestamp;
use rusqlite::TransactionBehavior;
use zhijie_model::{InstitutionCode, MessageId};

use crate::counter::{self, Counter};
use crate::digest::Digest;
use crate::error::WriteError;
use crate::lock::ProcessLock;
use crate::machine::Machine;
use crate::mark::HeadMark;
use crate::place::Place;
use crate::reader::Reader;
use crate::reserve::FREE_SPACE_MIN;

/// Whose ledger it is and when it is opened.
#[derive(Debug, Clone)]
pub struct Opening {
    /// ASCII letters and digits; a ledger belongs to one institution for ever.
    pub institution: InstitutionCode,
    /// 0 to 99, unique within the institution; a ledger belongs to one slot for ever.
    pub desk_slot: u8,
    /// Kept as the time of making when the ledger is new.
    pub now: Timestamp,
    /// The PC it is opened on.
    pub machine: Machine,
}

/// The end of the journal. An empty journal has `seq` 0 and the digest of the ledger's own data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub seq: u64,
    pub digest: Digest,
}

/// The SQLite that is built in, e.g. `3.54.1`.
#[must_use]
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// The one writer of a ledger. Everything a [`Reader`] can do it can do too.
///
/// INVARIANT: after a failure that may have left something half done it takes nothing more; see
/// [`WriteError::Poisoned`].
#[derive(Debug)]
pub struct Ledger {
    pub(crate) reader: Reader,
    pub(crate) counter: Counter,
    pub(crate) head: Head,
    pub(crate) poisoned: bool,
    pub(crate) dir: PathBuf,
    pub(crate) place: Place,
    pub(crate) free_space_min: u64,
    /// Last, so that it goes after the connection.
    pub(crate) lock: ProcessLock,
}

impl Deref for Ledger {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Ledger {
    /// An id for a message that will be committed as an intent. Costs no flush: the commit makes it durable, and
    /// nothing may be sent under it before that commit has returned.
    ///
    /// # Errors
    /// When `now` is outside the years an id can tell, or after a failed write.
    pub fn next_message_id(&mut self, now: Timestamp) -> Result<MessageId, WriteError> {
        if self.poisoned {
            return Err(WriteError::Poisoned);
        }
        self.counter.next(now)
    }

    /// An id for a message that is sent without a commit (a lookup). Durably spent when this returns: drawn from a
    /// block reserved on disk, with one flush of its own when the block is used up, at most one in
    /// [`crate::RESERVED_SECONDS`] seconds below a hundred ids a second.
    ///
    /// # Errors
    /// As [`Ledger::next_message_id`]; a failed write poisons the ledger.
    pub fn next_lookup_id(&mut self, now: Timestamp) -> Result<MessageId, WriteError> {
        let id = self.next_message_id(now)?;
        if self.counter.uncovered() {
            self.poisoning(Self::reserve_ids)?;
        }
        Ok(id)
    }

    /// Folds the write-ahead log into the file. Call it when the desk is idle: it costs flushes, and done here it
    /// never falls on a commit. Does nothing while a reader of another process is in the way.
    ///
    /// # Errors
    /// A failure poisons the ledger.
    pub fn checkpoint(&mut self) -> Result<(), WriteError> {
        if self.poisoned {
            return Err(WriteError::Poisoned);
        }
        self.poisoning(Self::fold_log)
    }

    /// Lets go of the pages of the file that are kept in memory; they are read again when they are wanted. Call it when the desk
    /// is idle.
    pub fn drop_pages(&mut self) {
        // What cannot be let go stays.
        let _ = self.reader.db.execute_batch("PRAGMA shrink_memory");
    }

    /// Folds the write-ahead log into the file and cuts it off, so that nothing of what was erased is left in it. Call
    /// it after an erasure; it costs flushes. A reader of another process in the way leaves the log to the next call.
    ///
    /// # Errors
    /// A failure poisons the ledger.
    pub fn forget_log(&mut self) -> Result<(), WriteError> {
        if self.poisoned {
            return Err(WriteError::Poisoned);
        }
        self.poisoning(|ledger| {
            let cut = ledger
                .reader
                .db
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            cut.map_err(WriteError::Sqlite)?;
            ledger.fold_log()
        })
    }

    /// The end of the journal as this writer left it; costs no read.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Replaces [`FREE_SPACE_MIN`], in bytes.
    pub const fn require_free_space(&mut self, bytes: u64) {
        self.free_space_min = bytes;
    }

    /// Whether a write failed and the ledger has to be opened again, verified and reconciled.
    #[must_use]
    pub const fn is_poisoned(&self) -> bool {
        self.poisoned
    }

    pub(crate) const DEFAULT_FREE_SPACE_MIN: u64 = FREE_SPACE_MIN;

    /// Notes outside the ledger where it ends. Best effort: a mark that is behind is no harm.
    pub(crate) fn note_head(&mut self) {
        let mark = HeadMark {
            head: self.head,
            position: self.counter.spent(),
        };
        let _ = self.lock.set_head_mark(&mark);
    }

    /// Runs a write; after a failure that leaves anything in doubt, nothing runs any more.
    pub(crate) fn poisoning<T>(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<T, WriteError>,
    ) -> Result<T, WriteError> {
        let result = write(self);
        self.poisoned = self.poisoned || result.as_ref().is_err_and(WriteError::poisons);
        result
    }

    fn reserve_ids(&mut self) -> Result<(), WriteError> {
        let Some(position) = self.counter.due() else {
            return Ok(());
        };
        let tx = self
            .reader
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(begin_error)?;
        counter::store(&tx, position).map_err(WriteError::Sqlite)?;
        tx.commit().map_err(WriteError::Sqlite)?;
        self.counter.reserved_is(position);
        self.note_head();
        Ok(())
    }

    /// A log that was folded starts anew with its next write, which costs a flush for the log's header; an idle
    /// write takes that flush here. It goes there and back, for a row that stays the same is not written at all.
    pub(crate) fn fold_log(&mut self) -> Result<(), WriteError> {
        let db = &mut self.reader.db;
        db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
            .map_err(WriteError::Sqlite)?;
        let tx = db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(begin_error)?;
        for sql in [
            "UPDATE counter SET second = second + 1",
            "UPDATE counter SET second = second - 1",
        ] {
            tx.execute(sql, []).map_err(WriteError::Sqlite)?;
        }
        tx.commit().map_err(WriteError::Sqlite)
    }
}

/// At the beginning of a transaction nothing is written yet, so a busy file is no disaster.
pub(crate) fn begin_error(error: rusqlite::Error) -> WriteError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => WriteError::Busy,
        _ => WriteError::Sqlite(error),
    }
}
