//! A scanner on a pseudo-terminal.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::{ControlModes, InputModes, LocalModes, OptionalActions, tcgetattr, tcsetattr};

/// The scanner's end of a serial line. Dropping it is an unplug: the other end hangs up.
#[derive(Debug)]
pub struct VirtualScanner {
    wire: File,
    port: PathBuf,
    links: Vec<PathBuf>,
    /// Keeps line settings and unread bytes while nobody has the port open.
    port_held_open: OwnedFd,
}

impl VirtualScanner {
    /// # Errors
    /// The system gives no pseudo-terminal.
    pub fn new() -> io::Result<Self> {
        let wire = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        rustix::pty::grantpt(&wire)?;
        rustix::pty::unlockpt(&wire)?;
        let name = rustix::pty::ptsname(&wire, Vec::new())?;
        let port = PathBuf::from(std::ffi::OsString::from_vec(name.into_bytes()));
        let held = rustix::fs::open(
            &port,
            OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        let mut line = tcgetattr(&held)?;
        line.make_raw();
        tcsetattr(&held, OptionalActions::Now, &line)?;
        Ok(Self {
            wire: File::from(wire),
            port,
            links: Vec::new(),
            port_held_open: held,
        })
    }

    /// Path of the serial port the desk opens.
    #[must_use]
    pub fn port(&self) -> &Path {
        &self.port
    }

    /// Leaves the line as some other program may have left it: two stop bits, flow control by characters and by wire,
    /// whole lines with echo.
    ///
    /// # Errors
    /// The line is gone.
    pub fn spoil_line(&self) -> io::Result<()> {
        let mut line = tcgetattr(&self.port_held_open)?;
        line.control_modes |= ControlModes::CSTOPB | ControlModes::CRTSCTS;
        line.input_modes |= InputModes::IXON | InputModes::IXOFF | InputModes::ICRNL;
        line.local_modes |= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        Ok(tcsetattr(&self.port_held_open, OptionalActions::Now, &line)?)
    }

    /// Whether every byte passes as it is: eight data bits, no parity, one stop bit, no flow control, nothing cooked.
    ///
    /// # Errors
    /// The line is gone.
    pub fn line_is_plain(&self) -> io::Result<bool> {
        let line = tcgetattr(&self.port_held_open)?;
        let control = ControlModes::CSTOPB | ControlModes::CRTSCTS | ControlModes::PARENB;
        let input = InputModes::IXON | InputModes::IXOFF | InputModes::ICRNL | InputModes::ISTRIP;
        let local = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        Ok(line.control_modes & ControlModes::CSIZE == ControlModes::CS8
            && !line.control_modes.intersects(control)
            && !line.input_modes.intersects(input)
            && !line.local_modes.intersects(local))
    }

    /// Makes the port known under a fixed name as well; an older link there is replaced, anything else is not.
    /// The link goes when the scanner is dropped.
    ///
    /// # Errors
    /// The link cannot be made.
    pub fn link(&mut self, path: &Path) -> io::Result<()> {
        if path.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
            std::fs::remove_file(path)?;
        }
        std::os::unix::fs::symlink(&self.port, path)?;
        self.links.push(path.to_path_buf());
        Ok(())
    }

    /// Sends these bytes at once, suffix and all.
    ///
    /// # Errors
    /// The line is gone or its buffer is full.
    pub fn scan(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.wire.write_all(bytes)
    }

    /// Sends the text of a code with the suffix most scanners leave the factory with.
    ///
    /// # Errors
    /// As [`VirtualScanner::scan`].
    pub fn scan_line(&mut self, text: &str) -> io::Result<()> {
        self.scan(format!("{text}\r").as_bytes())
    }
}

impl Drop for VirtualScanner {
    fn drop(&mut self) {
        for link in &self.links {
            // Somebody may have tidied up already.
            let _ = std::fs::remove_file(link);
        }
    }
}
