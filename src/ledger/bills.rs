//! Bills: which there are, which are open, and the cached state of each.

use rusqlite::Row;
use zhijie_model::{BillId, RequestId};

use crate::damage::Damage;
use crate::error::ReadError;
use crate::reader::{Reader, seq_of};
use crate::rows_desk::{BillsRow, RequestRow};
use crate::stored::StoredState;

/// One line of the list of bills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillRow {
    pub bill: BillId,
    pub open: bool,
    pub last_seq: u64,
}

impl Reader {
    /// Bills about which something is due, oldest activity first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open_bills(&self) -> Result<Vec<BillId>, ReadError> {
        let sql = "SELECT bill, open, last_seq FROM bills WHERE open = 1 ORDER BY last_seq";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([], bill_row)?;
        rows.map(|row| Ok(checked_bill(row?)?.bill)).collect()
    }

    /// The `count_max` bills with the latest activity, latest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn bills(&self, count_max: u32) -> Result<Vec<BillRow>, ReadError> {
        let sql = "SELECT bill, open, last_seq FROM bills ORDER BY last_seq DESC LIMIT ?1";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([count_max], bill_row)?;
        rows.map(|row| checked_bill(row?)).collect()
    }

    /// The bill's cached state; `None` when no commit ever brought one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn state(&self, bill: &BillId) -> Result<Option<StoredState>, ReadError> {
        let Some(BillsRow {
            state: Some((scheme, state)),
            open,
            last_seq,
            ..
        }) = BillsRow::load(&self.db, bill.as_str())?
        else {
            return Ok(None);
        };
        let state = self.sealer.unseal("bills.state", scheme, state)?;
        Ok(Some(StoredState {
            state,
            open: open != 0,
            last_seq: seq_of(last_seq)?,
        }))
    }

    /// The bill of the latest answer to this request.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn find_bill_by_request(&self, request_id: &RequestId) -> Result<Option<BillId>, ReadError> {
        let bill = RequestRow::latest(&self.db, request_id.as_str())?.and_then(|row| row.bill);
        let out_of_range = |_| Damage::OutOfRange {
            table: "requests",
            key: request_id.to_string(),
        };
        Ok(bill.map(BillId::new).transpose().map_err(out_of_range)?)
    }
}

fn bill_row(row: &Row<'_>) -> rusqlite::Result<(String, bool, i64)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn checked_bill((bill, open, last_seq): (String, bool, i64)) -> Result<BillRow, ReadError> {
    let out_of_range = |_| Damage::OutOfRange {
        table: "bills",
        key: String::new(),
    };
    Ok(BillRow {
        bill: BillId::new(bill).map_err(out_of_range)?,
        open,
        last_seq: seq_of(last_seq)?,
    })
}
