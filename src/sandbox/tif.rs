//! The `x-tif-*` headers, and the same under another prefix: who calls, and that the caller holds the secret now.

use std::collections::BTreeMap;

use hyper::HeaderMap;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use zhijie_model::Private;

/// How far the caller's clock may be off.
const WINDOW_SECONDS: i64 = 300;

/// Checks headers and remembers nonces while they could be replayed.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    nonces: BTreeMap<String, i64>,
}

impl Gate {
    /// # Errors
    /// A short English text why the gateway turns the caller away.
    pub(crate) fn check(
        &mut self,
        headers: &HeaderMap,
        prefix: &str,
        (known, secret): (&str, &Private),
        now: Timestamp,
    ) -> Result<(), &'static str> {
        let header = |name: &str| {
            let value = headers.get(format!("{prefix}-{name}"));
            value.and_then(|value| value.to_str().ok())
        };
        let paasid = header("paasid").ok_or("paasid missing")?;
        let timestamp = header("timestamp").ok_or("timestamp missing")?;
        let nonce = header("nonce").ok_or("nonce missing")?;
        let signature = header("signature").ok_or("signature missing")?;
        if paasid != known {
            return Err("paasid unknown");
        }
        let seconds: i64 = timestamp.parse().map_err(|_| "timestamp is not in seconds")?;
        let present = now.as_second();
        if seconds.abs_diff(present) > WINDOW_SECONDS.unsigned_abs() {
            return Err("timestamp outside the window");
        }
        let expected = hex::encode(Sha256::digest(format!(
            "{timestamp}{}{nonce}{timestamp}",
            secret.reveal()
        )));
        if !expected.eq_ignore_ascii_case(signature) {
            return Err("signature wrong");
        }
        self.nonces
            .retain(|_, at| at.abs_diff(present) <= WINDOW_SECONDS.unsigned_abs());
        match self.nonces.insert(String::from(nonce), seconds) {
            None => Ok(()),
            Some(_) => Err("nonce used before"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(paasid: &str, timestamp: &str, nonce: &str, signature: &str) -> HeaderMap {
        [
            ("x-tif-paasid", paasid),
            ("x-tif-timestamp", timestamp),
            ("x-tif-nonce", nonce),
            ("x-tif-signature", signature),
        ]
        .into_iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect()
    }

    #[test]
    fn only_the_holder_of_the_secret_passes_and_once() {
        let secret = Private::new("top");
        // SHA-256 of "1700000000" "top" "nonce" "1700000000", by another program.
        let good = "466ca6de29ede17d3b0f64aaa83789f9fd133b1e644bd2847b150380c8d832e9";
        let now = |second| Timestamp::from_second(second).unwrap();
        let mut gate = Gate::default();
        let check = |gate: &mut Gate, headers: HeaderMap, second| {
            gate.check(&headers, "x-tif", ("hospital", &secret), now(second))
        };
        assert!(
            check(
                &mut gate,
                headers("hospital", "1700000000", "nonce", "466ca6de"),
                1_700_000_000
            )
            .is_err()
        );
        assert!(
            check(
                &mut gate,
                headers("other", "1700000000", "nonce", good),
                1_700_000_000
            )
            .is_err()
        );
        assert!(
            check(
                &mut gate,
                headers("hospital", "1700000000", "nonce", good),
                1_700_000_301
            )
            .is_err()
        );
        assert!(
            check(
                &mut gate,
                headers("hospital", "1700000000", "nonce", &good.to_uppercase()),
                1_700_000_300
            )
            .is_ok()
        );
        assert_eq!(
            check(
                &mut gate,
                headers("hospital", "1700000000", "nonce", good),
                1_700_000_300
            ),
            Err("nonce used before")
        );
        assert!(check(&mut gate, HeaderMap::new(), 1_700_000_000).is_err());
    }
}
