//! What is connected by USB: serial ports, and scanners that are in another mode.

use std::path::{Path, PathBuf};

use zhijie_ports::{DeviceFault, ScannerAddress, UsbId, known_scanner};

/// A serial port behind USB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsbPort {
    /// What is opened, `/dev/ttyACM0` or `COM3`.
    pub path: String,
    pub id: UsbId,
    pub serial: Option<String>,
}

/// A USB device of a scanner's maker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsbScanner {
    pub id: UsbId,
    /// The maker's own name of it, if it has one.
    pub product: Option<String>,
}

/// The machine as the system shows it. Blocks for some milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// `/`; another folder for tests, with `sys` and `dev` below it.
    root: PathBuf,
}

impl Default for Machine {
    fn default() -> Self {
        Self::at(Path::new("/"))
    }
}

impl Machine {
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
        }
    }

    /// The folder in which ports appear and vanish.
    pub(crate) fn dev(&self) -> PathBuf {
        self.root.join("dev")
    }

    /// The port to open now. Names change from plug to plug, so this is asked before every opening.
    ///
    /// # Errors
    /// [`DeviceFault::ScannerUnplugged`] when nothing fits, [`DeviceFault::ScannerNotSerial`] when a scanner is there
    /// in another mode, [`DeviceFault::ScannerAmbiguous`] when more than one fits.
    pub fn find(&self, address: &ScannerAddress) -> Result<String, DeviceFault> {
        let fits = |port: &UsbPort| match address {
            ScannerAddress::Path(_) => false,
            ScannerAddress::Usb { id, serial } => {
                port.id == *id && (serial.is_none() || port.serial == *serial)
            }
            // A port of a known maker is in serial mode, whatever its numbers: it is a port.
            ScannerAddress::Auto => known_scanner(port.id).is_some(),
        };
        if let ScannerAddress::Path(path) = address {
            return Ok(path.clone());
        }
        let mut fitting = self.ports().into_iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(port), None) => Ok(port.path),
            (Some(_), Some(_)) => Err(DeviceFault::ScannerAmbiguous),
            (None, _) => Err(self.why_not(address)),
        }
    }

    fn why_not(&self, address: &ScannerAddress) -> DeviceFault {
        let other = |found: &UsbScanner| match address {
            ScannerAddress::Usb { id, .. } => found.id.vendor == id.vendor,
            ScannerAddress::Auto | ScannerAddress::Path(_) => true,
        };
        if self.scanners_in_other_modes().iter().any(other) {
            DeviceFault::ScannerNotSerial
        } else {
            DeviceFault::ScannerUnplugged
        }
    }

    /// Devices of scanner makers that have no serial port.
    #[must_use]
    pub fn scanners_in_other_modes(&self) -> Vec<UsbScanner> {
        let ports = self.ports();
        let mut found = self.devices();
        found.retain(|device| known_scanner(device.id).is_some());
        found.retain(|device| ports.iter().all(|port| port.id != device.id));
        found
    }
}

#[cfg(target_os = "linux")]
mod system {
    use super::{Machine, Path, PathBuf, UsbId, UsbPort, UsbScanner};

    impl Machine {
        /// Serial ports behind USB, one for each device, by name. A folder that cannot be read holds none.
        #[must_use]
        pub fn ports(&self) -> Vec<UsbPort> {
            let mut devices: Vec<PathBuf> = Vec::new();
            let mut ports = Vec::new();
            for entry in sorted(&self.root.join("sys/class/tty")) {
                let Ok(interface) = entry.join("device").canonicalize() else {
                    continue;
                };
                let Some(device) = interface.ancestors().find(|at| at.join("idVendor").is_file()) else {
                    continue;
                };
                let (Some(id), Some(name)) = (id_of(device), entry.file_name()) else {
                    continue;
                };
                // A device with several lines sends its codes on the first.
                if devices.iter().any(|known| known == device) {
                    continue;
                }
                devices.push(device.to_path_buf());
                ports.push(UsbPort {
                    path: self.dev().join(name).display().to_string(),
                    id,
                    serial: text(&device.join("serial")),
                });
            }
            ports
        }

        pub(super) fn devices(&self) -> Vec<UsbScanner> {
            let found = sorted(&self.root.join("sys/bus/usb/devices"));
            let known = found.iter().filter_map(|device| {
                Some(UsbScanner {
                    id: id_of(device)?,
                    product: text(&device.join("product")),
                })
            });
            known.collect()
        }
    }

    fn sorted(folder: &Path) -> Vec<PathBuf> {
        let entries = folder.read_dir().into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths
    }

    fn id_of(device: &Path) -> Option<UsbId> {
        let number = |name: &str| u16::from_str_radix(&text(&device.join(name))?, 16).ok();
        Some(UsbId {
            vendor: number("idVendor")?,
            product: number("idProduct")?,
        })
    }

    fn text(path: &Path) -> Option<String> {
        let text = std::fs::read_to_string(path).ok()?;
        let text = text.trim();
        (!text.is_empty()).then(|| String::from(text))
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use serialport::SerialPortType;

    use super::{Machine, UsbId, UsbPort, UsbScanner};

    impl Machine {
        /// Serial ports behind USB. A list the system does not give is empty.
        #[must_use]
        pub fn ports(&self) -> Vec<UsbPort> {
            let listed = serialport::available_ports().unwrap_or_default();
            let usb = listed.into_iter().filter_map(|port| match port.port_type {
                SerialPortType::UsbPort(usb) => Some(UsbPort {
                    path: port.port_name,
                    id: UsbId {
                        vendor: usb.vid,
                        product: usb.pid,
                    },
                    serial: usb.serial_number,
                }),
                SerialPortType::PciPort | SerialPortType::BluetoothPort | SerialPortType::Unknown => None,
            });
            usb.collect()
        }

        /// The list of ports tells nothing of devices without one.
        #[expect(clippy::unused_self, reason = "the other system needs it")]
        pub(super) fn devices(&self) -> Vec<UsbScanner> {
            Vec::new()
        }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use zhijie_twin::UsbTree;

    use super::*;

    fn address(text: &str) -> ScannerAddress {
        text.parse().unwrap()
    }

    #[test]
    fn a_scanner_is_found_by_its_numbers_under_whatever_name() {
        let tree = UsbTree::new().unwrap();
        let machine = Machine::at(tree.root());
        let scanner = "usb:1eab:1306".parse().unwrap();
        assert_eq!(machine.find(&scanner), Err(DeviceFault::ScannerUnplugged));
        tree.plug("1-1", 0x1a86, 0x7523, "", &["ttyUSB0"]).unwrap();
        tree.plug("1-2", 0x1eab, 0x1306, "NL7", &["ttyACM3", "ttyACM4"])
            .unwrap();
        let port = |name: &str| Ok(tree.root().join("dev").join(name).display().to_string());
        for (text, expected) in [
            ("usb:1eab:1306", port("ttyACM3")),
            ("usb:1eab:1306:NL7", port("ttyACM3")),
            ("usb:1eab:1306:NL8", Err(DeviceFault::ScannerUnplugged)),
            ("usb:1a86:7523", port("ttyUSB0")),
            ("auto", port("ttyACM3")),
            ("/dev/somewhere", Ok(String::from("/dev/somewhere"))),
        ] {
            assert_eq!(machine.find(&address(text)), expected, "{text}");
        }
        tree.plug("1-3", 0x1eab, 0x1306, "NL8", &["ttyACM0"]).unwrap();
        for (text, expected) in [
            ("usb:1eab:1306", Err(DeviceFault::ScannerAmbiguous)),
            ("auto", Err(DeviceFault::ScannerAmbiguous)),
            ("usb:1eab:1306:NL8", port("ttyACM0")),
        ] {
            assert_eq!(machine.find(&address(text)), expected, "{text}");
        }
        tree.unplug("1-2").unwrap();
        assert_eq!(machine.find(&address("auto")), port("ttyACM0"));
    }

    #[test]
    fn a_scanner_left_as_a_keyboard_is_said() {
        let tree = UsbTree::new().unwrap();
        let machine = Machine::at(tree.root());
        tree.plug("1-1", 0x1eab, 0x1303, "", &[]).unwrap();
        tree.plug("1-4", 0x046d, 0xc31c, "", &[]).unwrap();
        for (text, expected) in [
            ("auto", DeviceFault::ScannerNotSerial),
            ("usb:1eab:1306", DeviceFault::ScannerNotSerial),
            ("usb:05e0:1701", DeviceFault::ScannerUnplugged),
        ] {
            assert_eq!(machine.find(&address(text)), Err(expected), "{text}");
        }
        let found = machine.scanners_in_other_modes();
        assert_eq!(found.len(), 1, "an ordinary keyboard is no scanner");
        assert_eq!(found[0].id.to_string(), "1eab:1303");
    }
}
