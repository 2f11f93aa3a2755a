//! Whether a library of Windows is one of 32 bits, as many of readers' makers are. Such a one can only be loaded by a process of
//! 32 bits, so it gets the device helper that is one.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Where the place of the head stands.
const PLACE_OF_HEAD: u64 = 0x3C;
/// `IMAGE_FILE_MACHINE_I386`.
const I386: [u8; 2] = 0x014C_u16.to_le_bytes();

/// `false` for everything that is no such library, or cannot be read: whoever loads it says what is wrong with it.
#[must_use]
pub(crate) fn is_32_bit(library: &Path) -> bool {
    machine(library).ok() == Some(I386)
}

fn machine(library: &Path) -> std::io::Result<[u8; 2]> {
    let mut file = File::open(library)?;
    let mut place = [0_u8; 4];
    file.seek(SeekFrom::Start(PLACE_OF_HEAD))?;
    file.read_exact(&mut place)?;
    file.seek(SeekFrom::Start(u64::from(u32::from_le_bytes(place))))?;
    let mut head = [0_u8; 6];
    file.read_exact(&mut head)?;
    match head {
        [b'P', b'E', 0, 0, low, high] => Ok([low, high]),
        _ => Err(std::io::Error::from(std::io::ErrorKind::InvalidData)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As much of a library as is looked at.
    fn library(head: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0_u8; 0x80];
        bytes[0x3C] = 0x80;
        bytes.extend_from_slice(head);
        bytes
    }

    #[test]
    fn the_head_of_a_library_tells() {
        let folder = tempfile::tempdir().unwrap();
        let table = [
            ("32", library(b"PE\0\0\x4C\x01"), true),
            ("64", library(b"PE\0\0\x64\x86"), false),
            ("short", library(b"PE\0\0"), false),
            ("other", library(b"NE\0\0\x4C\x01"), false),
            ("far", [vec![0xFF_u8; 0x40], Vec::new()].concat(), false),
            ("empty", Vec::new(), false),
        ];
        for (name, bytes, wanted) in table {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(is_32_bit(&path), wanted, "{name}");
        }
        assert!(!is_32_bit(&folder.path().join("nothing")));
    }
}
