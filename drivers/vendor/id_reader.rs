//! A resident ID reader behind the library its makers share.
//!
//! Source: functions as integrators' programs call them (`SDT_OpenPort` and its kin); no document was at hand. Ports are 1001
//! to 1016 on USB and 1 to 16 on serial lines.
#![expect(
    unsafe_code,
    reason = "calling a library of somebody else's is what this module is for"
)]

use core::ffi::{CStr, c_char, c_int, c_uint};
use std::fmt;
use std::path::PathBuf;

use jiff::civil::Date;
use libloading::{Library, Symbol};
use zhijie_ports::{DeviceFault, IdCardReading, LibraryProblem};

use crate::guard::Guarded;
use crate::load::load;

/// Opened, selected, read.
const DONE: c_int = 0x90;
/// A card lies there.
const FOUND: c_int = 0x9F;
/// Rooms the callers of these functions keep: card management, text, photo.
const MANAGEMENT_BYTES: usize = 8;
const TEXT_BYTES: usize = 512;
const PHOTO_BYTES: usize = 1_024;

type Port = unsafe extern "system" fn(c_int) -> c_int;
type Manage = unsafe extern "system" fn(c_int, *mut c_char, c_int) -> c_int;
type ReadBase =
    unsafe extern "system" fn(c_int, *mut c_char, *mut c_uint, *mut c_char, *mut c_uint, c_int) -> c_int;

/// How to use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdReaderSettings {
    pub library: PathBuf,
    pub port: i32,
}

impl IdReaderSettings {
    /// Name under which it stands among the readers: its file's name.
    #[must_use]
    pub fn shown(&self) -> String {
        let name = self.library.file_name().unwrap_or(self.library.as_os_str());
        name.to_string_lossy().into_owned()
    }
}

/// The reader. INVARIANT: one thread uses it.
pub struct IdReader {
    settings: IdReaderSettings,
    loaded: Option<Library>,
}

impl fmt::Debug for IdReader {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "IdReader({})", self.settings.shown())
    }
}

impl IdReader {
    /// Nothing is loaded yet.
    #[must_use]
    pub const fn new(settings: IdReaderSettings) -> Self {
        Self {
            settings,
            loaded: None,
        }
    }

    /// Reads the card that lies there now. Opens and closes the port, so that other programs find it free.
    ///
    /// # Errors
    /// [`DeviceFault::NoCard`] when none lies there; the fault of library, reader or card.
    pub fn read(&mut self, today: Date) -> Result<IdCardReading, DeviceFault> {
        let port = self.settings.port;
        let shown = self.settings.shown();
        let library = self.library()?;
        let (open, close) = (
            find::<Port>(library, c"SDT_OpenPort")?,
            find::<Port>(library, c"SDT_ClosePort")?,
        );
        // SAFETY: the type is that of the interface; only a number is passed.
        if unsafe { open(port) } != DONE {
            return Err(DeviceFault::NoReader);
        }
        let text = take(library, port);
        // SAFETY: as above. A port that does not close is the next opening's trouble.
        let _ = unsafe { close(port) };
        IdCardReading::parse(&text?, &shown, today)
    }

    fn library(&mut self) -> Result<&Library, DeviceFault> {
        let unusable = |problem| DeviceFault::VendorUnusable { problem };
        if self.loaded.is_none() {
            self.loaded = Some(load(&self.settings.library).map_err(unusable)?);
        }
        self.loaded.as_ref().ok_or(unusable(LibraryProblem::NotLoadable))
    }
}

/// Finds, selects and reads; gives the text part.
fn take(library: &Library, port: c_int) -> Result<Vec<u8>, DeviceFault> {
    let mut management = Guarded::new(MANAGEMENT_BYTES);
    let start = find::<Manage>(library, c"SDT_StartFindIDCard")?;
    // SAFETY: the buffer has the room its callers keep, outlives the call, and is looked at before anything else.
    let found = unsafe { start(port, management.lend(), 0) };
    management.bytes().map_err(|_| DeviceFault::VendorOverran)?;
    if found != FOUND {
        return Err(DeviceFault::NoCard);
    }
    let select = find::<Manage>(library, c"SDT_SelectIDCard")?;
    // SAFETY: as above.
    let selected = unsafe { select(port, management.lend(), 0) };
    management.bytes().map_err(|_| DeviceFault::VendorOverran)?;
    if selected != DONE {
        return Err(DeviceFault::CardRemoved);
    }
    let (mut text, mut photo) = (Guarded::new(TEXT_BYTES), Guarded::new(PHOTO_BYTES));
    let (mut text_length, mut photo_length) = (0, 0);
    let read = find::<ReadBase>(library, c"SDT_ReadBaseMsg")?;
    // SAFETY: as above, for both buffers and both lengths.
    let done = unsafe {
        read(
            port,
            text.lend(),
            &raw mut text_length,
            photo.lend(),
            &raw mut photo_length,
            0,
        )
    };
    photo.bytes().map_err(|_| DeviceFault::VendorOverran)?;
    let text = text.bytes().map_err(|_| DeviceFault::VendorOverran)?;
    if done != DONE {
        return Err(DeviceFault::CardRemoved);
    }
    let length = usize::try_from(text_length).unwrap_or(0);
    let told = text
        .get(..length)
        .ok_or(DeviceFault::VendorGarbled { field: 0 })?;
    Ok(told.to_vec())
}

fn find<'library, T>(library: &'library Library, name: &CStr) -> Result<Symbol<'library, T>, DeviceFault> {
    // SAFETY: nothing is called here; the caller names the type the interface gives this function.
    unsafe { library.get(name.to_bytes_with_nul()) }.map_err(|_| DeviceFault::VendorUnusable {
        problem: LibraryProblem::NoFunction,
    })
}
