//! A private key from a file: PKCS#8, in the clear or encrypted with a password.

use pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use sm2::SecretKey;
use sm2::dsa::SigningKey;
use sm2::dsa::signature::Signer as _;
use thiserror::Error;
use zhijie_ports::{PrivateKey, SignerFault};

/// Why a key file is no key. Names neither key nor password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    #[error("is no PEM file of a PKCS#8 key")]
    NotPkcs8,
    #[error("is encrypted, and no password is configured")]
    PasswordMissing,
    /// Or the file is damaged: the two cannot be told apart.
    #[error("cannot be opened with the password that is configured")]
    PasswordWrong,
    #[error("is no key of the curve SM2")]
    NotSm2,
    #[error("is no public key")]
    NotPublic,
}

/// A key held in memory; wiped when dropped.
pub struct FileKey(SecretKey);

impl FileKey {
    /// From the text of a PEM file.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_pem(pem: &str, password: Option<&str>) -> Result<Self, KeyError> {
        let made = if pem.contains("BEGIN ENCRYPTED PRIVATE KEY") {
            let password = password.ok_or(KeyError::PasswordMissing)?;
            SecretKey::from_pkcs8_encrypted_pem(pem, password.as_bytes()).map_err(|_| KeyError::PasswordWrong)
        } else if pem.contains("BEGIN PRIVATE KEY") {
            SecretKey::from_pkcs8_pem(pem).map_err(|_| KeyError::NotSm2)
        } else {
            Err(KeyError::NotPkcs8)
        };
        made.map(Self)
    }

    /// From the number itself, as some gateways hand it out.
    ///
    /// # Errors
    /// When the number is none of the curve.
    pub fn from_scalar(scalar: &[u8; 32]) -> Result<Self, KeyError> {
        SecretKey::from_slice(scalar)
            .map(Self)
            .map_err(|_| KeyError::NotSm2)
    }

    /// The key itself as PEM, not encrypted; for whoever makes keys.
    ///
    /// # Errors
    /// Never for a key that was read.
    pub fn pem(&self) -> Result<String, KeyError> {
        let pem = self.0.to_pkcs8_pem(LineEnding::LF);
        pem.map(|pem| pem.to_string()).map_err(|_| KeyError::NotPkcs8)
    }

    /// Its public half as PEM, for whoever has to know it.
    ///
    /// # Errors
    /// Never for a key that was read.
    pub fn public_pem(&self) -> Result<String, KeyError> {
        let public = self.0.public_key();
        public
            .to_public_key_pem(LineEnding::LF)
            .map_err(|_| KeyError::NotPublic)
    }
}

impl PrivateKey for FileKey {
    fn sign(&self, user_id: &str, text: &[u8]) -> Result<[u8; 64], SignerFault> {
        let key = SigningKey::new(user_id, &self.0).map_err(|_| SignerFault::KeyRefused)?;
        let signature = key.try_sign(text).map_err(|_| SignerFault::KeyRefused)?;
        Ok(signature.to_bytes().into())
    }
}

impl core::fmt::Debug for FileKey {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("FileKey(***)")
    }
}
