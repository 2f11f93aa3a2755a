//! Exact reading of decimal text; no binary fraction is ever involved.

use thiserror::Error;

/// Why a text is not an amount. The text itself is not repeated: it may stand in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecimalError {
    #[error("not a decimal number")]
    NotANumber,
    #[error("more than {0} decimal places")]
    TooPrecise(u32),
    #[error("out of range")]
    OutOfRange,
}

/// Reads `text` as an integer count of 10^-`places`. Exponents are accepted because JSON allows them;
/// digits beyond `places` are accepted only while they are zero.
pub(crate) fn parse_scaled(text: &str, places: u32, limit: i64) -> Result<i64, DecimalError> {
    let text = text.trim();
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        Some(_) => (false, text),
        None => return Err(DecimalError::NotANumber),
    };
    let (mantissa, exponent) = split_exponent(unsigned)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return Err(DecimalError::NotANumber);
    }
    if !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(DecimalError::NotANumber);
    }
    if whole.len() + fraction.len() > 30 {
        return Err(DecimalError::OutOfRange);
    }
    let mut digits: i128 = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        digits = digits * 10 + i128::from(byte - b'0');
    }
    let fraction_len = i32::try_from(fraction.len()).map_err(|_| DecimalError::OutOfRange)?;
    let scale = i32::try_from(places).map_err(|_| DecimalError::OutOfRange)?;
    let scaled = shift(digits, scale - fraction_len + exponent, places)?;
    let signed = if negative { -scaled } else { scaled };
    let value = i64::try_from(signed).map_err(|_| DecimalError::OutOfRange)?;
    if value.unsigned_abs() > limit.unsigned_abs() {
        return Err(DecimalError::OutOfRange);
    }
    Ok(value)
}

/// Reads `digits[.digits]` and nothing else: no sign, blank or exponent, and never more than `places` digits after the
/// point, zeros included.
pub(crate) fn parse_plain(text: &str, places: u32, limit: i64) -> Result<i64, DecimalError> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    if !digits(whole) || !fraction.is_none_or(digits) {
        return Err(DecimalError::NotANumber);
    }
    let length = u32::try_from(fraction.map_or(0, str::len)).unwrap_or(u32::MAX);
    if length > places {
        return Err(DecimalError::TooPrecise(places));
    }
    parse_scaled(text, places, limit)
}

fn split_exponent(text: &str) -> Result<(&str, i32), DecimalError> {
    match text.split_once(['e', 'E']) {
        None => Ok((text, 0)),
        Some((mantissa, exponent)) => {
            let value: i32 = exponent.parse().map_err(|_| DecimalError::NotANumber)?;
            if value.abs() > 20 {
                Err(DecimalError::OutOfRange)
            } else {
                Ok((mantissa, value))
            }
        }
    }
}

fn shift(digits: i128, by: i32, places: u32) -> Result<i128, DecimalError> {
    let power = 10_i128
        .checked_pow(by.unsigned_abs())
        .ok_or(DecimalError::OutOfRange)?;
    if by >= 0 {
        digits.checked_mul(power).ok_or(DecimalError::OutOfRange)
    } else if digits % power == 0 {
        Ok(digits / power)
    } else {
        Err(DecimalError::TooPrecise(places))
    }
}

/// Writes an integer count of 10^-`places` as decimal text with at least `keep` places.
pub(crate) fn write_scaled(
    out: &mut core::fmt::Formatter<'_>,
    value: i64,
    places: u32,
    keep: usize,
) -> core::fmt::Result {
    let unit = 10_u64.pow(places);
    let magnitude = value.unsigned_abs();
    let sign = if value < 0 { "-" } else { "" };
    let width = usize::try_from(places).unwrap_or_default();
    let mut fraction = format!("{:0width$}", magnitude % unit);
    while fraction.len() > keep && fraction.ends_with('0') {
        fraction.pop();
    }
    let dot = if fraction.is_empty() { "" } else { "." };
    write!(out, "{sign}{}{dot}{fraction}", magnitude / unit)
}
