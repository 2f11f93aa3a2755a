//! One open serial port.

use std::fmt;
use std::io::{ErrorKind, Read};
use std::time::Duration;

use serialport::{ClearBuffer, SerialPort};
use zhijie_ports::{CodeScanner, DeviceFault, Frame, Framer, Framing, ScannedCode};

/// Longest wait of one read.
const READ_TIMEOUT: Duration = Duration::from_millis(100);
/// Same, where silence ends a code: shorter than any gap that may be configured.
const READ_TIMEOUT_GAP: Duration = Duration::from_millis(20);

/// How the scanner is connected. Always eight data bits, no parity, one stop bit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannerSettings {
    /// `/dev/ttyACM0`, `COM3`, or a stable link to it.
    pub path: String,
    /// Bits a second; 9600 for most hand scanners, ignored by USB ones.
    pub baud: u32,
    pub framing: Framing,
}

/// An open scanner port. Reads block for at most a tenth of a second.
pub struct Scanner {
    port: Box<dyn SerialPort>,
    framer: Framer,
}

impl fmt::Debug for Scanner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Scanner({:?})", self.port.name())
    }
}

impl Scanner {
    /// Opens the port for ourselves alone.
    ///
    /// # Errors
    /// [`DeviceFault::ScannerBusy`] when another program holds the port, [`DeviceFault::ScannerForbidden`] when
    /// this user has no right to it, else [`DeviceFault::ScannerUnplugged`]; blames the scanner. On Windows a busy port looks like a missing one.
    pub fn open(settings: &ScannerSettings) -> Result<Self, DeviceFault> {
        let timeout = match settings.framing {
            Framing::Terminated => READ_TIMEOUT,
            Framing::Gap { .. } => READ_TIMEOUT_GAP,
        };
        match serialport::new(&settings.path, settings.baud)
            .timeout(timeout)
            .open()
        {
            Ok(port) => Ok(Self {
                port,
                framer: Framer::new(settings.framing),
            }),
            Err(error) => {
                tracing::debug!(%error, "Scanner port does not open");
                Err(match error.kind {
                    _ if error.description.contains("exclusive lock") => DeviceFault::ScannerBusy,
                    serialport::ErrorKind::Io(ErrorKind::ResourceBusy) => DeviceFault::ScannerBusy,
                    serialport::ErrorKind::Io(ErrorKind::PermissionDenied) => DeviceFault::ScannerForbidden,
                    _ => DeviceFault::ScannerUnplugged,
                })
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
        self.framer
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
        Ok(frames
            .into_iter()
            .map(|frame| match frame {
                Frame::Code(code) => Ok(code),
                Frame::Unreadable => Err(DeviceFault::CodeUnreadable),
            })
            .collect())
    }
}
