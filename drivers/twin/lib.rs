//! Twins of the desk devices: a card, a card service and a scanner that behave at byte level.
//!
//! This floor owns what a real card, reader or scanner would do with our bytes, damaged ones included. It is a
//! kit for tests, the demo and desk-software vendors, is never linked into `zhijie` or `zhijie-devices`, and
//! holds invented people only. Start reading at [`CardData`], then [`VirtualCard`], then [`PrivatePcscd`].

mod card;
mod card_keys;
pub mod cli;
mod control;
mod data;
mod files;
mod key_service;
mod pad;
#[cfg(unix)]
mod pcscd;
#[cfg(unix)]
mod scanner;
#[cfg(unix)]
mod script;
#[cfg(unix)]
mod usb;
mod vpcd;

pub use card::{Reply, VirtualCard};
pub use control::{ControlCard, VirtualControl, medium_token};
pub use data::{CardData, Damage, DataError, Generation, Kind, card_number, citizen_number};
pub use key_service::VirtualKeyService;
pub use pad::{Pad, Typed, VirtualPad};
#[cfg(unix)]
pub use pcscd::{PcscdError, PrivatePcscd};
#[cfg(unix)]
pub use scanner::VirtualScanner;
#[cfg(unix)]
pub use script::place_script;
#[cfg(unix)]
pub use usb::UsbTree;
pub use vpcd::VirtualSlot;
