//! The province's own records in SQLite. One connection; a call is one immediate transaction.

mod books;
mod detail;
mod filing;
mod identity;
mod listing;
mod settlement;
mod stay;
mod trace;
mod visit;
mod warning;

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};

use crate::people::Person;

pub(crate) use books::{Book, Cell, books};
pub(crate) use detail::{diagnoses_of, dispensed, lines_of};
pub(crate) use filing::{
    StoredEntry, StoredFiling, add_entry, add_filing, entries, filings, remove, restore,
};
pub(crate) use identity::{add_token, add_voucher, end_sign_in, expire_sign_ins, sign_in, signed_in};
pub(crate) use identity::{token_person, voucher_person};
pub(crate) use listing::{
    Mapping, add_change, add_file, changes, file_content, file_expires, is_withdrawn, mappings, put_mapping,
};
pub(crate) use settlement::{
    Facts, Settlement, account_paid, add_settlement, family_paid, find_settlement, mark_refunded,
    mark_reversed, newest, settlement_of_message, settlements, settlements_of, standing, standing_of_batch,
    year_totals,
};
pub(crate) use stay::{
    Stay, StayRow, add_stay, discharge_stay, find_stay, open_year, original, refunds_of, remove_line,
    settle_stay_lines, stay_of_message, stays, unsettled_cuts,
};
pub(crate) use trace::{Package, add_package, line_codes, used_elsewhere};
pub(crate) use visit::{
    Line, Visit, add_line, add_visit, batch_disease, cancel_visit, count_lines, describe_visit, find_visit,
    line_cuts, release_lines, remove_lines, serial_exists, settle_lines, visit_by_id, visits_of,
};
pub(crate) use warning::{Warning, add_warning, answer_warning, settled_on};

const SCHEMA: &str = include_str!("schema.sql");
/// Tables that came later; stores of before get them when they are opened.
const LATER: &str = include_str!("later.sql");

/// Opens the store in `dir`, or in memory, and files the people's first filings in a new one.
///
/// # Errors
/// When SQLite cannot open or create it.
pub(crate) fn open(dir: Option<&Path>, people: &[Person]) -> rusqlite::Result<Connection> {
    let mut connection = match dir {
        Some(dir) => Connection::open(dir.join("sandbox.sqlite"))?,
        None => Connection::open_in_memory()?,
    };
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let fresh: bool = connection.query_row(
        "SELECT count(*) = 0 FROM sqlite_schema WHERE name = 'visit'",
        (),
        |row| row.get(0),
    )?;
    connection.execute_batch(LATER)?;
    if fresh {
        let transaction = connection.transaction()?;
        transaction.execute_batch(SCHEMA)?;
        for person in people {
            for filing in &person.filing {
                add_filing(&transaction, person, filing)?;
            }
            for entry in &person.entry {
                add_entry(&transaction, person, entry)?;
            }
        }
        transaction.commit()?;
    }
    Ok(connection)
}

/// The next value of a counter, from 1.
pub(crate) fn next(db: &Connection, name: &str) -> rusqlite::Result<i64> {
    db.query_row(
        "INSERT INTO counter (name, value) VALUES (?1, 1)
         ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
        [name],
        |row| row.get(0),
    )
}

/// A message that was answered.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) infno: String,
    pub(crate) person: Option<String>,
    pub(crate) visit: Option<String>,
    /// Whether it succeeded.
    pub(crate) done: bool,
    pub(crate) body: String,
}

pub(crate) fn add_message(db: &Connection, msgid: &str, message: &Message) -> rusqlite::Result<()> {
    db.execute(
        "INSERT OR REPLACE INTO message (msgid, infno, person, visit, done, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            msgid,
            message.infno,
            message.person,
            message.visit,
            message.done,
            message.body
        ],
    )?;
    Ok(())
}

pub(crate) fn find_message(db: &Connection, msgid: &str) -> rusqlite::Result<Option<Message>> {
    db.query_row(
        "SELECT infno, person, visit, done, body FROM message WHERE msgid = ?1",
        [msgid],
        |row| {
            Ok(Message {
                infno: row.get(0)?,
                person: row.get(1)?,
                visit: row.get(2)?,
                done: row.get(3)?,
                body: row.get(4)?,
            })
        },
    )
    .optional()
}
