//! Rows of the file and rows of the model, there and back.

use rusqlite::{CachedStatement, Connection, Row, Transaction, params};
use zhijie_model::{CatalogueList, CatalogueRow, Ratio, UnitPrice};

use crate::letters::letters;

/// The columns a row is read back from, in the order of [`read`].
pub(crate) const COLUMNS: &str = "e.id, e.list, e.generation, e.code, e.key, e.points_to, e.kind, e.name, e.pinyin, e.spec, \
     e.maker, e.unit, e.class, e.ceiling, e.first_own, e.from_day, e.until_day, e.valid, e.version";
/// Rows by what they are found by.
pub(crate) const FOUND: &str = "found_by f CROSS JOIN entry e ON e.id = f.id JOIN list l ON l.list = e.list";
/// By what a row is found; the numbers never change.
pub(crate) const CODE: i64 = 0;
pub(crate) const POINTS_TO: i64 = 1;
pub(crate) const PINYIN: i64 = 2;
/// What makes a row one that may be shown.
pub(crate) const SHOWN: &str = "e.generation BETWEEN l.floor AND l.current";

pub(crate) const INSERT: &str = "INSERT INTO entry (list, generation, code, key, points_to, kind, name, pinyin, spec, maker, unit, \
     class, ceiling, first_own, from_day, until_day, valid, version) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";

/// A row with its place among the versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) id: i64,
    pub(crate) list: CatalogueList,
    pub(crate) generation: i64,
    pub(crate) key: Option<String>,
    pub(crate) row: CatalogueRow,
}

/// The number a list is stored under; never changes.
pub(crate) const fn number(list: CatalogueList) -> i64 {
    match list {
        CatalogueList::Drugs => 1301,
        CatalogueList::HerbPieces => 1302,
        CatalogueList::Preparations => 1303,
        CatalogueList::EthnicDrugs => 1304,
        CatalogueList::Services => 1305,
        CatalogueList::Consumables => 1306,
        CatalogueList::Diagnoses => 1307,
        CatalogueList::Operations => 1308,
        CatalogueList::ChronicDiseases => 1309,
        CatalogueList::CaseDiseases => 1310,
        CatalogueList::DaySurgeries => 1311,
        CatalogueList::Covered => 1312,
        CatalogueList::Tumours => 1313,
        CatalogueList::ChineseDiseases => 1314,
        CatalogueList::ChineseSyndromes => 1315,
        CatalogueList::Matches => 1316,
        CatalogueList::Mappings => 1317,
        CatalogueList::Ceilings => 1318,
        CatalogueList::FirstOwn => 1319,
        CatalogueList::HerbGranules => 1320,
        CatalogueList::NewServices => 1321,
    }
}

pub(crate) fn list(number: i64) -> Option<CatalogueList> {
    CatalogueList::ALL
        .iter()
        .copied()
        .find(|list| self::number(*list) == number)
}

/// Of a list in which a code has one row, nothing; else what tells its rows apart.
fn key(list: CatalogueList, row: &CatalogueRow) -> Option<String> {
    let several = matches!(
        list,
        CatalogueList::Covered
            | CatalogueList::Matches
            | CatalogueList::Mappings
            | CatalogueList::Ceilings
            | CatalogueList::FirstOwn
    );
    if !several {
        return None;
    }
    let made = || {
        let from = row.from.map(|day| day.to_string()).unwrap_or_default();
        let parts = [row.points_to.as_deref(), row.kind.as_deref(), Some(from.as_str())];
        parts.map(Option::unwrap_or_default).join("|")
    };
    Some(row.id.clone().unwrap_or_else(made))
}

/// Writes a row; what stays is found by its id.
pub(crate) fn insert(
    statement: &mut CachedStatement<'_>,
    list: CatalogueList,
    generation: i64,
    row: &CatalogueRow,
) -> rusqlite::Result<i64> {
    let pinyin = row
        .pinyin
        .as_deref()
        .map(|text| letters(text).collect::<String>());
    statement.insert(params![
        number(list),
        generation,
        row.code,
        key(list, row),
        row.points_to,
        row.kind,
        row.name,
        pinyin,
        row.spec,
        row.maker,
        row.unit,
        row.class,
        row.ceiling.map(|price| price.to_string()),
        row.first_own.map(|ratio| ratio.to_string()),
        row.from.map(|day| day.to_string()),
        row.until.map(|day| day.to_string()),
        row.valid,
        row.version,
    ])
}

/// What the rows that came in are found by, each kind of word in its order. Rows of an earlier end are found already.
pub(crate) fn words(
    db: &Connection,
    list: CatalogueList,
    generation: i64,
    what: i64,
) -> rusqlite::Result<Vec<(Box<str>, i64)>> {
    let column = match what {
        CODE => "code",
        POINTS_TO => "points_to",
        _ => "pinyin",
    };
    let sql = format!(
        "SELECT {column}, id FROM entry WHERE id >= (SELECT first_id FROM sync WHERE list = ?1) AND list = ?1
         AND generation = ?2 AND {column} IS NOT NULL"
    );
    let mut statement = db.prepare(&sql)?;
    let read = statement.query_map(params![number(list), generation], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    let mut words = read.collect::<rusqlite::Result<Vec<_>>>()?;
    words.sort_unstable();
    Ok(words)
}

/// Makes rows be found by these words; those that are found by them already stay so.
pub(crate) fn index(
    tx: &Transaction<'_>,
    list: CatalogueList,
    what: i64,
    words: &[(Box<str>, i64)],
) -> rusqlite::Result<()> {
    let mut insert =
        tx.prepare_cached("INSERT OR IGNORE INTO found_by (what, text, list, id) VALUES (?1, ?2, ?3, ?4)")?;
    for (text, id) in words {
        insert.execute(params![what, text, number(list), id])?;
    }
    Ok(())
}

/// Removes a row with all it is found by.
pub(crate) fn remove(tx: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
    tx.prepare_cached("DELETE FROM letters WHERE rowid = ?1")?
        .execute([id])?;
    let sql = "DELETE FROM entry WHERE id = ?1 RETURNING list, code, points_to, pinyin";
    let (list, words) = tx.prepare_cached(sql)?.query_row([id], |row| {
        let words: [Option<String>; 3] = [row.get(1)?, row.get(2)?, row.get(3)?];
        Ok((row.get::<_, i64>(0)?, words))
    })?;
    let mut statement =
        tx.prepare_cached("DELETE FROM found_by WHERE what = ?1 AND text = ?2 AND list = ?3 AND id = ?4")?;
    for (what, word) in [CODE, POINTS_TO, PINYIN].into_iter().zip(words) {
        if let Some(word) = word {
            statement.execute(params![what, word, list, id])?;
        }
    }
    Ok(())
}

pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let text = |at: usize| row.get::<_, Option<String>>(at);
    let day = |at: usize| -> rusqlite::Result<Option<jiff::civil::Date>> {
        Ok(text(at)?.and_then(|day| day.parse().ok()))
    };
    let number: i64 = row.get(1)?;
    Ok(Kept {
        id: row.get(0)?,
        list: list(number).ok_or(rusqlite::Error::IntegralValueOutOfRange(1, number))?,
        generation: row.get(2)?,
        key: text(4)?,
        row: CatalogueRow {
            code: row.get(3)?,
            points_to: text(5)?,
            kind: text(6)?,
            institution: None,
            id: None,
            name: text(7)?,
            pinyin: text(8)?,
            spec: text(9)?,
            maker: text(10)?,
            unit: text(11)?,
            class: text(12)?,
            ceiling: text(13)?.and_then(|price| UnitPrice::parse(&price).ok()),
            first_own: text(14)?.and_then(|ratio| Ratio::parse(&ratio).ok()),
            from: day(15)?,
            until: day(16)?,
            valid: row.get(17)?,
            version: text(18)?,
        },
    })
}
