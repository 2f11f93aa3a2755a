//! Filings and entries. Nothing is deleted: what is taken away is marked, and can be brought back.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use zhijie_model::Area;

use crate::filing::{Entry, Filing};
use crate::people::Person;
use crate::store::settlement::record;

/// A filing with the number the store gave it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct StoredFiling {
    pub(crate) id: i64,
    /// `trt_dcla_detl_sn`.
    pub(crate) number: String,
    pub(crate) person: String,
    #[serde(flatten)]
    pub(crate) filing: Filing,
    pub(crate) removed: Option<Removal>,
}

/// An entry with the number the store gave it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct StoredEntry {
    pub(crate) id: i64,
    pub(crate) number: String,
    pub(crate) person: String,
    #[serde(flatten)]
    pub(crate) entry: Entry,
    pub(crate) removed: Option<Removal>,
}

/// When and why something was taken away.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Removal {
    /// Beijing wall clock.
    pub(crate) at: String,
    pub(crate) reason: String,
}

/// Region, a digit for the register, and the row: 30 characters.
fn number(region: Option<Area>, register: char, id: i64) -> String {
    let region = region.map_or_else(|| String::from("000000"), |area| area.to_string());
    format!("{region}{register}{id:023}")
}

/// Files for the region the filing names, else for that of the person's active insurance. Returns row and number.
pub(crate) fn add_filing(
    db: &Connection,
    person: &Person,
    filing: &Filing,
) -> rusqlite::Result<(i64, String)> {
    let mut filing = filing.clone();
    filing.region = filing.region.or_else(|| person.region());
    db.execute(
        "INSERT INTO filing (person, record) VALUES (?1, ?2)",
        [&person.number, &text(&filing)?],
    )?;
    let id = db.last_insert_rowid();
    Ok((id, number(filing.region, '1', id)))
}

/// Enters for the region the entry names, else for that of the person's active insurance. Returns row and number.
pub(crate) fn add_entry(db: &Connection, person: &Person, entry: &Entry) -> rusqlite::Result<(i64, String)> {
    let mut entry = entry.clone();
    entry.region = entry.region.or_else(|| person.region());
    db.execute(
        "INSERT INTO entry (person, record) VALUES (?1, ?2)",
        [&person.number, &text(&entry)?],
    )?;
    let id = db.last_insert_rowid();
    Ok((id, number(entry.region, '2', id)))
}

fn text<T: Serialize>(record: &T) -> rusqlite::Result<String> {
    serde_json::to_string(record).map_err(|source| rusqlite::Error::ToSqlConversionFailure(Box::new(source)))
}

/// The filings of one person, or all of them, those taken away included.
pub(crate) fn filings(db: &Connection, person: Option<&str>) -> rusqlite::Result<Vec<StoredFiling>> {
    let mut query =
        db.prepare("SELECT id, person, record FROM filing WHERE ?1 IS NULL OR person = ?1 ORDER BY id")?;
    let rows = query.query_map([person], |row| {
        let filing: Filing = record(row, 2)?;
        let (id, person) = of(row)?;
        let number = number(filing.region, '1', id);
        let removed = removal(db, &number)?;
        Ok(StoredFiling {
            id,
            number,
            person,
            filing,
            removed,
        })
    })?;
    rows.collect()
}

/// The entries of one person, or all of them, those taken away included.
pub(crate) fn entries(db: &Connection, person: Option<&str>) -> rusqlite::Result<Vec<StoredEntry>> {
    let mut query =
        db.prepare("SELECT id, person, record FROM entry WHERE ?1 IS NULL OR person = ?1 ORDER BY id")?;
    let rows = query.query_map([person], |row| {
        let entry: Entry = record(row, 2)?;
        let (id, person) = of(row)?;
        let number = number(entry.region, '2', id);
        let removed = removal(db, &number)?;
        Ok(StoredEntry {
            id,
            number,
            person,
            entry,
            removed,
        })
    })?;
    rows.collect()
}

fn of(row: &Row<'_>) -> rusqlite::Result<(i64, String)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn removal(db: &Connection, number: &str) -> rusqlite::Result<Option<Removal>> {
    db.query_row(
        "SELECT at, reason FROM removal WHERE number = ?1",
        [number],
        |row| {
            Ok(Removal {
                at: row.get(0)?,
                reason: row.get(1)?,
            })
        },
    )
    .optional()
}

/// Marks a filing or an entry as taken away; returns whether it stood.
pub(crate) fn remove(db: &Connection, number: &str, at: &str, reason: &str) -> rusqlite::Result<bool> {
    let marked = db.execute(
        "INSERT OR IGNORE INTO removal (number, at, reason) VALUES (?1, ?2, ?3)",
        params![number, at, reason],
    )?;
    Ok(marked > 0)
}

/// Brings back what was taken away; returns whether it was.
pub(crate) fn restore(db: &Connection, number: &str) -> rusqlite::Result<bool> {
    Ok(db.execute("DELETE FROM removal WHERE number = ?1", [number])? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store;

    /// A store from before filings had numbers is opened as it is.
    #[test]
    fn older_stores_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let old = Connection::open(dir.path().join("sandbox.sqlite")).unwrap();
        old.execute_batch(store::SCHEMA).unwrap();
        old.execute(
            "INSERT INTO filing (person, record) VALUES ('7', ?1)",
            [r#"{"kind":"temporary","target":"310000","from":"2026-01-01","until":"2026-12-31"}"#],
        )
        .unwrap();
        drop(old);
        let db = store::open(Some(dir.path()), &[]).unwrap();
        let found = filings(&db, Some("7")).unwrap();
        let [only] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(only.number.len(), 30);
        assert!(remove(&db, &only.number, "", "").unwrap() && !remove(&db, &only.number, "", "").unwrap());
        assert!(filings(&db, None).unwrap()[0].removed.is_some());
        assert!(entries(&db, None).unwrap().is_empty());
    }
}
