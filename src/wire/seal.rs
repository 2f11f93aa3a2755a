//! Signatures and encryption, as far as this floor knows of them: what is signed, never with what.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;
use thiserror::Error;
use zhijie_model::Transaction;

use crate::channel;
use crate::envelope::plain_text;
use crate::profile::Profile;
use crate::profile_dress::{SecurityFamily, UserId, VoucherRoad};
use crate::unreadable::Unreadable;

/// Whose keys are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The platform's own transactions.
    Core,
    /// The e-voucher service. Its signed texts end with its secret, which the holder of the keys adds.
    Voucher,
}

/// Somebody who holds the keys. MUST give the same bytes for the same input, so that a message is what was committed;
/// MUST NOT block for long: the decision to send waits for it.
pub trait Seal: core::fmt::Debug + Send + Sync {
    /// SM3.
    ///
    /// # Errors
    /// When there is nobody to make it.
    fn digest(&self, clear: &[u8]) -> Result<[u8; 32], SealError>;

    /// SM2 over SM3, r and s.
    ///
    /// # Errors
    /// When there is no key or it cannot be used.
    fn sign(&self, channel: Channel, user: UserId, text: &[u8]) -> Result<[u8; 64], SealError>;

    /// Whether the far end signed this text.
    ///
    /// # Errors
    /// [`SealError::WrongSignature`] when it did not, others when that cannot be told.
    fn verify(&self, channel: Channel, user: UserId, text: &[u8], signature: &[u8]) -> Result<(), SealError>;

    /// SM4, padded.
    ///
    /// # Errors
    /// When there is no key.
    fn encrypt(&self, channel: Channel, clear: &[u8]) -> Result<Vec<u8>, SealError>;

    /// # Errors
    /// When there is no key, or what came was not encrypted with it.
    fn decrypt(&self, channel: Channel, cipher: &[u8]) -> Result<Vec<u8>, SealError>;

    /// Our id in this channel.
    ///
    /// # Errors
    /// When there is none.
    fn application(&self, channel: Channel) -> Result<&str, SealError>;
}

/// Why a message was not signed or an answer not opened. Names no key and no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealError {
    #[error("no {0} is configured")]
    NoKey(&'static str),
    #[error("the signing key cannot be used")]
    KeyRefused,
    #[error("the signature is wrong")]
    WrongSignature,
    #[error("it is not encrypted with the agreed key")]
    NotDecipherable,
}

/// Nobody holds keys; enough for provinces that sign nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSeal;

impl Seal for NoSeal {
    fn digest(&self, _: &[u8]) -> Result<[u8; 32], SealError> {
        Err(SealError::NoKey("signer"))
    }

    fn sign(&self, _: Channel, _: UserId, _: &[u8]) -> Result<[u8; 64], SealError> {
        Err(SealError::NoKey("signing key"))
    }

    fn verify(&self, _: Channel, _: UserId, _: &[u8], _: &[u8]) -> Result<(), SealError> {
        Err(SealError::NoKey("key of the platform"))
    }

    fn encrypt(&self, _: Channel, _: &[u8]) -> Result<Vec<u8>, SealError> {
        Err(SealError::NoKey("encryption key"))
    }

    fn decrypt(&self, _: Channel, _: &[u8]) -> Result<Vec<u8>, SealError> {
        Err(SealError::NoKey("encryption key"))
    }

    fn application(&self, _: Channel) -> Result<&str, SealError> {
        Err(SealError::NoKey("application id"))
    }
}

pub(crate) type Members = BTreeMap<String, Box<RawValue>>;

/// Makes an answer readable: checks its signature and takes its encryption off, where the province has them. What
/// comes back untouched was neither.
///
/// # Errors
/// [`Unreadable`]: the answer proves nothing. After a call that moves money that is doubt.
pub fn clear_answer<'a>(
    transaction: Transaction,
    body: &'a [u8],
    profile: &Profile,
    seal: &dyn Seal,
) -> Result<Cow<'a, [u8]>, Unreadable> {
    if transaction == Transaction::VoucherDecode && profile.voucher.road == VoucherRoad::Service {
        return channel::clear(body, &profile.voucher, seal).map(Cow::Owned);
    }
    let security = &profile.security;
    let sealed = security.family == SecurityFamily::Sealed;
    if !sealed && !security.answers_signed {
        return Ok(Cow::Borrowed(body));
    }
    let mut members = members(plain_text(body)?)?;
    let done = scalar(&members, "infcode").is_some_and(|code| code.parse::<i64>() == Ok(0));
    let output = members.get("output").map(|output| output.get());
    let Some(output) = output.filter(|output| done && !matches!(*output, "null" | "\"\"")) else {
        return Ok(Cow::Borrowed(body));
    };
    let clear = if sealed {
        let text: String = serde_json::from_str(output).map_err(|_| broken("output is not encrypted"))?;
        let cipher = STANDARD
            .decode(text)
            .map_err(|_| broken("output is not Base64"))?;
        let clear = seal.decrypt(Channel::Core, &cipher).map_err(Unreadable::Seal)?;
        String::from_utf8(clear).map_err(|_| broken("output is not text"))?
    } else {
        String::from(output)
    };
    if security.answers_signed {
        let signature = scalar(&members, "cainfo").ok_or(broken("output is not signed"))?;
        let signature = STANDARD
            .decode(signature)
            .map_err(|_| broken("signature is not Base64"))?;
        seal.verify(Channel::Core, security.user_id, clear.as_bytes(), &signature)
            .map_err(Unreadable::Seal)?;
    }
    let clear = RawValue::from_string(clear).map_err(|_| broken("output is not JSON"))?;
    members.insert(String::from("output"), clear);
    serde_json::to_vec(&members)
        .map(Cow::Owned)
        .map_err(|_| Unreadable::NotJson)
}

/// The members of the envelope, the one inside a gateway's `data` where there is such.
fn members(text: &str) -> Result<Members, Unreadable> {
    let outer: Members = serde_json::from_str(text).map_err(|_| Unreadable::NotJson)?;
    if outer.contains_key("infcode") {
        return Ok(outer);
    }
    let data = outer.get("data").ok_or(Unreadable::NoEnvelope)?.get();
    let inner = serde_json::from_str::<String>(data);
    serde_json::from_str(inner.as_deref().unwrap_or(data)).map_err(|_| Unreadable::NoEnvelope)
}

/// Text of a member that is a JSON text or number.
pub(crate) fn scalar(members: &Members, name: &str) -> Option<String> {
    let raw = members.get(name)?.get();
    let text = serde_json::from_str::<String>(raw).unwrap_or_else(|_| String::from(raw));
    Some(text).filter(|text| !text.is_empty() && text != "null")
}

pub(crate) const fn broken(what: &'static str) -> Unreadable {
    Unreadable::SealBroken { what }
}
