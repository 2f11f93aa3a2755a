//! Zips with one text in them, as catalogue files come; and, on demand, as they must not be taken.

use std::io::Write as _;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

const DEFLATED: u16 = 8;

/// A zip of one deflated text.
///
/// # Errors
/// When it grows beyond what a plain zip can hold.
pub fn pack(name: &str, text: &[u8]) -> std::io::Result<Vec<u8>> {
    pack_all(&[(name, text)])
}

/// A zip of several.
///
/// # Errors
/// As [`pack`].
pub fn pack_all(entries: &[(&str, &[u8])]) -> std::io::Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut directory = Vec::new();
    for (name, text) in entries {
        let mut crc = Crc::new();
        crc.update(text);
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text)?;
        let packed = encoder.finish()?;
        // Version, flags (names in UTF-8), method, time and date, checksum, sizes, length of name and extra.
        let mut common = vec![20, 0, 0, 8];
        common.extend(DEFLATED.to_le_bytes());
        common.extend([0; 4]);
        for number in [crc.sum(), long(packed.len())?, long(text.len())?] {
            common.extend(number.to_le_bytes());
        }
        common.extend(short(name.len())?.to_le_bytes());
        common.extend([0; 2]);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(long(file.len())?.to_le_bytes());
        directory.extend(name.as_bytes());
        file.extend(b"PK\x03\x04");
        file.extend(&common);
        file.extend(name.as_bytes());
        file.extend(packed);
    }
    let (count, begin) = (short(entries.len())?.to_le_bytes(), long(file.len())?);
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend(count);
    file.extend(count);
    file.extend(long(directory.len())?.to_le_bytes());
    file.extend(begin.to_le_bytes());
    file.extend([0; 2]);
    Ok(file)
}

/// The first text of a zip; `None` when it cannot be read.
#[must_use]
pub fn unpack(file: &[u8]) -> Option<Vec<u8>> {
    let tail = file.len().checked_sub(22)?;
    let end = (0..=tail).rev().find(|at| {
        file.get(*at..)
            .is_some_and(|rest| rest.starts_with(b"PK\x05\x06"))
    })?;
    let begin = number(file, end.checked_add(16)?)?;
    let entry = file.get(begin..)?;
    if !entry.starts_with(b"PK\x01\x02") {
        return None;
    }
    let (size, at) = (number(entry, 20)?, number(entry, 42)?);
    let head = file.get(at..)?;
    let skipped = usize::from(*head.get(26)?) + usize::from(*head.get(27)?) * 256;
    let extra = usize::from(*head.get(28)?) + usize::from(*head.get(29)?) * 256;
    let data = head.get(30 + skipped + extra..)?.get(..size)?;
    if entry.get(10..12)? == [0, 0] {
        return Some(data.to_vec());
    }
    let mut text = Vec::new();
    let limited = std::io::Read::take(flate2::read::DeflateDecoder::new(data), UNPACKED_MAX);
    std::io::copy(&mut { limited }, &mut text).ok()?;
    let mut crc = Crc::new();
    crc.update(&text);
    (entry.get(16..20)? == crc.sum().to_le_bytes()).then_some(text)
}

const UNPACKED_MAX: u64 = 64 * 1024 * 1024;

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(four)).ok()
}

fn long(count: usize) -> std::io::Result<u32> {
    u32::try_from(count).map_err(|_| std::io::ErrorKind::FileTooLarge.into())
}

fn short(count: usize) -> std::io::Result<u16> {
    u16::try_from(count).map_err(|_| std::io::ErrorKind::InvalidInput.into())
}
