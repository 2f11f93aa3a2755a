//! What a signer does: facts and traits. No key stands here.

use core::fmt;

use thiserror::Error;

/// Why nothing was signed or opened. Names no key and no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignerFault {
    /// The token is not there or does not answer.
    #[error("the signing token is not there")]
    TokenGone,
    /// The key cannot be used for this.
    #[error("the signing key cannot be used")]
    KeyRefused,
    #[error("the signature is wrong")]
    WrongSignature,
    /// Wrong key, wrong length or wrong padding.
    #[error("it is not encrypted with this key")]
    NotDecipherable,
}

/// The private half of an SM2 key, wherever it lies: in a file, or in a token that never gives it away.
pub trait PrivateKey: fmt::Debug + Send + Sync {
    /// SM2 over SM3 with this user id: r and s, 32 bytes each. MUST give the same signature for the same text, so that a
    /// message is the one that was committed. MUST NOT wait for a person: a token is unlocked before.
    ///
    /// # Errors
    /// When the key or its token refuses.
    fn sign(&self, user_id: &str, text: &[u8]) -> Result<[u8; 64], SignerFault>;
}

/// The public half of somebody's SM2 key.
pub trait PublicKey: fmt::Debug + Send + Sync {
    /// # Errors
    /// [`SignerFault::WrongSignature`] for every signature that is not of this key, user id and text.
    fn verify(&self, user_id: &str, text: &[u8], signature: &[u8]) -> Result<(), SignerFault>;
}

/// Keyed digests in use at gateways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MacKind {
    HmacSm3,
    HmacSha1,
}

/// Signing with a shared secret.
pub trait Mac: fmt::Debug + Send + Sync {
    /// The digest of all parts, one after the other. MUST NOT keep the key.
    fn mac(&self, kind: MacKind, key: &[u8], parts: &[&[u8]]) -> Vec<u8>;
}
