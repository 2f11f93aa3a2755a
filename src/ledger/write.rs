//! The one way into the ledger.

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use crate::commit::{Commit, Committed};
use crate::counter;
use crate::digest::Digest;
use crate::error::WriteError;
use crate::ledger::{Head, Ledger, begin_error};
use crate::reserve;
use crate::writing::Writing;

impl Ledger {
    /// Makes everything in `commit` durable in one transaction with one flush, or nothing of it. Blocks until the
    /// disk has it.
    ///
    /// # Errors
    /// Refusals leave the ledger usable. A failed write poisons it; whether that commit is on disk shows when the
    /// ledger is opened again.
    pub fn commit(&mut self, commit: &Commit) -> Result<Committed, WriteError> {
        if self.poisoned {
            return Err(WriteError::Poisoned);
        }
        commit.check()?;
        if let Some(intent) = &commit.intent {
            if !self.counter.handed_out(&intent.message_id) {
                let message_id = intent.message_id.clone();
                return Err(WriteError::Message {
                    message_id,
                    problem: "this ledger did not hand it out",
                });
            }
            reserve::check(&self.dir, self.free_space_min)?;
            self.poisoning(|ledger| ledger.place.check())?;
        }
        self.poisoning(|ledger| ledger.write(commit))
    }

    fn write(&mut self, commit: &Commit) -> Result<Committed, WriteError> {
        let tx = self
            .reader
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(begin_error)?;
        check_head(&tx, &self.head)?;
        let writing = Writing::new(&tx, self.reader.sealer, commit, &self.head)?;
        let head = writing.run()?;
        let reserve = self.counter.due();
        reserve
            .map_or(Ok(0), |position| counter::store(&tx, position))
            .map_err(WriteError::Sqlite)?;
        tx.commit().map_err(WriteError::Sqlite)?;
        if let Some(position) = reserve {
            self.counter.reserved_is(position);
        }
        self.head = head;
        self.note_head();
        Ok(Committed {
            seq: head.seq,
            digest: head.digest,
        })
    }
}

/// Nobody else can have written, so a moved end means a broken file or a broken lock.
fn check_head(db: &Connection, head: &Head) -> Result<(), WriteError> {
    if head.seq == 0 {
        let any = db
            .prepare_cached("SELECT 1 FROM journal LIMIT 1")
            .and_then(|mut find| find.exists([]));
        return if any.map_err(WriteError::Sqlite)? {
            Err(WriteError::HeadMoved)
        } else {
            Ok(())
        };
    }
    let sql = "SELECT seq, digest FROM journal ORDER BY seq DESC LIMIT 1";
    let found: Option<(i64, Digest)> = db
        .prepare_cached(sql)
        .and_then(|mut last| {
            last.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        })
        .map_err(WriteError::Sqlite)?;
    match found {
        Some((seq, digest)) if u64::try_from(seq) == Ok(head.seq) && digest == head.digest => Ok(()),
        _ => Err(WriteError::HeadMoved),
    }
}
