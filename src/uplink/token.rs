//! The token of a gateway that wants one: fetched beforehand, used for a while, fetched again once when it is refused.

use core::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, StatusCode, Url};
use serde::Deserialize;
use zhijie_model::Private;

use crate::config::Grant;

/// A token that ends within this time is not used any more: the call must arrive while it is good.
const MARGIN: SignedDuration = SignedDuration::from_secs(15);
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// The token of this agent at the gateway.
#[derive(Debug)]
pub(crate) struct Tokens {
    grant: Grant,
    /// One fetch at a time; the others wait for its outcome.
    held: tokio::sync::Mutex<Option<Held>>,
}

#[derive(Debug)]
struct Held {
    token: Private,
    until: Timestamp,
}

/// Why there is no token. Nothing of the message was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoToken {
    /// The service did not answer.
    Silent,
    /// It does not take our name or our secret.
    Refused,
    /// Its answer holds no token.
    Unreadable,
}

#[derive(Deserialize)]
struct Answer {
    access_token: Private,
    #[serde(default)]
    expires_in: Option<i64>,
}

impl Tokens {
    pub(crate) fn new(grant: Grant) -> Self {
        Self {
            grant,
            held: tokio::sync::Mutex::new(None),
        }
    }

    /// A token that is good for the next call; fetched when there is none.
    pub(crate) async fn get(
        &self,
        client: &Client,
        base_url: &str,
        patience: Duration,
        now: Timestamp,
    ) -> Result<Private, NoToken> {
        let mut held = self.held.lock().await;
        if let Some(good) = held.as_ref().filter(|held| held.until > now) {
            return Ok(good.token.clone());
        }
        let fetched = tokio::time::timeout(patience, self.fetch(client, base_url)).await;
        let answer = fetched.map_err(|_| NoToken::Silent)??;
        let life = i64::try_from(self.grant.life.as_secs()).unwrap_or(i64::MAX);
        let life = answer.expires_in.map_or(life, |told| told.clamp(0, life));
        let until = now
            .saturating_add(SignedDuration::from_secs(life))
            .and_then(|until| until.saturating_sub(MARGIN))
            .unwrap_or(now);
        let token = answer.access_token;
        *held = Some(Held {
            token: token.clone(),
            until,
        });
        Ok(token)
    }

    /// Forgets this token, unless another has taken its place.
    pub(crate) async fn forget(&self, refused: &Private) {
        let mut held = self.held.lock().await;
        if held.as_ref().is_some_and(|held| held.token == *refused) {
            *held = None;
        }
    }

    async fn fetch(&self, client: &Client, base_url: &str) -> Result<Answer, NoToken> {
        let grant = &self.grant;
        let url = Url::parse(&format!("{base_url}{}", grant.path)).map_err(|_| NoToken::Unreadable)?;
        let form: Vec<String> = [
            ("username", grant.user.reveal()),
            ("password", grant.password.reveal()),
            ("scope", &grant.scope),
            ("grant_type", &grant.grant),
        ]
        .iter()
        .map(|(name, text)| format!("{name}={}", escaped(text)))
        .collect();
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        let sent = client
            .post(url)
            .header(CONTENT_TYPE, form_type)
            .basic_auth(&grant.client, Some(grant.secret.reveal()))
            .body(form.join("&"))
            .send()
            .await;
        let mut response = sent.map_err(|_| NoToken::Silent)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| NoToken::Silent)? {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_BYTES_MAX {
                return Err(NoToken::Unreadable);
            }
        }
        match status {
            StatusCode::OK => serde_json::from_slice(&body).map_err(|_| NoToken::Unreadable),
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(NoToken::Refused)
            }
            _ => Err(NoToken::Silent),
        }
    }
}

impl fmt::Display for NoToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Silent => "the token service does not answer",
            Self::Refused => "the token service refuses our name or secret",
            Self::Unreadable => "the answer of the token service holds no token",
        })
    }
}

/// A form's text: letters, digits and a few signs as they are, everything else by its bytes.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn forms_are_escaped() {
        assert_eq!(super::escaped("a b&c=王"), "a%20b%26c%3D%E7%8E%8B");
    }
}
