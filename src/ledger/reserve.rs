//! Room on the disk for the outcome, asked for before anything is sent.
//!
//! This is a look at the free space, not a reserve: another program can take the space between the look and the
//! outcome. A reserve of its own would be a preallocated file given back here.

use std::io;
use std::path::Path;

use crate::error::WriteError;

/// Free bytes below which no intent is taken: an outcome is some tens of kilobytes, a checkpoint a few megabytes.
pub const FREE_SPACE_MIN: u64 = 32 * 1024 * 1024;

/// Free bytes this user may fill on the file system of `dir`; `None` on systems where they cannot be asked without
/// unsafe code. Blocks on the file system.
///
/// # Errors
/// When `dir` is not there or does not tell.
pub fn free_space(dir: &Path) -> io::Result<Option<u64>> {
    free(dir)
}

/// Refuses when the file system of `dir` has less than `needed` bytes for this user. On systems where the free space
/// cannot be asked without unsafe code it lets everything pass.
pub(crate) fn check(dir: &Path, needed: u64) -> Result<(), WriteError> {
    match free(dir).map_err(WriteError::Space)? {
        Some(free) if free < needed => Err(WriteError::NoSpace { free, needed }),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn free(dir: &Path) -> io::Result<Option<u64>> {
    let stat = rustix::fs::statvfs(dir)?;
    Ok(Some(stat.f_bavail.saturating_mul(stat.f_frsize)))
}

#[cfg(windows)]
fn free(dir: &Path) -> io::Result<Option<u64>> {
    fs4::available_space(dir).map(Some)
}

#[cfg(not(any(unix, windows)))]
fn free(_dir: &Path) -> io::Result<Option<u64>> {
    Ok(None)
}
