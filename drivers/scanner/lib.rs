//! A code scanner on a serial line.
//!
//! This floor owns the port: opening, losing and finding it again. It never programs a scanner, never logs what
//! was scanned and does not judge whether a code may settle a bill. Start reading at [`Scanner`], then [`serve`].

mod port;
mod serve;

pub use port::{Scanner, ScannerSettings};
pub use serve::{ScannerCommand, ScannerNotice, serve};
