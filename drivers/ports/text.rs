//! Names as bytes of the card.

use encoding_rs::GB18030;

/// A decoded name. `bad_bytes` tells that the text contains U+FFFD marks in place of bytes that are no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedName {
    pub text: zhijie_model::Private,
    pub bad_bytes: bool,
}

/// Joins the name and its extension as bytes, because a character may straddle the border between the two
/// records, then decodes GB18030 (a superset of GBK). Trailing filler and blanks are dropped from each part.
#[must_use]
pub fn decode_name(name: &[u8], extension: &[u8]) -> DecodedName {
    let mut bytes = trim(name).to_vec();
    bytes.extend_from_slice(trim(extension));
    let (text, bad_bytes) = GB18030.decode_without_bom_handling(trim(&bytes));
    DecodedName {
        text: zhijie_model::Private::new(text.trim_matches([' ', '\u{3000}', '\0'])),
        bad_bytes,
    }
}

fn trim(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|byte| !matches!(byte, 0x00 | 0x20))
        .map_or(0, |at| at + 1);
    bytes.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_may_straddle_the_two_records() {
        let (whole, _, _) = GB18030.encode("古丽巴哈尔江阿卜杜热合曼麦麦提");
        let mut first = b"A".to_vec();
        first.extend_from_slice(&whole);
        let (first, second) = first.split_at(30);
        let name = decode_name(first, second);
        assert_eq!(name.text.reveal(), "A古丽巴哈尔江阿卜杜热合曼麦麦提");
        assert!(!name.bad_bytes);
    }

    #[test]
    fn filler_is_trimmed_and_bad_bytes_are_marked() {
        assert_eq!(
            decode_name(b"\xD5\xC5\xC8\xFD\0\0\0  ", b"\0\0").text.reveal(),
            "张三"
        );
        assert_eq!(decode_name(b"\0\0", b"").text.reveal(), "");
        let broken = decode_name(b"\xD5\xC5\xFF\xFF", b"");
        assert!(broken.bad_bytes);
        assert!(broken.text.reveal().contains('\u{FFFD}'));
    }
}
