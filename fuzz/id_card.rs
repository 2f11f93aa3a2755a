//! The text part of a resident ID card, as a reader's library hands it over.

use jiff::civil::Date;
use zhijie_ports::{IdCardReading, citizen_number_is_sound};

/// Bytes of the text part.
const TEXT_BYTES: usize = 256;
const TODAY: Date = Date::constant(2026, 11, 22);

pub(crate) fn run(input: &[u8]) {
    let read = IdCardReading::parse(input, "library", TODAY);
    if let Ok(card) = &read {
        let (name, number) = (card.name.reveal(), card.number.reveal());
        assert!(!name.is_empty() && !name.chars().any(char::is_control));
        assert!(citizen_number_is_sound(number));
        assert!(card.valid_until.is_none_or(|last| last >= TODAY));
        assert_eq!(card.reader, "library");
    }
    let (text, behind) = input.split_at(input.len().min(TEXT_BYTES));
    if !behind.is_empty() {
        assert_eq!(
            read,
            IdCardReading::parse(text, "library", TODAY),
            "what lies behind the text counts for nothing"
        );
    }
}
