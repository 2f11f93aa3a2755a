//! What is shown: the newest row of every key, of lists that were whole at least once.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, params};
use zhijie_model::CatalogueList;

use crate::error::{OpenError, StoreError};
use crate::rows::{self, CODE, COLUMNS, FOUND, Kept, POINTS_TO, SHOWN, number};

/// Reads beside the one that writes; never waits for it.
#[derive(Debug)]
pub struct Reader {
    pub(crate) db: Connection,
}

/// How far a list is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListState {
    pub list: CatalogueList,
    pub version: Option<String>,
    /// Withdrawn ones included.
    pub rows: u64,
    /// When it was last found to be the newest.
    pub synced_at: Timestamp,
}

impl Reader {
    /// Opens the copy at `path`, which a [`crate::Store`] has made.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self {
            db: crate::open::reader(path)?,
        })
    }

    /// Lists that were whole at least once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn lists(&self) -> Result<Vec<ListState>, StoreError> {
        let sql = "SELECT list, version, rows, synced_ms FROM list ORDER BY list";
        let mut statement = self.db.prepare_cached(sql)?;
        let mut found = statement.query([])?;
        let mut lists = Vec::new();
        while let Some(row) = found.next()? {
            let Some(list) = rows::list(row.get(0)?) else {
                continue;
            };
            lists.push(ListState {
                list,
                version: row.get(1)?,
                rows: u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default(),
                synced_at: Timestamp::from_millisecond(row.get(3)?).unwrap_or(Timestamp::UNIX_EPOCH),
            });
        }
        Ok(lists)
    }

    /// Every key of a code, the newest row of each; withdrawn ones included.
    pub(crate) fn of_code(&self, code: &str, list: Option<CatalogueList>) -> Result<Vec<Kept>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM {FOUND} WHERE f.what = {CODE} AND f.text = ?1 AND {SHOWN} AND (?2 IS NULL OR f.list = ?2)"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let found = statement.query_map(params![code, list.map(number)], rows::read)?;
        Ok(newest(found.collect::<Result<_, _>>()?))
    }

    /// As [`Reader::of_code`], by what a row points to.
    pub(crate) fn pointing_to(&self, code: &str, list: CatalogueList) -> Result<Vec<Kept>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM {FOUND} WHERE f.what = {POINTS_TO} AND f.text = ?1 AND f.list = ?2 AND {SHOWN}"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let found = statement.query_map(params![code, number(list)], rows::read)?;
        Ok(newest(found.collect::<Result<_, _>>()?))
    }

    /// The newest rows of a code that stand and are in force on `day`, latest beginning first.
    pub(crate) fn in_force(
        &self,
        code: &str,
        list: CatalogueList,
        day: Date,
    ) -> Result<Vec<Kept>, StoreError> {
        let mut kept = self.of_code(code, Some(list))?;
        kept.retain(|kept| kept.is_in_force(day));
        kept.sort_by_key(|kept| core::cmp::Reverse(kept.row.from));
        Ok(kept)
    }
}

impl Kept {
    pub(crate) fn is_in_force(&self, day: Date) -> bool {
        let row = &self.row;
        row.valid && row.from.is_none_or(|from| from <= day) && row.until.is_none_or(|until| day <= until)
    }
}

/// One row for every list and key: of the highest generation, then the highest version, then the one that came last.
fn newest(all: Vec<Kept>) -> Vec<Kept> {
    let mut best: BTreeMap<(CatalogueList, Option<String>, String), Kept> = BTreeMap::new();
    for kept in all {
        let key = (kept.list, kept.key.clone(), kept.row.code.clone());
        let rank = |kept: &Kept| (kept.generation, kept.row.version.clone(), kept.id);
        match best.get(&key) {
            Some(held) if rank(held) > rank(&kept) => {}
            _ => {
                best.insert(key, kept);
            }
        }
    }
    best.into_values().collect()
}
