//! Rows coming in. They are noted in batches under a generation nobody sees; when the last one is there and can be found, one
//! small commit shows them all, and what they replace is swept up behind. No commit is long: the ledger's own wait for the disk
//! meanwhile.

use core::fmt;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use zhijie_model::{CatalogueFile, CatalogueList, CatalogueRow};

use crate::error::{OpenError, StoreError};
use crate::letters::{Pair, pairs};
use crate::rows::{self, CODE, PINYIN, POINTS_TO, number};

/// Rows removed in one commit.
const SWEEP: i64 = 250;
/// Words noted in one commit.
const WORDS: usize = 2000;

/// The one that writes. Blocks on the disk; a batch is a commit, and one in some waits for a flush of the disk.
#[derive(Debug)]
pub struct Store {
    db: Connection,
    /// Pairs that stand in the copy for certain.
    noted: BTreeSet<Pair>,
    between: Between,
}

/// What is done between two commits of long work, so that others get the disk.
struct Between(Box<dyn FnMut() + Send>);

impl fmt::Debug for Between {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Between")
    }
}

/// What a list comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Pages,
    File(CatalogueFile),
}

/// A list that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    pub list: CatalogueList,
    /// Whether it replaces what is there; otherwise it changes it.
    pub whole: bool,
    pub file: Option<CatalogueFile>,
    /// Whether the file lies on the disk.
    pub fetched: bool,
    /// Lines of the file, or pages, that are in.
    pub done: u64,
    /// Rows among them.
    pub rows: u64,
    /// The highest version among them.
    pub version: Option<String>,
    generation: i64,
}

impl Store {
    /// Opens the copy at `path`, making it where there is none. A file of an older format is put aside.
    ///
    /// # Errors
    /// [`OpenError`]; the agent's disk is to blame.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self {
            db: crate::open::writer(path)?,
            noted: BTreeSet::new(),
            between: Between(Box::new(|| {})),
        })
    }

    /// Has `between` called between two commits of long work, on the thread that does it.
    pub fn pause_with(&mut self, between: impl FnMut() + Send + 'static) {
        self.between = Between(Box::new(between));
    }

    /// Lists whose rows were still coming in when the program ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn under_way(&self) -> Result<Vec<Begun>, StoreError> {
        let sql = "SELECT s.list FROM sync s LEFT JOIN list l USING (list) WHERE s.generation > ifnull(l.current, 0)
                   ORDER BY s.list";
        let mut statement = self.db.prepare_cached(sql)?;
        let numbers = statement.query_map([], |row| row.get::<_, i64>(0))?;
        let lists: Vec<i64> = numbers.collect::<Result<_, _>>()?;
        let mut begun = Vec::new();
        for list in lists.into_iter().filter_map(rows::list) {
            begun.extend(self.noted(list)?);
        }
        Ok(begun)
    }

    /// Begins a list. What an earlier attempt left is removed first; what is shown stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn begin(&mut self, list: CatalogueList, whole: bool, source: Source) -> Result<Begun, StoreError> {
        self.clear_leftovers(list)?;
        let file = match source {
            Source::Pages => None,
            Source::File(file) => Some(file),
        };
        let noted = file.as_ref().map(serde_json::to_string).transpose()?;
        let current = self.current(list)?;
        let sql = "INSERT OR REPLACE INTO sync (list, generation, whole, file, fetched, done, rows, version, first_id)
                   VALUES (?1, ?2, ?3, ?4, 0, 0, 0, NULL, (SELECT ifnull(max(id), 0) + 1 FROM entry))";
        let generation = current.saturating_add(1);
        self.db
            .execute(sql, params![number(list), generation, whole, noted])?;
        Ok(Begun {
            list,
            whole,
            file,
            fetched: false,
            done: 0,
            rows: 0,
            version: None,
            generation,
        })
    }

    /// The file of the list lies on the disk now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn fetched(&mut self, begun: &mut Begun) -> Result<(), StoreError> {
        let sql = "UPDATE sync SET fetched = 1 WHERE list = ?1 AND generation = ?2";
        let changed = self
            .db
            .execute(sql, params![number(begun.list), begun.generation])?;
        begun.fetched = true;
        if changed == 1 {
            Ok(())
        } else {
            Err(StoreError::NotUnderWay)
        }
    }

    /// Takes a batch; afterwards `done` lines or pages are in. One commit.
    ///
    /// # Errors
    /// [`StoreError`]; nothing of the batch is in.
    pub fn take(&mut self, begun: &mut Begun, batch: &[CatalogueRow], done: u64) -> Result<(), StoreError> {
        let mut after = begun.clone();
        after.done = done;
        after.rows = begun
            .rows
            .saturating_add(u64::try_from(batch.len()).unwrap_or(u64::MAX));
        let versions = batch.iter().filter_map(|row| row.version.as_ref());
        after.version = begun.version.iter().chain(versions).max().cloned();
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut new = BTreeSet::new();
        {
            let mut insert = tx.prepare_cached(rows::INSERT)?;
            let mut letters = tx.prepare_cached("INSERT INTO letters (rowid, pairs) VALUES (?1, ?2)")?;
            let mut words = String::new();
            for row in batch {
                let id = rows::insert(&mut insert, begun.list, begun.generation, row)?;
                let Some(name) = &row.name else { continue };
                words.clear();
                for pair in pairs(name) {
                    let _infallible = write!(words, "{pair} ");
                    if !self.noted.contains(&pair) {
                        new.insert(pair);
                    }
                }
                letters.execute(params![id, words])?;
            }
            let mut pair = tx.prepare_cached("INSERT OR IGNORE INTO pair (text) VALUES (?1)")?;
            for new in &new {
                pair.execute([new.to_string()])?;
            }
        }
        let sql = "UPDATE sync SET done = ?3, rows = ?4, version = ?5 WHERE list = ?1 AND generation = ?2";
        let changed = tx.execute(
            sql,
            params![
                number(begun.list),
                begun.generation,
                i64::try_from(after.done).unwrap_or(i64::MAX),
                i64::try_from(after.rows).unwrap_or(i64::MAX),
                after.version
            ],
        )?;
        if changed != 1 {
            return Err(StoreError::NotUnderWay);
        }
        tx.commit()?;
        self.noted.extend(new);
        *begun = after;
        (self.between.0)();
        Ok(())
    }

    /// Shows what came in, all at once.
    ///
    /// # Errors
    /// [`StoreError::Incomplete`] when another number of rows came than was announced: what was shown before stays.
    pub fn finish(&mut self, begun: &Begun, now: Timestamp) -> Result<(), StoreError> {
        let announced = begun.file.as_ref().and_then(|file| file.rows);
        if let Some(announced) = announced.filter(|announced| *announced != begun.rows) {
            return Err(StoreError::Incomplete {
                announced,
                found: begun.rows,
            });
        }
        let sql = "INSERT INTO list (list, floor, current, version, rows, synced_ms)
                   VALUES (?1, iif(?3, ?2, 0), ?2, ?4, ?5, ?6)
                   ON CONFLICT (list) DO UPDATE SET floor = iif(?3, ?2, floor), current = ?2,
                   version = iif(?3, ?4, max(ifnull(version, ''), ifnull(?4, ''))), synced_ms = ?6";
        let values = params![
            number(begun.list),
            begun.generation,
            begun.whole,
            begun.version,
            i64::try_from(begun.rows).unwrap_or(i64::MAX),
            now.as_millisecond()
        ];
        self.index(begun)?;
        self.db.execute(sql, values)?;
        self.noted = BTreeSet::new();
        self.sweep(begun)?;
        self.fold()
    }

    /// Makes the rows be found, before anybody is shown them.
    fn index(&mut self, begun: &Begun) -> Result<(), StoreError> {
        for what in [CODE, POINTS_TO, PINYIN] {
            let words = rows::words(&self.db, begun.list, begun.generation, what)?;
            for some in words.chunks(WORDS) {
                let tx = self
                    .db
                    .transaction_with_behavior(TransactionBehavior::Immediate)?;
                rows::index(&tx, begun.list, what, some)?;
                tx.commit()?;
                (self.between.0)();
            }
        }
        Ok(())
    }

    /// Folds the log back into the file, as far as no reader is in the way; the next end of a list folds the rest.
    fn fold(&self) -> Result<(), StoreError> {
        self.db
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Nothing is newer than what is there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn nothing_new(&mut self, list: CatalogueList, now: Timestamp) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO list (list, floor, current, version, rows, synced_ms) VALUES (?1, 0, 0, NULL, 0, ?2)
                   ON CONFLICT (list) DO UPDATE SET synced_ms = ?2";
        self.db
            .execute(sql, params![number(list), now.as_millisecond()])?;
        Ok(())
    }

    /// Forgets a list that was under way; what is shown stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn give_up(&mut self, list: CatalogueList) -> Result<(), StoreError> {
        self.clear_leftovers(list)?;
        self.db
            .execute("DELETE FROM sync WHERE list = ?1", [number(list)])?;
        Ok(())
    }

    fn noted(&self, list: CatalogueList) -> Result<Option<Begun>, StoreError> {
        let sql = "SELECT generation, whole, file, fetched, done, rows, version FROM sync WHERE list = ?1";
        let found = self.db.query_row(sql, [number(list)], |row| {
            let count = |at: usize| {
                Ok::<_, rusqlite::Error>(u64::try_from(row.get::<_, i64>(at)?).unwrap_or_default())
            };
            let begun = Begun {
                list,
                generation: row.get(0)?,
                whole: row.get(1)?,
                file: None,
                fetched: row.get(3)?,
                done: count(4)?,
                rows: count(5)?,
                version: row.get(6)?,
            };
            Ok((begun, row.get::<_, Option<String>>(2)?))
        });
        let Some((mut begun, file)) = found.optional()? else {
            return Ok(None);
        };
        begun.file = file.map(|file| serde_json::from_str(&file)).transpose()?;
        Ok(Some(begun))
    }

    fn current(&self, list: CatalogueList) -> Result<i64, StoreError> {
        let sql = "SELECT current FROM list WHERE list = ?1";
        let found = self.db.query_row(sql, [number(list)], |row| row.get(0));
        Ok(found.optional()?.unwrap_or(0))
    }

    /// Rows of an attempt that never came to its end, and rows an interrupted sweep left.
    fn clear_leftovers(&mut self, list: CatalogueList) -> Result<(), StoreError> {
        let Some(begun) = self.noted(list)? else {
            return Ok(());
        };
        let current = self.current(list)?;
        if begun.generation <= current {
            return self.sweep(&begun);
        }
        let first = self.first_id(list)?;
        self.walk(first, i64::MAX, |tx, id, row| {
            let ours = row.list == number(list) && row.generation > current;
            if ours { rows::remove(tx, id) } else { Ok(()) }
        })
    }

    /// Removes what the shown rows have replaced, and counts those that stay.
    fn sweep(&mut self, begun: &Begun) -> Result<(), StoreError> {
        let (list, generation) = (number(begun.list), begun.generation);
        let first = self.first_id(begun.list)?;
        if begun.whole {
            self.walk(0, first, |tx, id, row| {
                if row.list == list && row.generation < generation {
                    return rows::remove(tx, id);
                }
                Ok(())
            })?;
        } else {
            self.walk(first, i64::MAX, |tx, _, row| {
                if row.list != list || row.generation != generation {
                    return Ok(());
                }
                let sql = format!(
                    "SELECT e.id FROM found_by f CROSS JOIN entry e ON e.id = f.id
                     WHERE f.what = {CODE} AND f.text = ?1 AND f.list = ?2 AND e.key IS ?3 AND e.generation < ?4"
                );
                let older = {
                    let mut statement = tx.prepare_cached(&sql)?;
                    let values = params![row.code, list, row.key, generation];
                    let ids = statement.query_map(values, |row| row.get::<_, i64>(0))?;
                    ids.collect::<Result<Vec<_>, _>>()?
                };
                older.into_iter().try_for_each(|id| rows::remove(tx, id))
            })?;
        }
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = "UPDATE list SET rows = (SELECT count(*) FROM entry WHERE list = ?1) WHERE list = ?1";
        tx.execute(sql, [list])?;
        tx.execute("DELETE FROM sync WHERE list = ?1", [list])?;
        tx.commit()?;
        Ok(())
    }

    fn first_id(&self, list: CatalogueList) -> Result<i64, StoreError> {
        let sql = "SELECT first_id FROM sync WHERE list = ?1";
        let found = self.db.query_row(sql, [number(list)], |row| row.get(0));
        Ok(found.optional()?.unwrap_or(i64::MAX))
    }

    /// Every row with an id from `first` up to `end`, a commit for every [`SWEEP`] of them.
    fn walk(
        &mut self,
        first: i64,
        end: i64,
        visit: impl Fn(&rusqlite::Transaction<'_>, i64, &Swept) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        let mut from = first;
        loop {
            let tx = self
                .db
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let batch: Vec<(i64, Swept)> = {
                let sql = "SELECT id, list, generation, code, key FROM entry WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3";
                let mut statement = tx.prepare_cached(sql)?;
                let read = |row: &rusqlite::Row<'_>| {
                    let swept = Swept {
                        list: row.get(1)?,
                        generation: row.get(2)?,
                        code: row.get(3)?,
                        key: row.get(4)?,
                    };
                    Ok((row.get(0)?, swept))
                };
                let found = statement.query_map(params![from, end, SWEEP], read)?;
                found.collect::<Result<_, _>>()?
            };
            let Some((last, _)) = batch.last() else {
                return Ok(());
            };
            from = last.saturating_add(1);
            for (id, swept) in &batch {
                visit(&tx, *id, swept)?;
            }
            tx.commit()?;
            (self.between.0)();
        }
    }
}

struct Swept {
    list: i64,
    generation: i64,
    code: String,
    key: Option<String>,
}
