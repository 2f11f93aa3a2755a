//! What strangers may have named is shown, not carried out: a reader's name, a file's key, a platform's words.

use std::borrow::Cow;

/// The text with everything replaced that would move a terminal's cursor, ring its bell or turn its letters round.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.contains(is_order) {
        Cow::Owned(text.replace(is_order, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn is_order(letter: char) -> bool {
    let turns = matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (letter.is_control() && !matches!(letter, '\n' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_stay_and_orders_to_a_terminal_do_not() {
        let table = [
            ("读卡器 ACS\tACR39U\n", "读卡器 ACS\tACR39U\n"),
            ("a\u{1b}[2Jb", "a\u{fffd}[2Jb"),
            ("a\u{9b}2Jb\u{7f}", "a\u{fffd}2Jb\u{fffd}"),
            ("all is well\rnot", "all is well\u{fffd}not"),
            ("\u{202e}lmot\u{2069}", "\u{fffd}lmot\u{fffd}"),
        ];
        for (told, shown) in table {
            assert_eq!(plain(told), shown);
        }
        assert!(matches!(plain("药"), Cow::Borrowed(_)));
    }
}
