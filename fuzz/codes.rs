//! What a scanned text is taken for.

use zhijie_ports::{CodeKind, citizen_number_is_sound, classify};

pub(crate) fn run(input: &[u8]) {
    let Ok(text) = core::str::from_utf8(input) else {
        return;
    };
    for symbology in [None, Some("]Q1"), Some("]Q3"), Some("]C1"), Some("]x9")] {
        let kind = classify(text, symbology);
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        assert_eq!(
            kind == CodeKind::EVoucher,
            digits && text.len() == 28 && text.starts_with("424")
        );
        assert!(
            !(kind.is_payment() && kind.identifies()),
            "money identifies nobody"
        );
        if kind.is_payment() {
            assert!(digits && (16..=24).contains(&text.len()) && !citizen_number_is_sound(text));
        }
        if kind == CodeKind::CitizenId {
            assert_eq!(text.len(), 18);
        }
        if let CodeKind::Unknown { length } = kind {
            assert_eq!(
                usize::from(length),
                text.chars().count().min(usize::from(u16::MAX))
            );
        }
        assert!(!kind.title().is_empty());
    }
}
