//! Opening: lock, look, make or migrate, set up, check the end of the journal.

#[cfg(unix)]
use std::fs::File;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior, params};
use zhijie_model::InstitutionCode;

use crate::counter::{self, Counter};
use crate::damage::Damage;
use crate::error::{OpenError, ReadError, WriteError};
use crate::header;
use crate::keep;
use crate::ledger::{Ledger, Opening};
use crate::lock::{self, ProcessLock};
use crate::machine;
use crate::mark::HeadMark;
use crate::migrations::{self, APPLICATION_ID};
use crate::place::{self, Place};
use crate::reader::Reader;

/// Older versions can lose or corrupt a write-ahead log when a checkpoint meets a writer.
const SQLITE_MIN: (i32, &str) = (3_051_003, "3.51.3");
const BUSY_MS: u64 = 5_000;
const STATEMENTS_CACHED: usize = 64;

impl Ledger {
    /// Opens the ledger at `path`, making it when there is neither a file nor any trace of an earlier one. Blocks on
    /// the disk; does not wait for the lock.
    ///
    /// # Errors
    /// See [`OpenError`]; a file that is not this desk's ledger is left untouched.
    pub fn open(path: impl AsRef<Path>, opening: &Opening) -> Result<Self, OpenError> {
        let path = checked(path.as_ref(), opening)?;
        if exists(&path)? {
            header::check(&path)?;
        }
        let lock = ProcessLock::take(&path)?;
        if exists(&path)? {
            header::check(&path)?;
            check_before_writing(&path, opening)?;
        } else if let Some(trace) = place::trace(&path, &lock)? {
            return Err(OpenError::Lost { path, trace });
        } else {
            make(&path, opening)?;
        }
        Self::open_made(path, opening, lock, Stranger::Refused)
    }

    /// Opens a ledger that is a copy, after [`OpenError::Restored`] or [`OpenError::OtherMachine`]. Message ids go on behind those this
    /// desk used last, as far as is known here. Only for a person who knows what was settled after the copy was made.
    ///
    /// # Errors
    /// As [`Ledger::open`]; a ledger that is missing is not made.
    pub fn accept(path: impl AsRef<Path>, opening: &Opening) -> Result<Self, OpenError> {
        let path = checked(path.as_ref(), opening)?;
        if !exists(&path)? {
            return Err(OpenError::Missing { path });
        }
        header::check(&path)?;
        let lock = ProcessLock::take(&path)?;
        check_before_writing(&path, opening)?;
        Self::open_made(path, opening, lock, Stranger::Accepted)
    }

    /// Makes a new, empty ledger where an earlier one was lost, and opens it. What is left of the earlier one is
    /// renamed first; the new names are given back. Only for a person who knows what stood in the lost one.
    ///
    /// # Errors
    /// [`OpenError::AlreadyThere`] when there is a file; otherwise as [`Ledger::open`].
    pub fn init(path: impl AsRef<Path>, opening: &Opening) -> Result<(Self, Vec<PathBuf>), OpenError> {
        let path = checked(path.as_ref(), opening)?;
        let lock = ProcessLock::take(&path)?;
        if exists(&path)? {
            return Err(OpenError::AlreadyThere { path });
        }
        let renamed = place::put_aside(&path, opening.now)?;
        make(&path, opening)?;
        Ok((Self::open_made(path, opening, lock, Stranger::Accepted)?, renamed))
    }

    fn open_made(
        path: PathBuf,
        opening: &Opening,
        mut lock: ProcessLock,
        stranger: Stranger,
    ) -> Result<Self, OpenError> {
        let known = known(&path, &mut lock, opening, stranger)?;
        let mut db = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        set_up_writer(&mut db, &path)?;
        machine::note(&db, &opening.machine)?;
        let place = Place::of(&path)?;
        lock.mark()?;
        let reader = Reader::new(db)?;
        let head = reader.head().map_err(open_error)?;
        let reserved = counter::load(&reader.db).map_err(open_error)?;
        let reserved = known.map_or(reserved, |mark| mark.position.max(reserved));
        let counter = Counter::new(&opening.institution, opening.desk_slot, reserved)?;
        let dir = path.parent().map(Path::to_owned).unwrap_or_default();
        let mut ledger = Self {
            reader,
            counter,
            head,
            poisoned: false,
            dir,
            place,
            free_space_min: Self::DEFAULT_FREE_SPACE_MIN,
            lock,
        };
        ledger.fold_log().map_err(|error| match error {
            WriteError::Sqlite(source) => OpenError::Sqlite(source),
            _ => OpenError::InUse { path },
        })?;
        ledger.note_head();
        Ok(ledger)
    }

    /// Opens the ledger for reading beside the process that writes it. Writes nothing to the ledger; SQLite may make
    /// or grow the `-shm` file beside it, so the caller needs the rights of the ledger's owner.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Reader, OpenError> {
        check_sqlite()?;
        let path = path.as_ref();
        if !exists(path)? {
            return Err(OpenError::Missing {
                path: path.to_owned(),
            });
        }
        header::check(path)?;
        let db = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        check_ids(path, &db)?;
        Reader::new(db)
    }
}

/// What to do with a ledger that is not the one this desk wrote last, or not on this PC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stranger {
    Refused,
    Accepted,
}

/// The mark of the last run, compared with the ledger that lies there now, before anything is written.
fn known(
    path: &Path,
    lock: &mut ProcessLock,
    opening: &Opening,
    stranger: Stranger,
) -> Result<Option<HeadMark>, OpenError> {
    if stranger == Stranger::Refused {
        machine::check(
            path,
            &connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
            &opening.machine,
        )?;
    }
    let Some(mark) = lock.head_mark().map_err(|source| OpenError::Io {
        path: path.to_owned(),
        source,
    })?
    else {
        return Ok(None);
    };
    let reader = Reader::new(connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)?;
    let found = reader.head().map_err(open_error)?.seq;
    let digest = reader.digest_at(mark.head.seq).map_err(open_error)?;
    let same = mark.head.seq == 0 || digest == Some(mark.head.digest);
    if same || stranger == Stranger::Accepted {
        return Ok(Some(mark));
    }
    Err(OpenError::Restored {
        path: path.to_owned(),
        found,
        known: mark.head.seq,
    })
}

/// What can be refused before anything is made, and the ledger's real path.
fn checked(path: &Path, opening: &Opening) -> Result<PathBuf, OpenError> {
    check_sqlite()?;
    if opening.desk_slot > 99 {
        return Err(OpenError::SlotOutOfRange(opening.desk_slot));
    }
    Counter::new(&opening.institution, opening.desk_slot, 0)?;
    real_path(path)
}

fn check_sqlite() -> Result<(), OpenError> {
    let (number, needed) = SQLITE_MIN;
    if rusqlite::version_number() < number {
        return Err(OpenError::OldSqlite {
            found: rusqlite::version().to_owned(),
            needed,
        });
    }
    Ok(())
}

/// With links resolved, so that two names of one ledger meet at one lock.
fn real_path(path: &Path) -> Result<PathBuf, OpenError> {
    let named = |source| OpenError::Io {
        path: path.to_owned(),
        source,
    };
    if exists(path)? {
        return fs::canonicalize(path).map_err(named);
    }
    let no_name = || named(io::Error::from(io::ErrorKind::InvalidInput));
    let name = path.file_name().ok_or_else(no_name)?;
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    Ok(fs::canonicalize(dir).map_err(named)?.join(name))
}

fn exists(path: &Path) -> Result<bool, OpenError> {
    fs::exists(path).map_err(|source| OpenError::Io {
        path: path.to_owned(),
        source,
    })
}

fn connect(path: &Path, access: OpenFlags) -> Result<Connection, OpenError> {
    let db = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(core::time::Duration::from_millis(BUSY_MS))?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "recursive_triggers", true)?;
    db.pragma_update(None, "cell_size_check", true)?;
    // What is erased is overwritten in the file, not only unlinked.
    db.pragma_update(None, "secure_delete", true)?;
    Ok(db)
}

fn check_ids(path: &Path, db: &Connection) -> Result<(), OpenError> {
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get(0));
    header::check_ids(path, pragma("application_id")?, pragma("user_version")?)
}

/// Asks what only SQLite can tell (the log may be ahead of the header) through a connection that cannot write.
fn check_before_writing(path: &Path, opening: &Opening) -> Result<(), OpenError> {
    let db = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    check_ids(path, &db)?;
    let reader = Reader::new(db)?;
    if reader.institution() != opening.institution.as_str() {
        let (found, asked) = (reader.institution().to_owned(), opening.institution.to_string());
        return Err(OpenError::OtherInstitution { found, asked });
    }
    if reader.desk_slot() != opening.desk_slot {
        return Err(OpenError::OtherSlot {
            found: reader.desk_slot(),
            asked: opening.desk_slot,
        });
    }
    Ok(())
}

/// Part of the file once set; a new ledger has it before it gets its name.
fn use_log(db: &Connection) -> Result<(), OpenError> {
    let mode: String = db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode == "wal" {
        Ok(())
    } else {
        Err(OpenError::NoWal)
    }
}

fn set_up_writer(db: &mut Connection, path: &Path) -> Result<(), OpenError> {
    use_log(db)?;
    db.pragma_update(None, "synchronous", "FULL")?;
    let from: i32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if from < migrations::VERSION {
        keep::keep_copy(db, path, from)?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        migrations::apply(&tx, from)?;
        tx.commit()?;
    }
    Ok(())
}

/// Makes a complete ledger under another name and then gives it its own, so that a half-made one is never found.
fn make(path: &Path, opening: &Opening) -> Result<(), OpenError> {
    let draft = lock::beside(path, ".creating");
    let io_error = |source| OpenError::Io {
        path: path.to_owned(),
        source,
    };
    let leftovers = ["-journal", "-wal", "-shm", ""].map(|suffix| lock::beside(&draft, suffix));
    for leftover in leftovers {
        if exists(&leftover)? {
            fs::remove_file(leftover).map_err(io_error)?;
        }
    }
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    lock::private_mode(&mut options);
    drop(options.open(&draft).map_err(io_error)?);

    let mut db = connect(&draft, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    use_log(&db)?;
    db.pragma_update(None, "synchronous", "FULL")?;
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    migrations::apply(&tx, 0)?;
    write_meta(
        &tx,
        &opening.institution,
        opening.desk_slot,
        opening.now.as_millisecond(),
    )?;
    tx.commit()?;
    db.close().map_err(|(_, error)| error)?;

    fs::rename(&draft, path).map_err(io_error)?;
    sync_dir(path).map_err(io_error)
}

fn write_meta(
    db: &Connection,
    institution: &InstitutionCode,
    slot: u8,
    created_ms: i64,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2)";
    db.execute(sql, params!["institution", institution.as_str()])?;
    db.execute(sql, params!["desk_slot", slot.to_string()])?;
    db.execute(sql, params!["created_ms", created_ms.to_string()])?;
    Ok(())
}

/// One entry of meta.
pub(crate) fn meta(db: &Connection, key: &'static str) -> Result<String, ReadError> {
    let sql = "SELECT value FROM meta WHERE key = ?1";
    let value = db.query_row(sql, [key], |row| row.get(0)).optional()?;
    Ok(value.ok_or(Damage::MetaUnreadable { key })?)
}

pub(crate) fn open_error(error: ReadError) -> OpenError {
    match error {
        ReadError::Damaged(damage) => OpenError::Damaged(damage),
        ReadError::Sqlite(source) => OpenError::Sqlite(source),
        ReadError::Sealed(_) => OpenError::Damaged(Damage::MetaUnreadable { key: "scheme" }),
    }
}

/// A new name in a directory is durable only when the directory is.
#[cfg(unix)]
pub(crate) fn sync_dir(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
}

/// Windows flushes no folder; NTFS writes names down in its own journal, in order.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on the other systems")]
pub(crate) const fn sync_dir(_path: &Path) -> io::Result<()> {
    Ok(())
}
