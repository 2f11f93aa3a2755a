//! Which PC a ledger lives on. A cloned disk brings ledger, lock file and desk slot along whole; two PCs that go on from there
//! would give out the same message ids.

use core::fmt;
use core::str::FromStr;
use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::digest::Canon;
use crate::error::OpenError;

/// Octets of a digest that are kept: enough to tell PCs apart, and short enough for a line of a configuration.
const KEPT: usize = 8;

/// What tells a PC from a copy of its disk, as digests: the addresses built into its network cards. Without any, nothing is
/// known and nothing compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine(BTreeSet<String>);

impl Machine {
    /// Of the marks of a PC as its system tells them, in whatever order.
    #[must_use]
    pub fn of<T: AsRef<str>>(marks: impl IntoIterator<Item = T>) -> Self {
        let print = |mark: T| {
            let digest = Canon::new("zhijie/machine/1").text(mark.as_ref()).finish();
            let kept: Vec<u8> = digest.into_iter().take(KEPT).collect();
            hex::encode(kept)
        };
        Self(marks.into_iter().map(print).collect())
    }

    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether both are surely two PCs: both known, and not one mark in common.
    #[must_use]
    pub fn is_another(&self, other: &Self) -> bool {
        self.is_known() && other.is_known() && self.0.is_disjoint(&other.0)
    }
}

/// Digests with a blank between them.
impl fmt::Display for Machine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, mark) in self.0.iter().enumerate() {
            let blank = if n == 0 { "" } else { " " };
            write!(out, "{blank}{mark}")?;
        }
        Ok(())
    }
}

/// Not what [`Machine`] prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the marks of a PC: sixteen hexadecimal digits each, a blank between them")]
pub struct NotAMachine;

impl FromStr for Machine {
    type Err = NotAMachine;

    fn from_str(text: &str) -> Result<Self, NotAMachine> {
        let marks: BTreeSet<String> = text.split_ascii_whitespace().map(String::from).collect();
        let good =
            |mark: &String| mark.len() == KEPT * 2 && mark.bytes().all(|byte| byte.is_ascii_hexdigit());
        if marks.iter().all(good) {
            Ok(Self(marks))
        } else {
            Err(NotAMachine)
        }
    }
}

/// Refuses a ledger that was last written on another PC. Marks nobody can read say nothing.
pub(crate) fn check(path: &Path, db: &Connection, machine: &Machine) -> Result<(), OpenError> {
    if noted(db)?.is_some_and(|noted| noted.is_another(machine)) {
        return Err(OpenError::OtherMachine {
            path: path.to_owned(),
        });
    }
    Ok(())
}

/// Keeps the marks of the PC it is written on now; a network card that was changed or added is taken up with the others.
pub(crate) fn note(db: &Connection, machine: &Machine) -> rusqlite::Result<()> {
    if !machine.is_known() || noted(db)?.as_ref() == Some(machine) {
        return Ok(());
    }
    let sql =
        "INSERT INTO meta (key, value) VALUES ('machine', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1";
    db.execute(sql, params![machine.to_string()]).map(drop)
}

fn noted(db: &Connection) -> rusqlite::Result<Option<Machine>> {
    let sql = "SELECT value FROM meta WHERE key = 'machine'";
    let value: Option<String> = db.query_row(sql, [], |row| row.get(0)).optional()?;
    Ok(value.and_then(|value| value.parse().ok()))
}
