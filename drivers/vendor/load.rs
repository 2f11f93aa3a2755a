//! Loads a library of somebody else's, after a look at what kind of file it is.
#![expect(
    unsafe_code,
    reason = "loading a library of somebody else's is what this module is for"
)]

use std::fs::File;
use std::io::Read;
use std::path::Path;

use libloading::Library;
use zhijie_ports::LibraryProblem;

/// As much of a file as its head may take: the head proper of a Windows library lies behind a small program of old.
const HEAD_BYTES: u64 = 4_096;

/// Runs the library's own start code.
pub(crate) fn load(path: &Path) -> Result<Library, LibraryProblem> {
    if !path.is_file() {
        return Err(LibraryProblem::Missing);
    }
    match bits(&head(path)) {
        Some(bits) if bits != usize::BITS => return Err(LibraryProblem::OtherBits(bits)),
        // What has no head known here is the system's to refuse.
        Some(_) | None => {}
    }
    // SAFETY: loading runs foreign start code, which cannot be made safe; it is what the configuration asks for, in a
    // process that holds nothing but devices.
    unsafe { Library::new(path) }.map_err(|_| LibraryProblem::NotLoadable)
}

fn head(path: &Path) -> Vec<u8> {
    let mut head = Vec::new();
    // A file that cannot be read cannot be loaded either, and that says why.
    let _ = File::open(path).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head));
    head
}

/// 32 or 64, of a library of Linux (ELF) or Windows (PE).
fn bits(head: &[u8]) -> Option<u32> {
    if let Some(rest) = head.strip_prefix(b"\x7FELF") {
        return match rest.first()? {
            1 => Some(32),
            2 => Some(64),
            _ => None,
        };
    }
    let at = head.strip_prefix(b"MZ").and_then(|_| head.get(0x3C..0x40))?;
    let at = usize::try_from(u32::from_le_bytes(at.try_into().ok()?)).ok()?;
    let proper = head.get(at..)?.strip_prefix(b"PE\0\0")?;
    match proper.get(20..22)? {
        [0x0B, 0x01] => Some(32),
        [0x0B, 0x02] => Some(64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(magic: [u8; 2]) -> Vec<u8> {
        let mut head = vec![0; 0x80];
        head[..2].copy_from_slice(b"MZ");
        head[0x3C] = 0x80;
        head.extend(b"PE\0\0");
        head.extend([0; 20]);
        head.extend(magic);
        head
    }

    #[test]
    fn the_head_of_a_library_tells_its_bits() {
        let table: [(&[u8], Option<u32>); 9] = [
            (b"\x7FELF\x01\x01", Some(32)),
            (b"\x7FELF\x02\x01", Some(64)),
            (b"\x7FELF\x03", None),
            (b"\x7FELF", None),
            (&windows([0x0B, 0x01]), Some(32)),
            (&windows([0x0B, 0x02]), Some(64)),
            (&windows([0x07, 0x01]), None),
            (b"MZ\xFF\xFF\xFF\xFF", None),
            (b"[devices]", None),
        ];
        for (head, expected) in table {
            assert_eq!(bits(head), expected, "{head:?}");
            for end in 0..head.len() {
                assert!(matches!(bits(&head[..end]), None | Some(32 | 64)));
            }
        }
    }

    #[test]
    fn a_library_of_other_bits_is_said_before_anything_of_it_runs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reader.so");
        let other = 96 - usize::BITS;
        let class = u8::try_from(other / 32).unwrap();
        std::fs::write(&path, [&b"\x7FELF"[..], &[class, 1, 1]].concat()).unwrap();
        assert_eq!(load(&path).err(), Some(LibraryProblem::OtherBits(other)));
        std::fs::write(&path, "no library").unwrap();
        assert_eq!(load(&path).err(), Some(LibraryProblem::NotLoadable));
        assert_eq!(load(folder.path()).err(), Some(LibraryProblem::Missing));
    }
}
