//! The agent: wires desk, ledger, uplink and the device helper around the saga, and holds the one loop.
//!
//! This floor owns configuration, the fault table and every text a cashier or a patient reads. It computes no
//! share of a settlement and knows no field name of the platform interface. Start reading at `core/mod.rs`, then
//! `methods/settle.rs`, then `faults/table.rs`.

mod areas;
mod card_keys;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod config;
pub mod conformance;
pub mod core;
mod device_events;
mod doctor;
pub mod events;
pub mod faults;
pub mod filing;
mod identities;
mod keys;
mod library_bits;
mod machine;
mod media;
mod memory;
mod methods;
pub mod paths;
pub mod platform;
pub mod reading;
pub mod receipt;
pub mod reconcile;
mod render;
mod render_act;
mod render_notices;
mod render_stay;
pub mod routes;
mod trouble;
