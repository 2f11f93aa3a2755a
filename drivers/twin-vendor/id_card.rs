//! The exported functions of a resident ID reader's library.
#![expect(unsafe_code, reason = "a C library, and one with bad manners")]

use core::ffi::{c_char, c_int, c_uint};

use crate::exports::{behave, words};

/// Characters of each field.
const WIDTHS: [usize; 9] = [15, 1, 2, 8, 35, 18, 15, 8, 8];

/// # Safety
/// Nothing is looked at.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SDT_OpenPort(_port: c_int) -> c_int {
    if words().0 == "error" { 0x02 } else { 0x90 }
}

/// # Safety
/// Nothing is looked at.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SDT_ClosePort(_port: c_int) -> c_int {
    0x90
}

/// # Safety
/// Nothing is written.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SDT_StartFindIDCard(
    _port: c_int,
    _out: *mut c_char,
    _open: c_int,
) -> c_int {
    if words().0 == "empty" { 0x80 } else { 0x9F }
}

/// # Safety
/// Nothing is written.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SDT_SelectIDCard(
    _port: c_int,
    _out: *mut c_char,
    _open: c_int,
) -> c_int {
    if words().0 == "pulled" { 0x81 } else { 0x90 }
}

/// # Safety
/// `text` has room for 512 bytes, and for what the script wants beyond; `length` for a number.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn SDT_ReadBaseMsg(
    _port: c_int,
    text: *mut c_char,
    length: *mut c_uint,
    _photo: *mut c_char,
    _photo_length: *mut c_uint,
    _open: c_int,
) -> c_int {
    let (word, rest) = words();
    if word != "good" && word != "answer" {
        // SAFETY: the caller's promise.
        unsafe { behave(text, 512) };
        return 0x90;
    }
    let person = if word == "good" {
        "王秀兰|34120019680214002X|20991231"
    } else {
        &rest
    };
    let bytes = layout(person);
    // SAFETY: 256 bytes and one number fit.
    unsafe {
        core::ptr::copy_nonoverlapping(bytes.as_ptr().cast(), text, bytes.len());
        length.write(256);
    }
    0x90
}

/// Name, number and last day in the reader's 256 bytes.
fn layout(person: &str) -> Vec<u8> {
    let mut parts = person.split('|');
    let mut part = || parts.next().unwrap_or_default();
    let (name, number, until) = (part(), part(), part());
    let fields = [
        name,
        "2",
        "01",
        "19680214",
        "某市某区",
        number,
        "某市公安局",
        "20200101",
        until,
    ];
    let mut units: Vec<u16> = Vec::new();
    for (field, width) in fields.into_iter().zip(WIDTHS) {
        let mut field: Vec<u16> = field.encode_utf16().collect();
        field.resize(width, 0x20);
        units.extend(field);
    }
    units.resize(128, 0x20);
    units.into_iter().flat_map(u16::to_le_bytes).collect()
}
