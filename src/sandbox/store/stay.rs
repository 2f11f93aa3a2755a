//! Hospital stays: a visit with an admission, perhaps a discharge, and lines that are settled in parts.

use rusqlite::{Connection, OptionalExtension, Row, params};
use zhijie_model::Fen;

use crate::catalogue::LineCut;
use crate::store::settlement::fen;

/// What a stay has beside its visit.
#[derive(Debug, Clone)]
pub(crate) struct Stay {
    pub(crate) visit: String,
    /// The message that opened it.
    pub(crate) msgid: String,
    /// Name of the hospital it lies in.
    pub(crate) hospital: String,
    /// `endtime` of 2402, while the discharge stands.
    pub(crate) ended: Option<String>,
    /// `dscginfo` of 2402 as it came.
    pub(crate) discharge: Option<String>,
}

/// An admission that stands, as a list shows it.
#[derive(Debug, Clone)]
pub(crate) struct StayRow {
    pub(crate) id: String,
    pub(crate) person: String,
    pub(crate) number: String,
    pub(crate) institution: String,
    pub(crate) hospital: String,
    pub(crate) kind: Option<String>,
    pub(crate) insurance: String,
    pub(crate) area: String,
    pub(crate) began: String,
    pub(crate) ended: Option<String>,
    pub(crate) lines: i64,
    pub(crate) unsettled: Fen,
}

pub(crate) fn add_stay(db: &Connection, stay: &Stay) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO stay (visit, msgid, hospital) VALUES (?1, ?2, ?3)",
        params![stay.visit, stay.msgid, stay.hospital],
    )?;
    Ok(())
}

const STAY: &str = "SELECT visit, msgid, hospital, ended, discharge FROM stay";

pub(crate) fn find_stay(db: &Connection, visit: &str) -> rusqlite::Result<Option<Stay>> {
    db.query_row(&format!("{STAY} WHERE visit = ?1"), [visit], read)
        .optional()
}

/// The stay a message opened, cancelled or not.
pub(crate) fn stay_of_message(db: &Connection, msgid: &str) -> rusqlite::Result<Option<Stay>> {
    db.query_row(&format!("{STAY} WHERE msgid = ?1"), [msgid], read)
        .optional()
}

pub(crate) fn discharge_stay(
    db: &Connection,
    visit: &str,
    discharge: Option<(&str, &str)>,
) -> rusqlite::Result<()> {
    let (ended, record) = discharge.unzip();
    db.execute(
        "UPDATE stay SET ended = ?2, discharge = ?3 WHERE visit = ?1",
        params![visit, ended, record],
    )?;
    Ok(())
}

/// Admissions that stand, oldest first: of one person or of all.
pub(crate) fn stays(db: &Connection, person: Option<&str>) -> rusqlite::Result<Vec<StayRow>> {
    let mut query = db.prepare(
        "SELECT v.id, v.person, v.number, v.institution, s.hospital, v.kind, v.insurance, v.area, v.began, s.ended,
                (SELECT count(*) FROM line WHERE visit = v.id),
                (SELECT coalesce(sum(amount), 0) FROM line WHERE visit = v.id AND settlement IS NULL)
         FROM stay s JOIN visit v ON v.id = s.visit
         WHERE v.cancelled = 0 AND (?1 IS NULL OR v.person = ?1) ORDER BY v.rowid",
    )?;
    let rows = query.query_map([person], |row| {
        Ok(StayRow {
            id: row.get(0)?,
            person: row.get(1)?,
            number: row.get(2)?,
            institution: row.get(3)?,
            hospital: row.get(4)?,
            kind: row.get(5)?,
            insurance: row.get(6)?,
            area: row.get(7)?,
            began: row.get(8)?,
            ended: row.get(9)?,
            lines: row.get(10)?,
            unsettled: fen(row, 11)?,
        })
    })?;
    rows.collect()
}

/// A line that a refund line names, and what is left of it.
#[derive(Debug, Clone)]
pub(crate) struct Original {
    pub(crate) record: String,
    pub(crate) settled: bool,
    /// Whether it is itself a refund line.
    pub(crate) refunds: bool,
}

pub(crate) fn original(db: &Connection, visit: &str, serial: &str) -> rusqlite::Result<Option<Original>> {
    db.query_row(
        "SELECT record, settlement IS NOT NULL, coalesce(json_extract(record, '$.init_feedetl_sn'), '') <> ''
         FROM line WHERE visit = ?1 AND serial = ?2",
        [visit, serial],
        |row| {
            Ok(Original {
                record: row.get(0)?,
                settled: row.get(1)?,
                refunds: row.get(2)?,
            })
        },
    )
    .optional()
}

/// The lines that give a line back, as they came.
pub(crate) fn refunds_of(db: &Connection, visit: &str, serial: &str) -> rusqlite::Result<Vec<String>> {
    let mut query = db.prepare(
        "SELECT record FROM line WHERE visit = ?1 AND json_extract(record, '$.init_feedetl_sn') = ?2",
    )?;
    let rows = query.query_map([visit, serial], |row| row.get(0))?;
    rows.collect()
}

/// The year of the lines that are not settled; lines that give another back count with it.
pub(crate) fn open_year(db: &Connection, visit: &str) -> rusqlite::Result<Option<String>> {
    db.query_row(
        "SELECT substr(json_extract(record, '$.fee_ocur_time'), 1, 4) FROM line WHERE visit = ?1 AND settlement IS NULL
         AND coalesce(json_extract(record, '$.init_feedetl_sn'), '') = '' LIMIT 1",
        [visit],
        |row| row.get(0),
    )
    .optional()
}

/// Takes one unsettled line away. Returns whether there was one.
pub(crate) fn remove_line(db: &Connection, visit: &str, serial: &str) -> rusqlite::Result<bool> {
    let removed = db.execute(
        "DELETE FROM line WHERE visit = ?1 AND serial = ?2 AND settlement IS NULL",
        [visit, serial],
    )?;
    Ok(removed > 0)
}

/// The cuts of all unsettled lines of a stay.
pub(crate) fn unsettled_cuts(db: &Connection, visit: &str) -> rusqlite::Result<Vec<LineCut>> {
    let mut query = db.prepare(
        "SELECT amount, own_expense, over_ceiling, first_own, in_scope FROM line
         WHERE visit = ?1 AND settlement IS NULL ORDER BY serial",
    )?;
    let rows = query.query_map([visit], |row| {
        Ok(LineCut {
            amount: fen(row, 0)?,
            own_expense: fen(row, 1)?,
            over_ceiling: fen(row, 2)?,
            first_own: fen(row, 3)?,
            in_scope: fen(row, 4)?,
        })
    })?;
    rows.collect()
}

/// Settles all unsettled lines of a stay; the settlement's id becomes their batch, so that a refund that is reversed
/// finds them again.
pub(crate) fn settle_stay_lines(db: &Connection, visit: &str, settlement: &str) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE line SET settlement = ?2, batch = ?2 WHERE visit = ?1 AND settlement IS NULL",
        [visit, settlement],
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Stay> {
    Ok(Stay {
        visit: row.get(0)?,
        msgid: row.get(1)?,
        hospital: row.get(2)?,
        ended: row.get(3)?,
        discharge: row.get(4)?,
    })
}
