//! Zips as platforms hand them out, and as they must not be taken.

use flate2::{Compress, Compression, Crc, FlushCompress};

use crate::{ZipFault, ZipLimits, ZipText};

fn deflate(text: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(text.len() + 1024);
    let mut compress = Compress::new(Compression::default(), false);
    compress
        .compress_vec(text, &mut packed, FlushCompress::Finish)
        .unwrap();
    packed
}

/// A zip of entries `(name, method, text)`, written by the format's description.
fn zip(entries: &[(&str, u16, &[u8])]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut directory = Vec::new();
    for (name, method, text) in entries {
        let mut crc = Crc::new();
        crc.update(text);
        let packed = if *method == 8 {
            deflate(text)
        } else {
            text.to_vec()
        };
        let mut common = Vec::new();
        common.extend(20_u16.to_le_bytes());
        common.extend([0; 2]);
        common.extend(method.to_le_bytes());
        common.extend([0; 4]);
        for number in [crc.sum(), size(&packed), size(text)] {
            common.extend(number.to_le_bytes());
        }
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend([0; 2]);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(size(&file).to_le_bytes());
        directory.extend(name.as_bytes());
        file.extend(b"PK\x03\x04");
        file.extend(&common);
        file.extend(name.as_bytes());
        file.extend(packed);
    }
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    let at = size(&file);
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend(count);
    file.extend(count);
    file.extend(size(&directory).to_le_bytes());
    file.extend(at.to_le_bytes());
    file.extend([0; 2]);
    file
}

fn size(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap()
}

fn lines(file: &[u8], limits: ZipLimits) -> Result<Vec<String>, ZipFault> {
    let mut text = ZipText::open(file, limits)?;
    let mut lines = Vec::new();
    while let Some(line) = text.next_line()? {
        lines.push(line.to_owned());
    }
    Ok(lines)
}

fn counted(file: &[u8], limits: ZipLimits) -> Result<usize, ZipFault> {
    lines(file, limits).map(|lines| lines.len())
}

fn taken(file: &[u8]) -> Result<Vec<String>, ZipFault> {
    lines(file, ZipLimits::default())
}

#[test]
fn lines_come_as_they_were_packed() {
    let long: String = (0..40_000).map(|row| format!("{row}\t奥美拉唑\n")).collect();
    for method in [0, 8] {
        let file = zip(&[("1301.txt", method, long.as_bytes())]);
        let lines = taken(&file).unwrap();
        assert_eq!((lines.len(), lines[39_999].as_str()), (40_000, "39999\t奥美拉唑"));
        let odd = zip(&[("a.txt", method, "\u{feff}one\r\n\ntwo".as_bytes())]);
        assert_eq!(taken(&odd).unwrap(), ["one", "", "two"]);
        assert_eq!(
            taken(&zip(&[("a.txt", method, b"")])).unwrap(),
            Vec::<String>::new()
        );
    }
}

#[test]
fn tricks_are_refused() {
    let names = [
        "../a.txt",
        "a/b.txt",
        "/etc/passwd",
        "C:\\a.txt",
        "..",
        ".hidden",
        "a\u{7}.txt",
        "",
    ];
    for name in names {
        assert_eq!(taken(&zip(&[(name, 8, b"x")])), Err(ZipFault::Name), "{name:?}");
    }
    let two: [(&str, u16, &[u8]); 2] = [("a.txt", 8, b"x"), ("b.txt", 8, b"y")];
    assert_eq!(taken(&zip(&two)), Err(ZipFault::Entries { found: 2 }));
    assert_eq!(taken(&zip(&[])), Err(ZipFault::Entries { found: 0 }));
    assert_eq!(
        taken(&zip(&[("a.txt", 99, b"x")])),
        Err(ZipFault::Method { method: 99 })
    );
    for page in [&b"<html></html>"[..], b"", b"{\"infcode\":-1}"] {
        assert_eq!(taken(page), Err(ZipFault::NotZip));
    }
    let mut renamed = zip(&[("a.txt", 8, b"x")]);
    renamed[30] = b'/';
    assert_eq!(taken(&renamed), Err(ZipFault::Name));
}

#[test]
fn what_unfolds_too_far_is_refused_before_and_while_it_does() {
    let limits = ZipLimits {
        bytes_max: 1_000_000,
        ratio_max: 250,
    };
    let zeros = vec![b'0'; 900_000];
    let bomb = zip(&[("a.txt", 8, &zeros)]);
    assert_eq!(counted(&bomb, limits), Err(ZipFault::TooDense { max: 250 }));
    let honest: Vec<u8> = (0..400_000_u32)
        .flat_map(|n| (n ^ (n << 7)).to_le_bytes())
        .collect();
    let big = zip(&[("a.txt", 8, &honest)]);
    assert_eq!(counted(&big, limits), Err(ZipFault::TooBig { max: 1_000_000 }));
    // A directory that lies about the size is found out while unpacking.
    let rows: String = (0..300_000).map(|n| format!("{n}\n")).collect();
    let mut liar = zip(&[("a.txt", 8, rows.as_bytes())]);
    let size_at = liar.windows(4).rposition(|mark| mark == b"PK\x01\x02").unwrap() + 24;
    liar[size_at..size_at + 4].copy_from_slice(&5_u32.to_le_bytes());
    assert_eq!(counted(&liar, limits), Err(ZipFault::TooBig { max: 1_000_000 }));
    let endless = vec![b'1'; 2 * 1024 * 1024];
    let one_line = zip(&[("a.txt", 0, &endless)]);
    assert!(matches!(
        counted(&one_line, ZipLimits::default()),
        Err(ZipFault::LineTooLong { line: 1, .. })
    ));
}

#[test]
fn every_truncation_and_every_flipped_bit_is_an_error_or_the_same_text() {
    let text = "X1\t药\t1\nX2\t药\t0\n".repeat(20);
    let file = zip(&[("a.txt", 8, text.as_bytes())]);
    let whole = taken(&file).unwrap();
    for end in 0..file.len() {
        assert!(taken(&file[..end]).is_err(), "cut at {end}");
    }
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut bent = file.clone();
            bent[at] ^= 1 << bit;
            let read = taken(&bent);
            assert!(
                read.is_err() || read.as_ref() == Ok(&whole),
                "byte {at} bit {bit}"
            );
        }
    }
    let wrong = zip(&[("a.txt", 0, b"\xff\xfe\n")]);
    assert_eq!(taken(&wrong), Err(ZipFault::NotText { line: 1 }));
}
