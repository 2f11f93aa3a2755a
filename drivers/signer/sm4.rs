//! SM4, block by block, padded to whole blocks. The trade uses it without chaining: equal blocks show as equal. That is
//! the province's choice, not ours; the line itself is encrypted.

use sm4::Sm4;
use sm4::cipher::{Block, BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use zhijie_ports::SignerFault;

const BLOCK: usize = 16;

/// The first sixteen bytes of a text as a key; `None` when there are fewer.
#[must_use]
pub fn key_of(text: &str) -> Option<[u8; BLOCK]> {
    text.as_bytes().first_chunk().copied()
}

/// Encrypts; the result is one to sixteen bytes longer.
#[must_use]
pub fn encrypt(key: &[u8; BLOCK], clear: &[u8]) -> Vec<u8> {
    let cipher = Sm4::new(&(*key).into());
    let missing = BLOCK - clear.len() % BLOCK;
    let mut bytes = clear.to_vec();
    bytes.resize(clear.len() + missing, u8::try_from(missing).unwrap_or_default());
    for block in bytes.as_chunks_mut::<BLOCK>().0 {
        let mut inner: Block<Sm4> = (*block).into();
        cipher.encrypt_block(&mut inner);
        *block = inner.into();
    }
    bytes
}

/// Decrypts and takes the padding off.
///
/// # Errors
/// [`SignerFault::NotDecipherable`] for a length that is none, or padding that another key leaves behind.
pub fn decrypt(key: &[u8; BLOCK], bytes: &[u8]) -> Result<Vec<u8>, SignerFault> {
    let cipher = Sm4::new(&(*key).into());
    let (blocks, []) = bytes.as_chunks::<BLOCK>() else {
        return Err(SignerFault::NotDecipherable);
    };
    let mut clear = Vec::with_capacity(bytes.len());
    for block in blocks {
        let mut inner: Block<Sm4> = (*block).into();
        cipher.decrypt_block(&mut inner);
        clear.extend_from_slice(&inner);
    }
    let padding = clear.last().copied().ok_or(SignerFault::NotDecipherable)?;
    let length = usize::from(padding);
    let kept = clear
        .len()
        .checked_sub(length)
        .filter(|_| (1..=BLOCK).contains(&length));
    let kept = kept.ok_or(SignerFault::NotDecipherable)?;
    let whole = clear
        .get(kept..)
        .is_some_and(|tail| tail.iter().all(|byte| *byte == padding));
    if !whole {
        return Err(SignerFault::NotDecipherable);
    }
    clear.truncate(kept);
    Ok(clear)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of the standard: one block, key and text alike.
    #[test]
    fn known_answer() {
        let text = hex::decode("0123456789abcdeffedcba9876543210").unwrap();
        let key: [u8; 16] = text.clone().try_into().unwrap();
        let made = encrypt(&key, &text);
        assert_eq!(hex::encode(&made[..16]), "681edf34d206965e86b3e94f536e4246");
        assert_eq!(decrypt(&key, &made).unwrap(), text);
    }

    #[test]
    fn what_was_not_encrypted_with_the_key_is_refused() {
        let (key, other) = ([1; 16], [2; 16]);
        let made = encrypt(&key, b"text");
        for (key, bytes) in [(&key, &made[..15]), (&key, &[][..]), (&other, &made[..])] {
            assert_eq!(decrypt(key, bytes), Err(SignerFault::NotDecipherable));
        }
        assert!(key_of("fifteen letters").is_none());
    }

    proptest! {
        #[test]
        fn there_and_back(key: [u8; 16], text in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(decrypt(&key, &encrypt(&key, &text)), Ok(text));
        }

        #[test]
        fn any_bytes_are_read_or_refused(key: [u8; 16], bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = decrypt(&key, &bytes);
        }
    }
}
