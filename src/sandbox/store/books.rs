//! Everything the province holds, table by table, for whoever wants to look at the truth.

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde::Serialize;

/// Newest rows of a table that are shown.
const ROWS_MAX: usize = 500;

/// One table, or one view of it.
#[derive(Debug, Serialize)]
pub(crate) struct Book {
    pub(crate) name: String,
    pub(crate) title: String,
    /// Names of the columns; those that end in `_fen` are money.
    pub(crate) columns: Vec<String>,
    /// Newest first.
    pub(crate) rows: Vec<Vec<Cell>>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Cell {
    Nothing,
    Number(i64),
    Text(String),
}

/// Name, title, table, columns and condition of what is shown in a chosen way.
const CHOSEN: [(&str, &str, &str, &str); 9] = [
    (
        "visits",
        "就诊 Visits",
        "visit",
        "SELECT id, number, person, insurance, area, kind, institution, began, cancelled FROM visit ORDER BY rowid DESC",
    ),
    (
        "lines",
        "费用明细 Fee lines",
        "line",
        "SELECT visit, serial, batch, amount AS amount_fen, own_expense AS own_expense_fen,
         over_ceiling AS over_ceiling_fen, first_own AS first_own_fen, in_scope AS in_scope_fen, settlement
         FROM line ORDER BY rowid DESC",
    ),
    (
        "settlements",
        "结算 Settlements",
        "settlement",
        "SELECT id, msgid, visit, batch, person, insurance, at, json_extract(split, '$.total') AS total_fen,
         json_extract(split, '$.funds') AS funds_fen, account AS account_fen, json_extract(split, '$.cash') AS cash_fen,
         refunded FROM settlement WHERE refund_of IS NULL AND reversed = 0 ORDER BY seq DESC",
    ),
    (
        "refunds",
        "退费 Refunds",
        "settlement",
        "SELECT id, refund_of, msgid, visit, at, json_extract(split, '$.total') AS total_fen,
         json_extract(split, '$.funds') AS funds_fen, account AS account_fen, json_extract(split, '$.cash') AS cash_fen
         FROM settlement WHERE refund_of IS NOT NULL AND reversed = 0 ORDER BY seq DESC",
    ),
    (
        "reversed",
        "已冲正 Undone by a reversal",
        "settlement",
        "SELECT id, msgid, visit, refund_of, at, json_extract(split, '$.total') AS total_fen
         FROM settlement WHERE reversed = 1 ORDER BY seq DESC",
    ),
    (
        "reversals",
        "冲正交易 Reversal messages",
        "message",
        "SELECT msgid, person, visit, done FROM message WHERE infno = '2601' ORDER BY rowid DESC",
    ),
    (
        "sign_ins",
        "签到 Sign-ins",
        "sign_in",
        "SELECT number, operator, institution, at, ended FROM sign_in ORDER BY rowid DESC",
    ),
    (
        "filings",
        "备案 Filings",
        "filing",
        "SELECT filing.id, person, record FROM filing ORDER BY filing.id DESC",
    ),
    (
        "removals",
        "被取消的备案 Filings taken away",
        "removal",
        "SELECT number, at, reason FROM removal ORDER BY rowid DESC",
    ),
];

/// Tables that are nobody's business: counters, what was said word for word, and what lives for minutes.
const PASSED_OVER: [&str; 4] = ["counter", "message", "voucher", "token"];

/// Tables that came after the chosen ones, by name; others are shown under the name they have.
const LATER: [(&str, &str); 7] = [
    ("diagnosis", "诊断 Diagnoses"),
    ("entry", "其他登记 Other registers"),
    ("file", "文件 Files"),
    ("stay", "住院 Stays"),
    ("purchase", "药店购药 Pharmacy sales"),
    ("mapping", "目录对照 Mapped items"),
    ("warning", "违规提示 Violations of rules"),
];

pub(crate) fn books(db: &Connection) -> rusqlite::Result<Vec<Book>> {
    let tables = tables(db)?;
    let mut found = Vec::new();
    for (name, title, table, query) in CHOSEN {
        if tables.iter().any(|known| known == table) {
            found.push(book(db, name, title, query)?);
        }
    }
    let known =
        |table: &str| PASSED_OVER.contains(&table) || CHOSEN.iter().any(|(_, _, chosen, _)| *chosen == table);
    for table in tables.iter().filter(|table| !known(table)) {
        let title = LATER.iter().find(|(name, _)| name == table);
        let title = title.map_or(table.as_str(), |(_, title)| title);
        let query = format!("SELECT * FROM \"{table}\" ORDER BY rowid DESC");
        found.push(book(db, table, title, &query)?);
    }
    Ok(found)
}

fn tables(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut query = db.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )?;
    let names = query.query_map((), |row| row.get(0))?;
    names.collect()
}

fn book(db: &Connection, name: &str, title: &str, query: &str) -> rusqlite::Result<Book> {
    let mut query = db.prepare(&format!("{query} LIMIT {ROWS_MAX}"))?;
    let columns: Vec<String> = query.column_names().map(String::from).collect();
    let width = columns.len();
    let rows = query.query_map((), |row| {
        (0..width)
            .map(|column| row.get_ref(column).map(cell))
            .collect::<rusqlite::Result<Vec<Cell>>>()
    })?;
    Ok(Book {
        name: String::from(name),
        title: String::from(title),
        columns,
        rows: rows.collect::<rusqlite::Result<_>>()?,
    })
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Nothing,
        ValueRef::Integer(number) => Cell::Number(number),
        ValueRef::Real(number) => Cell::Text(number.to_string()),
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Cell::Text(format!("{} bytes", bytes.len())),
    }
}
