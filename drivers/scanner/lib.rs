//! A code scanner on a serial line.
//!
//! This floor owns the port: finding it by its path or by what is plugged in, opening, losing and finding it again. It
//! never programs a scanner, never logs what was scanned and does not judge whether a code may settle a bill. Start
//! reading at [`Scanner`], then [`serve`].

mod orders;
mod port;
mod serve;
mod usb;
mod watch;

pub use orders::{OrderSender, Orders, ScannerCommand, orders};
pub use port::{Scanner, ScannerSettings};
pub use serve::{ScannerNotice, serve};
pub use usb::{Machine, UsbPort, UsbScanner};
