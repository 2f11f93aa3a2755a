//! The exported function of a library that scans and decodes e-vouchers.
#![expect(unsafe_code, reason = "a C library, and one with bad manners")]

use core::ffi::{CStr, c_char};
use std::ffi::CString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::TcpStream;

use encoding_rs::GB18030;

use crate::exports::{behave, gbk, number, put, words};

/// Room the callers of this function keep.
const ANSWER_BYTES: usize = 20_480;

/// # Safety
/// `url` and `request` are zero-terminated; `out` has room for 20480 bytes, and for what the script wants beyond.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "system" fn NationEcTrans(
    url: *const c_char,
    request: *const c_char,
    out: *mut c_char,
) -> *const c_char {
    let (word, rest) = words();
    if word != "scan" {
        // SAFETY: the caller's promise.
        let code = unsafe { behave(out, ANSWER_BYTES) };
        let code = if word == "error" {
            number(&rest).unwrap_or(-14)
        } else {
            code
        };
        return result(&if code == 0 {
            String::from("0000")
        } else {
            code.to_string()
        });
    }
    // SAFETY: the caller's promise.
    let (url, request) = unsafe { (CStr::from_ptr(url), CStr::from_ptr(request)) };
    let request = GB18030.decode(request.to_bytes()).0.into_owned();
    let told = scan(&rest).and_then(|code| ask(&url.to_string_lossy(), &code, &request));
    let (code, text) = match told {
        Ok(answer) => ("0000", answer),
        Err(error) => ("-11", error.to_string()),
    };
    let bytes = gbk(&text);
    if bytes.len() < ANSWER_BYTES {
        // SAFETY: text and zero fit.
        unsafe { put(out, 0, &bytes) };
    }
    result(code)
}

/// Lives as long as the process, as the results of such libraries do.
fn result(text: &str) -> *const c_char {
    CString::new(text).unwrap_or_default().into_raw()
}

/// One code from the port, which nobody else may have.
fn scan(port: &str) -> io::Result<String> {
    let mut line = open(port)?;
    line.try_lock()
        .map_err(|_| io::Error::other("扫码枪端口被占用"))?;
    let mut code = String::new();
    let mut byte = [0_u8];
    loop {
        line.read_exact(&mut byte)?;
        match char::from(byte[0]) {
            '\r' | '\n' if code.is_empty() => {}
            '\r' | '\n' => return Ok(code),
            other if other.is_ascii_alphanumeric() => code.push(other),
            _ => {}
        }
    }
}

#[cfg(unix)]
fn open(port: &str) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    // O_NOCTTY.
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(0o400)
        .open(port)
}

#[cfg(not(unix))]
fn open(port: &str) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(port)
}

/// The decode service's answer, from a service that speaks plain HTTP.
fn ask(url: &str, code: &str, request: &str) -> io::Result<String> {
    let rest = url.strip_prefix("http://").unwrap_or(url);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut line = TcpStream::connect(host)?;
    let body = format!("{{\"code\":\"{code}\",\"request\":{request}}}");
    write!(
        line,
        "POST /{path} HTTP/1.0\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    line.read_to_string(&mut answer)?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.contains(" 200 ") => Ok(String::from(body)),
        _ => Err(io::Error::other("解码服务没有应答")),
    }
}
