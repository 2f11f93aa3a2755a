//! Signatures and encryption with the algorithms of the trade: SM2, SM3, SM4 and the keyed digests of gateways.
//!
//! This floor owns keys that lie in files and the arithmetic around them, by crates that others keep well. It decides
//! nothing about what is signed, knows no message and opens no socket. A key in a token is another implementation of
//! [`zhijie_ports::PrivateKey`] beside [`FileKey`]. Start reading at [`FileKey`] and [`sm4`].

#[cfg(test)]
mod against_openssl;
mod key;
mod mac;
mod public;
pub mod sm4;

use sm3::{Digest as _, Sm3};

pub use key::{FileKey, KeyError};
pub use mac::SoftMac;
pub use public::PlainPublicKey;

/// User id inside an SM2 signature where nobody agreed on another.
pub const STANDARD_USER_ID: &str = "1234567812345678";

/// SM3 of these bytes.
#[must_use]
pub fn sm3(bytes: &[u8]) -> [u8; 32] {
    Sm3::digest(bytes).into()
}
