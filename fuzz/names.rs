//! Names in GB18030 over two records.

use zhijie_ports::decode_name;

pub(crate) fn run(input: &[u8]) {
    let (at, rest) = input
        .split_first()
        .map_or((0, input), |(at, rest)| (usize::from(*at), rest));
    let (name, extension) = rest.split_at(at.min(rest.len()));
    let decoded = decode_name(name, extension);
    let text = decoded.text.reveal();
    assert_eq!(text, text.trim_matches([' ', '\u{3000}', '\0']));
    if decoded.bad_bytes {
        return;
    }
    // Where no filler stands at the border, it does not matter where the border is.
    let filled = |bytes: &[u8]| matches!(bytes.last(), Some(0x00 | 0x20));
    if !filled(name) && !filled(extension) {
        assert_eq!(decode_name(rest, &[]), decoded);
    }
}
