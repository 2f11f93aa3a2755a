//! Answers to reset.

use zhijie_ports::{is_resident_id, reset_info};

pub(crate) fn run(input: &[u8]) {
    let told = reset_info(input);
    assert!(told.len() <= 30 && told.len().is_multiple_of(2));
    let hex: String = input.iter().map(|byte| format!("{byte:02X}")).collect();
    assert!(hex.contains(&told), "historical bytes are those of the answer");
    if is_resident_id(input) {
        assert!(matches!(input, [0x3B, 0x88 | 0x8F, ..]));
    }
}
