//! `[devices]`: card readers and scanner of this desk.

use std::path::PathBuf;

use serde::Deserialize;
use zhijie_devicelink::{VendorConfig, VendorInterface, VendorSlot};
use zhijie_ports::ScannerAddress;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Devices {
    /// The device helper; beside `zhijie` when not said.
    pub helper: Option<PathBuf>,
    pub card: bool,
    /// Program that speaks for the control of a security medium.
    pub control: Option<PathBuf>,
    /// Part of the name of the one reader to use.
    pub reader: Option<String>,
    /// Where the scanner is: a path, or as [`ScannerAddress`] writes it.
    pub scanner: Option<String>,
    pub baud: u32,
    /// For scanners that send no suffix: a code ends after this much silence.
    pub scanner_gap_ms: Option<u64>,
    /// A library that reads cards in place of the card service.
    pub vendor: Option<Vendor>,
    /// A reader of resident ID cards beside the card reader.
    pub id_reader: Option<IdReader>,
    /// A library that scans and decodes e-vouchers.
    pub voucher: Option<VoucherLibrary>,
    /// A key service that opens cards of the third generation.
    pub keys: Option<Keys>,
}

/// `[devices.id_reader]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdReader {
    pub library: PathBuf,
    /// 1001 to 1016 on USB, 1 to 16 on serial lines.
    #[serde(default = "id_port_default")]
    pub port: i32,
    /// How long one call may take.
    #[serde(default = "limit_s_default")]
    pub limit_s: u32,
}

const fn id_port_default() -> i32 {
    1_001
}

impl IdReader {
    /// For a device helper of its own.
    #[must_use]
    pub fn settings(&self) -> VendorConfig {
        VendorConfig {
            library: self.library.clone(),
            interface: VendorInterface::ResidentId { port: self.port },
            slot: VendorSlot::Auto,
            limit_ms: u64::from(self.limit_s).saturating_mul(1_000),
            url: String::new(),
            user: String::new(),
            network: false,
        }
    }
}

/// `[devices.voucher]`, where the profile says `voucher.road = "library"`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoucherLibrary {
    pub library: PathBuf,
    /// Where the library finds the decode service; passed at each call.
    #[serde(default)]
    pub url: String,
    /// How long one call may take, the wait for the code included.
    #[serde(default = "scan_limit_s_default")]
    pub limit_s: u32,
}

const fn scan_limit_s_default() -> u32 {
    120
}

impl VoucherLibrary {
    /// For a device helper of its own.
    #[must_use]
    pub fn settings(&self) -> VendorConfig {
        VendorConfig {
            library: self.library.clone(),
            interface: VendorInterface::Voucher,
            slot: VendorSlot::Auto,
            limit_ms: u64::from(self.limit_s).saturating_mul(1_000),
            url: self.url.clone(),
            user: String::new(),
            network: true,
        }
    }
}

/// `[devices.keys]`. Reached with the platform's authority and the institution's certificate.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    pub url: String,
    /// Number of this terminal, for a service that wants it as a ninth field.
    #[serde(default)]
    pub terminal: Option<String>,
}

/// `[devices.vendor]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    pub library: PathBuf,
    #[serde(default)]
    pub interface: Interface,
    #[serde(default)]
    pub slot: Slot,
    /// How long one call may take.
    #[serde(default = "limit_s_default")]
    pub limit_s: u32,
    /// Passed to the start function of a signed library.
    #[serde(default)]
    pub url: String,
    /// The same.
    #[serde(default)]
    pub user: String,
    /// Whether the library talks to a server of its own; signed libraries do where nothing is said.
    #[serde(default)]
    pub network: Option<bool>,
}

/// Functions the library has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interface {
    #[default]
    Basic,
    Signed,
    SignedGz,
}

/// Where the library looks for the card.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    Contact,
    Contactless,
    #[default]
    Auto,
    AutoContactless,
}

const fn limit_s_default() -> u32 {
    20
}

impl Default for Devices {
    fn default() -> Self {
        Self {
            helper: None,
            card: true,
            control: None,
            reader: None,
            scanner: None,
            baud: 9600,
            scanner_gap_ms: None,
            vendor: None,
            id_reader: None,
            voucher: None,
            keys: None,
        }
    }
}

impl Devices {
    pub(super) fn problems(&self) -> [(bool, &'static str, &'static str); 8] {
        let vendor = self.vendor.as_ref();
        let keys = self.keys.as_ref();
        let scanner = self.scanner.as_ref();
        let id_reader = self.id_reader.as_ref();
        let voucher = self.voucher.as_ref();
        let is_terminal = |text: &String| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        [
            (
                id_reader.is_none_or(|reader| matches!(reader.port, 1..=16 | 1_001..=1_016)),
                "devices.id_reader.port",
                "must be 1 to 16 or 1001 to 1016",
            ),
            (
                id_reader.is_none_or(|reader| (1..=60).contains(&reader.limit_s)),
                "devices.id_reader.limit_s",
                "must be 1 to 60 seconds",
            ),
            (
                voucher.is_none_or(|voucher| (1..=300).contains(&voucher.limit_s)),
                "devices.voucher.limit_s",
                "must be 1 to 300 seconds",
            ),
            (
                scanner.is_none_or(|scanner| scanner.parse::<ScannerAddress>().is_ok()),
                "devices.scanner",
                "must be a port, auto, usb:VVVV:PPPP or usb:VVVV:PPPP:SERIAL with four hex digits each",
            ),
            (
                keys.is_none_or(|keys| keys.url.starts_with("https://")),
                "devices.keys.url",
                "must begin with https://",
            ),
            (
                keys.and_then(|keys| keys.terminal.as_ref())
                    .is_none_or(is_terminal),
                "devices.keys.terminal",
                "must have twelve digits",
            ),
            (
                vendor.is_none_or(|vendor| (1..=60).contains(&vendor.limit_s)),
                "devices.vendor.limit_s",
                "must be 1 to 60 seconds",
            ),
            (
                vendor.is_none() || self.reader.is_none(),
                "devices.reader",
                "has no meaning with a vendor library, which finds its reader itself",
            ),
        ]
    }
}

impl Vendor {
    /// For the device helper.
    #[must_use]
    pub fn settings(&self) -> VendorConfig {
        VendorConfig {
            library: self.library.clone(),
            interface: match self.interface {
                Interface::Basic => VendorInterface::Basic,
                Interface::Signed => VendorInterface::Signed,
                Interface::SignedGz => VendorInterface::SignedGz,
            },
            slot: match self.slot {
                Slot::Contact => VendorSlot::Contact,
                Slot::Contactless => VendorSlot::Contactless,
                Slot::Auto => VendorSlot::Auto,
                Slot::AutoContactless => VendorSlot::AutoContactless,
            },
            limit_ms: u64::from(self.limit_s).saturating_mul(1_000),
            url: self.url.clone(),
            user: self.user.clone(),
            network: self.network.unwrap_or(self.interface != Interface::Basic),
        }
    }
}
