//! Changes of the catalogue, files handed out, mappings.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// An own item of an institution, as 3301 told it.
#[derive(Debug, Clone)]
pub(crate) struct Mapping {
    pub(crate) own: String,
    pub(crate) national: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) begin: String,
    pub(crate) ends: Option<String>,
    pub(crate) stands: bool,
    /// Beijing wall clock.
    pub(crate) updated: String,
}

/// A new version in which `code` stands or does not.
pub(crate) fn add_change(db: &Connection, code: &str, stands: bool, at: &str) -> rusqlite::Result<i64> {
    db.query_row(
        "INSERT INTO catalogue_change (version, code, stands, at)
         VALUES ((SELECT ifnull(max(version), 1) + 1 FROM catalogue_change), ?1, ?2, ?3) RETURNING version",
        params![code, stands, at],
        |row| row.get(0),
    )
}

/// Version, code, whether it stands since, and when; in the order of versions.
pub(crate) fn changes(db: &Connection) -> rusqlite::Result<Vec<(u32, String, bool, String)>> {
    let mut statement =
        db.prepare("SELECT version, code, stands, at FROM catalogue_change ORDER BY version")?;
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    rows.collect()
}

/// Whether the newest change of an item has withdrawn it.
pub(crate) fn is_withdrawn(db: &Connection, code: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT stands FROM catalogue_change WHERE code = ?1 ORDER BY version DESC LIMIT 1";
    let stands: Option<bool> = db.query_row(sql, [code], |row| row.get(0)).optional()?;
    Ok(stands == Some(false))
}

pub(crate) fn add_file(
    db: &Connection,
    number: &str,
    institution: &str,
    expires: Timestamp,
    content: &[u8],
) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO handed_out (number, institution, expires, content) VALUES (?1, ?2, ?3, ?4)",
        params![number, institution, expires.as_second(), content],
    )?;
    Ok(())
}

/// Until when a file of this institution can be fetched.
pub(crate) fn file_expires(
    db: &Connection,
    number: &str,
    institution: &str,
) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT expires FROM handed_out WHERE number = ?1 AND institution = ?2";
    db.query_row(sql, [number, institution], |row| row.get(0))
        .optional()
}

pub(crate) fn file_content(db: &Connection, number: &str) -> rusqlite::Result<Vec<u8>> {
    db.query_row(
        "SELECT content FROM handed_out WHERE number = ?1",
        [number],
        |row| row.get(0),
    )
}

/// Adds a mapping, or replaces the one of the same codes.
pub(crate) fn put_mapping(db: &Connection, institution: &str, mapping: &Mapping) -> rusqlite::Result<()> {
    db.execute(
        "INSERT OR REPLACE INTO mapping (institution, own, national, kind, name, begin, ends, stands, updated)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            institution,
            mapping.own,
            mapping.national,
            mapping.kind,
            mapping.name,
            mapping.begin,
            mapping.ends,
            mapping.stands,
            mapping.updated
        ],
    )?;
    Ok(())
}

pub(crate) fn mappings(db: &Connection, institution: &str) -> rusqlite::Result<Vec<Mapping>> {
    let mut statement = db.prepare(
        "SELECT own, national, kind, name, begin, ends, stands, updated FROM mapping WHERE institution = ?1
         ORDER BY own, national",
    )?;
    let rows = statement.query_map([institution], |row| {
        Ok(Mapping {
            own: row.get(0)?,
            national: row.get(1)?,
            kind: row.get(2)?,
            name: row.get(3)?,
            begin: row.get(4)?,
            ends: row.get(5)?,
            stands: row.get(6)?,
            updated: row.get(7)?,
        })
    })?;
    rows.collect()
}
