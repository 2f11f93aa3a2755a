//! The token service: a form with name and password becomes a token that lives for a while.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::{Dress, Gate};
use crate::json::{Json, Object};

/// How long a token lives unless it is taken back.
const LIFE_S: i64 = 1800;

/// Tokens that were given out, with their end.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    given: u64,
    live: BTreeMap<String, Timestamp>,
}

impl Tokens {
    pub(crate) fn check(&self, token: &str, now: Timestamp) -> Result<(), &'static str> {
        match self.live.get(token) {
            None => Err("token unknown"),
            Some(until) if *until <= now => Err("token expired"),
            Some(_) => Ok(()),
        }
    }

    /// Every token given out so far ends.
    pub(crate) fn expire(&mut self) {
        self.live.clear();
    }
}

impl Dress {
    /// The answer to a call of the token service.
    ///
    /// # Errors
    /// A short English text why none is given.
    pub(crate) fn grant(
        &self,
        gate: &mut Gate,
        headers: &HeaderMap,
        form: &str,
        now: Timestamp,
    ) -> Result<Object, &'static str> {
        let gateway = &self.gateway;
        let rule = self.rules.header.token.as_ref().ok_or("no such service")?;
        let basic = headers
            .get("authorization")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Basic "))
            .and_then(|value| STANDARD.decode(value).ok())
            .ok_or("client missing")?;
        let client = format!("{}:{}", gateway.id, gateway.secret.reveal());
        if basic != client.as_bytes() {
            return Err("client unknown");
        }
        let fields: BTreeMap<&str, String> = form
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, text)| (name, unescaped(text)))
            .collect();
        let is = |name: &str, text: &str| fields.get(name).is_some_and(|given| given == text);
        if !is("grant_type", &rule.grant) || !is("scope", &rule.scope) {
            return Err("grant or scope unknown");
        }
        if !is("username", &gateway.user) || !is("password", gateway.password.reveal()) {
            return Err("user or password wrong");
        }
        let tokens = &mut gate.tokens;
        tokens.given += 1;
        let token = hex::encode(Sha256::digest(format!(
            "token {} {}",
            tokens.given,
            now.as_nanosecond()
        )));
        let until = now
            .saturating_add(SignedDuration::from_secs(LIFE_S))
            .unwrap_or(now);
        tokens.live.retain(|_, until| *until > now);
        tokens.live.insert(token.clone(), until);
        Ok(Object::new()
            .with("access_token", token)
            .with("token_type", "bearer")
            .with("expires_in", Json::Number(LIFE_S.to_string()))
            .with("scope", rule.scope.as_str()))
    }
}

/// A form's text as it was meant.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let escaped = after
            .split_at_checked(2)
            .filter(|_| *first == b'%')
            .and_then(|(digits, left)| {
                let value = u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?;
                Some((value, left))
            });
        match (escaped, first) {
            (Some((value, left)), _) => {
                bytes.push(value);
                rest = left;
            }
            (None, b'+') => bytes.push(b' '),
            (None, other) => bytes.push(*other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
