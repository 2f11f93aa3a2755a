//! Where the ledger lies: what is left of one that was lost, and whether the open file is still the one there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::error::{OpenError, WriteError};
use crate::lock::{ProcessLock, beside};
use crate::open::sync_dir;

/// Which file the open ledger is. On systems without inode numbers it knows nothing and lets everything pass.
#[derive(Debug)]
pub(crate) struct Place {
    #[cfg(unix)]
    path: PathBuf,
    #[cfg(unix)]
    identity: (u64, u64),
}

impl Place {
    #[cfg(unix)]
    pub(crate) fn of(path: &Path) -> Result<Self, OpenError> {
        let identity = identity(path).map_err(|source| failed(path, source))?;
        let path = path.to_owned();
        Ok(Self { path, identity })
    }

    #[cfg(not(unix))]
    pub(crate) fn of(_path: &Path) -> Result<Self, OpenError> {
        Ok(Self {})
    }

    /// Refuses when another file or none lies where the ledger was opened: what is written now would be gone with
    /// the next start.
    #[cfg(unix)]
    pub(crate) fn check(&self) -> Result<(), WriteError> {
        match identity(&self.path) {
            Ok(found) if found == self.identity => Ok(()),
            Ok(_) | Err(_) => Err(WriteError::Replaced),
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn check(&self) -> Result<(), WriteError> {
        Ok(())
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let found = fs::metadata(path)?;
    Ok((found.dev(), found.ino()))
}

/// What SQLite leaves of a ledger that is gone; also the name itself, when it is a link that leads nowhere.
fn remains(path: &Path) -> Vec<PathBuf> {
    let names = [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")];
    let there = |path: &PathBuf| fs::symlink_metadata(path).is_ok();
    names.into_iter().filter(there).collect()
}

/// A sign that there was a ledger at `path`, where there is none now.
pub(crate) fn trace(path: &Path, lock: &ProcessLock) -> Result<Option<PathBuf>, OpenError> {
    if let Some(left) = remains(path).into_iter().next() {
        return Ok(Some(left));
    }
    Ok(lock.is_marked()?.then(|| lock.path().to_owned()))
}

/// Gives what is left of a lost ledger names that no ledger has. The lock file stays: it is held.
pub(crate) fn put_aside(path: &Path, now: Timestamp) -> Result<Vec<PathBuf>, OpenError> {
    let mut renamed = Vec::new();
    for left in remains(path) {
        let name = beside(&left, &format!(".lost-{}", now.as_millisecond()));
        fs::rename(&left, &name).map_err(|source| failed(&left, source))?;
        renamed.push(name);
    }
    sync_dir(path).map_err(|source| failed(path, source))?;
    Ok(renamed)
}

fn failed(path: &Path, source: io::Error) -> OpenError {
    let path = path.to_owned();
    OpenError::Io { path, source }
}
