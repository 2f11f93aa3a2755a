//! Check digit of goods numbers.

/// A goods number of 8, 12, 13 or 14 digits with the check digit of the EAN system.
pub(crate) fn is_goods_number(text: &str) -> bool {
    if !matches!(text.len(), 8 | 12 | 13 | 14) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = text
        .chars()
        .rev()
        .zip([1_u32, 3].into_iter().cycle())
        .filter_map(|(character, weight)| character.to_digit(10).map(|digit| digit * weight))
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goods_numbers() {
        let table = [
            ("6901234567892", true),
            ("6901234567893", false),
            ("96385074", true),
            ("036000291452", true),
            ("690123456789", false),
            ("69012345678921", false),
        ];
        for (text, expected) in table {
            assert_eq!(is_goods_number(text), expected, "{text}");
        }
    }
}
