//! Lines, numbers and words of a vendor's library.

use zhijie_model::Private;
use zhijie_ports::{BasicFields, DeviceFault, VendorSource, vendor_fault, vendor_words};

use crate::bytes::Bytes;

pub(crate) fn run(input: &[u8]) {
    line(input);
    result(input);
}

fn line(input: &[u8]) {
    let Ok(fields) = BasicFields::parse(input) else {
        return;
    };
    let again = BasicFields::parse(&fields.to_line());
    assert_eq!(again.as_ref(), Ok(&fields), "a line we write is a line we read");
    let source = VendorSource {
        reader: "library",
        line: Private::new(""),
        signature: None,
    };
    if let Ok(card) = fields.reading(source, 1) {
        assert!(!card.name.reveal().is_empty() && !card.number.reveal().is_empty());
        assert_eq!(card.card_number.reveal().chars().count(), 9);
    }
}

fn result(input: &[u8]) {
    let mut bytes = Bytes::new(input);
    let code = match bytes.take(4).first_chunk::<4>() {
        Some(code) => i32::from_le_bytes(*code),
        None => i32::from(bytes.byte()).saturating_neg(),
    };
    let said = String::from_utf8_lossy(bytes.rest()).into_owned();
    let fault = vendor_fault(code, Some(Private::new(said)));
    let silent = vendor_fault(code, None);
    assert_eq!(fault.is_none(), code == 0);
    assert_eq!(silent.is_none(), code == 0);
    assert!(!vendor_words(code).is_empty());
    match (fault, silent) {
        (Some(DeviceFault::PinWrong { left }), _) => assert!(left <= 9),
        (fault, silent) => assert_eq!(
            fault.map(|fault| fault.to_string()),
            silent.map(|fault| fault.to_string()),
            "a library's words stand in no error"
        ),
    }
}
