//! The table of observations: one struct per row, how it is written, erased, read and digested.

use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

use crate::digest::{Canon, Digest, digest};

pub(crate) struct ObservationRow {
    pub(crate) seq: i64,
    /// From 1 within the record.
    pub(crate) n: i64,
    pub(crate) person: Digest,
    pub(crate) certificate: Option<Digest>,
    pub(crate) bill: Option<String>,
    pub(crate) at_ms: i64,
    pub(crate) source: String,
    pub(crate) message_id: Option<String>,
    pub(crate) platform_message_id: Option<String>,
    /// SM3 of the answer it was read from.
    pub(crate) answer_digest: Option<Digest>,
    pub(crate) version: i64,
    /// 1: holds nothing personal and is never erased.
    pub(crate) keep: i64,
    pub(crate) scheme: i64,
    /// Empty once erased.
    pub(crate) body: Vec<u8>,
    /// SM3 of the body as it was stored.
    pub(crate) body_digest: Digest,
    pub(crate) erased_ms: Option<i64>,
}

impl ObservationRow {
    pub(crate) const COLUMNS: &str = "seq, n, person, certificate, bill, at_ms, source, message_id, \
        platform_message_id, answer_digest, version, keep, scheme, body, digest, erased_ms";

    /// Of what never changes; `None` when a body that was not erased does not match its own digest.
    pub(crate) fn digest(&self) -> Option<Digest> {
        let whole = match self.erased_ms {
            None => digest(&self.body) == self.body_digest,
            Some(_) => self.body.is_empty() && self.keep == 0,
        };
        whole.then(|| {
            Canon::new("zhijie/observation/1")
                .int(self.seq)
                .int(self.n)
                .bytes(&self.person)
                .maybe_bytes(self.certificate.as_ref().map(<[u8; 32]>::as_slice))
                .maybe_text(self.bill.as_deref())
                .int(self.at_ms)
                .text(&self.source)
                .maybe_text(self.message_id.as_deref())
                .maybe_text(self.platform_message_id.as_deref())
                .maybe_bytes(self.answer_digest.as_ref().map(<[u8; 32]>::as_slice))
                .int(self.version)
                .int(self.keep)
                .int(self.scheme)
                .bytes(&self.body_digest)
                .finish()
        })
    }

    /// What the record that orders the erasure says: which body, and when.
    pub(crate) fn erasure_digest(&self) -> Option<Digest> {
        let erased_ms = self.erased_ms?;
        let canon = Canon::new("zhijie/erasure/1")
            .int(self.seq)
            .int(self.n)
            .bytes(&self.body_digest)
            .int(erased_ms);
        Some(canon.finish())
    }

    pub(crate) fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            n: row.get(1)?,
            person: row.get(2)?,
            certificate: row.get(3)?,
            bill: row.get(4)?,
            at_ms: row.get(5)?,
            source: row.get(6)?,
            message_id: row.get(7)?,
            platform_message_id: row.get(8)?,
            answer_digest: row.get(9)?,
            version: row.get(10)?,
            keep: row.get(11)?,
            scheme: row.get(12)?,
            body: row.get(13)?,
            body_digest: row.get(14)?,
            erased_ms: row.get(15)?,
        })
    }

    pub(crate) fn load(db: &Connection, seq: i64, n: i64) -> Result<Option<Self>> {
        let sql = format!(
            "SELECT {} FROM observations WHERE seq = ?1 AND n = ?2",
            Self::COLUMNS
        );
        db.prepare_cached(&sql)?
            .query_row(params![seq, n], Self::read)
            .optional()
    }

    pub(crate) fn insert(&self, db: &Connection) -> Result<usize> {
        let sql = "INSERT INTO observations (seq, n, person, certificate, bill, at_ms, source, message_id,
                platform_message_id, answer_digest, version, keep, scheme, body, digest)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
        db.prepare_cached(sql)?.execute(params![
            self.seq,
            self.n,
            self.person.as_slice(),
            self.certificate.as_ref().map(<[u8; 32]>::as_slice),
            self.bill,
            self.at_ms,
            self.source,
            self.message_id,
            self.platform_message_id,
            self.answer_digest.as_ref().map(<[u8; 32]>::as_slice),
            self.version,
            self.keep,
            self.scheme,
            self.body,
            self.body_digest.as_slice()
        ])
    }

    /// Overwrites the body with nothing.
    pub(crate) fn erase(&mut self, db: &Connection, at_ms: i64) -> Result<usize> {
        self.body.clear();
        self.erased_ms = Some(at_ms);
        let sql = "UPDATE observations SET body = x'', erased_ms = ?3 WHERE seq = ?1 AND n = ?2";
        db.prepare_cached(sql)?.execute(params![self.seq, self.n, at_ms])
    }
}
