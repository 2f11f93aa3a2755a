//! USB devices as the system lists them below `/sys`, in a folder of one's own, with ports that are real.

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder that looks like the root of a machine: `sys` lists devices, `dev` holds their ports.
///
/// Copied from the layout of a running system: `sys/class/tty/NAME/device` leads to an interface below the device, and
/// `sys/bus/usb/devices` lists devices.
#[derive(Debug)]
pub struct UsbTree {
    dir: TempDir,
}

impl UsbTree {
    /// A machine with nothing connected.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn new() -> io::Result<Self> {
        let dir = tempfile::Builder::new().prefix("zhijie-usb-").tempdir()?;
        for folder in ["sys/class/tty", "sys/bus/usb/devices", "sys/devices", "dev"] {
            std::fs::create_dir_all(dir.path().join(folder))?;
        }
        Ok(Self { dir })
    }

    /// What takes the place of `/`.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    /// Where a port called `name` is to be linked, so that opening it reaches something real.
    #[must_use]
    pub fn port(&self, name: &str) -> PathBuf {
        self.root().join("dev").join(name)
    }

    /// Connects a device at the socket `at` (`1-2`), with these serial ports or none. An empty `serial` is none.
    ///
    /// # Errors
    /// The files cannot be made, or something is at that socket.
    pub fn plug(&self, at: &str, vendor: u16, product: u16, serial: &str, ports: &[&str]) -> io::Result<()> {
        let sys = self.root().join("sys");
        let device = sys.join("devices/usb1").join(at);
        std::fs::create_dir_all(&device)?;
        std::fs::write(device.join("idVendor"), format!("{vendor:04x}\n"))?;
        std::fs::write(device.join("idProduct"), format!("{product:04x}\n"))?;
        std::fs::write(device.join("product"), "Barcode Scanner\n")?;
        if !serial.is_empty() {
            std::fs::write(device.join("serial"), format!("{serial}\n"))?;
        }
        for (number, name) in ports.iter().enumerate() {
            let interface = device.join(format!("{at}:1.{number}"));
            std::fs::create_dir(&interface)?;
            let tty = sys.join("class/tty").join(name);
            std::fs::create_dir(&tty)?;
            symlink(&interface, tty.join("device"))?;
        }
        symlink(&device, sys.join("bus/usb/devices").join(at))
    }

    /// Takes away what is at the socket.
    ///
    /// # Errors
    /// Nothing is there.
    pub fn unplug(&self, at: &str) -> io::Result<()> {
        let sys = self.root().join("sys");
        let device = sys.join("devices/usb1").join(at);
        for tty in sys.join("class/tty").read_dir()? {
            let tty = tty?.path();
            if tty.join("device").read_link()?.starts_with(&device) {
                std::fs::remove_dir_all(tty)?;
            }
        }
        std::fs::remove_file(sys.join("bus/usb/devices").join(at))?;
        std::fs::remove_dir_all(device)
    }
}
