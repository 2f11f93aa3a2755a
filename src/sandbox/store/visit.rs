//! Visits, diagnoses and fee lines.

use rusqlite::{Connection, OptionalExtension, Row, params};
use zhijie_model::Fen;

use crate::catalogue::LineCut;
use crate::store::settlement::fen;

/// A visit as it was opened (2201) and described (2203).
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) id: String,
    pub(crate) person: String,
    pub(crate) insurance: String,
    pub(crate) area: String,
    /// The hospital's own number (`ipt_otp_no`).
    pub(crate) number: String,
    pub(crate) institution: String,
    pub(crate) began: String,
    /// Kind of credential at registration.
    pub(crate) credential: String,
    /// `data` of 2201 as it came.
    pub(crate) registration: String,
    /// `med_type`, once described.
    pub(crate) kind: Option<String>,
    /// `mdtrtinfo` of 2203 as it came.
    pub(crate) description: Option<String>,
}

/// A fee line with its cut.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) serial: String,
    pub(crate) batch: String,
    pub(crate) disease: Option<String>,
    pub(crate) cut: LineCut,
    /// The row of 2204 as it came.
    pub(crate) record: String,
}

const VISIT: &str = "SELECT id, person, insurance, area, number, institution, began, credential, registration, kind, \
                     description FROM visit";

pub(crate) fn add_visit(db: &Connection, visit: &Visit) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO visit (id, person, insurance, area, number, institution, began, credential, registration)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            visit.id,
            visit.person,
            visit.insurance,
            visit.area,
            visit.number,
            visit.institution,
            visit.began,
            visit.credential,
            visit.registration
        ],
    )?;
    Ok(())
}

/// A visit that is not cancelled.
pub(crate) fn find_visit(db: &Connection, id: &str) -> rusqlite::Result<Option<Visit>> {
    db.query_row(
        &format!("{VISIT} WHERE id = ?1 AND cancelled = 0"),
        [id],
        read_visit,
    )
    .optional()
}

/// A visit, cancelled or not.
pub(crate) fn visit_by_id(db: &Connection, id: &str) -> rusqlite::Result<Option<Visit>> {
    db.query_row(&format!("{VISIT} WHERE id = ?1"), [id], read_visit)
        .optional()
}

/// A person's visits that are not cancelled and began within the range, oldest first.
pub(crate) fn visits_of(
    db: &Connection,
    person: &str,
    from: &str,
    until: &str,
) -> rusqlite::Result<Vec<Visit>> {
    let mut query = db.prepare(&format!(
        "{VISIT} WHERE person = ?1 AND began BETWEEN ?2 AND ?3 AND cancelled = 0 ORDER BY id"
    ))?;
    let rows = query.query_map([person, from, until], read_visit)?;
    rows.collect()
}

pub(crate) fn cancel_visit(db: &Connection, id: &str) -> rusqlite::Result<()> {
    db.execute("UPDATE visit SET cancelled = 1 WHERE id = ?1", [id])?;
    Ok(())
}

/// Sets kind, description and diagnoses, over what was there.
pub(crate) fn describe_visit(
    db: &Connection,
    id: &str,
    kind: &str,
    description: &str,
    diagnoses: &[String],
) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE visit SET kind = ?2, description = ?3 WHERE id = ?1",
        [id, kind, description],
    )?;
    db.execute("DELETE FROM diagnosis WHERE visit = ?1", [id])?;
    for (rank, diagnosis) in (1_i64..).zip(diagnoses) {
        db.execute(
            "INSERT INTO diagnosis (visit, rank, record) VALUES (?1, ?2, ?3)",
            params![id, rank, diagnosis],
        )?;
    }
    Ok(())
}

pub(crate) fn serial_exists(db: &Connection, visit: &str, serial: &str) -> rusqlite::Result<bool> {
    db.query_row(
        "SELECT count(*) > 0 FROM line WHERE visit = ?1 AND serial = ?2",
        [visit, serial],
        |row| row.get(0),
    )
}

pub(crate) fn add_line(db: &Connection, visit: &str, line: &Line) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO line (visit, serial, batch, disease, amount, own_expense, over_ceiling, first_own, in_scope, record)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            visit,
            line.serial,
            line.batch,
            line.disease,
            line.cut.amount.get(),
            line.cut.own_expense.get(),
            line.cut.over_ceiling.get(),
            line.cut.first_own.get(),
            line.cut.in_scope.get(),
            line.record
        ],
    )?;
    Ok(())
}

/// How many lines the visit has, and how many of them are settled.
pub(crate) fn count_lines(db: &Connection, visit: &str) -> rusqlite::Result<(i64, i64)> {
    db.query_row(
        "SELECT count(*), count(settlement) FROM line WHERE visit = ?1",
        [visit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// The disease that a batch's unsettled lines are charged under; `None` when it has no such lines.
pub(crate) fn batch_disease(
    db: &Connection,
    visit: &str,
    batch: &str,
) -> rusqlite::Result<Option<Option<String>>> {
    db.query_row(
        "SELECT disease FROM line WHERE visit = ?1 AND batch = ?2 AND settlement IS NULL LIMIT 1",
        [visit, batch],
        |row| row.get(0),
    )
    .optional()
}

/// The cuts of the unsettled lines of a batch.
pub(crate) fn line_cuts(db: &Connection, visit: &str, batch: &str) -> rusqlite::Result<Vec<LineCut>> {
    let mut query = db.prepare(
        "SELECT amount, own_expense, over_ceiling, first_own, in_scope FROM line
         WHERE visit = ?1 AND batch = ?2 AND settlement IS NULL ORDER BY serial",
    )?;
    let rows = query.query_map([visit, batch], |row| {
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

/// Takes unsettled lines away: those of `batch`, or all of them. Returns how many.
pub(crate) fn remove_lines(db: &Connection, visit: &str, batch: Option<&str>) -> rusqlite::Result<usize> {
    db.execute(
        "DELETE FROM line WHERE visit = ?1 AND settlement IS NULL AND (?2 IS NULL OR batch = ?2)",
        params![visit, batch],
    )
}

pub(crate) fn settle_lines(
    db: &Connection,
    visit: &str,
    batch: &str,
    settlement: &str,
) -> rusqlite::Result<Fen> {
    db.execute(
        "UPDATE line SET settlement = ?3 WHERE visit = ?1 AND batch = ?2 AND settlement IS NULL",
        [visit, batch, settlement],
    )?;
    db.query_row(
        "SELECT coalesce(sum(amount), 0) FROM line WHERE visit = ?1 AND batch = ?2 AND settlement = ?3",
        [visit, batch, settlement],
        |row| fen(row, 0),
    )
}

pub(crate) fn release_lines(db: &Connection, settlement: &str) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE line SET settlement = NULL WHERE settlement = ?1",
        [settlement],
    )?;
    Ok(())
}

fn read_visit(row: &Row<'_>) -> rusqlite::Result<Visit> {
    Ok(Visit {
        id: row.get(0)?,
        person: row.get(1)?,
        insurance: row.get(2)?,
        area: row.get(3)?,
        number: row.get(4)?,
        institution: row.get(5)?,
        began: row.get(6)?,
        credential: row.get(7)?,
        registration: row.get(8)?,
        kind: row.get(9)?,
        description: row.get(10)?,
    })
}
