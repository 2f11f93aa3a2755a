//! The tables as they are: one struct per row, how it is written, read and digested.
//!
//! INVARIANT: writing and verifying share the `digest` functions here and nothing else; `docs/ledger.md` states the
//! same layout for a verifier of somebody else.

use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

use crate::digest::{Canon, Digest, digest};

pub(crate) struct JournalRow {
    pub(crate) seq: i64,
    pub(crate) at_ms: i64,
    pub(crate) bill: Option<String>,
    pub(crate) kind: String,
    pub(crate) version: i64,
    pub(crate) scheme: i64,
    pub(crate) body: Vec<u8>,
    pub(crate) attachments: String,
    pub(crate) prev: Digest,
    pub(crate) digest: Digest,
}

impl JournalRow {
    pub(crate) const COLUMNS: &str =
        "seq, at_ms, bill, kind, version, scheme, body, attachments, prev, digest";

    pub(crate) fn compute(&self) -> Digest {
        Canon::after(&self.prev, "zhijie/record/1")
            .int(self.seq)
            .int(self.at_ms)
            .maybe_text(self.bill.as_deref())
            .text(&self.kind)
            .int(self.version)
            .int(self.scheme)
            .bytes(&self.body)
            .text(&self.attachments)
            .finish()
    }

    pub(crate) fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            at_ms: row.get(1)?,
            bill: row.get(2)?,
            kind: row.get(3)?,
            version: row.get(4)?,
            scheme: row.get(5)?,
            body: row.get(6)?,
            attachments: row.get(7)?,
            prev: row.get(8)?,
            digest: row.get(9)?,
        })
    }

    pub(crate) fn insert(&self, db: &Connection) -> Result<usize> {
        let sql =
            "INSERT INTO journal (seq, at_ms, bill, kind, version, scheme, body, attachments, prev, digest)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        db.prepare_cached(sql)?.execute(params![
            self.seq,
            self.at_ms,
            self.bill,
            self.kind,
            self.version,
            self.scheme,
            self.body,
            self.attachments,
            self.prev.as_slice(),
            self.digest.as_slice()
        ])
    }
}

pub(crate) struct OutboxRow {
    pub(crate) message_id: String,
    pub(crate) seq: i64,
    pub(crate) bill: Option<String>,
    pub(crate) transaction: String,
    pub(crate) class: String,
    pub(crate) scheme: i64,
    pub(crate) bytes: Vec<u8>,
    /// SM3 of `bytes`.
    pub(crate) bytes_digest: Digest,
    pub(crate) stale_after_ms: Option<i64>,
    pub(crate) opened_ms: i64,
    pub(crate) closed_ms: Option<i64>,
    pub(crate) ending: Option<String>,
}

impl OutboxRow {
    pub(crate) const COLUMNS: &str = "message_id, seq, bill, transaction_name, class, scheme, bytes, digest, \
        stale_after_ms, opened_ms, closed_ms, ending";

    /// Of what never changes; `None` when the bytes do not match their own digest.
    pub(crate) fn digest(&self) -> Option<Digest> {
        (digest(&self.bytes) == self.bytes_digest).then(|| {
            Canon::new("zhijie/intent/1")
                .text(&self.message_id)
                .maybe_text(self.bill.as_deref())
                .text(&self.transaction)
                .text(&self.class)
                .int(self.scheme)
                .bytes(&self.bytes_digest)
                .maybe_int(self.stale_after_ms)
                .int(self.opened_ms)
                .finish()
        })
    }

    pub(crate) fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            message_id: row.get(0)?,
            seq: row.get(1)?,
            bill: row.get(2)?,
            transaction: row.get(3)?,
            class: row.get(4)?,
            scheme: row.get(5)?,
            bytes: row.get(6)?,
            bytes_digest: row.get(7)?,
            stale_after_ms: row.get(8)?,
            opened_ms: row.get(9)?,
            closed_ms: row.get(10)?,
            ending: row.get(11)?,
        })
    }

    pub(crate) fn load(db: &Connection, message_id: &str) -> Result<Option<Self>> {
        let sql = format!("SELECT {} FROM outbox WHERE message_id = ?1", Self::COLUMNS);
        db.prepare_cached(&sql)?
            .query_row([message_id], Self::read)
            .optional()
    }

    pub(crate) fn insert(&self, db: &Connection) -> Result<usize> {
        let sql = "INSERT INTO outbox (message_id, seq, bill, transaction_name, class, scheme, bytes, digest,
            stale_after_ms, opened_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        db.prepare_cached(sql)?.execute(params![
            self.message_id,
            self.seq,
            self.bill,
            self.transaction,
            self.class,
            self.scheme,
            self.bytes,
            self.bytes_digest.as_slice(),
            self.stale_after_ms,
            self.opened_ms
        ])
    }
}

pub(crate) struct AttemptRow {
    pub(crate) message_id: String,
    pub(crate) n: i64,
    pub(crate) seq: i64,
    pub(crate) at_ms: i64,
    pub(crate) ending: String,
}

impl AttemptRow {
    pub(crate) fn digest(&self) -> Digest {
        Canon::new("zhijie/ending/1")
            .text(&self.message_id)
            .int(self.n)
            .int(self.at_ms)
            .text(&self.ending)
            .finish()
    }

    pub(crate) fn load(db: &Connection, message_id: &str, n: i64) -> Result<Option<Self>> {
        let sql = "SELECT message_id, n, seq, at_ms, ending FROM attempts WHERE message_id = ?1 AND n = ?2";
        db.prepare_cached(sql)?
            .query_row(params![message_id, n], |row| {
                Ok(Self {
                    message_id: row.get(0)?,
                    n: row.get(1)?,
                    seq: row.get(2)?,
                    at_ms: row.get(3)?,
                    ending: row.get(4)?,
                })
            })
            .optional()
    }

    /// Adds the attempt and marks its outbox row.
    pub(crate) fn insert(&self, db: &Connection) -> Result<usize> {
        let sql = "INSERT INTO attempts (message_id, n, seq, at_ms, ending) VALUES (?1, ?2, ?3, ?4, ?5)";
        db.prepare_cached(sql)?.execute(params![
            self.message_id,
            self.n,
            self.seq,
            self.at_ms,
            self.ending
        ])?;
        let sql = "UPDATE outbox SET closed_ms = ?2, ending = ?3 WHERE message_id = ?1";
        db.prepare_cached(sql)?
            .execute(params![self.message_id, self.at_ms, self.ending])
    }
}

pub(crate) struct ReplyRow {
    pub(crate) message_id: String,
    pub(crate) n: i64,
    pub(crate) seq: i64,
    pub(crate) at_ms: i64,
    pub(crate) scheme: i64,
    pub(crate) body: Vec<u8>,
    /// SM3 of `body`.
    pub(crate) body_digest: Digest,
}

impl ReplyRow {
    /// `None` when the body does not match its own digest.
    pub(crate) fn digest(&self) -> Option<Digest> {
        (digest(&self.body) == self.body_digest).then(|| {
            Canon::new("zhijie/reply/1")
                .text(&self.message_id)
                .int(self.n)
                .int(self.at_ms)
                .int(self.scheme)
                .bytes(&self.body_digest)
                .finish()
        })
    }

    pub(crate) fn load(db: &Connection, message_id: &str, n: i64) -> Result<Option<Self>> {
        let sql = "SELECT message_id, n, seq, at_ms, scheme, body, digest FROM replies
            WHERE message_id = ?1 AND n = ?2";
        db.prepare_cached(sql)?
            .query_row(params![message_id, n], |row| {
                Ok(Self {
                    message_id: row.get(0)?,
                    n: row.get(1)?,
                    seq: row.get(2)?,
                    at_ms: row.get(3)?,
                    scheme: row.get(4)?,
                    body: row.get(5)?,
                    body_digest: row.get(6)?,
                })
            })
            .optional()
    }

    pub(crate) fn insert(&self, db: &Connection) -> Result<usize> {
        let sql = "INSERT INTO replies (message_id, n, seq, at_ms, scheme, body, digest)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        db.prepare_cached(sql)?.execute(params![
            self.message_id,
            self.n,
            self.seq,
            self.at_ms,
            self.scheme,
            self.body,
            self.body_digest.as_slice()
        ])
    }
}
