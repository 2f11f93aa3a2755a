//! The keys of this institution, and what is signed and encrypted with them.

use zhijie_model::Private;
use zhijie_ports::{PrivateKey, PublicKey, SignerFault};
use zhijie_signer::{STANDARD_USER_ID, sm3, sm4};
use zhijie_wire::{Channel, Seal, SealError, UserId};

/// Everything a province's messages are signed and encrypted with. What a province does not need is not there.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    pub(crate) core: ChannelKeys,
    pub(crate) voucher: ChannelKeys,
}

/// Keys of one channel.
#[derive(Debug, Default)]
pub(crate) struct ChannelKeys {
    pub(crate) application: Option<Private>,
    pub(crate) secret: Option<Private>,
    pub(crate) own: Option<Box<dyn PrivateKey>>,
    pub(crate) theirs: Option<Box<dyn PublicKey>>,
}

impl Keys {
    const fn of(&self, channel: Channel) -> &ChannelKeys {
        match channel {
            Channel::Core => &self.core,
            Channel::Voucher => &self.voucher,
        }
    }

    /// The key of SM4: the beginning of our id, and in the e-voucher channel the beginning of what that key makes of the
    /// secret, in capital digits.
    fn cipher_key(&self, channel: Channel) -> Result<[u8; 16], SealError> {
        let keys = self.of(channel);
        let short = SealError::NoKey("application id of sixteen characters");
        let first = sm4::key_of(keys.application()?).ok_or(short)?;
        match channel {
            Channel::Core => Ok(first),
            Channel::Voucher => {
                let made = sm4::encrypt(&first, keys.secret()?.as_bytes());
                sm4::key_of(&hex::encode_upper(made)).ok_or(short)
            }
        }
    }
}

impl ChannelKeys {
    fn application(&self) -> Result<&str, SealError> {
        let application = self.application.as_ref().map(Private::reveal);
        application.ok_or(SealError::NoKey("application id"))
    }

    fn secret(&self) -> Result<&str, SealError> {
        let secret = self.secret.as_ref().map(Private::reveal);
        secret.ok_or(SealError::NoKey("secret of the channel"))
    }

    fn user_id(&self, user: UserId) -> Result<&str, SealError> {
        match user {
            UserId::Standard => Ok(STANDARD_USER_ID),
            UserId::Application => self.application(),
            UserId::Secret => self.secret(),
        }
    }

    /// The text that is really signed.
    fn completed(&self, channel: Channel, text: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut whole = text.to_vec();
        if channel == Channel::Voucher {
            whole.extend_from_slice(b"key=");
            whole.extend_from_slice(self.secret()?.as_bytes());
        }
        Ok(whole)
    }
}

impl Seal for Keys {
    fn digest(&self, clear: &[u8]) -> Result<[u8; 32], SealError> {
        Ok(sm3(clear))
    }

    fn sign(&self, channel: Channel, user: UserId, text: &[u8]) -> Result<[u8; 64], SealError> {
        let keys = self.of(channel);
        let own = keys.own.as_ref().ok_or(SealError::NoKey("signing key"))?;
        own.sign(keys.user_id(user)?, &keys.completed(channel, text)?)
            .map_err(told)
    }

    fn verify(&self, channel: Channel, user: UserId, text: &[u8], signature: &[u8]) -> Result<(), SealError> {
        let keys = self.of(channel);
        let missing = SealError::NoKey("public key of the platform");
        let theirs = keys.theirs.as_ref().ok_or(missing)?;
        theirs
            .verify(keys.user_id(user)?, &keys.completed(channel, text)?, signature)
            .map_err(told)
    }

    fn encrypt(&self, channel: Channel, clear: &[u8]) -> Result<Vec<u8>, SealError> {
        Ok(sm4::encrypt(&self.cipher_key(channel)?, clear))
    }

    fn decrypt(&self, channel: Channel, cipher: &[u8]) -> Result<Vec<u8>, SealError> {
        sm4::decrypt(&self.cipher_key(channel)?, cipher).map_err(told)
    }

    fn application(&self, channel: Channel) -> Result<&str, SealError> {
        self.of(channel).application()
    }
}

const fn told(fault: SignerFault) -> SealError {
    match fault {
        SignerFault::TokenGone | SignerFault::KeyRefused => SealError::KeyRefused,
        SignerFault::WrongSignature => SealError::WrongSignature,
        SignerFault::NotDecipherable => SealError::NotDecipherable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(application: &str, secret: &str) -> Keys {
        let channel = || ChannelKeys {
            application: Some(Private::new(application)),
            secret: Some(Private::new(secret)),
            ..ChannelKeys::default()
        };
        Keys {
            core: channel(),
            voucher: channel(),
        }
    }

    #[test]
    fn channels_have_keys_of_their_own() {
        let keys = keys("0123456789abcdef-and-more", "top secret");
        assert_eq!(keys.cipher_key(Channel::Core), Ok(*b"0123456789abcdef"));
        let voucher = keys.cipher_key(Channel::Voucher).unwrap();
        assert!(voucher.iter().all(u8::is_ascii_hexdigit));
        assert!(!voucher.iter().any(u8::is_ascii_lowercase));
        let cipher = keys.encrypt(Channel::Voucher, b"text").unwrap();
        assert_eq!(
            keys.decrypt(Channel::Core, &cipher),
            Err(SealError::NotDecipherable)
        );
        assert_eq!(
            keys.decrypt(Channel::Voucher, &cipher).as_deref(),
            Ok(&b"text"[..])
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let none = Keys::default();
        for (made, what) in [
            (none.encrypt(Channel::Core, b"").err(), "application id"),
            (
                none.sign(Channel::Core, UserId::Standard, b"").err(),
                "signing key",
            ),
            (
                none.verify(Channel::Core, UserId::Standard, b"", b"").err(),
                "public key of the platform",
            ),
        ] {
            assert_eq!(made, Some(SealError::NoKey(what)));
        }
        let short = keys("short", "secret").encrypt(Channel::Core, b"").err();
        assert_eq!(
            short,
            Some(SealError::NoKey("application id of sixteen characters"))
        );
    }
}
