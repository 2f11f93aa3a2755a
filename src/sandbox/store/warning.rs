//! Violations the rules found, and what desks did about them.

use rusqlite::{Connection, OptionalExtension, params};

/// One violation that was told.
#[derive(Debug, Clone)]
pub(crate) struct Warning {
    pub(crate) id: String,
    pub(crate) person: String,
    /// The hospital's own number.
    pub(crate) visit: String,
    pub(crate) rule: String,
}

pub(crate) fn add_warning(db: &Connection, warning: &Warning, at: &str) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO warning (id, person, visit, rule, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![warning.id, warning.person, warning.visit, warning.rule, at],
    )?;
    Ok(())
}

/// Whether there is such a violation; what was said of it before is said anew.
pub(crate) fn answer_warning(
    db: &Connection,
    id: &str,
    way: &str,
    reason: Option<&str>,
) -> rusqlite::Result<bool> {
    let changed = db.execute(
        "UPDATE warning SET way = ?2, reason = ?3 WHERE id = ?1",
        params![id, way, reason],
    )?;
    Ok(changed > 0)
}

/// When an item was last settled for a person, and stands.
pub(crate) fn settled_on(db: &Connection, person: &str, code: &str) -> rusqlite::Result<Option<String>> {
    db.query_row(
        "SELECT settlement.at FROM line JOIN settlement ON settlement.id = line.settlement
         WHERE settlement.person = ?1 AND json_extract(line.record, '$.med_list_codg') = ?2
         AND settlement.refund_of IS NULL AND settlement.refunded = 0 AND settlement.reversed = 0
         ORDER BY settlement.seq DESC LIMIT 1",
        [person, code],
        |row| row.get(0),
    )
    .optional()
}
