//! What must be there before anything starts: certificates, folders, programs. Looks only, makes nothing.

use std::path::Path;

use zhijie_devicelink::KeySender;
use zhijie_uplink::{LineService, SetupError, Uplink, UplinkConfig};
use zhijie_wire::{Profile, VoucherRoad};

use super::{secrets, trouble};
use crate::card_keys;
use crate::config::{Config, Loaded};
use crate::library_bits::is_32_bit;
use crate::machine;

/// Everything wrong with what a configuration points to; each text names its key.
pub(super) fn problems(loaded: &Loaded) -> Vec<String> {
    let config = &loaded.config;
    let mut found = Vec::new();
    found.extend(this_pc(config).err().map(|error| error.to_string()));
    let platform = &config.platform;
    let header = secrets::header(config, &loaded.profile).err();
    let keys = secrets::keys(config, &loaded.profile).err();
    let mut unreadable = Vec::new();
    unreadable.extend(header.into_iter().chain(keys).map(|error| format!("{error:#}")));
    for (key, file) in [
        ("platform.ca", &platform.ca),
        ("platform.client_certificate", &platform.client_certificate),
        ("platform.client_key", &platform.client_key),
    ] {
        unreadable.extend(read(key, file).err().map(|error| format!("{error:#}")));
    }
    if unreadable.is_empty() {
        let uplink = open_uplink(config, &loaded.profile);
        unreadable.extend(uplink.err().map(|error| format!("{error:#}")));
    }
    found.extend(unreadable);
    found.extend(folder("ledger.path", &config.ledger.path));
    found.extend(socket(&config.desk.socket));
    let helper = helper(config);
    if !helper.is_file() {
        found.push(format!(
            "devices.helper：找不到设备程序 {0}\n  devices.helper: there is no program {0}",
            helper.display()
        ));
    }
    for (key, library) in libraries(config) {
        let helper = crate::paths::default_helper_32();
        if config.devices.helper.is_none() && is_32_bit(library) && !helper.is_file() {
            found.push(format!(
                "{key}：这是 32 位的库，需要 32 位的设备程序 {0}\n  {key}: a library of 32 bits needs the device program {0}",
                helper.display()
            ));
        }
    }
    if let Some(control) = config
        .devices
        .control
        .as_ref()
        .filter(|control| !control.is_file())
    {
        let at = control.display();
        found.push(format!(
            "devices.control：找不到读卡控件程序 {at}\n  devices.control: there is no program {at}"
        ));
    }
    if let Some(vendor) = &config.devices.vendor
        && !vendor.library.is_file()
    {
        found.push(format!(
            "devices.vendor.library：找不到读卡库 {0}\n  devices.vendor.library: there is no library {0}",
            vendor.library.display()
        ));
    }
    if let Some(reader) = &config.devices.id_reader
        && !reader.library.is_file()
    {
        found.push(format!(
            "devices.id_reader.library：找不到身份证阅读器的库 {0}\n  devices.id_reader.library: there is no library {0}",
            reader.library.display()
        ));
    }
    match &config.devices.voucher {
        Some(voucher) if !voucher.library.is_file() => found.push(format!(
            "devices.voucher.library：找不到医保码解码库 {0}\n  devices.voucher.library: there is no library {0}",
            voucher.library.display()
        )),
        None if loaded.profile.voucher.road == VoucherRoad::Library => found.push(String::from(
            "devices.voucher：本省由解码库扫医保码，缺少这一节\n  devices.voucher: this province scans e-vouchers by a library, and none is named",
        )),
        Some(_) | None => {}
    }
    found
}

/// The PC the desk slot was given to.
///
/// # Errors
/// It is another one: two PCs with one slot would make the same message ids.
pub(super) fn this_pc(config: &Config) -> anyhow::Result<()> {
    if config.desk.machine.is_another(&machine::this_pc()) {
        return Err(trouble::OtherPc(config.desk.slot).into());
    }
    Ok(())
}

/// The device helper that will be started.
pub(super) fn helper(config: &Config) -> std::path::PathBuf {
    let named = config.devices.helper.clone();
    named.unwrap_or_else(crate::paths::default_helper)
}

/// The one for a library: of as many bits as the library, unless the configuration names one. Where there is none of 32 bits
/// the usual one is started, and says of the library what is wrong.
pub(super) fn helper_for(config: &Config, library: &Path) -> std::path::PathBuf {
    let small = crate::paths::default_helper_32();
    match &config.devices.helper {
        None if is_32_bit(library) && small.is_file() => small,
        Some(_) | None => helper(config),
    }
}

/// Every library of the configuration, under the key that names it.
fn libraries(config: &Config) -> impl Iterator<Item = (&'static str, &Path)> {
    let devices = &config.devices;
    [
        (
            "devices.vendor.library",
            devices.vendor.as_ref().map(|of| &of.library),
        ),
        (
            "devices.id_reader.library",
            devices.id_reader.as_ref().map(|of| &of.library),
        ),
        (
            "devices.voucher.library",
            devices.voucher.as_ref().map(|of| &of.library),
        ),
    ]
    .into_iter()
    .filter_map(|(key, library)| Some((key, library?.as_path())))
}

/// Reads certificates and key and makes sure that they fit; opens no connection.
pub(super) fn open_uplink(config: &Config, profile: &Profile) -> anyhow::Result<Uplink> {
    let made = Uplink::new(&uplink_config(config, profile)?);
    made.map_err(|error| {
        let key = key_of(&error);
        anyhow::Error::new(error).context(format!(
            "{key}：平台连接的配置不可用\n  {key}: cannot prepare the connection to the platform"
        ))
    })
}

/// Starts to answer what cards ask, where there is a key service.
pub(super) fn key_service(config: &Config, profile: &Profile) -> anyhow::Result<Option<KeySender>> {
    let Some(keys) = &config.devices.keys else {
        return Ok(None);
    };
    let made = LineService::new(&uplink_config(config, profile)?, &keys.url, card_keys::WITHIN);
    let service = made.map_err(|error| {
        anyhow::Error::new(error).context(
            "devices.keys：密钥服务的配置不可用\n  devices.keys: cannot prepare the connection to the key service",
        )
    })?;
    Ok(Some(card_keys::serve(service, keys.terminal.clone())))
}

fn uplink_config(config: &Config, profile: &Profile) -> anyhow::Result<UplinkConfig> {
    let platform = &config.platform;
    Ok(UplinkConfig {
        base_url: platform.url.clone(),
        ca_pem: read("platform.ca", &platform.ca)?,
        client_cert_pem: read("platform.client_certificate", &platform.client_certificate)?,
        client_key_pem: read("platform.client_key", &platform.client_key)?,
        header: secrets::header(config, profile)?,
        content_type: profile.envelope.content_type,
        connect_timeout: std::time::Duration::from_millis(profile.timeouts.connect_ms),
        answer_bytes_max: zhijie_wire::ANSWER_BYTES_MAX,
    })
}

pub(super) fn read(key: &str, path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| trouble::of_file(key, path, error).into())
}

fn key_of(error: &SetupError) -> &'static str {
    match error {
        SetupError::BaseUrl => "platform.url",
        SetupError::NoCertificate(what) | SetupError::Pem(what, _) if what.contains("authorit") => {
            "platform.ca"
        }
        SetupError::Pem(what, _) if what.contains("key") => "platform.client_key",
        SetupError::NoCertificate(_) | SetupError::Pem(..) => "platform.client_certificate",
        SetupError::Authority(_) => "platform.ca",
        SetupError::ClientCertificate(_) => "platform.client_certificate, platform.client_key",
        SetupError::ApplicationId => "platform.header.id",
        SetupError::Versions(_) | SetupError::Client(_) => "platform",
    }
}

/// What is wrong with the place of the desk's socket.
#[cfg(unix)]
fn socket(path: &Path) -> Option<String> {
    folder("desk.socket", path)
}

/// What is wrong with the name of the desk's pipe; that somebody listens there is no fault of the configuration.
#[cfg(windows)]
fn socket(path: &Path) -> Option<String> {
    let refused = zhijie_desk::Server::check(path).err()?;
    if let zhijie_desk::ServerError::InUse(_) = refused {
        return None;
    }
    let at = path.display();
    Some(format!(
        "desk.socket：{at} 不是可用的命名管道名\n  desk.socket: {at} is no name for a pipe here, like {}: {refused}",
        crate::paths::default_socket().display()
    ))
}

/// What is wrong with the folder in which this file is to be made.
fn folder(key: &str, file: &Path) -> Option<String> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let at = folder.display();
    if !folder.is_dir() {
        return Some(format!(
            "{key}：文件夹 {at} 不存在\n  {key}: there is no folder {at}"
        ));
    }
    let refused = may_make_files(folder).err()?;
    Some(format!(
        "{key}：文件夹 {at} 不可写\n  {key}: the folder {at} cannot be written to: {refused}"
    ))
}

#[cfg(unix)]
fn may_make_files(folder: &Path) -> std::io::Result<()> {
    let needed = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
    Ok(rustix::fs::access(folder, needed)?)
}

/// Rights of a folder say little on Windows: an empty file is made and deleted.
#[cfg(windows)]
fn may_make_files(folder: &Path) -> std::io::Result<()> {
    let trial = folder.join(format!(".zj{}", std::process::id()));
    std::fs::File::create_new(&trial)?;
    std::fs::remove_file(&trial)
}
