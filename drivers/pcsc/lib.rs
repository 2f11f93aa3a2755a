//! Social-security cards over PC/SC.
//!
//! This floor owns which bytes are sent to a card and in which order, and how the card service reports what
//! happens at the readers. It never writes to a card, never tries a PIN or a key of its own account and presents one it
//! was given once at most, never logs a command or an answer, and holds no rule of settlement. Every call may block without bound when a device hangs, so it runs
//! in the helper process on threads somebody else watches. Start reading at [`read_basic`], then [`Reader`],
//! then [`Monitor`].

mod apdu;
mod holders;
mod monitor;
mod pad;
mod pin;
mod prove;
mod reader;
mod sequence;
mod service;
mod survey;
mod tell_apart;

pub use holders::card_service_users;
pub use monitor::{CardNotice, Monitor, Nudge};
pub use pad::{PinPad, verify_at_pad};
pub use pin::{pin_state, verify_pin};
pub use reader::{Reader, ReaderPhase};
pub use sequence::read_basic;
pub use survey::survey_readers;
