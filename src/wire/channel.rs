//! The e-voucher service's own envelope: signed over a sorted text, its data encrypted (card and voucher reference, 3.5).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::draft::hex_of;
use crate::envelope::plain_text;
use crate::message::EncodeError;
use crate::profile_dress::{UserId, VoucherRule};
use crate::seal::{Channel, Members, Seal, broken, scalar};
use crate::unreadable::Unreadable;

/// A letter to the service, its data in clear. Holds the code: never log it.
pub(crate) struct Letter {
    kind: String,
    version: String,
    user_id: UserId,
    /// Milliseconds.
    timestamp: String,
    data: Box<RawValue>,
}

/// What goes out, members in the order the service's papers show them.
#[derive(Serialize)]
#[expect(non_snake_case, reason = "member names of the interface")]
struct Outer<'a> {
    appId: &'a str,         // 渠道编号
    transType: &'a str,     // 交易类型
    timestamp: &'a str,     // 时间戳
    version: &'a str,       // 版本
    encType: &'static str,  // 加密方式
    signType: &'static str, // 签名方式
    encData: String,        // 密文
    signData: String,       // 签名
}

impl core::fmt::Debug for Letter {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.debug_struct("Letter")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Letter {
    pub(crate) fn new<T: Serialize>(
        rule: &VoucherRule,
        at: jiff::Timestamp,
        data: &T,
    ) -> Result<Self, EncodeError> {
        Ok(Self {
            kind: rule.kind.clone(),
            version: rule.version.clone(),
            user_id: rule.user_id,
            timestamp: at.as_millisecond().to_string(),
            data: serde_json::value::to_raw_value(data).map_err(EncodeError::Json)?,
        })
    }

    pub(crate) fn seal(&self, seal: &dyn Seal) -> Result<Vec<u8>, EncodeError> {
        let application = seal.application(Channel::Voucher)?;
        let signed = BTreeMap::from([
            ("appId", canonical_text(application)),
            ("transType", canonical_text(&self.kind)),
            ("timestamp", canonical_text(&self.timestamp)),
            ("version", canonical_text(&self.version)),
            ("encType", canonical_text("SM4")),
            ("signType", canonical_text("SM2")),
            ("data", canonical(self.data.get())),
        ]);
        let text = joined(signed);
        let signature = seal.sign(Channel::Voucher, self.user_id, text.as_bytes())?;
        let cipher = seal.encrypt(Channel::Voucher, self.data.get().as_bytes())?;
        let outer = Outer {
            appId: application,
            transType: &self.kind,
            timestamp: &self.timestamp,
            version: &self.version,
            encType: "SM4",
            signType: "SM2",
            encData: hex_of(&cipher, true),
            signData: STANDARD.encode(signature),
        };
        serde_json::to_vec(&outer).map_err(EncodeError::Json)
    }
}

/// Members that are never signed.
const UNSIGNED: [&str; 3] = ["signData", "encData", "extra"];

/// Opens an answer of the service: its data in clear, its signature checked. A refusal comes through as it is.
pub(crate) fn clear(body: &[u8], rule: &VoucherRule, seal: &dyn Seal) -> Result<Vec<u8>, Unreadable> {
    let mut members: Members = serde_json::from_str(plain_text(body)?).map_err(|_| Unreadable::NotJson)?;
    let done = scalar(&members, "code").is_some_and(|code| code.parse::<i64>() == Ok(0));
    if !done {
        return Ok(body.to_vec());
    }
    let cipher = scalar(&members, "encData").ok_or(broken("data is not encrypted"))?;
    let cipher = unhex(&cipher).ok_or(broken("data is not hexadecimal"))?;
    let clear = seal
        .decrypt(Channel::Voucher, &cipher)
        .map_err(Unreadable::Seal)?;
    let clear = String::from_utf8(clear).map_err(|_| broken("data is not text"))?;
    let clear = RawValue::from_string(clear).map_err(|_| broken("data is not JSON"))?;
    let signature = scalar(&members, "signData").ok_or(broken("data is not signed"))?;
    let signature = STANDARD
        .decode(signature)
        .map_err(|_| broken("signature is not Base64"))?;
    members.insert(String::from("data"), clear);
    members.retain(|name, _| !UNSIGNED.contains(&name.as_str()));
    let signed = members
        .iter()
        .map(|(name, value)| (name.as_str(), canonical(value.get())));
    let text = joined(signed.collect());
    seal.verify(Channel::Voucher, rule.user_id, text.as_bytes(), &signature)
        .map_err(Unreadable::Seal)?;
    serde_json::to_vec(&members).map_err(|_| Unreadable::NotJson)
}

/// `k=v&` for every member that says something, sorted without regard to case. The secret that ends the text is added by
/// whoever holds it.
fn joined(members: BTreeMap<&str, Option<Canonical>>) -> String {
    let mut pairs: Vec<(&str, String)> = members
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?.outermost())))
        .collect();
    pairs.sort_by_key(|(name, _)| name.to_ascii_lowercase());
    pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}&"))
        .collect()
}

/// A value in the one spelling that is signed.
enum Canonical {
    Scalar(String),
    /// Compact JSON.
    Tree(String),
}

impl Canonical {
    fn outermost(self) -> String {
        match self {
            Self::Scalar(text) | Self::Tree(text) => text,
        }
    }

    fn nested(&self) -> String {
        match self {
            Self::Scalar(text) => quoted(text),
            Self::Tree(json) => json.clone(),
        }
    }
}

fn canonical_text(text: &str) -> Option<Canonical> {
    Some(Canonical::Scalar(String::from(text))).filter(|_| !text.is_empty())
}

/// Keys sorted at every depth, null and empty members left out, every scalar a text. `None` when nothing is left.
fn canonical(json: &str) -> Option<Canonical> {
    match json.as_bytes().first()? {
        b'{' => {
            let members: Members = serde_json::from_str(json).ok()?;
            let kept = members
                .iter()
                .filter_map(|(name, value)| Some((name, canonical(value.get())?)));
            let inside: Vec<String> = kept
                .map(|(name, value)| format!("{}:{}", quoted(name), value.nested()))
                .collect();
            Some(Canonical::Tree(format!("{{{}}}", inside.join(","))))
        }
        b'[' => {
            let items: Vec<Box<RawValue>> = serde_json::from_str(json).ok()?;
            let inside: Vec<String> = items
                .iter()
                .filter_map(|item| Some(canonical(item.get())?.nested()))
                .collect();
            Some(Canonical::Tree(format!("[{}]", inside.join(",")))).filter(|_| !inside.is_empty())
        }
        b'"' => canonical_text(&serde_json::from_str::<String>(json).ok()?),
        _ => canonical_text(json).filter(|_| json != "null"),
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_whatever_the_order() {
        let table = [
            (r#"{"b":1,"a":"x","c":null,"d":""}"#, r#"{"a":"x","b":"1"}"#),
            (
                r#"{"z":{"y":true,"x":[]},"a":[1,"",{"k":2.50}]}"#,
                r#"{"a":["1",{"k":"2.50"}],"z":{"y":"true"}}"#,
            ),
            (r#""""#, ""),
            ("null", ""),
            ("12.30", "12.30"),
        ];
        for (json, expected) in table {
            let made = canonical(json).map(Canonical::outermost).unwrap_or_default();
            assert_eq!(made, expected, "{json}");
        }
    }

    #[test]
    fn members_are_sorted_without_regard_to_case() {
        let members = BTreeMap::from([
            ("version", canonical_text("1.0.0")),
            ("appId", canonical_text("A")),
            ("Timestamp", canonical_text("7")),
            ("extraless", canonical_text("")),
        ]);
        assert_eq!(joined(members), "appId=A&Timestamp=7&version=1.0.0&");
    }

    #[test]
    fn hexadecimal_is_read_in_either_case() {
        assert_eq!(unhex("0aFf"), Some(vec![10, 255]));
        assert_eq!(unhex("0aF"), None);
        assert_eq!(unhex("zz"), None);
    }
}
