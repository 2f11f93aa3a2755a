//! Tests of the crate as a whole: requests against the interface tables, answers as platforms send them.

mod after;
mod answers;
mod arbitrary;
mod catalogues;
mod details;
mod dress;
mod files;
mod filing_calls;
mod filings;
mod inquiries;
mod profiles;
mod requests;
mod rules;
mod samples;
mod settlement_switches;
mod settlements;
mod slips;
mod statements;
mod stays;
mod tables;
mod zips;
