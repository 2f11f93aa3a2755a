//! What the centre tells of a visit afterwards: its lines with their cuts, its diagnoses, drugs handed out elsewhere.

use rusqlite::{Connection, Row, params};

use crate::catalogue::LineCut;
use crate::store::Line;
use crate::store::settlement::fen;

const LINE: &str = "line.serial, line.batch, line.disease, line.amount, line.own_expense, line.over_ceiling, \
                    line.first_own, line.in_scope, line.record";

/// Lines of a visit, of one settlement where one is named.
pub(crate) fn lines_of(
    db: &Connection,
    visit: &str,
    settlement: Option<&str>,
) -> rusqlite::Result<Vec<(Line, Option<String>)>> {
    let mut query = db.prepare(&format!(
        "SELECT {LINE}, line.settlement FROM line WHERE line.visit = ?1 AND (?2 IS NULL OR line.settlement = ?2)
         ORDER BY line.rowid"
    ))?;
    let rows = query.query_map(params![visit, settlement], |row| Ok((line(row)?, row.get(9)?)))?;
    rows.collect()
}

/// Lines settled for somebody under a chronic or special disease, with the institution, oldest first. Times as they came.
pub(crate) fn dispensed(
    db: &Connection,
    person: &str,
    (from, until): (&str, &str),
) -> rusqlite::Result<Vec<(Line, String)>> {
    let mut query = db.prepare(&format!(
        "SELECT {LINE}, visit.institution FROM line JOIN settlement ON settlement.id = line.settlement
         JOIN visit ON visit.id = line.visit
         WHERE settlement.person = ?1 AND line.disease IS NOT NULL AND settlement.refunded = 0
         AND settlement.reversed = 0 AND settlement.refund_of IS NULL
         AND json_extract(line.record, '$.fee_ocur_time') BETWEEN ?2 AND ?3 ORDER BY line.rowid"
    ))?;
    let rows = query.query_map([person, from, until], |row| Ok((line(row)?, row.get(9)?)))?;
    rows.collect()
}

/// Diagnoses of a visit as they came with 2203, by rank.
pub(crate) fn diagnoses_of(db: &Connection, visit: &str) -> rusqlite::Result<Vec<String>> {
    let mut query = db.prepare("SELECT record FROM diagnosis WHERE visit = ?1 ORDER BY rank")?;
    let rows = query.query_map([visit], |row| row.get(0))?;
    rows.collect()
}

fn line(row: &Row<'_>) -> rusqlite::Result<Line> {
    Ok(Line {
        serial: row.get(0)?,
        batch: row.get(1)?,
        disease: row.get(2)?,
        cut: LineCut {
            amount: fen(row, 3)?,
            own_expense: fen(row, 4)?,
            over_ceiling: fen(row, 5)?,
            first_own: fen(row, 6)?,
            in_scope: fen(row, 7)?,
        },
        record: row.get(8)?,
    })
}
