//! The way to the platform: mutual TLS, one request at a time, three ways to end.
//!
//! This floor owns sockets towards the platform and the truth about what left: [`Delivery::NotSent`] only with proof
//! that no byte of the request left, [`Delivery::Answered`] for a whole HTTP answer of the verified peer, and
//! [`Delivery::Unknown`] for everything else. It trusts the configured authority only, follows no redirect, asks no
//! proxy of the environment, never sends a request twice by itself, and neither reads nor judges what an answer says.
//! Start reading at [`Uplink::send`].

mod config;
mod delivery;
mod headers;
mod line;
mod skew;
mod tls;
mod token;
mod trouble;
mod uplink;

#[cfg(test)]
mod checks;

pub use config::{Grant, HeaderFamily, SetupError, Tif, UplinkConfig};
pub use delivery::{Delivery, NotSent, Silence};
pub use line::{LineAnswer, LineService};
pub use token::NoToken;
pub use uplink::Uplink;
