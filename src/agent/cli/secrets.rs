//! Fetches the secrets a configuration points to: the gateway's and the keys of messages. Makes nothing.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use zhijie_model::Private;
use zhijie_signer::{FileKey, KeyError, PlainPublicKey, SoftMac};
use zhijie_uplink::{Grant, HeaderFamily, Tif};
use zhijie_wire::{HeaderFamily as Wanted, Profile, SecurityFamily, VoucherRoad};

use super::preflight::read;
use crate::config::{Config, Header, SecretRef};
use crate::keys::{ChannelKeys, Keys};

/// How the gateway knows us.
pub(super) fn header(config: &Config, profile: &Profile) -> anyhow::Result<HeaderFamily> {
    let rule = &profile.header;
    let Some(header) = config
        .platform
        .header
        .as_ref()
        .filter(|_| rule.family != Wanted::None)
    else {
        return Ok(HeaderFamily::None);
    };
    let id = String::from(header.id.fetch("platform.header.id")?.reveal());
    let secret = header.secret.fetch("platform.header.secret")?;
    let tif = |prefix| {
        HeaderFamily::Tif(Tif {
            prefix,
            paasid: id.clone(),
            secret: secret.clone(),
            upper_hex: rule.upper_hex,
        })
    };
    Ok(match rule.family {
        Wanted::None => HeaderFamily::None,
        Wanted::Tif => tif("x-tif"),
        Wanted::Rio => tif("x-rio"),
        Wanted::Ca => HeaderFamily::Ca {
            key: id,
            secret,
            upper_hex: rule.upper_hex,
            mac: Arc::new(SoftMac),
        },
        Wanted::Csb => HeaderFamily::Csb {
            key: id,
            secret,
            version: rule.api_version.clone().unwrap_or_default(),
            mac: Arc::new(SoftMac),
        },
        Wanted::Oauth => HeaderFamily::Oauth(grant(header, profile, id, secret)?),
    })
}

fn grant(header: &Header, profile: &Profile, client: String, secret: Private) -> anyhow::Result<Grant> {
    let rule = profile.header.token.as_ref();
    let rule = rule.ok_or_else(|| anyhow::anyhow!("header.token: missing in the profile"))?;
    Ok(Grant {
        path: rule.path.clone(),
        client,
        secret,
        user: optional("platform.header.user", header.user.as_ref())?,
        password: optional("platform.header.password", header.password.as_ref())?,
        scope: rule.scope.clone(),
        grant: rule.grant.clone(),
        life: Duration::from_secs(u64::from(rule.life_s)),
    })
}

/// Keys for the messages themselves, as far as this province has any.
pub(super) fn keys(config: &Config, profile: &Profile) -> anyhow::Result<Keys> {
    Ok(Keys {
        core: core(config, profile)?,
        voucher: voucher(config, profile)?,
    })
}

fn core(config: &Config, profile: &Profile) -> anyhow::Result<ChannelKeys> {
    let security = &profile.security;
    let mut keys = ChannelKeys::default();
    let Some(signing) = &config.platform.signing else {
        return Ok(keys);
    };
    if security.family == SecurityFamily::Sealed {
        let of_header = config.platform.header.as_ref().map(|header| &header.id);
        let application = match &signing.application {
            Some(named) => Some(named.fetch("platform.signing.application")?),
            None => of_header.map(|id| id.fetch("platform.header.id")).transpose()?,
        };
        if application
            .as_ref()
            .is_none_or(|application| application.reveal().len() < 16)
        {
            anyhow::bail!(
                "platform.signing.application：加密要求至少16位的应用编号\n  platform.signing.application: encryption needs an id of at least 16 characters"
            );
        }
        keys.application = application;
        if let Some(path) = &signing.key {
            let key = own("platform.signing.key", path, signing.key_password.as_ref())?;
            keys.own = Some(Box::new(key));
        }
    }
    if let Some(path) = signing.platform_key.as_ref().filter(|_| security.answers_signed) {
        keys.theirs = Some(Box::new(theirs("platform.signing.platform_key", path)?));
    }
    Ok(keys)
}

fn voucher(config: &Config, profile: &Profile) -> anyhow::Result<ChannelKeys> {
    let Some(voucher) = config
        .platform
        .voucher
        .as_ref()
        .filter(|_| profile.voucher.road == VoucherRoad::Service)
    else {
        return Ok(ChannelKeys::default());
    };
    let key = own(
        "platform.voucher.key",
        &voucher.key,
        voucher.key_password.as_ref(),
    )?;
    Ok(ChannelKeys {
        application: Some(voucher.application.fetch("platform.voucher.application")?),
        secret: Some(voucher.secret.fetch("platform.voucher.secret")?),
        own: Some(Box::new(key)),
        theirs: Some(Box::new(theirs(
            "platform.voucher.service_key",
            &voucher.service_key,
        )?)),
    })
}

fn optional(key: &'static str, secret: Option<&SecretRef>) -> anyhow::Result<Private> {
    let fetched = secret.map(|secret| secret.fetch(key)).transpose()?;
    Ok(fetched.unwrap_or_else(|| Private::new("")))
}

fn own(key: &'static str, path: &Path, password: Option<&SecretRef>) -> anyhow::Result<FileKey> {
    let pem = text(key, path)?;
    let password = password.map(|password| password.fetch(key)).transpose()?;
    FileKey::from_pem(pem.reveal(), password.as_ref().map(Private::reveal))
        .map_err(|error| unusable(key, path, error))
}

fn theirs(key: &'static str, path: &Path) -> anyhow::Result<PlainPublicKey> {
    let pem = text(key, path)?;
    PlainPublicKey::from_text(pem.reveal()).map_err(|error| unusable(key, path, error))
}

fn text(key: &'static str, path: &Path) -> anyhow::Result<Private> {
    let bytes = read(key, path)?;
    let text = String::from_utf8(bytes).map_err(|_| unusable(key, path, KeyError::NotPkcs8))?;
    Ok(Private::new(text))
}

fn unusable(key: &str, path: &Path, error: KeyError) -> anyhow::Error {
    let at = path.display();
    anyhow::anyhow!("{key}：密钥文件 {at} 不可用\n  {key}: {at} {error}")
}
