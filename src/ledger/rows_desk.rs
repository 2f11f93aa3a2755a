//! The rows that the desk's side reads: answered requests and the cached state of bills.

use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

use crate::digest::{Canon, Digest, digest};

pub(crate) struct RequestRow {
    pub(crate) request_id: String,
    pub(crate) n: i64,
    pub(crate) seq: i64,
    pub(crate) method: String,
    pub(crate) body_digest: Digest,
    pub(crate) bill: Option<String>,
    pub(crate) outcome: String,
    pub(crate) scheme: i64,
    pub(crate) answer: Vec<u8>,
    pub(crate) at_ms: i64,
}

impl RequestRow {
    const COLUMNS: &str = "request_id, n, seq, method, body_digest, bill, outcome, scheme, answer, at_ms";

    pub(crate) fn digest(&self) -> Digest {
        Canon::new("zhijie/answer/1")
            .text(&self.request_id)
            .int(self.n)
            .text(&self.method)
            .bytes(&self.body_digest)
            .maybe_text(self.bill.as_deref())
            .text(&self.outcome)
            .int(self.scheme)
            .bytes(&digest(&self.answer))
            .int(self.at_ms)
            .finish()
    }

    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            request_id: row.get(0)?,
            n: row.get(1)?,
            seq: row.get(2)?,
            method: row.get(3)?,
            body_digest: row.get(4)?,
            bill: row.get(5)?,
            outcome: row.get(6)?,
            scheme: row.get(7)?,
            answer: row.get(8)?,
            at_ms: row.get(9)?,
        })
    }

    pub(crate) fn load(db: &Connection, request_id: &str, n: i64) -> Result<Option<Self>> {
        let sql = format!(
            "SELECT {} FROM requests WHERE request_id = ?1 AND n = ?2",
            Self::COLUMNS
        );
        db.prepare_cached(&sql)?
            .query_row(params![request_id, n], Self::read)
            .optional()
    }

    /// The answer that counts: the last one.
    pub(crate) fn latest(db: &Connection, request_id: &str) -> Result<Option<Self>> {
        let sql = format!(
            "SELECT {} FROM requests WHERE request_id = ?1 ORDER BY n DESC LIMIT 1",
            Self::COLUMNS
        );
        db.prepare_cached(&sql)?
            .query_row([request_id], Self::read)
            .optional()
    }

    pub(crate) fn insert(&self, db: &Connection) -> Result<usize> {
        let sql = "INSERT INTO requests (request_id, n, seq, method, body_digest, bill, outcome, scheme, answer, at_ms)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        db.prepare_cached(sql)?.execute(params![
            self.request_id,
            self.n,
            self.seq,
            self.method,
            self.body_digest.as_slice(),
            self.bill,
            self.outcome,
            self.scheme,
            self.answer,
            self.at_ms
        ])
    }
}

pub(crate) struct BillsRow {
    pub(crate) bill: String,
    /// Scheme and stored bytes; `None` until a commit brings a state.
    pub(crate) state: Option<(i64, Vec<u8>)>,
    /// 0 or 1; anything else is damage.
    pub(crate) open: i64,
    pub(crate) last_seq: i64,
}

impl BillsRow {
    /// `None` while there is no state.
    pub(crate) fn digest(&self) -> Option<Digest> {
        let (scheme, state) = self.state.as_ref()?;
        let canon = Canon::new("zhijie/state/1")
            .text(&self.bill)
            .int(*scheme)
            .bytes(&digest(state))
            .int(self.open);
        Some(canon.finish())
    }

    pub(crate) fn read(row: &Row<'_>) -> Result<Self> {
        let scheme: Option<i64> = row.get(1)?;
        let state: Option<Vec<u8>> = row.get(2)?;
        Ok(Self {
            bill: row.get(0)?,
            state: scheme.zip(state),
            open: row.get(3)?,
            last_seq: row.get(4)?,
        })
    }

    pub(crate) fn load(db: &Connection, bill: &str) -> Result<Option<Self>> {
        let sql = "SELECT bill, state_scheme, state, open, last_seq FROM bills WHERE bill = ?1";
        db.prepare_cached(sql)?.query_row([bill], Self::read).optional()
    }

    /// Writes the whole row, or only `last_seq` when it brings no state and the bill is known.
    pub(crate) fn upsert(&self, db: &Connection) -> Result<usize> {
        let (scheme, state) = self
            .state
            .as_ref()
            .map(|(scheme, state)| (*scheme, state))
            .unzip();
        let sql = "INSERT INTO bills (bill, state_scheme, state, open, last_seq) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (bill) DO UPDATE SET
                last_seq = excluded.last_seq,
                open = iif(excluded.state IS NULL, open, excluded.open),
                state_scheme = coalesce(excluded.state_scheme, state_scheme),
                state = coalesce(excluded.state, state)";
        db.prepare_cached(sql)?
            .execute(params![self.bill, scheme, state, self.open, self.last_seq])
    }
}
