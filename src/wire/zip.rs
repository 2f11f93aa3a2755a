//! A zip with one text in it, as files are sent.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

const DEFLATED: u16 = 8;

/// `None` when it does not fit into a plain zip.
pub(crate) fn pack(name: &str, text: &[u8]) -> Option<Vec<u8>> {
    let packed = deflate(text)?;
    let mut crc = Crc::new();
    crc.update(text);
    // Version, flags (names in UTF-8), method, time and date, checksum, sizes, length of name and extra.
    let mut common = vec![20, 0, 0, 8];
    common.extend(DEFLATED.to_le_bytes());
    common.extend([0; 4]);
    for number in [crc.sum(), long(packed.len())?, long(text.len())?] {
        common.extend(number.to_le_bytes());
    }
    common.extend(u16::try_from(name.len()).ok()?.to_le_bytes());
    common.extend([0; 2]);
    let mut file = b"PK\x03\x04".to_vec();
    file.extend(&common);
    file.extend(name.as_bytes());
    file.extend(packed);
    let begin = file.len();
    file.extend(b"PK\x01\x02\x14\x00");
    file.extend(&common);
    file.extend([0; 10]);
    file.extend(0_u32.to_le_bytes());
    file.extend(name.as_bytes());
    let size = long(file.len().checked_sub(begin)?)?;
    file.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    file.extend(size.to_le_bytes());
    file.extend(long(begin)?.to_le_bytes());
    file.extend([0; 2]);
    Some(file)
}

fn deflate(text: &[u8]) -> Option<Vec<u8>> {
    // What does not compress grows by a few bytes a block.
    let most = text.len().checked_add(text.len() / 8)?.checked_add(64)?;
    let mut packed = Vec::with_capacity(most);
    let mut compress = Compress::new(Compression::default(), false);
    let status = compress
        .compress_vec(text, &mut packed, FlushCompress::Finish)
        .ok()?;
    (status == Status::StreamEnd).then_some(packed)
}

fn long(count: usize) -> Option<u32> {
    u32::try_from(count).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unzip::{ZipLimits, ZipText};

    #[test]
    fn what_is_packed_is_read_back() {
        for text in ["", "a\tb\n", "一\t二\n三\n"] {
            let file = pack("detail.txt", text.as_bytes()).unwrap();
            let mut reader = ZipText::open(&file, ZipLimits::default()).unwrap();
            let mut lines = Vec::new();
            while let Some(line) = reader.next_line().unwrap() {
                lines.push(line.to_owned());
            }
            assert_eq!(lines, text.lines().collect::<Vec<_>>());
        }
    }
}
