//! Files the platform hands out: a zip with one text in it, read a line at a time and believed in nothing.
//!
//! Nothing is written to a disk and no name inside is ever used as one; a file that plays tricks is refused all the same.

use flate2::{Crc, Decompress, FlushDecompress, Status};
use thiserror::Error;

/// Longest line, in bytes.
const LINE_BYTES_MAX: usize = 1024 * 1024;
const CHUNK: usize = 64 * 1024;
const END_BYTES: usize = 22;
const END_COMMENT_BYTES_MAX: usize = 65_535;

/// How much a file may unfold to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZipLimits {
    /// Unpacked bytes.
    pub bytes_max: u64,
    /// Unpacked bytes for one packed byte; what compresses better is no text.
    pub ratio_max: u64,
}

impl Default for ZipLimits {
    fn default() -> Self {
        Self {
            bytes_max: 2 * 1024 * 1024 * 1024,
            ratio_max: 250,
        }
    }
}

/// Why a file is not taken. Nothing of it may be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ZipFault {
    #[error("the file is not a zip")]
    NotZip,
    #[error("the file breaks off")]
    BrokenOff,
    #[error("the zip holds {found} entries, one is expected")]
    Entries { found: u16 },
    /// A path, a drive, a hidden file, a control character.
    #[error("the name inside the zip is not a plain file name")]
    Name,
    #[error("the zip is encrypted or packed in a way that is not read (method {method})")]
    Method { method: u16 },
    #[error("the file unfolds to more than {max} bytes")]
    TooBig { max: u64 },
    #[error("the file unfolds to more than {max} times its size")]
    TooDense { max: u64 },
    #[error("the checksum of the unpacked text is wrong")]
    Checksum,
    #[error("line {line} is not UTF-8 text")]
    NotText { line: u64 },
    #[error("line {line} is longer than {max} bytes")]
    LineTooLong { line: u64, max: usize },
}

/// The text inside a zip.
#[derive(Debug)]
pub struct ZipText<'a> {
    packed: &'a [u8],
    inflate: Option<Decompress>,
    crc: Crc,
    expected_crc: u32,
    /// Most that may come out, and what is wrong when more does.
    most: u64,
    beyond: ZipFault,
    unpacked: u64,
    chunk: Vec<u8>,
    pending: Vec<u8>,
    /// Where the next line begins in `pending`.
    begin: usize,
    line: u64,
    done: bool,
}

impl<'a> ZipText<'a> {
    /// Looks at the directory of the zip and refuses what is not one plain text.
    ///
    /// # Errors
    /// [`ZipFault`]; nothing was unpacked.
    pub fn open(file: &'a [u8], limits: ZipLimits) -> Result<Self, ZipFault> {
        let found = directory(file)?;
        let entry = entry(file, found)?;
        let packed = entry.packed;
        let size = u64::try_from(packed.len()).unwrap_or(u64::MAX).max(1);
        let dense = size.saturating_mul(limits.ratio_max);
        let (most, beyond) = if dense < limits.bytes_max {
            (
                dense,
                ZipFault::TooDense {
                    max: limits.ratio_max,
                },
            )
        } else {
            (
                limits.bytes_max,
                ZipFault::TooBig {
                    max: limits.bytes_max,
                },
            )
        };
        if entry.unpacked > most {
            return Err(beyond);
        }
        Ok(Self {
            packed,
            inflate: (entry.method == DEFLATED).then(|| Decompress::new(false)),
            crc: Crc::new(),
            expected_crc: entry.crc,
            most,
            beyond,
            unpacked: 0,
            chunk: vec![0; CHUNK],
            pending: Vec::new(),
            begin: 0,
            line: 0,
            done: false,
        })
    }

    /// The next line without its end; `None` when all were read and the checksum held.
    ///
    /// # Errors
    /// [`ZipFault`]; lines read before must not be used either, for the file is not what it says.
    pub fn next_line(&mut self) -> Result<Option<&str>, ZipFault> {
        let mut searched = self.begin;
        let (end, next) = loop {
            let unread = self.pending.get(searched..).unwrap_or_default();
            if let Some(found) = unread.iter().position(|byte| *byte == b'\n') {
                let end = searched.saturating_add(found);
                break (end, end.saturating_add(1));
            }
            let waiting = self.pending.len().saturating_sub(self.begin);
            if waiting > LINE_BYTES_MAX {
                return Err(ZipFault::LineTooLong {
                    line: self.line.saturating_add(1),
                    max: LINE_BYTES_MAX,
                });
            }
            if self.done {
                if waiting == 0 {
                    return Ok(None);
                }
                break (self.pending.len(), self.pending.len());
            }
            self.pending.drain(..self.begin);
            self.begin = 0;
            searched = self.pending.len();
            self.unfold()?;
        };
        let begin = self.begin;
        self.begin = next;
        self.line = self.line.saturating_add(1);
        let line = self.pending.get(begin..end).unwrap_or_default();
        let text = core::str::from_utf8(line).map_err(|_| ZipFault::NotText { line: self.line })?;
        let text = text.trim_end_matches('\r');
        Ok(Some(if self.line == 1 {
            text.trim_start_matches('\u{feff}')
        } else {
            text
        }))
    }

    /// Unpacks some more into `pending`.
    fn unfold(&mut self) -> Result<(), ZipFault> {
        let made = match &mut self.inflate {
            Some(inflate) => {
                let (read, made) = (inflate.total_in(), inflate.total_out());
                let status = inflate
                    .decompress(self.packed, &mut self.chunk, FlushDecompress::None)
                    .map_err(|_| ZipFault::BrokenOff)?;
                let read = usize::try_from(inflate.total_in() - read).unwrap_or(usize::MAX);
                let made = usize::try_from(inflate.total_out() - made).unwrap_or(usize::MAX);
                self.packed = self.packed.get(read..).unwrap_or_default();
                self.done = status == Status::StreamEnd;
                if !self.done && read == 0 && made == 0 {
                    return Err(ZipFault::BrokenOff);
                }
                self.chunk.get(..made).unwrap_or_default()
            }
            None => {
                let (now, later) = self.packed.split_at(self.packed.len().min(CHUNK));
                self.packed = later;
                self.done = later.is_empty();
                now
            }
        };
        self.crc.update(made);
        self.pending.extend_from_slice(made);
        self.unpacked = self
            .unpacked
            .saturating_add(u64::try_from(made.len()).unwrap_or(u64::MAX));
        if self.unpacked > self.most {
            return Err(self.beyond.clone());
        }
        if self.done && self.crc.sum() != self.expected_crc {
            return Err(ZipFault::Checksum);
        }
        Ok(())
    }
}

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const ENCRYPTED: u16 = 1;

struct Entry<'a> {
    packed: &'a [u8],
    method: u16,
    crc: u32,
    unpacked: u64,
}

/// The bytes of the directory: behind the entries, in front of the mark that ends a zip.
fn directory(file: &[u8]) -> Result<&[u8], ZipFault> {
    if !file.starts_with(b"PK") {
        return Err(ZipFault::NotZip);
    }
    let from = file.len().saturating_sub(END_BYTES + END_COMMENT_BYTES_MAX);
    let tail = file.get(from..).unwrap_or_default();
    let at = tail
        .windows(4)
        .rposition(|mark| mark == b"PK\x05\x06")
        .ok_or(ZipFault::BrokenOff)?;
    let end = tail.get(at..).unwrap_or_default();
    let comment = usize::from(short(end, 20)?);
    if end.len() != END_BYTES.saturating_add(comment) {
        return Err(ZipFault::BrokenOff);
    }
    let found = short(end, 10)?;
    if found != 1 {
        return Err(ZipFault::Entries { found });
    }
    let at = index(end, 16)?;
    file.get(at..).ok_or(ZipFault::BrokenOff)
}

fn entry<'a>(file: &'a [u8], directory: &[u8]) -> Result<Entry<'a>, ZipFault> {
    if !directory.starts_with(b"PK\x01\x02") {
        return Err(ZipFault::BrokenOff);
    }
    let (flags, method) = (short(directory, 8)?, short(directory, 10)?);
    if flags & ENCRYPTED != 0 || !matches!(method, STORED | DEFLATED) {
        return Err(ZipFault::Method { method });
    }
    let (packed_size, unpacked) = (index(directory, 20)?, long(directory, 24)?);
    let name_size = usize::from(short(directory, 28)?);
    let name = slice(directory, 46, name_size)?;
    if !is_plain(name) {
        return Err(ZipFault::Name);
    }
    let head = file.get(index(directory, 42)?..).ok_or(ZipFault::BrokenOff)?;
    if !head.starts_with(b"PK\x03\x04") {
        return Err(ZipFault::BrokenOff);
    }
    let inner_size = usize::from(short(head, 26)?);
    if slice(head, 30, inner_size)? != name {
        return Err(ZipFault::Name);
    }
    let extra = usize::from(short(head, 28)?);
    let begin = 30_usize.saturating_add(inner_size).saturating_add(extra);
    Ok(Entry {
        packed: slice(head, begin, packed_size)?,
        method,
        crc: long(directory, 16)?,
        unpacked: u64::from(unpacked),
    })
}

fn is_plain(name: &[u8]) -> bool {
    let letters = |byte: &u8| *byte >= b' ' && !b"/\\:*?\"<>|".contains(byte);
    !name.is_empty() && !name.starts_with(b".") && name.iter().all(letters)
}

fn slice(bytes: &[u8], at: usize, length: usize) -> Result<&[u8], ZipFault> {
    let end = at.checked_add(length).ok_or(ZipFault::BrokenOff)?;
    bytes.get(at..end).ok_or(ZipFault::BrokenOff)
}

fn short(bytes: &[u8], at: usize) -> Result<u16, ZipFault> {
    let found = slice(bytes, at, 2)?.try_into();
    Ok(u16::from_le_bytes(found.map_err(|_| ZipFault::BrokenOff)?))
}

fn long(bytes: &[u8], at: usize) -> Result<u32, ZipFault> {
    let found = slice(bytes, at, 4)?.try_into();
    Ok(u32::from_le_bytes(found.map_err(|_| ZipFault::BrokenOff)?))
}

fn index(bytes: &[u8], at: usize) -> Result<usize, ZipFault> {
    usize::try_from(long(bytes, at)?).map_err(|_| ZipFault::BrokenOff)
}
