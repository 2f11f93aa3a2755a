//! One open serial port.
#![cfg_attr(
    unix,
    expect(
        unsafe_code,
        reason = "the serial library gives the number of its file only; lent where marked"
    )
)]

use std::fmt;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serialport::{ClearBuffer, DataBits, FlowControl, Parity, SerialPort, StopBits};
use zhijie_ports::{CodeScanner, DeviceFault, Frame, Framer, Framing, ScannedCode, ScannerAddress};

use crate::usb::Machine;

#[cfg(not(unix))]
use serialport::COMPort as Line;
#[cfg(unix)]
use serialport::TTYPort as Line;

/// How often an open port is looked for in the system's list: some drivers never say that a device is gone. Where the
/// system tells of ports that vanish this is a second net.
pub(crate) const PROBE: Duration = if cfg!(target_os = "linux") {
    Duration::from_secs(30)
} else {
    Duration::from_secs(3)
};

/// How the scanner is connected. Always eight data bits, no parity, one stop bit, no flow control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannerSettings {
    pub address: ScannerAddress,
    /// Where an address that is no path is looked for.
    pub machine: Machine,
    /// Bits a second; 9600 for most hand scanners, ignored by USB ones.
    pub baud: u32,
    pub framing: Framing,
}

impl ScannerSettings {
    /// The folder in which the port appears is the one this path is in.
    pub(crate) fn expected(&self) -> PathBuf {
        match &self.address {
            ScannerAddress::Path(path) => PathBuf::from(path),
            ScannerAddress::Usb { .. } | ScannerAddress::Auto => self.machine.dev().join("tty"),
        }
    }
}

/// An open scanner port.
pub struct Scanner {
    port: Line,
    path: PathBuf,
    /// What the path led to.
    target: Option<PathBuf>,
    framer: Framer,
}

impl fmt::Debug for Scanner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Scanner({})", self.path.display())
    }
}

impl Scanner {
    /// Opens the port for ourselves alone; a read waits for nothing.
    ///
    /// # Errors
    /// [`DeviceFault::ScannerBusy`] when another program holds the port, [`DeviceFault::ScannerForbidden`] when
    /// this user has no right to it, else why it was not found; blames the scanner. On Windows a busy port looks like a
    /// missing one.
    pub fn open(settings: &ScannerSettings) -> Result<Self, DeviceFault> {
        Self::open_reading(settings, Duration::ZERO)
    }

    /// As [`Scanner::open`]; one read waits for bytes for `limit`.
    pub(crate) fn open_reading(settings: &ScannerSettings, limit: Duration) -> Result<Self, DeviceFault> {
        let path = settings.machine.find(&settings.address)?;
        let line = serialport::new(&path, settings.baud)
            .data_bits(DataBits::Eight)
            .parity(Parity::None)
            .stop_bits(StopBits::One)
            .flow_control(FlowControl::None)
            .timeout(limit);
        match line.open_native() {
            Ok(port) => Ok(Self {
                port,
                target: target(Path::new(&path)),
                path: PathBuf::from(path),
                framer: Framer::new(settings.framing),
            }),
            Err(error) => {
                tracing::debug!(%error, "Scanner port does not open");
                Err(refused(&error))
            }
        }
    }

    /// Goes on where a port that was lost left off, so that a code repeated after a replug is still one scan.
    #[must_use]
    pub fn resume(mut self, framer: Framer) -> Self {
        self.framer = framer;
        self
    }

    /// Closes the port and keeps what must outlive it.
    #[must_use]
    pub fn close(mut self) -> Framer {
        self.framer.clear();
        // Where somebody else keeps the line open the claim would outlive us. A port that is gone has none.
        #[cfg(unix)]
        let _ = self.port.set_exclusive(false);
        self.framer
    }

    /// How long until silence may end a code; `None` while only bytes can.
    pub(crate) fn due(&self, now_ms: u64) -> Option<Duration> {
        self.framer.due_ms(now_ms).map(Duration::from_millis)
    }

    /// Lets silence end a code.
    pub(crate) fn silent(&mut self, now_ms: u64) -> Vec<Result<ScannedCode, DeviceFault>> {
        codes(self.framer.tick(now_ms))
    }

    /// Whether the system still lists what was opened.
    pub(crate) fn is_listed(&self) -> bool {
        target(&self.path) == self.target
    }
}

#[cfg(unix)]
impl std::os::fd::AsFd for Scanner {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        use std::os::fd::AsRawFd;
        // SAFETY: the number is that of the port's own file, which stays open as long as the port it is borrowed from.
        unsafe { std::os::fd::BorrowedFd::borrow_raw(self.port.as_raw_fd()) }
    }
}

impl CodeScanner for Scanner {
    fn clear(&mut self) -> Result<(), DeviceFault> {
        self.framer.clear();
        self.port
            .clear(ClearBuffer::Input)
            .map_err(|_| DeviceFault::ScannerUnplugged)
    }

    fn next_codes(
        &mut self,
        now_ms: &dyn Fn() -> u64,
    ) -> Result<Vec<Result<ScannedCode, DeviceFault>>, DeviceFault> {
        let mut buffer = [0_u8; 1024];
        let frames = match self.port.read(&mut buffer) {
            Ok(0) => return Err(DeviceFault::ScannerUnplugged),
            Ok(length) => self
                .framer
                .push(buffer.get(..length).unwrap_or_default(), now_ms()),
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::Interrupted) => {
                self.framer.tick(now_ms())
            }
            Err(error) => {
                tracing::debug!(%error, "Scanner port was lost");
                return Err(DeviceFault::ScannerUnplugged);
            }
        };
        Ok(codes(frames))
    }
}

fn codes(frames: Vec<Frame>) -> Vec<Result<ScannedCode, DeviceFault>> {
    let code = |frame| match frame {
        Frame::Code(code) => Ok(code),
        Frame::Unreadable => Err(DeviceFault::CodeUnreadable),
    };
    frames.into_iter().map(code).collect()
}

/// What the path leads to now; `None` when it leads nowhere.
#[cfg(unix)]
fn target(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

/// The port itself while it is listed. Its name is no path here.
#[cfg(not(unix))]
fn target(path: &Path) -> Option<PathBuf> {
    let listed = serialport::available_ports().ok()?;
    let found = listed
        .into_iter()
        .find(|port| Path::new(&port.port_name) == path)?;
    Some(PathBuf::from(found.port_name))
}

/// Why a port did not open.
fn refused(error: &serialport::Error) -> DeviceFault {
    match error.kind {
        _ if error.description.contains("exclusive lock") => DeviceFault::ScannerBusy,
        serialport::ErrorKind::Io(ErrorKind::ResourceBusy) => DeviceFault::ScannerBusy,
        serialport::ErrorKind::Io(ErrorKind::PermissionDenied) => DeviceFault::ScannerForbidden,
        _ => DeviceFault::ScannerUnplugged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_does_not_open_says_why() {
        use serialport::ErrorKind as Kind;
        let table = [
            (
                Kind::NoDevice,
                "Unable to acquire exclusive lock on serial port",
                DeviceFault::ScannerBusy,
            ),
            (
                Kind::Io(ErrorKind::ResourceBusy),
                "busy",
                DeviceFault::ScannerBusy,
            ),
            (
                Kind::Io(ErrorKind::PermissionDenied),
                "Permission denied",
                DeviceFault::ScannerForbidden,
            ),
            (
                Kind::Io(ErrorKind::NotFound),
                "No such file",
                DeviceFault::ScannerUnplugged,
            ),
            (Kind::NoDevice, "gone", DeviceFault::ScannerUnplugged),
        ];
        for (kind, words, fault) in table {
            assert_eq!(refused(&serialport::Error::new(kind, words)), fault, "{words}");
        }
    }
}
