//! Records of a card.

use zhijie_ports::{Tag, civil_date, digits, parse_record};

pub(crate) fn run(input: &[u8]) {
    let Some((tag, rest)) = input.split_first() else {
        return;
    };
    let tag = Tag(*tag);
    if let Ok(value) = parse_record(tag, rest) {
        assert_eq!(rest.first(), Some(&tag.0));
        assert_eq!(value.len().saturating_add(2), rest.len());
    }
    if let Ok(text) = digits(tag, rest) {
        assert!(text.bytes().all(|byte| byte.is_ascii_digit()));
        assert!(text.len() <= rest.len().saturating_mul(2));
    }
    if let Ok(Some(date)) = civil_date(tag, rest) {
        assert_eq!(
            digits(tag, rest).as_deref(),
            Ok(date.strftime("%Y%m%d").to_string().as_str())
        );
    }
}
