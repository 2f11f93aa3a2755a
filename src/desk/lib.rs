//! The local socket the desk software talks to: frames, JSON-RPC, peer check, and the types of every method.
//!
//! This floor owns how a request is read and an answer written, what may stand in a request, and who may ask.
//! It never decides about a bill, never touches ledger or network, and never repeats a value of a request in an
//! error: values may be personal. Start reading at [`api`], then [`Handler`], then [`Server`].

pub mod api;
mod canonical;
mod client;
mod connection;
#[cfg(unix)]
mod folder;
mod frame;
mod method;
mod peer;
#[cfg(windows)]
mod pipe;
mod rpc;
mod seats;
#[cfg(unix)]
mod server;
mod serving;
#[cfg(test)]
#[cfg(unix)]
mod socket_tests;

pub use canonical::{CanonicalError, canonical};
#[cfg(unix)]
pub use client::SERVICE_USER;
pub use client::{Client, ClientError, Notification};
pub use connection::{Handler, Limits};
pub use frame::LINE_BYTES_MAX;
pub use method::Method;
pub use peer::{Gone, Peer, PeerId};
#[cfg(windows)]
pub use pipe::Server;
pub use rpc::{DEPTH_MAX, RpcError, parse_params, result};
#[cfg(unix)]
pub use server::Server;
pub use serving::ServerError;
