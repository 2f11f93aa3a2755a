//! Somebody's public key, as people hand it over.

use pkcs8::DecodePublicKey as _;
use sm2::PublicKey as Point;
use sm2::dsa::signature::Verifier as _;
use sm2::dsa::{Signature, VerifyingKey};
use zhijie_ports::{PublicKey, SignerFault};

use crate::key::KeyError;

/// A public key in memory.
#[derive(Debug, Clone)]
pub struct PlainPublicKey(Point);

impl PlainPublicKey {
    /// From a PEM file, or from the point in hexadecimal: 128 digits, or 130 that begin with 04.
    ///
    /// # Errors
    /// [`KeyError::NotPublic`].
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.starts_with("-----BEGIN") {
            return Point::from_public_key_pem(text)
                .map(Self)
                .map_err(|_| KeyError::NotPublic);
        }
        let mut point = unhex(text).ok_or(KeyError::NotPublic)?;
        if point.len() == 64 {
            point.insert(0, 4);
        }
        Point::from_sec1_bytes(&point)
            .map(Self)
            .map_err(|_| KeyError::NotPublic)
    }
}

impl PublicKey for PlainPublicKey {
    fn verify(&self, user_id: &str, text: &[u8], signature: &[u8]) -> Result<(), SignerFault> {
        let signature = Signature::from_slice(signature).map_err(|_| SignerFault::WrongSignature)?;
        let key = VerifyingKey::new(user_id, self.0).map_err(|_| SignerFault::KeyRefused)?;
        key.verify(text, &signature)
            .map_err(|_| SignerFault::WrongSignature)
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |letter: u8| {
        char::from(letter)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}
