//! A library that decodes e-vouchers and opens the scanner by itself.
//!
//! Source: card and voucher reference, decoding; the function as integrators' programs call it. The answer's buffer has no
//! length by the interface: ours is as large as the largest seen.
#![expect(
    unsafe_code,
    reason = "calling a library of somebody else's is what this module is for"
)]

use core::ffi::c_char;
use std::ffi::CString;
use std::fmt;
use std::path::PathBuf;

use encoding_rs::GB18030;
use libloading::Symbol;
use zhijie_model::Private;
use zhijie_ports::{DeviceFault, LibraryProblem};

use crate::guard::Guarded;
use crate::load::load;

/// Room its callers keep for the answer: 4 to 20 KiB.
const ANSWER_BYTES: usize = 20_480;
/// Longest result that is looked at.
const RESULT_BYTES: usize = 16;

type Transact = unsafe extern "system" fn(*const c_char, *const c_char, *mut c_char) -> *const c_char;

/// How to use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoucherSettings {
    pub library: PathBuf,
    /// Where the library finds the decode service.
    pub url: String,
}

impl VoucherSettings {
    /// Name under which it stands among the readers: its file's name.
    #[must_use]
    pub fn shown(&self) -> String {
        let name = self.library.file_name().unwrap_or(self.library.as_os_str());
        name.to_string_lossy().into_owned()
    }
}

/// The library. Loaded for each call and unloaded after it: what it left open of the scanner goes with it.
pub struct VoucherLibrary {
    settings: VoucherSettings,
}

impl fmt::Debug for VoucherLibrary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "VoucherLibrary({})", self.settings.shown())
    }
}

impl VoucherLibrary {
    #[must_use]
    pub const fn new(settings: VoucherSettings) -> Self {
        Self { settings }
    }

    /// Has the library scan a code and decode it. Blocks until it comes back.
    ///
    /// # Errors
    /// The fault of the library; [`DeviceFault::TimedOut`] when it says that nothing was scanned.
    pub fn ask(&mut self, request: &Private) -> Result<Private, DeviceFault> {
        let unusable = |problem| DeviceFault::VendorUnusable { problem };
        let (url, handed) = (bytes(&self.settings.url)?, bytes(request.reveal())?);
        let library = load(&self.settings.library).map_err(unusable)?;
        // SAFETY: nothing is called here; the type is the one the interface gives this function.
        let transact: Result<Symbol<'_, Transact>, _> = unsafe { library.get(b"NationEcTrans\0") };
        let transact = transact.map_err(|_| unusable(LibraryProblem::NoFunction))?;
        let mut answer = Guarded::new(ANSWER_BYTES);
        // SAFETY: both texts are zero-terminated and outlive the call; the buffer has the room its callers keep, and what
        // is written around it is looked at before anything else.
        let result = unsafe { transact(url.as_ptr(), handed.as_ptr(), answer.lend()) };
        let text = answer.text().map_err(|_| DeviceFault::VendorOverran)?;
        // SAFETY: by the interface the result is null or a zero-terminated text of the library, which is still loaded.
        let result = unsafe { result_text(result) };
        voucher_answer(&result, text)
    }
}

/// What the library's result and the bytes it wrote come to. Pure.
///
/// # Errors
/// As [`VoucherLibrary::ask`].
pub fn voucher_answer(result: &str, written: &[u8]) -> Result<Private, DeviceFault> {
    let (text, _, broken) = GB18030.decode(written);
    judge(result, &text, broken)
}

fn bytes(text: &str) -> Result<CString, DeviceFault> {
    let problem = LibraryProblem::NotStarted(-14);
    CString::new(GB18030.encode(text).0.into_owned()).map_err(|_| DeviceFault::VendorUnusable { problem })
}

/// # Safety
/// `at` is null, or every byte up to the first zero or up to [`RESULT_BYTES`] may be read.
unsafe fn result_text(at: *const c_char) -> String {
    if at.is_null() {
        return String::new();
    }
    let mut text = String::new();
    for offset in 0..RESULT_BYTES {
        // SAFETY: the caller's promise; no byte behind the first zero is read.
        let byte = unsafe { at.cast::<u8>().add(offset).read() };
        if byte == 0 {
            break;
        }
        text.push(char::from(byte));
    }
    text
}

/// Zeros are success; -1 and -2 say that the holder gave up or showed nothing. Whatever else it is, it is no voucher, even if
/// the answer looks like one.
fn judge(result: &str, text: &str, broken: bool) -> Result<Private, DeviceFault> {
    let code = result.trim().parse::<i32>().ok();
    match code {
        Some(0) if broken || text.trim().is_empty() => Err(DeviceFault::VendorGarbled { field: 0 }),
        Some(0) => Ok(Private::new(text)),
        Some(-1 | -2) => Err(DeviceFault::TimedOut),
        Some(code) => Err(DeviceFault::VendorRefused {
            code,
            said: (!text.is_empty()).then(|| Private::new(text)),
        }),
        None => Err(DeviceFault::VendorGarbled { field: 0 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_zeros_and_a_text_are_an_answer() {
        let garbled = DeviceFault::VendorGarbled { field: 0 };
        let refused = |code, said: Option<&str>| DeviceFault::VendorRefused {
            code,
            said: said.map(Private::new),
        };
        let table = [
            ("0000", "{}", false, Ok(Private::new("{}"))),
            ("0", "{}", false, Ok(Private::new("{}"))),
            ("0000", " ", false, Err(garbled.clone())),
            ("0000", "{}", true, Err(garbled.clone())),
            ("", "{}", false, Err(garbled.clone())),
            ("done", "{}", false, Err(garbled)),
            ("-1", "取消", false, Err(DeviceFault::TimedOut)),
            ("-2", "", false, Err(DeviceFault::TimedOut)),
            ("0001", "码已过期", false, Err(refused(1, Some("码已过期")))),
            ("-77", "", false, Err(refused(-77, None))),
        ];
        for (result, text, broken, expected) in table {
            assert_eq!(judge(result, text, broken), expected, "{result} {text}");
        }
    }

    #[test]
    fn no_more_of_a_result_is_read_than_there_is() {
        for (bytes, read) in [
            (&b"0000\0\xFF"[..], "0000"),
            (b"\0", ""),
            (b"12345678901234567890\0", "1234567890123456"),
        ] {
            // SAFETY: each ends with a zero or is longer than what is read.
            assert_eq!(unsafe { result_text(bytes.as_ptr().cast()) }, read);
        }
        // SAFETY: null is never read.
        assert_eq!(unsafe { result_text(core::ptr::null()) }, "");
    }
}
