//! The ledger: an append-only SQLite file that holds every decision, message, answer and outcome of one desk.
//!
//! This floor owns durability: what [`Ledger::commit`] has acknowledged is there after a power cut, in one piece,
//! chained to everything before it. It never looks into a record's body, never decides whether something may be
//! sent, never reads a clock and never deletes; only the details of observations may be erased, and the chain says so. One process, one [`Ledger`], one thread; all calls block.
//! Start reading at [`Commit`], then `writing.rs`; the file format is in `docs/ledger.md`.

mod attachment;
mod bills;
mod claim;
mod commit;
mod counter;
mod damage;
mod digest;
mod error;
mod header;
mod history;
mod keep;
mod ledger;
mod lock;
mod machine;
mod mark;
mod migrations;
mod observations;
mod open;
mod place;
mod reader;
mod reserve;
mod rows;
mod rows_desk;
mod rows_observation;
mod seal;
mod stored;
mod verify;
mod write;
mod writing;

#[cfg(test)]
mod commit_tests;
#[cfg(test)]
mod counter_tests;
#[cfg(test)]
mod crash_tests;
#[cfg(test)]
mod machine_tests;
#[cfg(test)]
mod mark_tests;
#[cfg(test)]
mod observation_tests;
#[cfg(test)]
mod open_tests;
#[cfg(test)]
mod place_tests;
#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod test_kit;
#[cfg(test)]
mod verify_tests;

pub use bills::BillRow;
pub use claim::Claim;
pub use commit::{ANSWERED, NOT_KNOWN, NOT_SENT, OWN_KIND, UNKNOWN};
pub use commit::{Commit, Committed, Ending, NewAnswer, NewIntent, NewRecord, StateCache};
pub use counter::{IDS_PER_SECOND, RESERVED_SECONDS};
pub use damage::Damage;
pub use digest::{Digest, digest};
pub use error::{OpenError, ReadError, WriteError};
pub use ledger::{Head, Ledger, Opening, sqlite_version};
pub use machine::{Machine, NotAMachine};
pub use migrations::{APPLICATION_ID, VERSION};
pub use observations::{NewObservation, ObservationKey, PersonKeys, StoredObservation};
pub use reader::Reader;
pub use reserve::{FREE_SPACE_MIN, free_space};
pub use seal::{Scheme, SealError};
pub use stored::{Entry, Intent, Record, StoredAnswer, StoredEnding, StoredReply, StoredState};
pub use verify::{Report, VerifyError, verify};
