//! The daemon's end of the device pipe.
//!
//! This floor owns the life of the helper process: starting it, speaking with it, killing it when it hangs and
//! starting it again. It never touches a device and never logs a frame. Start reading at [`Devices`].

mod config;
mod devices;
mod helper;
mod keys;
mod session;
mod supervisor;
mod survey;

pub use config::{DeviceConfig, VendorConfig, VendorInterface, VendorSlot};
pub use devices::{DeviceReading, Devices, DevicesState, HelperState, LentScanner, Want};
pub use keys::{KeyRequest, KeySender};
pub use survey::survey;
pub use zhijie_ports::{
    CardReading, CardWarning, CodeKind, DeviceEvent, DeviceFault, HelperNetwork, HelperStatus, PinState,
    PinTask, ReaderState, ScannedCode, ScannerState,
};
