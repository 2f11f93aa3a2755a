//! What the daemon tells its helper about the desk.

use std::path::PathBuf;

/// How to start the helper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceConfig {
    /// The program `zhijie-devices`.
    pub helper_path: PathBuf,
    /// Where the scanner is, as `zhijie_ports::ScannerAddress` writes it; `None` for a desk without one.
    pub scanner: Option<String>,
    /// Bits a second, 9600 for most hand scanners.
    pub baud: u32,
    /// For scanners that send no suffix: a code ends after this much silence, 40 to 1000 ms.
    pub scanner_gap_ms: Option<u64>,
    /// Use only readers whose name contains this text.
    pub reader: Option<String>,
    /// False for a desk without card reader.
    pub card: bool,
    /// Reads cards in place of PC/SC.
    pub vendor: Option<VendorConfig>,
    /// Set for the helper beside the daemon's own environment, e.g. the address of a private card service.
    pub environment: Vec<(String, String)>,
}

impl DeviceConfig {
    /// All card readers, no scanner.
    #[must_use]
    pub const fn new(helper_path: PathBuf) -> Self {
        Self {
            helper_path,
            scanner: None,
            baud: 9_600,
            scanner_gap_ms: None,
            reader: None,
            card: true,
            vendor: None,
            environment: Vec::new(),
        }
    }

    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        if let Some(scanner) = &self.scanner {
            arguments.extend([format!("--scanner={scanner}"), format!("--baud={}", self.baud)]);
            arguments.extend(self.scanner_gap_ms.map(|gap| format!("--scanner-gap-ms={gap}")));
        }
        arguments.extend(self.reader.as_ref().map(|reader| format!("--reader={reader}")));
        if !self.card {
            arguments.push(String::from("--no-card"));
        }
        arguments.extend(self.vendor.iter().flat_map(VendorConfig::arguments));
        arguments
    }
}

/// A library of a reader's maker or of the province.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorConfig {
    pub library: PathBuf,
    pub interface: VendorInterface,
    pub slot: VendorSlot,
    /// One call may take this long, at most five minutes.
    pub limit_ms: u64,
    /// Passed to the start function of a signed library.
    pub url: String,
    pub user: String,
    /// The library talks to a server of its own: the helper keeps the network, which else is taken from it.
    pub network: bool,
}

/// Functions the library has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VendorInterface {
    /// `iReadCardBas`, eleven fields.
    Basic,
    /// `Init`, `ReadCardBas`: the fields and a signature.
    Signed,
    /// `Init`, `ReadCardBasGZ`.
    SignedGz,
    /// `SDT_OpenPort` and its kin: resident ID cards, at this port.
    ResidentId { port: i32 },
    /// `NationEcTrans`: e-vouchers, scanned and decoded by the library.
    Voucher,
}

/// Where the library looks for the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VendorSlot {
    Contact,
    Contactless,
    /// Contact first.
    Auto,
    /// Contactless first.
    AutoContactless,
}

impl VendorConfig {
    fn arguments(&self) -> Vec<String> {
        let interface = match self.interface {
            VendorInterface::Basic => "basic",
            VendorInterface::Signed => "signed",
            VendorInterface::SignedGz => "signed-gz",
            VendorInterface::ResidentId { .. } => "resident-id",
            VendorInterface::Voucher => "voucher",
        };
        let slot = match self.slot {
            VendorSlot::Contact => "contact",
            VendorSlot::Contactless => "contactless",
            VendorSlot::Auto => "auto",
            VendorSlot::AutoContactless => "auto-contactless",
        };
        let network = self.network.then(|| String::from("--network"));
        let mut arguments = vec![
            format!("--vendor={}", self.library.display()),
            format!("--vendor-interface={interface}"),
            format!("--vendor-slot={slot}"),
            format!("--vendor-limit-ms={}", self.limit_ms),
            format!("--vendor-url={}", self.url),
            format!("--vendor-user={}", self.user),
        ];
        arguments.extend(network);
        if let VendorInterface::ResidentId { port } = self.interface {
            arguments.push(format!("--vendor-port={port}"));
        }
        arguments
    }
}
