//! Column arithmetic of a fixed-width printer: a Chinese character takes two columns.
//!
//! Characters of ambiguous width count as two, as printers with a Chinese font draw them.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns the text takes.
pub(super) fn width(text: &str) -> usize {
    text.width_cjk().max(text.chars().map(char_width).sum())
}

fn char_width(c: char) -> usize {
    c.width_cjk().unwrap_or(0)
}

/// Lines of at most `columns`, broken at blanks where a Latin word would be torn.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for c in text.chars() {
        if width(&line) + char_width(c) > columns && !line.is_empty() {
            let torn = c.is_ascii_alphanumeric() && line.ends_with(|last: char| last.is_ascii_alphanumeric());
            let rest = match line.rfind(' ') {
                Some(blank) if torn => line.split_off(blank).trim_start().to_owned(),
                _ => String::new(),
            };
            lines.push(line.trim_end().to_owned());
            line = rest;
            if c == ' ' {
                continue;
            }
        }
        line.push(c);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Label at the left edge, value at the right one; a value that does not fit stands below, still at the right.
pub(super) fn pair(label: &str, value: &str, columns: usize) -> Vec<String> {
    let gap = columns.saturating_sub(width(label) + width(value));
    if gap >= 1 {
        return vec![format!("{label}{}{value}", " ".repeat(gap))];
    }
    let mut lines = wrap(label, columns);
    lines.extend(wrap(value, columns).iter().map(|line| right(line, columns)));
    lines
}

/// The text against the right edge.
pub(super) fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text in the middle, over several lines where it must be.
pub(super) fn centre(text: &str, columns: usize) -> Vec<String> {
    let lines = wrap(text, columns);
    lines
        .iter()
        .map(|line| format!("{}{line}", " ".repeat(columns.saturating_sub(width(line)) / 2)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_takes_two_columns() {
        for (text, columns) in [
            ("", 0),
            ("abc", 3),
            ("统筹", 4),
            ("“引”", 6),
            ("ａ", 2),
            ("e\u{301}", 1),
        ] {
            assert!(width(text) >= columns, "{text}: {}", width(text));
        }
        assert_eq!(width("统筹基金 Pool"), 13);
    }

    #[test]
    fn wrapping_keeps_every_character_but_blanks() {
        assert_eq!(wrap("统筹基金支付", 5), ["统筹", "基金", "支付"]);
        assert_eq!(wrap("paid by the pool", 10), ["paid by", "the pool"]);
        assert_eq!(wrap("0123456789abcdef", 10), ["0123456789", "abcdef"]);
        assert_eq!(wrap("", 10), [""]);
    }

    #[test]
    fn values_stand_at_the_right_edge() {
        assert_eq!(pair("总费用", "12.00", 14), ["总费用   12.00"]);
        assert_eq!(pair("总费用", "123456.00", 14), ["总费用", "     123456.00"]);
        assert_eq!(centre("单", 6), ["  单"]);
    }
}
