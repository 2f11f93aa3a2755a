//! The way to the platform, and the keys it wants.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use zhijie_wire::{HeaderFamily, Profile, SecurityFamily, VoucherRoad};

use super::SecretRef;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// File of the province profile.
    pub profile: PathBuf,
    /// Base URL, `https://host:port`.
    pub url: String,
    pub ca: PathBuf,
    pub client_certificate: PathBuf,
    pub client_key: PathBuf,
    /// Only for provinces whose gateway wants to know who we are.
    #[serde(default)]
    pub header: Option<Header>,
    /// Only for provinces that sign or encrypt messages.
    #[serde(default)]
    pub signing: Option<Signing>,
    /// Only for provinces whose e-voucher service is asked directly.
    #[serde(default)]
    pub voucher: Option<Voucher>,
}

/// Who we are at the gateway.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    #[serde(alias = "paasid")]
    pub id: SecretRef,
    pub secret: SecretRef,
    #[serde(default)]
    pub user: Option<SecretRef>,
    #[serde(default)]
    pub password: Option<SecretRef>,
}

/// Keys for the messages themselves.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Signing {
    /// Our SM2 key, PKCS#8 as PEM.
    pub key: Option<PathBuf>,
    pub key_password: Option<SecretRef>,
    /// The platform's public key.
    pub platform_key: Option<PathBuf>,
    /// Our id as a key of encryption; that of the header when left out.
    pub application: Option<SecretRef>,
}

/// Keys of the e-voucher channel.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voucher {
    pub application: SecretRef,
    pub secret: SecretRef,
    pub key: PathBuf,
    #[serde(default)]
    pub key_password: Option<SecretRef>,
    pub service_key: PathBuf,
}

impl Platform {
    pub(super) fn resolve(&mut self, base: &Path) {
        let fixed = [
            &mut self.profile,
            &mut self.ca,
            &mut self.client_certificate,
            &mut self.client_key,
        ];
        let signing = self.signing.as_mut();
        let signing = signing.map(|signing| [signing.key.as_mut(), signing.platform_key.as_mut()]);
        let voucher = self.voucher.as_mut();
        let voucher = voucher.map(|voucher| [&mut voucher.key, &mut voucher.service_key]);
        let optional = signing.into_iter().flatten().flatten();
        for path in fixed
            .into_iter()
            .chain(optional)
            .chain(voucher.into_iter().flatten())
        {
            *path = base.join(&*path);
        }
    }

    /// What the province wants and this configuration does not give.
    pub(super) fn missing_for(&self, profile: &Profile) -> Vec<(&'static str, &'static str)> {
        let header = self.header.as_ref();
        let signing = self.signing.clone().unwrap_or_default();
        let sealed = profile.security.family == SecurityFamily::Sealed;
        let rules = [
            (
                profile.header.family == HeaderFamily::None || header.is_some(),
                "platform.header",
                "the gateway of this province wants to know who calls: id and secret are needed",
            ),
            (
                profile.header.family != HeaderFamily::Oauth
                    || header.is_some_and(|header| header.user.is_some() && header.password.is_some()),
                "platform.header.user",
                "the gateway of this province gives out tokens: user and password are needed",
            ),
            (
                !sealed || signing.key.is_some(),
                "platform.signing.key",
                "this province signs its messages: a key is needed",
            ),
            (
                !sealed || signing.application.is_some() || header.is_some(),
                "platform.signing.application",
                "this province encrypts its messages: an application id is needed",
            ),
            (
                !profile.security.answers_signed || signing.platform_key.is_some(),
                "platform.signing.platform_key",
                "this province signs its answers: its public key is needed",
            ),
            (
                profile.voucher.road != VoucherRoad::Service || self.voucher.is_some(),
                "platform.voucher",
                "the e-voucher service of this province has keys of its own: they are needed",
            ),
        ];
        let broken = rules.into_iter().filter(|(holds, _, _)| !holds);
        broken.map(|(_, key, problem)| (key, problem)).collect()
    }
}
