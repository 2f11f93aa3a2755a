//! The kit for vendors and tests: a sandbox province that speaks the platform interface over mutual TLS.
//!
//! This crate owns a province's side of the interface, read from the interface documents on its own: it shares no
//! message type with the product's `zhijie-wire`, so that two readings check each other; of the product's crates it uses
//! the arithmetic of signatures alone. It splits every bill by the
//! treatment place's catalogue and the insured region's policy and keeps what it did. It is never installed on a
//! desk, and nobody in it is real. Start reading at [`serve`], then `province.rs`, then `engine.rs`.

mod admin;
mod admin_books;
mod admin_catalogue;
mod admin_client;
mod admin_filings;
mod admin_regions;
mod admin_stays;
mod admin_vouchers;
mod body;
mod calls;
mod card_keys;
pub mod catalogue;
pub mod certs;
pub mod cli;
mod cli_filing;
mod cli_region;
mod clock;
mod data;
mod device;
mod dress;
pub mod engine;
#[cfg(test)]
mod engine_tests;
mod envelope;
mod faults;
mod fields;
pub mod filing;
#[cfg(test)]
mod http;
mod json;
mod listing;
mod options;
mod outages;
pub mod people;
pub mod policy;
mod province;
mod ready;
mod refusal;
#[cfg(windows)]
mod relay;
pub mod roads;
mod rules;
mod run;
pub mod scenario;
mod serve_command;
mod server;
pub mod share;
mod spelling;
mod store;
mod tif;
mod tls;
mod transactions;
mod urls;
pub mod zip;

pub use clock::{AheadClock, Clock, HandClock, SystemClock};
pub use data::{DataError, persons, regions};
pub use dress::{Dress, Gateway};
pub use faults::{Fault, FaultKind};
pub use listing::Trick;
pub use options::{
    DuplicateMsgid, InfcodeMode, MutualAid, Options, StatementCodes, TifSecret, TotalsCount, TraceWish,
    Unmapped,
};
pub use roads::{Down, Road, Upgrade};
pub use run::{Error, Handle, serve};
pub use scenario::Scenario;
pub use tls::TlsError;
