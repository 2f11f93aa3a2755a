//! Names cut into pairs of neighbouring letters, so that any part of a name is found without reading all of them.

use std::fmt::Write as _;

/// The pairs of a name as words for the index: each letter by its number, so that no tokenizer can judge it.
pub(crate) fn pairs(name: &str) -> String {
    let mut words = String::new();
    let mut last = None;
    for letter in letters(name) {
        if let Some(last) = last {
            word(&mut words, last, Some(letter));
        }
        last = Some(letter);
    }
    if let Some(last) = last {
        word(&mut words, last, None);
    }
    words
}

/// A question for the index: every pair of `text` occurs. `None` for a text without letters.
pub(crate) fn question(text: &str) -> Option<String> {
    let asked: Vec<char> = letters(text).collect();
    let mut words = String::new();
    match asked.as_slice() {
        [] => return None,
        // Every letter begins one pair: a beginning finds it wherever it stands.
        [only] => {
            write(&mut words, *only);
            words.push_str("x*");
        }
        several => {
            for pair in several.windows(2) {
                if let [first, second] = pair {
                    word(&mut words, *first, Some(*second));
                }
            }
        }
    }
    Some(words)
}

/// What counts: letters and digits, in capitals.
pub(crate) fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .map(|letter| letter.to_ascii_uppercase())
}

fn word(words: &mut String, first: char, second: Option<char>) {
    if !words.is_empty() {
        words.push(' ');
    }
    write(words, first);
    words.push('x');
    if let Some(second) = second {
        write(words, second);
    }
}

fn write(words: &mut String, letter: char) {
    let _infallible = write!(words, "{:06}", u32::from(letter));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_name_is_asked_for_by_pairs_it_has() {
        let name = pairs("注射用奥美拉唑钠 (40mg)");
        for part in ["奥美拉唑", "注射", "钠40", "40MG"] {
            let asked = question(part).unwrap();
            assert!(
                asked
                    .split(' ')
                    .all(|word| name.split(' ').any(|have| have == word)),
                "{part}"
            );
        }
        let one = question("钠").unwrap();
        assert!(
            name.split(' ')
                .any(|have| have.starts_with(one.trim_end_matches('*')))
        );
        assert!(
            !question("兰索")
                .unwrap()
                .split(' ')
                .any(|word| name.contains(word))
        );
        assert_eq!(question(" ()"), None);
        assert_eq!(pairs(""), "");
    }
}
