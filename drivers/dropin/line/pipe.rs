//! The named pipe. A synchronous read of a pipe cannot be given a limit, so reads and writes are overlapped and waited for.
#![expect(
    unsafe_code,
    reason = "only the system's own calls wait for a pipe with a limit"
)]

use core::ptr::{null, null_mut};
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::path::PathBuf;
use std::time::Duration;

use windows_sys::Win32::Foundation::{ERROR_IO_PENDING, WAIT_OBJECT_0};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_OVERLAPPED, ReadFile, SECURITY_IDENTIFICATION, WriteFile,
};
use windows_sys::Win32::System::IO::{CancelIoEx, GetOverlappedResult, OVERLAPPED};
use windows_sys::Win32::System::Pipes::WaitNamedPipeW;
use windows_sys::Win32::System::Threading::{CreateEventW, WaitForSingleObject};

use super::owner::is_trusted;
use crate::codes::Refusal;

const PIPE: &str = r"\\.\pipe\zhijie";
/// Read, write and synchronise: all the agent gives to desk programs.
const RIGHTS: u32 = 0x0012_019B;
/// All instances are taken for a moment.
const ERROR_PIPE_BUSY: i32 = 231;
const BUSY_MAX: u32 = 20;
const BUSY_WAIT_MS: u32 = 100;
const WRITE_LIMIT: Duration = Duration::from_secs(5);

/// A connection whose other end is trusted.
pub(crate) struct Line {
    pipe: File,
    event: OwnedHandle,
    limit: Duration,
}

impl Line {
    /// The system, an administrator, a service and the caller's own account are trusted as the owner of the pipe, which may learn
    /// the caller's account and not act under it. No read takes longer than `limit`.
    pub(crate) fn connect(limit: Duration) -> Result<Self, Refusal> {
        let path = std::env::var_os("ZHIJIE_SOCKET").map_or_else(|| PathBuf::from(PIPE), PathBuf::from);
        let pipe = open(&path).map_err(|_| Refusal::no_agent())?;
        match is_trusted(&pipe) {
            Ok(true) => {}
            Ok(false) | Err(_) => return Err(Refusal::no_agent()),
        }
        // SAFETY: the event has no name and no attributes, and is owned from here on.
        let event = unsafe {
            let event = CreateEventW(null(), 1, 0, null());
            if event.is_null() {
                return Err(Refusal::no_agent());
            }
            OwnedHandle::from_raw_handle(event)
        };
        Ok(Self { pipe, event, limit })
    }

    pub(crate) fn say(&self, mut bytes: &[u8]) -> Result<(), Refusal> {
        while !bytes.is_empty() {
            let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            let sent = self
                .within(WRITE_LIMIT, |state| {
                    // SAFETY: the bytes live until `within` has seen the end of the call.
                    unsafe {
                        WriteFile(
                            self.pipe.as_raw_handle(),
                            bytes.as_ptr(),
                            length,
                            null_mut(),
                            state,
                        )
                    }
                })
                .map_err(|_| Refusal::no_agent())?;
            bytes = bytes.get(sent..).unwrap_or_default();
        }
        Ok(())
    }

    /// Starts a call and waits for its end; cancels it when the limit is over. Gives the bytes that were carried.
    fn within(&self, limit: Duration, start: impl FnOnce(*mut OVERLAPPED) -> i32) -> io::Result<usize> {
        let mut state = OVERLAPPED {
            hEvent: self.event.as_raw_handle(),
            ..OVERLAPPED::default()
        };
        let handle = self.pipe.as_raw_handle();
        let started = start(&raw mut state);
        let error = io::Error::last_os_error();
        let pending = i32::try_from(ERROR_IO_PENDING).ok();
        if started == 0 && error.raw_os_error() != pending {
            return Err(error);
        }
        let limit_ms = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX);
        let mut carried = 0;
        // SAFETY: handle, event and state live; the state is left only when the system is done with it.
        let ended = unsafe {
            if WaitForSingleObject(self.event.as_raw_handle(), limit_ms) != WAIT_OBJECT_0 {
                CancelIoEx(handle, &raw const state);
            }
            GetOverlappedResult(handle, &raw const state, &raw mut carried, 1)
        };
        if ended == 0 {
            return Err(io::Error::last_os_error());
        }
        usize::try_from(carried).map_err(io::Error::other)
    }
}

impl Read for Line {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let length = u32::try_from(room.len()).unwrap_or(u32::MAX);
        self.within(self.limit, |state| {
            // SAFETY: the room lives until `within` has seen the end of the call.
            unsafe {
                ReadFile(
                    self.pipe.as_raw_handle(),
                    room.as_mut_ptr(),
                    length,
                    null_mut(),
                    state,
                )
            }
        })
    }
}

fn open(path: &std::path::Path) -> io::Result<File> {
    let mut busy = 0;
    loop {
        let opened = OpenOptions::new()
            .access_mode(RIGHTS)
            .custom_flags(FILE_FLAG_OVERLAPPED)
            .security_qos_flags(SECURITY_IDENTIFICATION)
            .open(path);
        match opened {
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) && busy < BUSY_MAX => busy += 1,
            other => return other,
        }
        let name: Vec<u16> = path.to_string_lossy().encode_utf16().chain([0]).collect();
        // SAFETY: the name ends with a zero. What it found out shows at the next attempt.
        unsafe { WaitNamedPipeW(name.as_ptr(), BUSY_WAIT_MS) };
    }
}
