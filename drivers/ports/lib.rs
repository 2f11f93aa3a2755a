//! Facts a desk device yields, the traits a device driver fills, and the frames of the device pipe.
//!
//! This floor owns what a card record or a scanned text means, how bytes become facts, and how a device can
//! fail. It never opens a device, a file or a socket and never reads a clock: time comes in as a parameter.
//! It knows nothing of bills and decides nothing about money. Start reading at [`CardReading`] and [`CodeKind`],
//! then [`DeviceFault`], then [`ToHelper`] and [`FromHelper`]; for signatures at [`PrivateKey`].
#![deny(clippy::float_arithmetic, clippy::wildcard_enum_match_arm)]

mod address;
mod atr;
mod basic;
mod card;
mod check;
mod code;
mod fault;
mod framer;
mod goods;
mod id_card;
mod keys;
mod medium;
mod pin;
mod pipe;
mod reader;
mod record;
mod signer;
mod survey;
mod text;
mod vendor;

pub use address::{AddressError, ScannerAddress, ScannerMode, UsbId, is_generic_bridge, known_scanner};
pub use atr::{is_resident_id, reset_info};
pub use basic::{BasicFields, VendorSource};
pub use card::{CardFields, CardGeneration, CardKind, CardReading, CardWarning, VendorPart};
pub use check::{card_number_is_sound, citizen_number_is_sound};
pub use code::{CodeKind, ScannedCode, classify};
pub use fault::DeviceFault;
pub use framer::{Frame, Framer, Framing};
pub use id_card::IdCardReading;
pub use keys::{CardAlgorithm, CardKeys, Drawn, KEY_LIMIT_MS, KeyAsk, KeyProof, NoKeys, Proof};
pub use medium::{MediumAsk, MediumFault, MediumReading, SecurityControl};
pub use pin::{PAD_LIMIT_MS, PinState, PinTask};
pub use pipe::{
    DeviceEvent, FRAME_BYTES_MAX, FrameError, FromHelper, HelperNetwork, HelperStatus, KeyAnswer,
    LEND_LIMIT_MS, Outcome, PIPE_VERSION, ReadRequest, ReaderState, ScannerState, ToHelper, decode_line,
    encode_line,
};
pub use reader::{CardChannel, CardReader, ChannelFault, CodeScanner};
pub use record::{Tag, civil_date, digits, parse_record};
pub use signer::{Mac, MacKind, PrivateKey, PublicKey, SignerFault};
pub use survey::{Survey, SurveyedReader, SurveyedUsb};
pub use text::{DecodedName, decode_name};
pub use vendor::{LibraryProblem, ModuleLack, vendor_fault, vendor_words};
