//! A look at a file before SQLite may touch it.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use crate::error::OpenError;
use crate::migrations::{APPLICATION_ID, VERSION};

const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The first octets of an SQLite file, in their places.
struct Header {
    magic: [u8; 16],
    user_version: i32,
    application_id: i32,
}

/// Refuses what is no ledger of a known format. Reads only, through the file system, so that no journal of a stranger
/// is rolled back and no log is folded in.
pub(crate) fn check(path: &Path) -> Result<(), OpenError> {
    let header = match read(path) {
        Ok(header) => header,
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            return Err(OpenError::NotSqlite {
                path: path.to_owned(),
            });
        }
        Err(source) => {
            return Err(OpenError::Io {
                path: path.to_owned(),
                source,
            });
        }
    };
    if header.magic != *MAGIC {
        return Err(OpenError::NotSqlite {
            path: path.to_owned(),
        });
    }
    check_ids(path, header.application_id, header.user_version)
}

/// Refuses other programs' files and unknown formats.
pub(crate) fn check_ids(path: &Path, application_id: i32, user_version: i32) -> Result<(), OpenError> {
    let path = path.to_owned();
    if application_id != APPLICATION_ID {
        return Err(OpenError::Foreign { path, application_id });
    }
    if user_version > VERSION {
        return Err(OpenError::Newer {
            path,
            found: user_version,
            known: VERSION,
        });
    }
    if user_version < 1 {
        return Err(OpenError::NoFormat {
            path,
            found: user_version,
        });
    }
    Ok(())
}

fn read(path: &Path) -> std::io::Result<Header> {
    let mut file = File::open(path)?;
    let mut magic = [0; 16];
    let mut skipped_44 = [0; 44];
    let mut user_version = [0; 4];
    let mut skipped_4 = [0; 4];
    let mut application_id = [0; 4];
    let mut rest_28 = [0; 28];
    file.read_exact(&mut magic)?;
    file.read_exact(&mut skipped_44)?;
    file.read_exact(&mut user_version)?;
    file.read_exact(&mut skipped_4)?;
    file.read_exact(&mut application_id)?;
    file.read_exact(&mut rest_28)?;
    Ok(Header {
        magic,
        user_version: i32::from_be_bytes(user_version),
        application_id: i32::from_be_bytes(application_id),
    })
}
