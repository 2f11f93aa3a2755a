//! Digests with a shared secret.

use hmac::{Hmac, KeyInit};
use sha1::Sha1;
use sm3::Sm3;
use zhijie_ports::{Mac, MacKind};

/// Keyed digests made in memory.
#[derive(Debug, Clone, Copy, Default)]
pub struct SoftMac;

impl Mac for SoftMac {
    fn mac(&self, kind: MacKind, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        match kind {
            MacKind::HmacSm3 => made::<Hmac<Sm3>>(key, parts),
            MacKind::HmacSha1 => made::<Hmac<Sha1>>(key, parts),
        }
    }
}

fn made<M: hmac::Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    // HMAC takes keys of every length.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else {
        return Vec::new();
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let table = [
            // RFC 2202, case 2.
            (
                MacKind::HmacSha1,
                "Jefe",
                "what do ya want for nothing?",
                "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            ),
            (
                MacKind::HmacSm3,
                "key",
                "abc",
                "28e63256e7c5a087b1f073265dc53092163f7b82729735d06f28f10af9d52393",
            ),
        ];
        for (kind, key, text, expected) in table {
            let (first, rest) = text.split_at(1);
            let made = SoftMac.mac(kind, key.as_bytes(), &[first.as_bytes(), rest.as_bytes()]);
            assert_eq!(hex::encode(made), expected, "{kind:?}");
        }
    }
}
