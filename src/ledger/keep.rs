//! A copy of the ledger as it was before its format changed, so that the program from before can go on with it.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::error::OpenError;
use crate::lock;
use crate::open::sync_dir;

/// The name the copy of a ledger of `format` is kept under, beside it.
pub(crate) fn copy_path(path: &Path, format: i32) -> PathBuf {
    lock::beside(path, &format!(".format-{format}"))
}

/// Makes it whole and durable, or fails and nothing is changed. One that was made before a migration that failed is replaced.
pub(crate) fn keep_copy(db: &Connection, path: &Path, format: i32) -> Result<(), OpenError> {
    let io_error = |source| OpenError::Io {
        path: path.to_owned(),
        source,
    };
    let kept = copy_path(path, format);
    let draft = lock::beside(&kept, ".creating");
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    lock::private_mode(&mut options);
    let file = options.open(&draft).map_err(io_error)?;
    let name = draft
        .to_str()
        .ok_or_else(|| io_error(std::io::ErrorKind::InvalidFilename.into()))?;
    db.execute("VACUUM INTO ?1", [name])?;
    file.sync_all().map_err(io_error)?;
    fs::rename(&draft, &kept).map_err(io_error)?;
    sync_dir(path).map_err(io_error)
}
