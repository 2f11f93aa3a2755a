//! The headers of the gateway. What they sign is time, nonce and at most the body; so they are made at the send, and no
//! byte of the committed body depends on them.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};
use zhijie_model::Private;
use zhijie_ports::MacKind;
use zhijie_wire::{ContentType, Message};

use crate::config::{HeaderFamily, SetupError, Tif};

const NONCE_CHARS: usize = 32;

/// Makes the headers of one request after the other.
#[derive(Debug)]
pub(crate) struct Headers {
    family: HeaderFamily,
    content_type: ContentType,
    count: AtomicU64,
}

impl Headers {
    pub(crate) fn new(family: HeaderFamily, content_type: ContentType) -> Result<Self, SetupError> {
        let named = match &family {
            HeaderFamily::None => None,
            HeaderFamily::Tif(tif) => Some(&tif.paasid),
            HeaderFamily::Ca { key, .. } | HeaderFamily::Csb { key, .. } => Some(key),
            HeaderFamily::Oauth(grant) => Some(&grant.client),
        };
        if named.is_some_and(|name| name.is_empty() || HeaderValue::from_str(name).is_err()) {
            return Err(SetupError::ApplicationId);
        }
        Ok(Self {
            family,
            content_type,
            count: AtomicU64::new(0),
        })
    }

    /// Headers for the message sent at `now`, with the token where there is one. No two calls give the same nonce.
    pub(crate) fn make(&self, message: &Message, now: Timestamp, token: Option<&Private>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let content_type = match self.content_type {
            ContentType::Json => "application/json",
            ContentType::Text => "text/plain;charset=utf-8",
        };
        let form = message.boundary.as_ref().and_then(|boundary| {
            HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}")).ok()
        });
        let content_type = form.unwrap_or(HeaderValue::from_static(content_type));
        headers.insert(CONTENT_TYPE, content_type);
        for (name, text) in self.signed(message, now) {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(&text)) {
                headers.insert(name, value);
            }
        }
        if let Some(token) = token
            && let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {}", token.reveal()))
        {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        headers
    }

    fn signed(&self, message: &Message, now: Timestamp) -> Vec<(String, String)> {
        match &self.family {
            HeaderFamily::None | HeaderFamily::Oauth(_) => Vec::new(),
            HeaderFamily::Tif(tif) => self.tif(tif, message, now),
            HeaderFamily::Ca {
                key,
                secret,
                upper_hex,
                mac,
            } => {
                let seconds = now.as_second().to_string();
                let parts = [seconds.as_bytes(), b"\n", &message.body];
                let made = mac.mac(MacKind::HmacSm3, secret.reveal().as_bytes(), &parts);
                let signature = format!("{seconds}:{}", spelled(&made, *upper_hex));
                vec![
                    (String::from("x-ca-key"), key.clone()),
                    (String::from("x-ca-signature"), signature),
                ]
            }
            HeaderFamily::Csb {
                key,
                secret,
                version,
                mac,
            } => {
                let mut pairs = vec![
                    (String::from("_api_access_key"), key.clone()),
                    (String::from("_api_name"), message.api.clone().unwrap_or_default()),
                    (String::from("_api_timestamp"), now.as_millisecond().to_string()),
                    (String::from("_api_version"), version.clone()),
                ];
                let joined: Vec<String> = pairs
                    .iter()
                    .map(|(name, text)| format!("{name}={text}"))
                    .collect();
                let joined = joined.join("&");
                let made = mac.mac(
                    MacKind::HmacSha1,
                    secret.reveal().as_bytes(),
                    &[joined.as_bytes()],
                );
                pairs.push((String::from("_api_signature"), STANDARD.encode(made)));
                pairs
            }
        }
    }

    /// hex(SHA-256(timestamp + secret + nonce + timestamp)).
    fn tif(&self, tif: &Tif, message: &Message, now: Timestamp) -> Vec<(String, String)> {
        let timestamp = now.as_second().to_string();
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let nonce = digest(&[
            message.message_id.as_str(),
            &count.to_string(),
            &now.as_nanosecond().to_string(),
        ]);
        let nonce: String = spelled(&nonce, false).chars().take(NONCE_CHARS).collect();
        let signature = digest(&[&timestamp, tif.secret.reveal(), &nonce, &timestamp]);
        let signature = spelled(&signature, tif.upper_hex);
        [
            ("paasid", tif.paasid.clone()),
            ("timestamp", timestamp),
            ("nonce", nonce),
            ("signature", signature),
        ]
        .map(|(name, text)| (format!("{}-{name}", tif.prefix), text))
        .into()
    }
}

/// SHA-256 of the parts, one after the other.
fn digest(parts: &[&str]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
    }
    hash.finalize().to_vec()
}

fn spelled(bytes: &[u8], upper: bool) -> String {
    if upper {
        hex::encode_upper(bytes)
    } else {
        hex::encode(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use zhijie_ports::Mac;

    use super::*;
    use crate::checks::message;

    fn tif(prefix: &'static str, paasid: &str, upper_hex: bool) -> HeaderFamily {
        HeaderFamily::Tif(Tif {
            prefix,
            paasid: String::from(paasid),
            secret: Private::new("secret"),
            upper_hex,
        })
    }

    fn made(family: HeaderFamily, now: Timestamp) -> HeaderMap {
        let headers = Headers::new(family, ContentType::Json).unwrap();
        headers.make(&message(1), now, None)
    }

    fn said(headers: &HeaderMap, name: &str) -> String {
        String::from(headers[name].to_str().unwrap())
    }

    /// Tells what it was asked for; the digests themselves are the signer's.
    #[derive(Debug)]
    struct Told;

    impl Mac for Told {
        fn mac(&self, kind: MacKind, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
            let mut told = format!("{kind:?} ").into_bytes();
            told.extend_from_slice(key);
            told.push(b' ');
            told.extend(parts.concat());
            told
        }
    }

    #[test]
    fn known_answer() {
        assert_eq!(
            hex::encode(digest(&["a", "", "bc"])),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn every_request_has_a_nonce_of_its_own() {
        let headers = Headers::new(tif("x-tif", "test", false), ContentType::Json).unwrap();
        let nonces: BTreeSet<String> = (0..100)
            .map(|_| {
                let made = headers.make(&message(1), Timestamp::UNIX_EPOCH, None);
                said(&made, "x-tif-nonce")
            })
            .collect();
        assert_eq!(nonces.len(), 100);
    }

    #[test]
    fn the_application_id_must_fit_a_header() {
        for paasid in ["", "a\nb"] {
            let made = Headers::new(tif("x-tif", paasid, false), ContentType::Json);
            assert!(matches!(made, Err(SetupError::ApplicationId)));
        }
    }

    #[test]
    fn the_other_prefix_speaks_in_capitals() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let headers = made(tif("x-rio", "app", true), now);
        let nonce = said(&headers, "x-rio-nonce");
        let expected = digest(&["1700000000", "secret", &nonce, "1700000000"]);
        assert_eq!(said(&headers, "x-rio-signature"), hex::encode_upper(expected));
        assert!(!headers.contains_key("x-tif-nonce"));
    }

    #[test]
    fn the_digest_covers_time_and_body() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let family = HeaderFamily::Ca {
            key: String::from("H31010100001"),
            secret: Private::new("top"),
            upper_hex: true,
            mac: Arc::new(Told),
        };
        let headers = made(family, now);
        let told = hex::encode_upper(b"HmacSm3 top 1700000000\n{\"n\":1}");
        assert_eq!(said(&headers, "x-ca-signature"), format!("1700000000:{told}"));
        assert_eq!(said(&headers, "x-ca-key"), "H31010100001");
    }

    #[test]
    fn the_bus_signs_its_four_parameters_in_order() {
        let now = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        let family = HeaderFamily::Csb {
            key: String::from("key"),
            secret: Private::new("top"),
            version: String::from("1.0.0"),
            mac: Arc::new(Told),
        };
        let headers = Headers::new(family, ContentType::Text).unwrap();
        let mut call = message(1);
        call.api = Some(String::from("fsi"));
        let headers = headers.make(&call, now, None);
        let told =
            "HmacSha1 top _api_access_key=key&_api_name=fsi&_api_timestamp=1700000000123&_api_version=1.0.0";
        assert_eq!(said(&headers, "_api_signature"), STANDARD.encode(told));
        assert_eq!(said(&headers, "content-type"), "text/plain;charset=utf-8");
    }
}
