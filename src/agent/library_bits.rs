//! Whether a library is one of 32 bits for this PC, as many of readers' makers are. Such a one can only be loaded by a process of
//! 32 bits, so it gets the device helper that is one.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Where the place of the head stands in a library of Windows.
const PLACE_OF_HEAD: u64 = 0x3C;
/// `IMAGE_FILE_MACHINE_I386`.
const I386: [u8; 2] = 0x014C_u16.to_le_bytes();
/// Begins a library of Linux of 32 bits, lower byte first.
const ELF_32: &[u8] = b"\x7FELF\x01\x01";
/// Where its machine stands, and `EM_386`.
const ELF_MACHINE: u64 = 18;
const ELF_I386: [u8; 2] = 3_u16.to_le_bytes();

/// `false` for everything that is no such library, or cannot be read: whoever loads it says what is wrong with it.
#[must_use]
pub(crate) fn is_32_bit(library: &Path) -> bool {
    elf(library).is_ok_and(|is| is) || machine(library).ok() == Some(I386)
}

fn elf(library: &Path) -> std::io::Result<bool> {
    let mut file = File::open(library)?;
    let mut head = [0_u8; ELF_32.len()];
    file.read_exact(&mut head)?;
    let mut machine = [0_u8; 2];
    file.seek(SeekFrom::Start(ELF_MACHINE))?;
    file.read_exact(&mut machine)?;
    Ok(head == *ELF_32 && machine == ELF_I386)
}

/// Of a library of Windows.
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

    fn elf(class: u8, machine: u8) -> Vec<u8> {
        let mut bytes = vec![0_u8; 52];
        bytes[..6].copy_from_slice(&[0x7F, b'E', b'L', b'F', class, 1]);
        bytes[18] = machine;
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
            ("ELF, 32", elf(1, 3), true),
            ("ELF, 64", elf(2, 62), false),
            ("ELF, another machine", elf(1, 40), false),
            ("ELF, short", elf(1, 3)[..18].to_vec(), false),
        ];
        for (name, bytes, wanted) in table {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(is_32_bit(&path), wanted, "{name}");
        }
        assert!(!is_32_bit(&folder.path().join("nothing")));
    }
}
