//! Stories through the real socket, with the sandbox province, real devices and real processes.

mod config_and_ledger;
mod deferred;
mod desk_input;
mod devices;
mod doubt;
mod doubt_restart;
mod dress;
mod dress_trouble;
mod filing;
mod filing_acts;
mod filing_offline;
mod filing_registers;
mod idempotence;
mod identities;
mod outages;
mod pharmacy;
mod pharmacy_doubt;
mod platform_answers;
mod privacy;
mod refund;
mod regions;
mod registers;
mod road;
mod routes;
mod service;
mod tif;
