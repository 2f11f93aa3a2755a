//! Sign-ins, vouchers and the tokens they are turned into.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

pub(crate) fn sign_in(
    db: &Connection,
    number: &str,
    operator: &str,
    institution: &str,
    at: &str,
) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO sign_in (number, operator, institution, at) VALUES (?1, ?2, ?3, ?4)",
        [number, operator, institution, at],
    )?;
    Ok(())
}

/// Whether the sign-in stands for this operator of this institution.
pub(crate) fn signed_in(
    db: &Connection,
    number: &str,
    operator: &str,
    institution: &str,
) -> rusqlite::Result<bool> {
    db.query_row(
        "SELECT count(*) > 0 FROM sign_in WHERE number = ?1 AND operator = ?2 AND institution = ?3 AND ended = 0",
        [number, operator, institution],
        |row| row.get(0),
    )
}

/// Returns whether there was such a sign-in.
pub(crate) fn end_sign_in(db: &Connection, number: &str, operator: &str) -> rusqlite::Result<bool> {
    let ended = db.execute(
        "UPDATE sign_in SET ended = 1 WHERE number = ?1 AND operator = ?2 AND ended = 0",
        [number, operator],
    )?;
    Ok(ended > 0)
}

/// Returns how many sign-ins ended.
pub(crate) fn expire_sign_ins(db: &Connection) -> rusqlite::Result<usize> {
    db.execute("UPDATE sign_in SET ended = 1 WHERE ended = 0", ())
}

pub(crate) fn add_voucher(
    db: &Connection,
    code: &str,
    person: &str,
    expires: Timestamp,
) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO voucher (code, person, expires) VALUES (?1, ?2, ?3)",
        params![code, person, expires.as_millisecond()],
    )?;
    Ok(())
}

/// Whose code it is, while it lives.
pub(crate) fn voucher_person(
    db: &Connection,
    code: &str,
    now: Timestamp,
) -> rusqlite::Result<Option<String>> {
    db.query_row(
        "SELECT person FROM voucher WHERE code = ?1 AND expires > ?2",
        params![code, now.as_millisecond()],
        |row| row.get(0),
    )
    .optional()
}

pub(crate) fn add_token(
    db: &Connection,
    token: &str,
    person: &str,
    expires: Timestamp,
) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO token (token, person, expires) VALUES (?1, ?2, ?3)",
        params![token, person, expires.as_millisecond()],
    )?;
    Ok(())
}

/// Whose token it is, while it lives.
pub(crate) fn token_person(db: &Connection, token: &str, now: Timestamp) -> rusqlite::Result<Option<String>> {
    db.query_row(
        "SELECT person FROM token WHERE token = ?1 AND expires > ?2",
        params![token, now.as_millisecond()],
        |row| row.get(0),
    )
    .optional()
}
