//! How reading a card or a code can fail.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zhijie_model::{Area, Link, Private};

use crate::card::CardKind;
use crate::code::CodeKind;
use crate::record::Tag;
use crate::vendor::{LibraryProblem, ModuleLack, vendor_words};

/// Why no identity came from the desk devices. Carries nothing about a person, so it may be logged and shown.
/// No variant ever means that money moved.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum DeviceFault {
    #[error("no card reader is connected")]
    NoReader,
    #[error("no card was inserted in time")]
    NoCard,
    #[error("the card was removed or exchanged while it was read")]
    CardRemoved,
    #[error("the card gives no answer to reset")]
    CardMute,
    #[error("the card is not a social-security card but {kind:?}")]
    NotSocialSecurityCard { kind: CardKind },
    #[error("the card is locked by its issuer")]
    CardLocked,
    #[error("the card expired after {valid_until}")]
    CardExpired { valid_until: Date },
    #[error("record {tag} is missing on the card")]
    RecordMissing { tag: Tag },
    #[error("record {tag} on the card is garbled")]
    RecordGarbled { tag: Tag },
    /// Card part known, holder part closed: card of the third generation.
    #[error("holder data of card version {version} needs a security module")]
    NeedsSecurityModule {
        region: Area,
        version: String,
        valid_until: Option<Date>,
    },
    /// The reader has a security module and it does not fit, or a vendor library misses one.
    #[error("the reader's security module does not serve this card: {lack:?} is missing")]
    SecurityModule { lack: ModuleLack },
    #[error("the card did not prove itself genuine")]
    CardNotGenuine,
    /// The card was reset before the proof came, or nobody can be reached.
    #[error("the key service gave no answer in time")]
    KeyServiceSilent,
    #[error("the key service refused")]
    KeyServiceRefused {
        /// Its own words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        said: Option<Private>,
    },
    #[error("the key service answered with no two proofs")]
    KeyServiceGarbled,
    /// Each wrong proof costs a try of the card's read key; it is never presented again.
    #[error("the card refused the proof of the key service, tries left: {left}")]
    ProofRefused { left: u8 },
    #[error("the read key of the card is blocked")]
    ReadKeyBlocked,
    #[error("the PIN is wrong, tries left: {left}")]
    PinWrong { left: u8 },
    #[error("the PIN is blocked")]
    PinBlocked,
    #[error("no PIN was entered")]
    PinNotGiven,
    #[error("the card reader has no key pad that verifies a PIN")]
    NoKeyPad,
    #[error("the PIN has a form no card takes")]
    PinMalformed,
    #[error("the vendor library cannot be used: {}", problem.words())]
    VendorUnusable { problem: LibraryProblem },
    /// A result number without a fault of its own.
    #[error("the vendor library answered {code}: {}", vendor_words(*code))]
    VendorRefused {
        code: i32,
        /// The library's own words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        said: Option<Private>,
    },
    /// `field` counts from 1; 0 is the answer as a whole.
    #[error("field {field} of the vendor library's answer is garbled")]
    VendorGarbled { field: u8 },
    /// Memory can no longer be trusted; the helper ends.
    #[error("the vendor library wrote beyond its buffer")]
    VendorOverran,
    #[error("the device helper died inside the vendor library")]
    VendorCrashed,
    #[error("the vendor library did not come back")]
    VendorSilent,
    /// A status word the sequence has no use for.
    #[error("the card refused a command with {status:04X}")]
    CardRefused { status: u16 },
    #[error("another program holds the card reader{}", named(by))]
    ReaderBusy {
        /// Programs that use the card service, as far as the system tells; one of them holds it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        by: Vec<String>,
    },
    #[error("the card reader does not answer")]
    ReaderSilent,
    #[error("the card reader or its driver failed with code {code:#x}")]
    ReaderFailed { code: u32 },
    #[error("the card service is not running")]
    CardServiceDown,
    #[error("this user may not use the card service")]
    CardServiceForbidden,
    #[error("no scanner is configured")]
    NoScanner,
    #[error("the scanner is not connected")]
    ScannerUnplugged,
    #[error("another program holds the scanner port")]
    ScannerBusy,
    #[error("this user may not open the scanner port")]
    ScannerForbidden,
    /// More than one device fits what the configuration says.
    #[error("several scanners fit, and none is chosen")]
    ScannerAmbiguous,
    /// It types codes like a keyboard; no program can tell them from typing.
    #[error("the scanner is connected but not in serial mode")]
    ScannerNotSerial,
    #[error("the scanned code is not an e-voucher but {kind:?}")]
    NotAVoucher { kind: CodeKind },
    #[error("the scanner sent something that is no text")]
    CodeUnreadable,
    #[error("the read was cancelled")]
    Cancelled,
    #[error("neither card nor code was shown in time")]
    TimedOut,
    #[error("a read is already in progress")]
    ReadInProgress,
    #[error("the device helper is not running")]
    HelperDown,
    #[error("the device helper spoke an unknown language")]
    HelperProtocol,
}

fn named(by: &[String]) -> String {
    if by.is_empty() {
        String::new()
    } else {
        format!(", one of: {}", by.join(", "))
    }
}

impl DeviceFault {
    /// Another program holds the reader, and nobody said which.
    pub const BUSY: Self = Self::ReaderBusy { by: Vec::new() };

    /// Which link is to blame.
    #[must_use]
    pub const fn link(&self) -> Link {
        match self {
            Self::NoReader
            | Self::NoCard
            | Self::CardRemoved
            | Self::CardMute
            | Self::NotSocialSecurityCard { .. }
            | Self::CardLocked
            | Self::CardExpired { .. }
            | Self::RecordMissing { .. }
            | Self::RecordGarbled { .. }
            | Self::NeedsSecurityModule { .. }
            | Self::CardRefused { .. }
            | Self::SecurityModule { .. }
            | Self::CardNotGenuine
            | Self::KeyServiceSilent
            | Self::KeyServiceRefused { .. }
            | Self::KeyServiceGarbled
            | Self::ProofRefused { .. }
            | Self::ReadKeyBlocked
            | Self::PinWrong { .. }
            | Self::PinBlocked
            | Self::PinNotGiven
            | Self::NoKeyPad
            | Self::PinMalformed
            | Self::VendorUnusable { .. }
            | Self::VendorRefused { .. }
            | Self::VendorGarbled { .. }
            | Self::VendorOverran
            | Self::VendorCrashed
            | Self::VendorSilent
            | Self::ReaderBusy { .. }
            | Self::ReaderSilent
            | Self::ReaderFailed { .. }
            | Self::CardServiceDown
            | Self::CardServiceForbidden => Link::Card,
            Self::NoScanner
            | Self::ScannerUnplugged
            | Self::ScannerBusy
            | Self::ScannerForbidden
            | Self::ScannerAmbiguous
            | Self::ScannerNotSerial
            | Self::NotAVoucher { .. }
            | Self::CodeUnreadable => Link::Scanner,
            Self::Cancelled | Self::TimedOut | Self::ReadInProgress => Link::Desk,
            Self::HelperDown | Self::HelperProtocol => Link::Agent,
        }
    }
}
