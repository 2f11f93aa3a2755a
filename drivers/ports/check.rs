//! Check characters. A failed check warns: foreigners' numbers and old cards have other forms.

use jiff::civil::Date;

/// Check character of the nine-character card number: weights 3 7 9 10 5 8 4 2, `11 - sum mod 11`, 10 is `X`,
/// 11 is `0`. False for anything but nine characters of `0-9A-Z`.
#[must_use]
pub fn card_number_is_sound(number: &str) -> bool {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let Some((body, last)) = number.split_at_checked(8) else {
        return false;
    };
    let mut sum = 0_u32;
    for (character, weight) in body.chars().zip(WEIGHTS) {
        let value = match character {
            '0'..='9' | 'A'..='Z' => character.to_digit(36),
            _ => None,
        };
        let Some(value) = value else { return false };
        sum += value * weight;
    }
    let expected = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('?'),
    };
    last.chars().eq([expected])
}

/// A citizen identity number: 17 digits, a real date of birth, and the ISO 7064 MOD 11-2 check character.
#[must_use]
pub fn citizen_number_is_sound(number: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [u8; 11] = *b"10X98765432";
    if number.len() != 18 || !number.is_ascii() {
        return false;
    }
    let Some((body, last)) = number.split_at_checked(17) else {
        return false;
    };
    let mut sum = 0_u32;
    for (character, weight) in body.chars().zip(WEIGHTS) {
        let Some(digit) = character.to_digit(10) else {
            return false;
        };
        sum += digit * weight;
    }
    let expected = usize::try_from(sum % 11)
        .ok()
        .and_then(|at| CHECKS.get(at).copied());
    let born = number.get(6..14).and_then(date_of);
    born.is_some() && expected.is_some_and(|check| last.as_bytes() == [check])
}

/// `YYYYMMDD`, from 1850 to 2199.
pub(crate) fn date_of(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let year = text.get(0..4)?.parse::<i16>().ok()?;
    let month = text.get(4..6)?.parse::<i8>().ok()?;
    let day = text.get(6..8)?.parse::<i8>().ok()?;
    (1850..2200).contains(&year).then_some(())?;
    Date::new(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers() {
        let table = [
            ("D2143569X", true),
            ("D21435690", false),
            ("Z00000005", true),
            ("d2143569X", false),
            ("D2143569", false),
            ("D2143569XX", false),
            ("", false),
            ("卡卡卡", false),
        ];
        for (number, sound) in table {
            assert_eq!(card_number_is_sound(number), sound, "{number}");
        }
    }

    #[test]
    fn citizen_numbers() {
        let table = [
            ("11010519491231002X", true),
            ("11010519491231002x", false),
            ("110105194912310021", false),
            ("110105194913310029", false),
            ("11010519491231002", false),
            ("11010519491231002XX", false),
        ];
        for (number, sound) in table {
            assert_eq!(citizen_number_is_sound(number), sound, "{number}");
        }
    }
}
