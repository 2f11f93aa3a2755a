//! The functions of the two interfaces, as their libraries export them.
#![expect(
    unsafe_code,
    reason = "calling a library of somebody else's is what this module is for"
)]

use core::ffi::{c_char, c_int};
use std::ffi::CString;
use std::path::Path;

use libloading::{Library, Symbol};
use zhijie_ports::LibraryProblem;

use crate::guard::{Guarded, Overrun};
use crate::load::load;

/// Bytes of `pOutInfo` by the interface of 2016.
const BASIC_BYTES: usize = 1_024;
/// Bytes of the signed interface: what field programs hand over for answer and signature.
const SIGNED_BYTES: usize = 2_048;
const SIGNATURE_BYTES: usize = 8_192;

/// Which functions the library exports. Sources: nationwide reader interface of 2016; provincial interface texts for the
/// signed ones, which reuse the same eleven fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interface {
    /// `iReadCardBas(type, out)`.
    Basic,
    /// `Init(url, user)`, `ReadCardBas(out, length, signature, length)`.
    Signed,
    /// The same with `ReadCardBasGZ`.
    SignedGz,
}

/// Where the card is; the number the interface has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    Contact,
    Contactless,
    /// Contact first.
    Auto,
    /// Contactless first.
    AutoContactless,
}

impl Slot {
    const fn number(self) -> c_int {
        match self {
            Self::Contact => 1,
            Self::Contactless => 2,
            Self::Auto => 3,
            Self::AutoContactless => 4,
        }
    }
}

/// The interface says `long` for the result; many libraries fill 32 bits of it only, so no more is looked at.
type ReadBasic = unsafe extern "system" fn(c_int, *mut c_char) -> c_int;
type Init = unsafe extern "system" fn(*const c_char, *const c_char) -> c_int;
type ReadSigned = unsafe extern "system" fn(*mut c_char, c_int, *mut c_char, c_int) -> c_int;

/// Result number, what was written to the answer, and the signature.
pub(crate) struct Call {
    pub(crate) code: i32,
    pub(crate) text: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

/// A loaded library. INVARIANT: one thread uses it.
pub(crate) struct Functions {
    library: Library,
    interface: Interface,
}

impl Functions {
    /// Loads the library and looks for what its interface needs. Runs the library's own start code.
    pub(crate) fn load(path: &Path, interface: Interface) -> Result<Self, LibraryProblem> {
        let loaded = Self {
            library: load(path)?,
            interface,
        };
        let complete = match interface {
            Interface::Basic => loaded.find::<ReadBasic>(c"iReadCardBas").is_some(),
            Interface::Signed | Interface::SignedGz => {
                loaded.find::<Init>(c"Init").is_some()
                    && loaded.find::<ReadSigned>(loaded.signed_name()).is_some()
            }
        };
        if complete {
            Ok(loaded)
        } else {
            Err(LibraryProblem::NoFunction)
        }
    }

    /// Starts a signed library; the basic interface has no start.
    pub(crate) fn start(&self, url: &str, user: &str) -> Result<(), LibraryProblem> {
        if self.interface == Interface::Basic {
            return Ok(());
        }
        let text = |text: &str| CString::new(text).map_err(|_| LibraryProblem::NotStarted(-14));
        let (url, user) = (text(url)?, text(user)?);
        let init = self.find::<Init>(c"Init").ok_or(LibraryProblem::NoFunction)?;
        // SAFETY: the type is that of the interface, and both texts are zero-terminated and outlive the call.
        let code = unsafe { init(url.as_ptr(), user.as_ptr()) };
        if code == 0 {
            Ok(())
        } else {
            Err(LibraryProblem::NotStarted(code))
        }
    }

    /// Reads the basic data of the card.
    pub(crate) fn read(&self, slot: Slot) -> Result<Call, ReadError> {
        let (code, out, signature) = match self.interface {
            Interface::Basic => {
                let mut out = Guarded::new(BASIC_BYTES);
                let read = self
                    .find::<ReadBasic>(c"iReadCardBas")
                    .ok_or(ReadError::NoFunction)?;
                // SAFETY: the type is that of the interface; the buffer has the size it names, outlives the call, and
                // what is written around it is looked at before anything else.
                let code = unsafe { read(slot.number(), out.lend()) };
                (code, out, None)
            }
            Interface::Signed | Interface::SignedGz => {
                let (mut out, mut signature) = (Guarded::new(SIGNED_BYTES), Guarded::new(SIGNATURE_BYTES));
                let read = self
                    .find::<ReadSigned>(self.signed_name())
                    .ok_or(ReadError::NoFunction)?;
                let length = |bytes: usize| c_int::try_from(bytes).unwrap_or(c_int::MAX);
                // SAFETY: as above, with both lengths told.
                let code = unsafe {
                    read(
                        out.lend(),
                        length(SIGNED_BYTES),
                        signature.lend(),
                        length(SIGNATURE_BYTES),
                    )
                };
                (code, out, Some(signature))
            }
        };
        Ok(Call {
            code,
            text: out.text()?.to_vec(),
            signature: match &signature {
                Some(signature) => signature.text()?.to_vec(),
                None => Vec::new(),
            },
        })
    }

    const fn signed_name(&self) -> &'static core::ffi::CStr {
        match self.interface {
            Interface::SignedGz => c"ReadCardBasGZ",
            Interface::Basic | Interface::Signed => c"ReadCardBas",
        }
    }

    fn find<T>(&self, name: &core::ffi::CStr) -> Option<Symbol<'_, T>> {
        // SAFETY: nothing is called here; the caller names the type the interface gives this function.
        unsafe { self.library.get(name.to_bytes_with_nul()) }.ok()
    }
}

/// Why a call brought no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadError {
    NoFunction,
    Overrun,
}

impl From<Overrun> for ReadError {
    fn from(_: Overrun) -> Self {
        Self::Overrun
    }
}
