//! Trace codes of packages that settlements handed out.

use rusqlite::{Connection, params};

/// One package.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    /// Fee line it was charged on.
    pub(crate) serial: String,
    pub(crate) code: String,
    /// Opened: the same code may be met again.
    pub(crate) opened: bool,
}

pub(crate) fn add_package(db: &Connection, settlement: &str, package: &Package) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO package (settlement, serial, code, opened) VALUES (?1, ?2, ?3, ?4)",
        params![settlement, package.serial, package.code, package.opened],
    )?;
    Ok(())
}

/// Whether a settlement that stands has handed the whole package out.
pub(crate) fn used_elsewhere(db: &Connection, code: &str) -> rusqlite::Result<bool> {
    db.query_row(
        "SELECT count(*) > 0 FROM package JOIN settlement ON settlement.id = package.settlement
         WHERE package.code = ?1 AND package.opened = 0 AND settlement.refund_of IS NULL AND settlement.refunded = 0
         AND settlement.reversed = 0",
        [code],
        |row| row.get(0),
    )
}

/// Serial and national code of the unsettled lines of a batch.
pub(crate) fn line_codes(
    db: &Connection,
    visit: &str,
    batch: &str,
) -> rusqlite::Result<Vec<(String, String)>> {
    let mut query = db.prepare(
        "SELECT serial, json_extract(record, '$.med_list_codg') FROM line
         WHERE visit = ?1 AND batch = ?2 AND settlement IS NULL ORDER BY serial",
    )?;
    let rows = query.query_map([visit, batch], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}
