//! Whose pipe it is: another program could have made one of that name.
#![expect(unsafe_code, reason = "only the system's own calls tell whose an object is")]

use core::ffi::c_void;
use core::ptr::null_mut;
use std::fs::File;
use std::io;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};

use windows_sys::Win32::Foundation::{HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, GetSecurityInfo, SE_KERNEL_OBJECT,
};
use windows_sys::Win32::Security::{
    GetTokenInformation, OWNER_SECURITY_INFORMATION, PSID, TOKEN_QUERY, TOKEN_USER, TokenUser,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// System and administrators.
const TRUSTED: [&str; 2] = ["S-1-5-18", "S-1-5-32-544"];
/// What identifiers of service accounts begin with.
const SERVICE_ACCOUNTS: &str = "S-1-5-80-";
/// Room for a `TOKEN_USER` and the longest identifier behind it, in words of eight bytes.
const TOKEN_USER_WORDS: usize = 16;

pub(super) fn is_trusted(pipe: &File) -> io::Result<bool> {
    let owner = owner_of(pipe)?;
    let known = TRUSTED.contains(&owner.as_str()) || owner.starts_with(SERVICE_ACCOUNTS);
    Ok(known || owner == own_account()?)
}

fn owner_of(pipe: &File) -> io::Result<String> {
    let mut owner: PSID = null_mut();
    let mut descriptor: *mut c_void = null_mut();
    // SAFETY: `owner` points into `descriptor`, which is freed after it was written out.
    unsafe {
        let failed = GetSecurityInfo(
            pipe.as_raw_handle(),
            SE_KERNEL_OBJECT,
            OWNER_SECURITY_INFORMATION,
            &raw mut owner,
            null_mut(),
            null_mut(),
            null_mut(),
            &raw mut descriptor,
        );
        if failed != 0 {
            return Err(io::Error::other("the owner is not told"));
        }
        let text = text_of(owner);
        LocalFree(descriptor);
        text
    }
}

/// The account the caller's program runs under.
fn own_account() -> io::Result<String> {
    let mut token: HANDLE = null_mut();
    let mut room = [0_u64; TOKEN_USER_WORDS];
    let mut used = 0;
    let bytes = u32::try_from(size_of_val(&room)).unwrap_or(0);
    // SAFETY: the pseudo handle of this process needs no closing, the token is owned once it is there; the room is as large as is
    // said, aligned for the structure, and read only when it was filled in.
    unsafe {
        if OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) == 0 {
            return Err(io::Error::last_os_error());
        }
        let token = OwnedHandle::from_raw_handle(token);
        let filled = GetTokenInformation(
            token.as_raw_handle(),
            TokenUser,
            room.as_mut_ptr().cast(),
            bytes,
            &raw mut used,
        );
        if filled == 0 {
            return Err(io::Error::last_os_error());
        }
        let user = room.as_ptr().cast::<TOKEN_USER>();
        text_of((*user).User.Sid)
    }
}

/// # Safety
/// `sid` must be a valid identifier.
unsafe fn text_of(sid: PSID) -> io::Result<String> {
    let mut text: *mut u16 = null_mut();
    // SAFETY: by the caller; the text ends with a zero and is freed after it was copied.
    unsafe {
        if ConvertSidToStringSidW(sid, &raw mut text) == 0 {
            return Err(io::Error::last_os_error());
        }
        let mut length = 0;
        while *text.add(length) != 0 {
            length += 1;
        }
        let copied = String::from_utf16_lossy(core::slice::from_raw_parts(text, length));
        LocalFree(text.cast());
        Ok(copied)
    }
}
