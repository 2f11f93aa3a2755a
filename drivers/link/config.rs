//! What the daemon tells its helper about the desk.

use std::path::PathBuf;

/// How to start the helper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceConfig {
    /// The program `zhijie-devices`.
    pub helper_path: PathBuf,
    /// Serial port of the scanner; `None` for a desk without one.
    pub scanner: Option<String>,
    /// Bits a second, 9600 for most hand scanners.
    pub baud: u32,
    /// For scanners that send no suffix: a code ends after this much silence, 40 to 1000 ms.
    pub scanner_gap_ms: Option<u64>,
    /// Use only readers whose name contains this text.
    pub reader: Option<String>,
    /// False for a desk without card reader.
    pub card: bool,
    /// Set for the helper beside the daemon's own environment, e.g. the address of a private card service.
    pub environment: Vec<(String, String)>,
}

impl DeviceConfig {
    /// All card readers, no scanner.
    #[must_use]
    pub const fn new(helper_path: PathBuf) -> Self {
        Self {
            helper_path,
            scanner: None,
            baud: 9_600,
            scanner_gap_ms: None,
            reader: None,
            card: true,
            environment: Vec::new(),
        }
    }

    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        if let Some(scanner) = &self.scanner {
            arguments.extend([format!("--scanner={scanner}"), format!("--baud={}", self.baud)]);
            arguments.extend(self.scanner_gap_ms.map(|gap| format!("--scanner-gap-ms={gap}")));
        }
        arguments.extend(self.reader.as_ref().map(|reader| format!("--reader={reader}")));
        if !self.card {
            arguments.push(String::from("--no-card"));
        }
        arguments
    }
}
