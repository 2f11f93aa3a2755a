//! Settlements and refunds. Year totals and account balances are sums over these rows, so they cannot drift: a refund
//! row carries negated amounts, and a row undone by 2601 counts no more.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zhijie_model::Fen;

use crate::engine::{Split, YearTotals};
use crate::policy::Setting;

/// A settlement row, or a refund row when `refund_of` is set.
#[derive(Debug, Clone)]
pub(crate) struct Settlement {
    pub(crate) id: String,
    pub(crate) msgid: String,
    pub(crate) visit: String,
    pub(crate) batch: String,
    pub(crate) person: String,
    pub(crate) insurance: String,
    pub(crate) setting: String,
    pub(crate) year: i16,
    pub(crate) refund_of: Option<String>,
    pub(crate) refunded: bool,
    /// Beijing wall clock.
    pub(crate) at: String,
    pub(crate) split: Split,
    pub(crate) facts: Facts,
}

impl Settlement {
    /// Whether it is a settlement that was not refunded.
    pub(crate) const fn stands(&self) -> bool {
        self.refund_of.is_none() && !self.refunded
    }
}

/// What an answer says besides the amounts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) kind: String,
    pub(crate) credential: String,
    /// Account balance afterwards.
    pub(crate) balance: Fen,
    pub(crate) disease: Option<String>,
    pub(crate) invoice: Option<String>,
    pub(crate) operator: String,
    pub(crate) operator_name: String,
    pub(crate) institution: String,
    pub(crate) institution_name: String,
    /// A part of a stay that went on.
    #[serde(default)]
    pub(crate) interim: bool,
}

const COLUMNS: &str = "SELECT id, msgid, visit, batch, person, insurance, setting, year, refund_of, refunded, at, split, \
                       facts FROM settlement WHERE reversed = 0";

pub(crate) fn add_settlement(db: &Connection, row: &Settlement) -> rusqlite::Result<()> {
    let burden = row.split.burden().map_err(not_stored)?;
    db.execute(
        "INSERT INTO settlement (id, msgid, visit, batch, person, insurance, setting, year, refund_of, at, split, facts,
         deductible, base, pool, burden, supplement, aid, account)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
        params![
            row.id,
            row.msgid,
            row.visit,
            row.batch,
            row.person,
            row.insurance,
            row.setting,
            row.year,
            row.refund_of,
            row.at,
            serde_json::to_string(&row.split).map_err(not_stored)?,
            serde_json::to_string(&row.facts).map_err(not_stored)?,
            row.split.deductible.get(),
            row.split.base.get(),
            row.split.pool.get(),
            burden.get(),
            row.split.supplement.get(),
            row.split.aid.get(),
            row.split.account.get(),
        ],
    )?;
    Ok(())
}

/// What the person's year has used up by these rows.
pub(crate) fn year_totals(
    db: &Connection,
    person: &str,
    insurance: &str,
    setting: Setting,
    year: i16,
) -> rusqlite::Result<YearTotals> {
    db.query_row(
        "SELECT coalesce(sum(iif(setting = ?3, deductible, 0)), 0), coalesce(sum(iif(setting = ?3, base, 0)), 0),
                coalesce(sum(iif(setting = ?3, pool, 0)), 0), coalesce(sum(burden), 0),
                coalesce(sum(supplement), 0), coalesce(sum(aid), 0)
         FROM settlement WHERE person = ?1 AND insurance = ?2 AND year = ?4 AND reversed = 0",
        params![person, insurance, setting.name(), year],
        |row| {
            Ok(YearTotals {
                deductible: fen(row, 0)?,
                base: fen(row, 1)?,
                pool: fen(row, 2)?,
                burden: fen(row, 3)?,
                supplement: fen(row, 4)?,
                aid: fen(row, 5)?,
            })
        },
    )
}

/// What the person's account has paid by these rows, in all years.
pub(crate) fn account_paid(db: &Connection, person: &str, insurance: &str) -> rusqlite::Result<Fen> {
    db.query_row(
        "SELECT coalesce(sum(account), 0) FROM settlement WHERE person = ?1 AND insurance = ?2 AND reversed = 0",
        [person, insurance],
        |row| fen(row, 0),
    )
}

/// What a family member's account has paid for the person by these rows, in all years.
pub(crate) fn family_paid(db: &Connection, person: &str) -> rusqlite::Result<Fen> {
    db.query_row(
        "SELECT coalesce(sum(json_extract(split, '$.mutual')), 0) FROM settlement WHERE person = ?1 AND reversed = 0",
        [person],
        |row| fen(row, 0),
    )
}

pub(crate) fn find_settlement(db: &Connection, id: &str) -> rusqlite::Result<Option<Settlement>> {
    db.query_row(&format!("{COLUMNS} AND id = ?1"), [id], read)
        .optional()
}

/// The row that a message made, unless it was reversed.
pub(crate) fn settlement_of_message(db: &Connection, msgid: &str) -> rusqlite::Result<Option<Settlement>> {
    db.query_row(
        &format!("{COLUMNS} AND msgid = ?1 ORDER BY seq DESC LIMIT 1"),
        [msgid],
        read,
    )
    .optional()
}

pub(crate) fn standing_of_batch(
    db: &Connection,
    visit: &str,
    batch: &str,
) -> rusqlite::Result<Option<Settlement>> {
    db.query_row(
        &format!("{COLUMNS} AND visit = ?1 AND batch = ?2 AND refund_of IS NULL AND refunded = 0"),
        [visit, batch],
        read,
    )
    .optional()
}

/// All standing settlements of a visit, oldest first.
pub(crate) fn standing(db: &Connection, visit: &str) -> rusqlite::Result<Vec<Settlement>> {
    let mut query = db.prepare(&format!(
        "{COLUMNS} AND visit = ?1 AND refund_of IS NULL AND refunded = 0 ORDER BY seq"
    ))?;
    let rows = query.query_map([visit], read)?;
    rows.collect()
}

/// All settlements of a visit that were not reversed, refunds left out, oldest first.
pub(crate) fn settlements_of(db: &Connection, visit: &str) -> rusqlite::Result<Vec<Settlement>> {
    let mut query = db.prepare(&format!(
        "{COLUMNS} AND visit = ?1 AND refund_of IS NULL ORDER BY seq"
    ))?;
    let rows = query.query_map([visit], read)?;
    rows.collect()
}

/// The newest standing settlement of a visit, else its newest refunded one.
pub(crate) fn newest(db: &Connection, visit: &str) -> rusqlite::Result<Option<Settlement>> {
    db.query_row(
        &format!("{COLUMNS} AND visit = ?1 AND refund_of IS NULL ORDER BY refunded, seq DESC LIMIT 1"),
        [visit],
        read,
    )
    .optional()
}

/// All rows that were not reversed, of one hospital visit number or of all, oldest first.
pub(crate) fn settlements(db: &Connection, number: Option<&str>) -> rusqlite::Result<Vec<Settlement>> {
    let mut query = db.prepare(&format!(
        "{COLUMNS} AND (?1 IS NULL OR visit IN (SELECT id FROM visit WHERE number = ?1)) ORDER BY seq"
    ))?;
    let rows = query.query_map([number], read)?;
    rows.collect()
}

pub(crate) fn mark_refunded(db: &Connection, id: &str, refunded: bool) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE settlement SET refunded = ?2 WHERE id = ?1",
        params![id, refunded],
    )?;
    Ok(())
}

pub(crate) fn mark_reversed(db: &Connection, id: &str) -> rusqlite::Result<()> {
    db.execute("UPDATE settlement SET reversed = 1 WHERE id = ?1", [id])?;
    Ok(())
}

pub(crate) fn fen(row: &Row<'_>, column: usize) -> rusqlite::Result<Fen> {
    Fen::new(row.get(column)?).map_err(|source| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Integer, Box::new(source))
    })
}

pub(crate) fn record<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|source| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(source))
    })
}

fn not_stored(source: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(source))
}

fn read(row: &Row<'_>) -> rusqlite::Result<Settlement> {
    Ok(Settlement {
        id: row.get(0)?,
        msgid: row.get(1)?,
        visit: row.get(2)?,
        batch: row.get(3)?,
        person: row.get(4)?,
        insurance: row.get(5)?,
        setting: row.get(6)?,
        year: row.get(7)?,
        refund_of: row.get(8)?,
        refunded: row.get(9)?,
        at: row.get(10)?,
        split: record(row, 11)?,
        facts: record(row, 12)?,
    })
}
