//! One process per ledger: a lock file beside it that the system releases when the process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::OpenError;

/// Held as long as it lives. The file stays when the lock goes; its presence means nothing.
#[derive(Debug)]
pub(crate) struct ProcessLock {
    file: File,
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
            Ok(()) => Ok(Self { file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
                path: ledger.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(OpenError::Io { path, source }),
        }
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
