//! How a desk's configuration names its scanner, and which USB devices are scanners.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The two numbers of a USB device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UsbId {
    pub vendor: u16,
    pub product: u16,
}

impl fmt::Display for UsbId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04x}:{:04x}", self.vendor, self.product)
    }
}

/// Where the scanner is. Written as a path, as `usb:1eab:1306`, as `usb:1eab:1306:SERIAL`, or as `auto`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScannerAddress {
    /// `/dev/ttyACM0`, `COM3`, or a stable link to it.
    Path(String),
    /// Whatever name its port has today.
    Usb { id: UsbId, serial: Option<String> },
    /// The one scanner of a known maker that is in serial mode.
    Auto,
}

/// `usb:` is followed by two numbers of four hex digits, perhaps by a serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be a path, auto, usb:VVVV:PPPP or usb:VVVV:PPPP:SERIAL with four hex digits each")]
pub struct AddressError;

impl FromStr for ScannerAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let Some(usb) = text.strip_prefix("usb:") else {
            return if text.is_empty() {
                Err(AddressError)
            } else {
                Ok(Self::Path(String::from(text)))
            };
        };
        let mut parts = usb.splitn(3, ':');
        let id = UsbId {
            vendor: parts.next().and_then(number).ok_or(AddressError)?,
            product: parts.next().and_then(number).ok_or(AddressError)?,
        };
        let serial = parts.next().map(String::from);
        if serial.as_ref().is_some_and(String::is_empty) {
            return Err(AddressError);
        }
        Ok(Self::Usb { id, serial })
    }
}

impl fmt::Display for ScannerAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => out.write_str(path),
            Self::Usb { id, serial: None } => write!(out, "usb:{id}"),
            Self::Usb {
                id,
                serial: Some(serial),
            } => write!(out, "usb:{id}:{serial}"),
            Self::Auto => out.write_str("auto"),
        }
    }
}

fn number(text: &str) -> Option<u16> {
    (text.len() == 4)
        .then(|| u16::from_str_radix(text, 16).ok())
        .flatten()
}

/// How a scanner shows itself on USB. Most leave the factory as a keyboard; a code in the manual switches them over,
/// and they come back under another product number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScannerMode {
    Serial,
    /// Keyboard, or another mode in which no program can tell its codes from typing.
    Other,
}

/// Maker and mode of a scanner whose numbers are known; `None` for everything else, generic serial bridges included.
///
/// Source: the public USB id list and the makers' manuals.
#[must_use]
pub const fn known_scanner(id: UsbId) -> Option<(&'static str, ScannerMode)> {
    use ScannerMode::{Other, Serial};
    // Newland's last two digits tell the mode: 06 serial, 03 keyboard, 10 point of sale.
    let newland = id.product & 0xff;
    Some(match (id.vendor, id.product) {
        (0x1eab, _) if newland == 0x06 => ("Newland", Serial),
        (0x1eab, _) if newland == 0x03 || newland == 0x10 => ("Newland", Other),
        (0x0c2e, 0x0b6a | 0x0700 | 0x0720) => ("Honeywell", Serial),
        (0x0c2e, _) => ("Honeywell", Other),
        (0x0536, _) => ("Honeywell", Other),
        (0x05e0, 0x1701) => ("Zebra", Serial),
        (0x05e0, 0x1200) => ("Zebra", Other),
        (0x05f9, 0x4204) => ("Datalogic", Serial),
        (0x05f9, 0x2206 | 0x1206) => ("Datalogic", Other),
        (0x065a, 0x0009) => ("Opticon", Serial),
        (0x27dd, 0x0002) => ("Mindeo", Serial),
        (0x0745, _) => ("CipherLab", Serial),
        _ => return None,
    })
}

/// Bridges between USB and a serial line; anything may be behind one.
#[must_use]
pub const fn is_generic_bridge(id: UsbId) -> bool {
    matches!(
        (id.vendor, id.product),
        (0x1a86, 0x7523) | (0x10c4, _) | (0x067b, 0x2303) | (0x0483, 0x5740)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written_the_same_way() {
        let id = UsbId {
            vendor: 0x1eab,
            product: 0x1306,
        };
        for (text, address) in [
            ("/dev/ttyACM0", ScannerAddress::Path(String::from("/dev/ttyACM0"))),
            ("COM3", ScannerAddress::Path(String::from("COM3"))),
            ("auto", ScannerAddress::Auto),
            ("usb:1eab:1306", ScannerAddress::Usb { id, serial: None }),
            (
                "usb:1eab:1306:A:7",
                ScannerAddress::Usb {
                    id,
                    serial: Some(String::from("A:7")),
                },
            ),
        ] {
            assert_eq!(text.parse(), Ok(address.clone()));
            assert_eq!(address.to_string(), text);
        }
        for text in [
            "",
            "usb:",
            "usb:1eab",
            "usb:1eab:13",
            "usb:1eab:13060",
            "usb:wxyz:1306",
            "usb:1eab:1306:",
        ] {
            assert_eq!(text.parse::<ScannerAddress>(), Err(AddressError), "{text}");
        }
    }

    #[test]
    fn the_product_number_tells_the_mode() {
        for (vendor, product, expected) in [
            (0x1eab, 0x1306, Some(("Newland", ScannerMode::Serial))),
            (0x1eab, 0x1303, Some(("Newland", ScannerMode::Other))),
            (0x1eab, 0x1310, Some(("Newland", ScannerMode::Other))),
            (0x1eab, 0x1399, None),
            (0x05e0, 0x1200, Some(("Zebra", ScannerMode::Other))),
            (0x05e0, 0x1701, Some(("Zebra", ScannerMode::Serial))),
            (0x0c2e, 0x0b61, Some(("Honeywell", ScannerMode::Other))),
            (0x1a86, 0x7523, None),
        ] {
            assert_eq!(
                known_scanner(UsbId { vendor, product }),
                expected,
                "{product:04x}"
            );
        }
        let bridge = UsbId {
            vendor: 0x1a86,
            product: 0x7523,
        };
        assert!(is_generic_bridge(bridge));
    }
}
