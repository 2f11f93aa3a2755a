//! Card readers that can only be reached through their maker's or a province's library.
//!
//! This floor owns the C side of such a library: finding its functions, lending it bounded buffers, and turning what it
//! wrote into facts. It trusts nothing it gets back. It never writes to a card, never passes a PIN, never logs an
//! answer. A library may hang, crash or write where it must not: it is loaded in the helper process alone, on a thread
//! somebody else watches, and after [`DeviceFault::VendorOverran`](zhijie_ports::DeviceFault::VendorOverran) the
//! process has to end. Start reading at [`VendorReader`], then `guard`.

mod functions;
mod guard;
mod id_reader;
mod load;
mod reader;
mod voucher;

pub use functions::{Interface, Slot};
pub use id_reader::{IdReader, IdReaderSettings};
pub use reader::{VendorReader, VendorSettings};
pub use voucher::{VoucherLibrary, VoucherSettings, voucher_answer};
