//! The part of the command line that names a vendor library.

use std::path::PathBuf;

use clap::ValueEnum;
use zhijie_vendor::{IdReaderSettings, Interface, Slot, VendorSettings, VoucherSettings};

use crate::run::VendorPlan;
use crate::workers::Foreign;

#[derive(Debug, clap::Args)]
pub(crate) struct VendorArgs {
    /// Read cards through this library of a reader's maker or of the province, and not over PC/SC
    #[arg(long, value_name = "LIBRARY")]
    vendor: Option<PathBuf>,
    /// Functions the library has
    #[arg(long, value_enum, default_value_t = VendorInterface::Basic)]
    vendor_interface: VendorInterface,
    /// Port of a resident ID reader: 1001 to 1016 on USB, 1 to 16 on serial lines
    #[arg(long, value_name = "NUMBER", default_value_t = 1_001, value_parser = clap::value_parser!(i32).range(1..=1_016))]
    vendor_port: i32,
    /// Where the library looks for the card
    #[arg(long, value_enum, default_value_t = VendorSlot::Auto)]
    vendor_slot: VendorSlot,
    /// One call of the library may take this long, then this process ends
    #[arg(long, value_name = "MS", default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(100..=300_000))]
    vendor_limit_ms: u64,
    /// Passed to the start function of a signed library, and to an e-voucher library at each call
    #[arg(long, value_name = "URL", default_value = "")]
    vendor_url: String,
    /// Passed to the start function of a signed library
    #[arg(long, value_name = "NAME", default_value = "")]
    vendor_user: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum VendorInterface {
    /// iReadCardBas
    Basic,
    /// Init and ReadCardBas with a signature
    Signed,
    /// Init and ReadCardBasGZ with a signature
    SignedGz,
    /// SDT_OpenPort and its kin: resident ID cards
    ResidentId,
    /// NationEcTrans: e-vouchers, scanned by the library
    Voucher,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum VendorSlot {
    Contact,
    Contactless,
    Auto,
    AutoContactless,
}

impl VendorArgs {
    /// `None` without a library.
    pub(crate) fn plan(self) -> Option<VendorPlan> {
        let library = self.vendor?;
        let slot = match self.vendor_slot {
            VendorSlot::Contact => Slot::Contact,
            VendorSlot::Contactless => Slot::Contactless,
            VendorSlot::Auto => Slot::Auto,
            VendorSlot::AutoContactless => Slot::AutoContactless,
        };
        let (url, user, port) = (self.vendor_url, self.vendor_user, self.vendor_port);
        let cards = |library, interface| {
            Foreign::Cards(VendorSettings {
                library,
                interface,
                slot,
                url: url.clone(),
                user,
            })
        };
        let settings = match self.vendor_interface {
            VendorInterface::Basic => cards(library, Interface::Basic),
            VendorInterface::Signed => cards(library, Interface::Signed),
            VendorInterface::SignedGz => cards(library, Interface::SignedGz),
            VendorInterface::ResidentId => Foreign::ResidentId(IdReaderSettings { library, port }),
            VendorInterface::Voucher => Foreign::Voucher(VoucherSettings { library, url }),
        };
        Some(VendorPlan {
            settings,
            limit_ms: self.vendor_limit_ms,
        })
    }
}
