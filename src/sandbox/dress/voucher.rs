//! The e-voucher service asked directly: its envelope is signed over a sorted text and its data encrypted.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;
use zhijie_ports::{PrivateKey as _, PublicKey as _};
use zhijie_signer::{sm3, sm4};

use super::Dress;
use super::seal::{Members, service_refusal, text};
use crate::json::{Json, Object};

/// A letter to the service, opened.
#[derive(Debug)]
pub(crate) struct Letter {
    /// Made of the signature, so that a letter that comes twice is known.
    pub(crate) id: String,
    pub(crate) institution: String,
    pub(crate) operator: String,
    pub(crate) operator_name: String,
    /// JSON.
    pub(crate) data: String,
}

impl Dress {
    /// # Errors
    /// The service's refusal.
    pub(crate) fn open_letter(&self, body: &str) -> Result<Letter, Object> {
        let refuse = |text| Err(service_refusal("500101", text));
        let Ok(mut members) = serde_json::from_str::<Members>(body) else {
            return refuse("请求报文不是JSON格式");
        };
        if text(&members, "appId") != self.gateway.id {
            return refuse("渠道编号不存在");
        }
        if text(&members, "transType") != self.rules.voucher.kind {
            return refuse("交易类型不存在");
        }
        let clear = hex::decode(text(&members, "encData"))
            .ok()
            .and_then(|cipher| sm4::decrypt(&self.data_key()?, &cipher).ok())
            .and_then(|clear| String::from_utf8(clear).ok());
        let Some(clear) = clear else {
            return refuse("解密失败");
        };
        let signature = text(&members, "signData");
        let Ok(data) = serde_json::from_str::<Value>(&clear) else {
            return refuse("数据不是JSON格式");
        };
        members.retain(|name, _| !["signData", "encData", "extra"].contains(&name.as_str()));
        let mut signed: BTreeMap<String, Value> = members
            .into_iter()
            .filter_map(|(name, raw)| Some((name, serde_json::from_str(raw.get()).ok()?)))
            .collect();
        signed.insert(String::from("data"), data.clone());
        let fits = STANDARD.decode(&signature).ok().zip(self.keys.as_ref());
        let fits = fits.is_some_and(|(made, keys)| {
            let user = self.user_id(self.rules.voucher.user_id);
            let text = self.signed_text(&signed);
            keys.theirs.verify(user, text.as_bytes(), &made).is_ok()
        });
        if !fits {
            return refuse("验签失败");
        }
        let say = |name: &str| {
            data.get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        Ok(Letter {
            id: hex::encode(sm3(signature.as_bytes())).chars().take(30).collect(),
            institution: say("orgId"),
            operator: say("operatorId"),
            operator_name: say("operatorName"),
            data: clear,
        })
    }

    /// The service's answer to a letter, from what the platform's own transaction said.
    pub(crate) fn close_letter(&self, answer: &str, now: Timestamp) -> Object {
        let told: Value = serde_json::from_str(answer).unwrap_or(Value::Null);
        let at = |path: &str| told.pointer(path).cloned().unwrap_or(Value::Null);
        let data = at("/output/data");
        if data.is_null() {
            let text = at("/err_msg");
            let text = text.as_str().unwrap_or("系统异常");
            let numbered = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let (code, words) = numbered.unwrap_or(("500000", text));
            return service_refusal(code, words);
        }
        let timestamp = now.as_millisecond().to_string();
        let mut signed = BTreeMap::from([
            (String::from("appId"), Value::from(self.gateway.id.as_str())),
            (String::from("code"), Value::from(0)),
            (String::from("message"), Value::from("成功")),
            (String::from("timestamp"), Value::from(timestamp.as_str())),
            (String::from("encType"), Value::from("SM4")),
            (String::from("signType"), Value::from("SM2")),
        ]);
        signed.insert(String::from("data"), data.clone());
        let text = self.signed_text(&signed);
        let user = self.user_id(self.rules.voucher.user_id);
        let own = self.keys.as_ref().map(|keys| &keys.own);
        let made = own.and_then(|own| own.sign(user, text.as_bytes()).ok());
        let cipher = self
            .data_key()
            .map(|key| sm4::encrypt(&key, data.to_string().as_bytes()));
        Object::new()
            .with("appId", self.gateway.id.as_str())
            .with("code", Json::Number(String::from("0")))
            .with("message", "成功")
            .with("timestamp", timestamp)
            .with("encType", "SM4")
            .with("signType", "SM2")
            .with("encData", hex::encode_upper(cipher.unwrap_or_default()))
            .with("signData", made.map(|made| STANDARD.encode(made)))
    }

    /// The sixteen characters that the secret becomes under our id.
    fn data_key(&self) -> Option<[u8; 16]> {
        let first = sm4::key_of(&self.gateway.id)?;
        let made = sm4::encrypt(&first, self.gateway.secret.reveal().as_bytes());
        sm4::key_of(&hex::encode_upper(made))
    }

    fn signed_text(&self, members: &BTreeMap<String, Value>) -> String {
        let mut names: Vec<&String> = members.keys().collect();
        names.sort_by_key(|name| name.to_lowercase());
        let mut text = String::new();
        for name in names {
            let value = members.get(name).and_then(plainly);
            let value = value.map(|value| match value {
                Value::String(text) => text,
                tree => tree.to_string(),
            });
            if let Some(value) = value {
                text.push_str(&format!("{name}={value}&"));
            }
        }
        format!("{text}key={}", self.gateway.secret.reveal())
    }
}

/// A value with sorted keys, without empty members, every scalar a text; nothing when nothing is left.
fn plainly(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(Value::from(text.as_str())).filter(|_| !text.is_empty()),
        Value::Bool(_) | Value::Number(_) => Some(Value::from(value.to_string())),
        Value::Array(items) => {
            let kept: Vec<Value> = items.iter().filter_map(plainly).collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        Value::Object(members) => {
            let kept = members
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), plainly(value)?)));
            Some(Value::Object(kept.collect()))
        }
    }
}
