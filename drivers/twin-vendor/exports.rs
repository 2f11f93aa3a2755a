//! The exported functions.
#![expect(unsafe_code, reason = "a C library, and one with bad manners")]

use core::ffi::{c_char, c_int};
use std::path::PathBuf;

use encoding_rs::GB18030;

use crate::play::{Play, TwinVendor};

const BASIC_BYTES: usize = 1_024;

/// # Safety
/// `out` has room for 1024 bytes, and for what the script wants beyond.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn iReadCardBas(_slot: c_int, out: *mut c_char) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { behave(out, BASIC_BYTES) }
}

/// # Safety
/// Nothing is looked at.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn Init(_url: *const c_char, _user: *const c_char) -> c_int {
    match words() {
        (word, rest) if word == "error" => number(&rest).unwrap_or(-14),
        _ => 0,
    }
}

/// # Safety
/// `out` has room for `out_bytes`, `signature` for `signature_bytes`.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn ReadCardBas(
    out: *mut c_char,
    out_bytes: c_int,
    signature: *mut c_char,
    signature_bytes: c_int,
) -> c_int {
    let room = |bytes: c_int| usize::try_from(bytes).unwrap_or(0);
    // SAFETY: the caller's promise.
    let code = unsafe { behave(out, room(out_bytes)) };
    if code == 0 && TwinVendor::SIGNATURE.len() < room(signature_bytes) {
        // SAFETY: the text and its zero fit.
        unsafe { put(signature, 0, TwinVendor::SIGNATURE.as_bytes()) };
    }
    code
}

/// # Safety
/// As [`ReadCardBas`].
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn ReadCardBasGZ(
    out: *mut c_char,
    out_bytes: c_int,
    signature: *mut c_char,
    signature_bytes: c_int,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { ReadCardBas(out, out_bytes, signature, signature_bytes) }
}

/// # Safety
/// `out` has room for `room` bytes and for the mischief of the script.
#[expect(clippy::disallowed_methods, reason = "a hanging library sleeps for ever")]
pub(crate) unsafe fn behave(out: *mut c_char, room: usize) -> c_int {
    let (word, rest) = words();
    let count = rest.parse::<usize>().unwrap_or(0);
    let fill = |bytes: usize| vec![b'9'; bytes];
    let (code, start, bytes) = match word.as_str() {
        "answer" => (0, 0, gbk(&rest)),
        "bytes" => (0, 0, unhex(&rest)),
        "error" => {
            let text = rest.split_once(' ').map_or("", |(_, text)| text);
            (number(&rest).unwrap_or(-14), 0, gbk(text))
        }
        // One byte of the count is the closing zero.
        "overrun" => (0, 0, fill(room.saturating_add(count).saturating_sub(1))),
        "underrun" => (0, count, fill(count)),
        "endless" => {
            // SAFETY: the last byte of the buffer stays inside.
            unsafe { out.add(room.saturating_sub(1)).write(0x39) };
            (0, 0, fill(room.saturating_sub(1)))
        }
        "dial" => match std::net::UdpSocket::bind("127.0.0.1:0") {
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                (0, 0, gbk(TwinVendor::LINE))
            }
            Ok(_) | Err(_) => (-13, 0, gbk("网络没有关闭")),
        },
        "hang" => loop {
            std::thread::sleep(core::time::Duration::from_secs(3600));
        },
        "crash" => std::process::abort(),
        "fork" => {
            let mut child = std::process::Command::new("sleep");
            // The error channel is the test's own.
            let _ = child.arg("90").stderr(std::process::Stdio::null()).spawn();
            std::process::abort()
        }
        _ => (0, 0, gbk(TwinVendor::LINE)),
    };
    let closing = word != "endless" && word != "underrun";
    // SAFETY: inside the buffer, or where the script wants it.
    unsafe {
        if closing {
            put(out, start, &bytes);
        } else {
            core::ptr::copy_nonoverlapping(bytes.as_ptr().cast(), out.sub(start), bytes.len());
        }
    }
    code
}

/// # Safety
/// From `start` bytes before `out` on there is room for the bytes and a zero.
pub(crate) unsafe fn put(out: *mut c_char, start: usize, bytes: &[u8]) {
    // SAFETY: the caller's promise.
    unsafe {
        let to = out.sub(start);
        core::ptr::copy_nonoverlapping(bytes.as_ptr().cast(), to, bytes.len());
        to.add(bytes.len()).write(0);
    }
}

pub(crate) fn words() -> (String, String) {
    let script = std::env::var_os(TwinVendor::VARIABLE).map(PathBuf::from);
    script.map_or_else(
        || (String::from("good"), String::new()),
        |script| Play::words(&script),
    )
}

pub(crate) fn number(rest: &str) -> Option<c_int> {
    rest.split(' ').next()?.parse().ok()
}

pub(crate) fn gbk(text: &str) -> Vec<u8> {
    GB18030.encode(text).0.into_owned()
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .filter_map(|pair| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
