//! Opening, and making anew what is of another format: everything in it can be fetched again.

use core::time::Duration;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::OpenError;

/// `ZHJC` in ASCII.
const APPLICATION_ID: i32 = 0x5A48_4A43;
const VERSION: i32 = 2;
const SCHEMA: &str = include_str!("schema.sql");
const BUSY: Duration = Duration::from_secs(5);
/// Pages in the log before they are folded back, which flushes the disk twice. The ledger's own flushes wait meanwhile, so it is
/// little and often.
const LOG_PAGES: i32 = 250;
/// Kibibytes of pages held while writing.
const CACHE_KIB: i32 = -32_768;

/// A connection that writes, the file made where there is none. A file that is damaged or of another format is put aside.
pub(crate) fn writer(path: &Path) -> Result<Connection, OpenError> {
    if path.exists() {
        match known(path) {
            Ok(true) => {}
            Ok(false) => put_aside(path)?,
            Err(OpenError::Sqlite(error)) if is_no_database(&error) => put_aside(path)?,
            Err(other) => return Err(other),
        }
    }
    let db = Connection::open(path)?;
    private(path)?;
    db.busy_timeout(BUSY)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
    db.pragma_update(None, "journal_size_limit", 0)?;
    db.pragma_update(None, "cache_size", CACHE_KIB)?;
    db.set_prepared_statement_cache_capacity(32);
    // Two that open at once must not both make it.
    db.execute_batch("BEGIN IMMEDIATE")?;
    let version: i32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 0 {
        db.execute_batch(SCHEMA)?;
        db.pragma_update(None, "application_id", APPLICATION_ID)?;
        db.pragma_update(None, "user_version", VERSION)?;
    }
    db.execute_batch("COMMIT")?;
    Ok(db)
}

/// A connection that reads; the file must be there.
pub(crate) fn reader(path: &Path) -> Result<Connection, OpenError> {
    let db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.busy_timeout(BUSY)?;
    // A statement is planned once, whatever is asked with it: planning takes longer than most look-ups.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.set_prepared_statement_cache_capacity(32);
    Ok(db)
}

/// Whether the file has this format.
fn known(path: &Path) -> Result<bool, OpenError> {
    let db = reader(path)?;
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application_id, version) = (pragma("application_id")?, pragma("user_version")?);
    if !matches!(application_id, 0 | APPLICATION_ID) {
        return Err(OpenError::Foreign {
            path: path.to_owned(),
            application_id,
        });
    }
    Ok(version == VERSION || version == 0)
}

fn is_no_database(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
    )
}

fn put_aside(path: &Path) -> Result<(), OpenError> {
    let named = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    for suffix in ["-wal", "-shm"] {
        if named(suffix).exists() {
            fs::remove_file(named(suffix)).map_err(|source| io(path, source))?;
        }
    }
    fs::rename(path, named(".old")).map_err(|source| io(path, source))
}

fn io(path: &Path, source: std::io::Error) -> OpenError {
    OpenError::Io {
        path: path.to_owned(),
        source,
    }
}

/// Prices and mappings are the institution's own business.
#[cfg(unix)]
fn private(path: &Path) -> Result<(), OpenError> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(|source| io(path, source))
}

#[cfg(not(unix))]
const fn private(_: &Path) -> Result<(), OpenError> {
    Ok(())
}
