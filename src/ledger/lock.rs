//! One process per ledger: a lock file beside it that the system releases when the process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use crate::error::OpenError;

pub(crate) const MARK: &[u8] = b"a ledger was made beside this file\n";

/// Held as long as it lives. The file stays when the lock goes, and from the first ledger on it says that there was
/// one here.
#[derive(Debug)]
pub(crate) struct ProcessLock {
    pub(crate) file: File,
    path: PathBuf,
}

impl ProcessLock {
    /// Does not wait.
    pub(crate) fn take(ledger: &Path) -> Result<Self, OpenError> {
        let path = beside(ledger, ".lock");
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        private_mode(&mut options);
        let file = options.open(&path).map_err(|source| OpenError::Io {
            path: path.clone(),
            source,
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file, path }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
                path: ledger.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(OpenError::Io { path, source }),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a ledger was ever opened under this lock.
    pub(crate) fn is_marked(&self) -> Result<bool, OpenError> {
        self.file
            .metadata()
            .map(|file| file.len() > 0)
            .map_err(|source| self.failed(source))
    }

    /// Says durably that there is a ledger here. A start that made none leaves the lock file without the mark, so
    /// that the next one is a first start again.
    pub(crate) fn mark(&mut self) -> Result<(), OpenError> {
        if self.is_marked()? {
            return Ok(());
        }
        let mut write = || {
            self.file.rewind()?;
            self.file.write_all(MARK)?;
            self.file.sync_all()
        };
        write().map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> OpenError {
        let path = self.path.clone();
        OpenError::Io { path, source }
    }
}

/// Let go by name: closing alone would leave the lock with a child process that is between its fork and its exec.
impl Drop for ProcessLock {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// The ledger's path with `suffix` after the file name.
pub(crate) fn beside(ledger: &Path, suffix: &str) -> PathBuf {
    let mut path = ledger.as_os_str().to_owned();
    path.push(suffix);
    PathBuf::from(path)
}

/// Files made with these options are for their owner alone.
pub(crate) fn private_mode(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}
