//! The error numbers of reader libraries.
//!
//! Source: nationwide reader interface of 2016, table of results. A status word of the card comes back as its negative
//! value.

use serde::{Deserialize, Serialize};
use zhijie_model::Private;

use crate::card::CardKind;
use crate::fault::DeviceFault;
use crate::record::Tag;

/// What a reader lacks to open a card of the third generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModuleLack {
    /// No security module is in the reader.
    Module,
    /// It does not know the card's algorithm.
    Algorithm,
    /// It does not hold the read key.
    Key,
    /// Its key is of another level.
    KeyLevel,
}

/// Why a library cannot be used at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LibraryProblem {
    Missing,
    /// There, but of so many bits, and the helper is not.
    OtherBits(u32),
    /// There, but the system does not load it: mostly something it needs is not there.
    NotLoadable,
    /// Loads, but lacks a function of the interface it is configured for.
    NoFunction,
    /// Its start function failed.
    NotStarted(i32),
}

impl LibraryProblem {
    /// English, for the engineer.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Missing => "there is no such file",
            Self::OtherBits(32) => "it has 32 bits and needs a device helper of 32 bits",
            Self::OtherBits(_) => "it has 64 bits and needs a device helper of 64 bits",
            Self::NotLoadable => "the system does not load it (a library it needs may be missing)",
            Self::NoFunction => "it lacks a function of the configured interface",
            Self::NotStarted(_) => "its start function failed",
        }
    }
}

/// The fault of a result number; `said` is the text the library gave with it. `None` for success.
#[must_use]
pub fn vendor_fault(code: i32, said: Option<Private>) -> Option<DeviceFault> {
    let module = |lack| DeviceFault::SecurityModule { lack };
    Some(match code {
        0 => return None,
        -1 => DeviceFault::NotSocialSecurityCard {
            kind: CardKind::Other,
        },
        -2 => DeviceFault::NoCard,
        -3 | -4 => DeviceFault::CardMute,
        -11 => DeviceFault::ReaderSilent,
        -12 => DeviceFault::NoReader,
        -20 => DeviceFault::RecordGarbled {
            tag: Tag::IDENTIFICATION,
        },
        -21 => DeviceFault::CardNotGenuine,
        -22 => DeviceFault::CardRemoved,
        -24 => module(ModuleLack::KeyLevel),
        -31 | -32 => DeviceFault::PinNotGiven,
        -33 | -34 | -41 | -42 => DeviceFault::PinMalformed,
        -51 => match said.as_ref().and_then(tries_left) {
            Some(left) => DeviceFault::PinWrong { left },
            None => DeviceFault::VendorRefused { code, said },
        },
        -52 => DeviceFault::PinBlocked,
        -2201 => module(ModuleLack::Module),
        -2202 => module(ModuleLack::Algorithm),
        -2203 => module(ModuleLack::Key),
        _ => match status_word(code) {
            Some(0x6A88) => module(ModuleLack::Key),
            Some(0x6A82) => DeviceFault::NotSocialSecurityCard {
                kind: CardKind::Other,
            },
            Some(0x6A81 | 0x6985 | 0x9303) => DeviceFault::CardLocked,
            Some(status) => DeviceFault::CardRefused { status },
            None => DeviceFault::VendorRefused { code, said },
        },
    })
}

/// What the table says of a number, for the engineer; the library's own words may be missing or wrong.
#[must_use]
pub const fn vendor_words(code: i32) -> &'static str {
    match code {
        -1 => "wrong kind of card",
        -2 => "no card",
        -3 => "the card is not powered",
        -4 => "the card does not answer",
        -5 => "the library could not load a library of its own",
        -11 => "the link to the reader failed",
        -12 => "the reader is not connected",
        -13 => "the reader does not support this",
        -14 => "a parameter is wrong",
        -15 => "a checksum is wrong",
        -20 => "the identification code is malformed",
        -21 => "internal authentication failed",
        -22 => "the data passed are not those of the card",
        -23 => "the data passed are not allowed",
        -24 => "the key of the security module is of another level",
        -31 => "the holder cancelled the PIN",
        -32 => "no PIN was entered in time",
        -33 => "the PIN has a wrong length",
        -34 => "the two new PINs differ",
        -35 | -36 => "reserved",
        -41 => "a character is not allowed",
        -42 => "a length is wrong",
        -51 => "the PIN is wrong",
        -52 => "the PIN is blocked",
        -2201 => "there is no security module",
        -2202 => "the security module lacks the algorithm",
        -2203 => "the security module lacks the read key",
        -2204 => "no key service is needed for this",
        _ => "not in the table of the interface",
    }
}

/// The one digit of the library's words about a wrong PIN.
fn tries_left(said: &Private) -> Option<u8> {
    let mut digits = said
        .reveal()
        .chars()
        .filter_map(|character| character.to_digit(10));
    let left = digits.next().filter(|_| digits.next().is_none())?;
    u8::try_from(left).ok()
}

/// The status word behind a number: 6000 to 6FFF and 9000 to 9FFF, negated.
fn status_word(code: i32) -> Option<u16> {
    let word = u16::try_from(code.checked_neg()?).ok()?;
    matches!(word >> 12, 0x6 | 0x9).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every number of the interface's table, with the status words as they are printed there.
    const TABLE: [i32; 50] = [
        -1, -2, -3, -4, -5, -11, -12, -13, -14, -15, -20, -21, -22, -23, -24, -31, -32, -33, -34, -35, -36,
        -41, -42, -51, -52, -2201, -2202, -2203, -2204, -25536, -25537, -25538, -26368, -26881, -27009,
        -27010, -27011, -27012, -27013, -27016, -27264, -27265, -27266, -27267, -27272, -37634, -37635,
        -37891, -37894, -24577,
    ];

    #[test]
    fn every_number_has_a_fault_and_a_text() {
        for code in TABLE {
            let fault = vendor_fault(code, None).unwrap();
            assert!(!fault.to_string().is_empty(), "{code}");
            if code > -3000 {
                assert_ne!(vendor_words(code), vendor_words(-9), "{code}");
                assert!(!matches!(fault, DeviceFault::CardRefused { .. }), "{code}");
            }
        }
        assert_eq!(vendor_fault(0, None), None);
    }

    #[test]
    fn status_words_are_found_in_their_numbers() {
        let table = [
            (-25536, DeviceFault::CardRefused { status: 0x63C0 }),
            (-27010, DeviceFault::CardRefused { status: 0x6982 }),
            (
                -27272,
                DeviceFault::SecurityModule {
                    lack: ModuleLack::Key,
                },
            ),
            (-27265, DeviceFault::CardLocked),
            (-37891, DeviceFault::CardRefused { status: 0x9403 }),
            (
                i32::MIN,
                DeviceFault::VendorRefused {
                    code: i32::MIN,
                    said: None,
                },
            ),
            (
                -51,
                DeviceFault::VendorRefused {
                    code: -51,
                    said: None,
                },
            ),
            (7, DeviceFault::VendorRefused { code: 7, said: None }),
        ];
        for (code, fault) in table {
            assert_eq!(vendor_fault(code, None), Some(fault), "{code}");
        }
        let said = Some(Private::new("密码错误，还剩 2 次"));
        assert_eq!(vendor_fault(-51, said), Some(DeviceFault::PinWrong { left: 2 }));
    }
}
