//! What Windows tells about the other end of a pipe, and whose an object is. The unsafe calls of the pipe stand here and in
//! `access.rs`.
#![expect(
    unsafe_code,
    reason = "only the system's own calls tell who is at the other end of a pipe"
)]

use core::ffi::c_void;
use core::ptr::{null, null_mut};
use std::fs::OpenOptions;
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::{
    AsRawHandle as _, FromRawHandle as _, IntoRawHandle as _, OwnedHandle, RawHandle,
};
use std::path::Path;

use tokio::net::windows::named_pipe::{NamedPipeClient, NamedPipeServer};
use windows_sys::Win32::Foundation::{HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, GetSecurityInfo, SE_KERNEL_OBJECT,
};
use windows_sys::Win32::Security::{
    GetTokenInformation, LookupAccountNameW, OWNER_SECURITY_INFORMATION, PSID, RevertToSelf, TOKEN_QUERY,
    TOKEN_USER, TokenUser,
};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_OVERLAPPED, SECURITY_IDENTIFICATION, SECURITY_SQOS_PRESENT,
};
use windows_sys::Win32::System::Pipes::{GetNamedPipeClientProcessId, ImpersonateNamedPipeClient};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetCurrentThread, OpenProcessToken, OpenThreadToken,
};

/// Room for a `TOKEN_USER` and the longest identifier behind it, in words of eight bytes.
const TOKEN_USER_WORDS: usize = 16;

/// The handle of a pipe that somebody else keeps open.
#[derive(Debug)]
pub(super) struct PipeHandle(RawHandle);

// SAFETY: a handle is a number that any thread may use.
unsafe impl Send for PipeHandle {}
// SAFETY: as above; nothing is changed through it.
unsafe impl Sync for PipeHandle {}

impl PipeHandle {
    pub(super) fn of(pipe: &NamedPipeServer) -> Self {
        Self(pipe.as_raw_handle())
    }
}

/// The process at the other end.
pub(super) fn client_process(pipe: &NamedPipeServer) -> Option<i32> {
    let mut pid = 0;
    // SAFETY: the pipe is open and `pid` lives through the call.
    let told = unsafe { GetNamedPipeClientProcessId(pipe.as_raw_handle(), &raw mut pid) };
    (told != 0).then_some(pid).and_then(|pid| i32::try_from(pid).ok())
}

/// The account at the other end as a security identifier, from the token of the pipe.
pub(super) fn client_account(pipe: &PipeHandle) -> io::Result<String> {
    // SAFETY: whoever made the handle keeps the pipe open. The thread is itself again before anything else runs.
    let token = unsafe {
        if ImpersonateNamedPipeClient(pipe.0) == 0 {
            return Err(io::Error::last_os_error());
        }
        let mut token: HANDLE = null_mut();
        let opened = OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, 1, &raw mut token);
        let error = io::Error::last_os_error();
        if RevertToSelf() == 0 {
            // The thread would go on with a stranger's rights.
            std::process::abort();
        }
        if opened == 0 {
            return Err(error);
        }
        OwnedHandle::from_raw_handle(token)
    };
    account_of(&token)
}

/// The account this process runs under.
pub(super) fn own_account() -> io::Result<String> {
    let mut token: HANDLE = null_mut();
    // SAFETY: the pseudo handle of this process needs no closing, the token is owned from here on.
    let token = unsafe {
        if OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) == 0 {
            return Err(io::Error::last_os_error());
        }
        OwnedHandle::from_raw_handle(token)
    };
    account_of(&token)
}

/// Who owns the kernel object behind a handle.
pub(super) fn owner_of(handle: RawHandle) -> io::Result<String> {
    let mut owner: PSID = null_mut();
    let mut descriptor: *mut c_void = null_mut();
    // SAFETY: `owner` points into `descriptor`, which is freed after it was written out.
    unsafe {
        let failed = GetSecurityInfo(
            handle,
            SE_KERNEL_OBJECT,
            OWNER_SECURITY_INFORMATION,
            &raw mut owner,
            null_mut(),
            null_mut(),
            null_mut(),
            &raw mut descriptor,
        );
        if failed != 0 {
            return Err(io::Error::from_raw_os_error(
                i32::try_from(failed).unwrap_or(i32::MAX),
            ));
        }
        let text = text_of(owner);
        LocalFree(descriptor);
        text
    }
}

fn account_of(token: &OwnedHandle) -> io::Result<String> {
    let mut room = [0_u64; TOKEN_USER_WORDS];
    let mut used = 0;
    let bytes = u32::try_from(size_of_val(&room)).unwrap_or(0);
    // SAFETY: the room is as large as is said and aligned for the structure, which is read only when it was filled in.
    unsafe {
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
pub(super) unsafe fn text_of(sid: PSID) -> io::Result<String> {
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

/// A name with the zero Windows wants behind it.
pub(super) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// The security identifier of an account or a group of this PC or its domain.
pub(super) fn account_named(name: &str) -> io::Result<String> {
    let name = wide(name);
    let mut sid = [0_u64; TOKEN_USER_WORDS];
    let mut sid_bytes = u32::try_from(size_of_val(&sid)).unwrap_or(0);
    let mut domain = [0_u16; 256];
    let mut domain_units = 256;
    let mut kind = 0;
    // SAFETY: both rooms are as large as is said; the identifier is read only when it was filled in.
    unsafe {
        let found = LookupAccountNameW(
            null(),
            name.as_ptr(),
            sid.as_mut_ptr().cast(),
            &raw mut sid_bytes,
            domain.as_mut_ptr(),
            &raw mut domain_units,
            &raw mut kind,
        );
        if found == 0 {
            return Err(io::Error::last_os_error());
        }
        text_of(sid.as_mut_ptr().cast())
    }
}

/// Opens the client's end of a pipe with these rights and no more. The server may learn the account, not act under it.
pub(super) fn open_client(path: &Path, rights: u32) -> io::Result<NamedPipeClient> {
    let file = OpenOptions::new()
        .access_mode(rights)
        .custom_flags(FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT)
        .security_qos_flags(SECURITY_IDENTIFICATION)
        .open(path)?;
    // SAFETY: the handle is a pipe opened for overlapped use, and nobody else has it.
    unsafe { NamedPipeClient::from_raw_handle(file.into_raw_handle()) }
}
