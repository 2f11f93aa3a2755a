//! The exported functions.
//!
//! The interface says `long` for results: 32 bits where it was written, sign-extended here, so that callers who declare
//! 64 bits see the same number. On failure the out buffer holds a Chinese text in GBK.
#![expect(unsafe_code, reason = "a C library")]

use core::ffi::{c_char, c_int, c_long};
use std::panic::catch_unwind;

use crate::codes::{LENGTH, PARAMETER, Refusal, UNSUPPORTED};
use crate::gbk;

/// Bytes of `pOutInfo` where basic data is read or a step is taken.
const BASIC_BYTES: usize = 1_024;
/// Bytes of the smallest out buffers of the interface.
const SMALL_BYTES: usize = 512;

/// Basic data of the card: eleven fields, each followed by `|`. Kinds 1 to 4; which reader is used is the agent's matter.
///
/// # Safety
/// `out` has room for 1024 bytes.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn iReadCardBas(kind: c_int, out: *mut c_char) -> c_long {
    // A panic must not reach the caller's program.
    let result = catch_unwind(|| {
        if !(1..=4).contains(&kind) {
            return Err(Refusal::new(PARAMETER, "读卡类型应为 1 到 4"));
        }
        let line = crate::read_basic()?;
        if line.len() >= BASIC_BYTES {
            return Err(Refusal::new(LENGTH, "卡内信息过长"));
        }
        Ok(line)
    });
    let (number, mut text) = match result {
        Ok(Ok(line)) => (0, line),
        Ok(Err(refusal)) => (refusal.number, gbk(&refusal.text, BASIC_BYTES)),
        Err(_) => (crate::codes::NO_LINK, Vec::new()),
    };
    text.push(0);
    // SAFETY: the caller's promise, and the text with its zero is no longer than that.
    unsafe { put(out, &text, BASIC_BYTES) }.map_or(c_long::from(PARAMETER), |()| c_long::from(number))
}

/// # Safety
/// `out` is null or has room for `room` bytes.
unsafe fn put(out: *mut c_char, text: &[u8], room: usize) -> Option<()> {
    if out.is_null() {
        return None;
    }
    let length = text.len().min(room);
    // SAFETY: the caller's promise.
    unsafe { core::ptr::copy_nonoverlapping(text.as_ptr().cast(), out, length) };
    Some(())
}

/// What needs keys, a PIN or the writing side of a card is not served.
///
/// # Safety
/// `out` is null or has room for 512 bytes.
unsafe fn unsupported(out: *mut c_char) -> c_long {
    let text = gbk("本读卡库不支持此功能", SMALL_BYTES);
    // SAFETY: the caller's promise.
    unsafe { put(out, &text, SMALL_BYTES) }.map_or(c_long::from(PARAMETER), |()| c_long::from(UNSUPPORTED))
}

macro_rules! unsupported {
    ($($name:ident($($argument:ty),*);)+) => {
        $(
            /// Not served: answers -13.
            ///
            /// # Safety
            /// `out` is null or has room for 512 bytes; the smallest the interface asks for is that long, but for the 20 KiB
            /// ones, which are longer.
            #[unsafe(no_mangle)]
            pub(crate) unsafe extern "system" fn $name($(_: $argument,)* out: *mut c_char) -> c_long {
                // SAFETY: the caller's promise.
                unsafe { unsupported(out) }
            }
        )+
    };
}

type Text = *const c_char;

unsupported! {
    iReadCardBas_HSM_Step1(c_int);
    iReadCardBas_HSM_Step2(Text);
    iReadCard(c_int, c_int, Text, Text);
    iReadCard_HSM_Step1(c_int, Text, Text);
    iReadCard_HSM_Step2(Text);
    iWriteCard(c_int, Text, Text, Text);
    iWriteCard_HSM_Step1(c_int, Text, Text, Text);
    iWriteCard_HSM_Step2(Text);
    iVerifyPIN(c_int);
    iChangePIN(c_int);
    iReloadPIN(c_int, Text);
    iReloadPIN_HSM_Step1(c_int, Text);
    iReloadPIN_HSM_Step2(Text);
    iReloadPIN_HSM_Step3(Text);
    iUnblockPIN(c_int, Text);
    iUnblockPIN_HSM_Step1(c_int, Text);
    iUnblockPIN_HSM_Step2(Text);
    iUnblockPIN_HSM_Step3(Text);
    iDoDebit(c_int, Text, Text);
    iDoDebit_HSM_Step1(c_int, Text, Text);
    iDoDebit_HSM_Step2(Text);
    iReadDebitRecord(c_int);
}
