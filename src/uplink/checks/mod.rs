//! The uplink against a real TLS server.

mod certificates;
mod deliveries;
mod server;
mod setup;
mod tokens;

pub(crate) use setup::message;
