//! The part of the command line that names a vendor library.

use std::path::PathBuf;

use clap::ValueEnum;
use zhijie_vendor::{Interface, Slot, VendorSettings};

use crate::run::VendorPlan;

#[derive(Debug, clap::Args)]
pub(crate) struct VendorArgs {
    /// Read cards through this library of a reader's maker or of the province, and not over PC/SC
    #[arg(long, value_name = "LIBRARY")]
    vendor: Option<PathBuf>,
    /// Functions the library has
    #[arg(long, value_enum, default_value_t = VendorInterface::Basic)]
    vendor_interface: VendorInterface,
    /// Where the library looks for the card
    #[arg(long, value_enum, default_value_t = VendorSlot::Auto)]
    vendor_slot: VendorSlot,
    /// One call of the library may take this long, then this process ends
    #[arg(long, value_name = "MS", default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(100..=60_000))]
    vendor_limit_ms: u64,
    /// Passed to the start function of a signed library
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
        let settings = VendorSettings {
            library: self.vendor?,
            interface: match self.vendor_interface {
                VendorInterface::Basic => Interface::Basic,
                VendorInterface::Signed => Interface::Signed,
                VendorInterface::SignedGz => Interface::SignedGz,
            },
            slot: match self.vendor_slot {
                VendorSlot::Contact => Slot::Contact,
                VendorSlot::Contactless => Slot::Contactless,
                VendorSlot::Auto => Slot::Auto,
                VendorSlot::AutoContactless => Slot::AutoContactless,
            },
            url: self.vendor_url,
            user: self.vendor_user,
        };
        Some(VendorPlan {
            settings,
            limit_ms: self.vendor_limit_ms,
        })
    }
}
