//! The local copy of the treatment place's catalogue, in an SQLite file of its own beside the ledger.
//!
//! This floor owns versions per list, rows that come in bit by bit and are shown all at once, look-ups by code, name and
//! initials, and the check of a bill against all of it. It holds nothing that cannot be fetched again, so it trades
//! durability for speed where the ledger never does; it never opens the ledger, a socket or a clock. All calls block: one
//! [`Store`] writes on a thread of its own while [`Reader`]s read what was whole before.
//! Start reading at [`Store`], then `find.rs`, then `check.rs`.

mod check;
#[cfg(test)]
mod check_tests;
mod error;
mod find;
#[cfg(test)]
mod find_tests;
#[cfg(test)]
mod kit;
mod letters;
mod open;
mod reader;
mod rows;
mod store;
#[cfg(test)]
mod store_tests;

pub use check::{CheckedLine, Complaint, LineToCheck, Problem};
pub use error::{OpenError, StoreError};
pub use find::{Found, Search, Terms};
pub use reader::{ListState, Reader};
pub use store::{Begun, Source, Store};
