//! The `x-tif-*` header signature of the gateway: hex(SHA-256(timestamp + secret + nonce + timestamp)).

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};
use zhijie_model::MessageId;

use crate::config::{HeaderFamily, SetupError};

const PAASID: HeaderName = HeaderName::from_static("x-tif-paasid");
const TIMESTAMP: HeaderName = HeaderName::from_static("x-tif-timestamp");
const NONCE: HeaderName = HeaderName::from_static("x-tif-nonce");
const SIGNATURE: HeaderName = HeaderName::from_static("x-tif-signature");
const NONCE_CHARS: usize = 32;

/// Makes the headers of one request after the other.
#[derive(Debug)]
pub(crate) struct Headers {
    family: HeaderFamily,
    count: AtomicU64,
}

impl Headers {
    pub(crate) fn new(family: HeaderFamily) -> Result<Self, SetupError> {
        if let HeaderFamily::Tif { paasid, .. } = &family
            && (paasid.is_empty() || HeaderValue::from_str(paasid).is_err())
        {
            return Err(SetupError::ApplicationId);
        }
        Ok(Self {
            family,
            count: AtomicU64::new(0),
        })
    }

    /// Headers for the message sent at `now`. No two calls give the same nonce.
    pub(crate) fn make(&self, message_id: &MessageId, now: Timestamp) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let HeaderFamily::Tif { paasid, secret } = &self.family {
            let timestamp = now.as_second().to_string();
            let count = self.count.fetch_add(1, Ordering::Relaxed);
            let nonce = digest(&[
                message_id.as_str(),
                &count.to_string(),
                &now.as_nanosecond().to_string(),
            ]);
            let nonce: String = nonce.chars().take(NONCE_CHARS).collect();
            let signature = digest(&[&timestamp, secret.reveal(), &nonce, &timestamp]);
            for (name, text) in [
                (PAASID, paasid.as_str()),
                (TIMESTAMP, &timestamp),
                (NONCE, &nonce),
                (SIGNATURE, &signature),
            ] {
                if let Ok(value) = HeaderValue::from_str(text) {
                    headers.insert(name, value);
                }
            }
        }
        headers
    }
}

/// Lower-case hex of the SHA-256 of the parts, one after the other.
fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use zhijie_model::Private;

    fn headers() -> Headers {
        Headers::new(HeaderFamily::Tif {
            paasid: String::from("test"),
            secret: Private::new("secret"),
        })
        .unwrap()
    }

    #[test]
    fn known_answer() {
        assert_eq!(
            digest(&["a", "", "bc"]),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn every_request_has_a_nonce_of_its_own() {
        let headers = headers();
        let message_id = MessageId::new("H31010100001202611221010100001").unwrap();
        let nonces: BTreeSet<String> = (0..100)
            .map(|_| {
                headers.make(&message_id, Timestamp::UNIX_EPOCH)[&NONCE]
                    .to_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        assert_eq!(nonces.len(), 100);
    }

    #[test]
    fn the_application_id_must_fit_a_header() {
        for paasid in ["", "a\nb"] {
            let made = Headers::new(HeaderFamily::Tif {
                paasid: String::from(paasid),
                secret: Private::new("s"),
            });
            assert!(matches!(made, Err(SetupError::ApplicationId)));
        }
    }
}
