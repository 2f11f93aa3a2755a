//! What the answer to reset tells before a single command is sent.

/// A second-generation resident ID card lying on a contactless PC/SC reader.
const RESIDENT_ID: [u8; 13] = [
    0x3B, 0x88, 0x80, 0x01, 0xD1, 0x03, 0x86, 0x05, 0x00, 0x80, 0x80, 0x00, 0x58,
];
/// Head of the answer PC/SC makes up for contactless cards without one; the next byte names the air interface.
const STORAGE_CARD: [u8; 12] = [
    0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x03, 0x06,
];

/// True when the answer to reset is one a resident ID card gives on a contactless reader (its own, or the one of
/// a bare ISO 14443-B card); its data can only be read by a reader with the police security module.
#[must_use]
pub fn is_resident_id(atr: &[u8]) -> bool {
    atr == RESIDENT_ID
        || atr
            .strip_prefix(&STORAGE_CARD)
            .is_some_and(|rest| matches!(rest.first(), Some(0x05..=0x07)))
}

/// The historical bytes as upper-case hex: 26 digits for a social-security card. Empty when the answer to reset
/// is malformed; never padded. They end with the chip's serial number, so treat them as private.
#[must_use]
pub fn reset_info(atr: &[u8]) -> String {
    historical(atr)
        .unwrap_or_default()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect()
}

/// ISO 7816-3: T0 tells the number of historical bytes and which interface bytes follow; each TD repeats that.
fn historical(atr: &[u8]) -> Option<&[u8]> {
    let first = *atr.get(1)?;
    let count = usize::from(first & 0x0F);
    let mut at = 2_usize;
    let mut flags = first >> 4;
    loop {
        let has_next = flags & 0x8 != 0;
        let interface = usize::try_from((flags & 0x7).count_ones()).ok()?;
        at = at.checked_add(interface)?;
        if !has_next {
            break;
        }
        flags = atr.get(at)? >> 4;
        at = at.checked_add(1)?;
    }
    atr.get(at..at.checked_add(count)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn historical_bytes_are_found_behind_the_interface_bytes() {
        let contact = [
            0x3B, 0x6D, 0, 0, 0x00, 0x81, 1, 2, 3, 4, 5, 0x34, 0x12, 6, 7, 8, 9,
        ];
        assert_eq!(reset_info(&contact), "00810102030405341206070809");
        let contactless = [0x3B, 0x83, 0x80, 0x01, 0xAA, 0xBB, 0xCC, 0x11];
        assert_eq!(reset_info(&contactless), "AABBCC");
        for broken in [&[][..], &[0x3B], &[0x3B, 0x6D, 0, 0, 1], &[0x3B, 0x80]] {
            assert_eq!(reset_info(broken), "", "{broken:?}");
        }
    }

    #[test]
    fn resident_cards_are_told_apart() {
        assert!(is_resident_id(&RESIDENT_ID));
        assert!(!is_resident_id(&[0x3B, 0x6D, 0, 0]));
        let mut storage = STORAGE_CARD.to_vec();
        storage.extend([0x05, 0, 0, 0, 0, 0, 0, 0]);
        assert!(is_resident_id(&storage));
        storage[12] = 0x03;
        assert!(
            !is_resident_id(&storage),
            "type A storage cards are hospital cards"
        );
    }
}
