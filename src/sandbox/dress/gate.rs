//! The gateway's door: who calls, and that the caller holds the secret now. Signatures are taken in either case.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use jiff::Timestamp;
use zhijie_ports::{Mac as _, MacKind};
use zhijie_signer::SoftMac;

use super::rules::HeaderFamily;
use super::{Dress, Tokens};
use crate::tif;

/// How far the caller's clock may be off.
const WINDOW_MS: u64 = 300_000;

/// Remembers what could be replayed, and the tokens that were given out.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    pub(crate) tif: tif::Gate,
    pub(crate) tokens: Tokens,
}

impl Dress {
    /// # Errors
    /// A short English text why the gateway turns the caller away.
    pub(crate) fn admit(
        &self,
        gate: &mut Gate,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), &'static str> {
        let gateway = &self.gateway;
        match self.rules.header.family {
            HeaderFamily::None => Ok(()),
            HeaderFamily::Tif => gate
                .tif
                .check(headers, "x-tif", (&gateway.id, &gateway.secret), now),
            HeaderFamily::Rio => gate
                .tif
                .check(headers, "x-rio", (&gateway.id, &gateway.secret), now),
            HeaderFamily::Ca => self.ca(headers, body, now),
            HeaderFamily::Csb => self.csb(headers, now),
            HeaderFamily::Oauth => {
                let bearer = said(headers, "authorization").ok_or("authorization missing")?;
                let token = bearer
                    .strip_prefix("Bearer ")
                    .ok_or("authorization is no Bearer")?;
                gate.tokens.check(token, now)
            }
        }
    }

    fn ca(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<(), &'static str> {
        let key = said(headers, "x-ca-key").ok_or("x-ca-key missing")?;
        if key != self.gateway.id {
            return Err("x-ca-key unknown");
        }
        let signature = said(headers, "x-ca-signature").ok_or("x-ca-signature missing")?;
        let (seconds, signature) = signature
            .split_once(':')
            .ok_or("x-ca-signature is not TIME:SIGNATURE")?;
        let at: i64 = seconds
            .parse()
            .map_err(|_| "x-ca-signature has no time in seconds")?;
        in_time(at.saturating_mul(1000), now)?;
        let message = [seconds.as_bytes(), b"\n", body].concat();
        let secret = self.gateway.secret.reveal().as_bytes();
        let expected = hex::encode(SoftMac.mac(MacKind::HmacSm3, secret, &[&message]));
        if expected.eq_ignore_ascii_case(signature) {
            Ok(())
        } else {
            Err("x-ca-signature wrong")
        }
    }

    fn csb(&self, headers: &HeaderMap, now: Timestamp) -> Result<(), &'static str> {
        let mut signed = BTreeMap::new();
        for name in ["_api_name", "_api_version", "_api_timestamp", "_api_access_key"] {
            let text = said(headers, name).ok_or("an _api_ parameter is missing")?;
            signed.insert(name, text);
        }
        if signed.get("_api_access_key") != Some(&self.gateway.id.as_str()) {
            return Err("_api_access_key unknown");
        }
        if signed.get("_api_version").copied() != self.rules.header.api_version.as_deref() {
            return Err("_api_version unknown");
        }
        let at = signed.get("_api_timestamp").and_then(|text| text.parse().ok());
        in_time(at.ok_or("_api_timestamp is not in milliseconds")?, now)?;
        let text: Vec<String> = signed
            .iter()
            .map(|(name, text)| format!("{name}={text}"))
            .collect();
        let secret = self.gateway.secret.reveal().as_bytes();
        let expected = SoftMac.mac(MacKind::HmacSha1, secret, &[text.join("&").as_bytes()]);
        let given = said(headers, "_api_signature").ok_or("_api_signature missing")?;
        if STANDARD.decode(given).is_ok_and(|given| given == expected) {
            Ok(())
        } else {
            Err("_api_signature wrong")
        }
    }
}

fn in_time(at_ms: i64, now: Timestamp) -> Result<(), &'static str> {
    if at_ms.abs_diff(now.as_millisecond()) > WINDOW_MS {
        Err("time outside the window")
    } else {
        Ok(())
    }
}

fn said<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
