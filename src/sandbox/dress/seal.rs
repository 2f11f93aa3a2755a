//! Signatures and encryption of messages, and the wrapper some gateways put around answers.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;
use zhijie_ports::{PrivateKey as _, PublicKey as _};
use zhijie_signer::{STANDARD_USER_ID, sm3, sm4};

use super::Dress;
use super::rules::{SecurityFamily, UserId};
use crate::json::{Json, Object};
use crate::refusal::Refusal;

pub(super) type Members = BTreeMap<String, Box<RawValue>>;

impl Dress {
    /// The request in clear, its signature checked.
    pub(crate) fn open(&self, body: String) -> Result<String, Refusal> {
        let family = self.rules.security.family;
        if family == SecurityFamily::None {
            return Ok(body);
        }
        let mut members: Members =
            serde_json::from_str(&body).map_err(|_| Refusal::front("报文格式错误:报文不是JSON对象"))?;
        let signature = text(&members, "cainfo");
        let kind = text(&members, "signtype");
        let input = members.get("input").map(|input| String::from(input.get()));
        let input = input.ok_or_else(|| missing("input"))?;
        if family == SecurityFamily::Digest {
            let expected = hex::encode(sm3(input.as_bytes()));
            let fits = kind == "SM3" && signature.eq_ignore_ascii_case(&expected);
            return if fits { Ok(body) } else { Err(not_signed()) };
        }
        if kind != "SM2" || text(&members, "enc_type") != "SM4" {
            return Err(not_signed());
        }
        let cipher: Option<Vec<u8>> = serde_json::from_str::<String>(&input)
            .ok()
            .and_then(|input| STANDARD.decode(input).ok());
        let clear = cipher.and_then(|cipher| sm4::decrypt(&self.cipher_key()?, &cipher).ok());
        let clear = clear
            .and_then(|clear| String::from_utf8(clear).ok())
            .ok_or_else(|| Refusal::front("报文解密失败"))?;
        let signature = STANDARD.decode(signature).map_err(|_| not_signed())?;
        let keys = self.keys.as_ref().ok_or_else(not_signed)?;
        keys.theirs
            .verify(
                self.user_id(self.rules.security.user_id),
                clear.as_bytes(),
                &signature,
            )
            .map_err(|_| not_signed())?;
        let clear = RawValue::from_string(clear).map_err(|_| Refusal::front("报文解密失败"))?;
        members.insert(String::from("input"), clear);
        serde_json::to_string(&members).map_err(|_| Refusal::front("报文格式错误"))
    }

    /// The answer as it goes out: signed, encrypted and wrapped.
    pub(crate) fn close(&self, body: String) -> String {
        let closed = self.sealed(&body).unwrap_or(body);
        if !self.rules.envelope.answers_wrapped {
            return closed;
        }
        let Ok(inside) = RawValue::from_string(closed.clone()) else {
            return closed;
        };
        let around = BTreeMap::from([
            ("code", json("0")),
            ("type", json("\"success\"")),
            ("message", json("\"success\"")),
            ("data", Some(inside)),
        ]);
        serde_json::to_string(&around).unwrap_or(closed)
    }

    fn sealed(&self, body: &str) -> Option<String> {
        let security = &self.rules.security;
        let encrypts = security.family == SecurityFamily::Sealed;
        if !encrypts && !security.answers_signed {
            return None;
        }
        let mut members: Members = serde_json::from_str(body).ok()?;
        let clear = String::from(members.get("output")?.get());
        if clear == "null" {
            return None;
        }
        if security.answers_signed {
            let own = &self.keys.as_ref()?.own;
            let made = own.sign(self.user_id(security.user_id), clear.as_bytes()).ok()?;
            members.insert(
                String::from("cainfo"),
                json(&format!("\"{}\"", STANDARD.encode(made)))?,
            );
            members.insert(String::from("signtype"), json("\"SM2\"")?);
        }
        if encrypts {
            let cipher = sm4::encrypt(&self.cipher_key()?, clear.as_bytes());
            members.insert(
                String::from("output"),
                json(&format!("\"{}\"", STANDARD.encode(cipher)))?,
            );
            members.insert(String::from("enctype"), json("\"SM4\"")?);
        }
        serde_json::to_string(&members).ok()
    }

    fn cipher_key(&self) -> Option<[u8; 16]> {
        sm4::key_of(&self.gateway.id)
    }

    pub(super) fn user_id(&self, user: UserId) -> &str {
        match user {
            UserId::Standard => STANDARD_USER_ID,
            UserId::Application => &self.gateway.id,
            UserId::Secret => self.gateway.secret.reveal(),
        }
    }
}

/// The answer with another signature than its own, where it has one.
pub(crate) fn spoil(body: &str) -> String {
    let mut text = String::from(body);
    for name in ["\"cainfo\":\"", "\"signData\":\""] {
        if let Some((head, tail)) = text.clone().split_once(name) {
            let mut letters = tail.chars();
            let other = if letters.next() == Some('A') { 'B' } else { 'A' };
            text = format!("{head}{name}{other}{}", letters.as_str());
        }
    }
    text
}

pub(super) fn text(members: &Members, name: &str) -> String {
    let text = members
        .get(name)
        .map(|raw| serde_json::from_str::<String>(raw.get()));
    text.and_then(Result::ok).unwrap_or_default()
}

fn json(text: &str) -> Option<Box<RawValue>> {
    RawValue::from_string(String::from(text)).ok()
}

fn missing(name: &str) -> Refusal {
    Refusal::front(format!("参数校验失败:节点[envelope]缺少必填项[{name}]"))
}

fn not_signed() -> Refusal {
    Refusal::front("报文验签失败")
}

/// The e-voucher service's refusal in its own envelope.
pub(super) fn service_refusal(code: &str, text: &str) -> Object {
    Object::new()
        .with("code", Json::Number(String::from(code)))
        .with("message", text)
        .with("data", Json::Null)
}
