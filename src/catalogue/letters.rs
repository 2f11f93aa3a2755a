//! Names cut into pairs of neighbouring letters, so that any part of a name is found without reading all of them.

use core::fmt;

/// Two neighbouring letters of a name, or its last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pair(char, Option<char>);

/// As a word of the index. Its tokenizer parts words at spaces alone, for no other sign is among [`letters`].
impl fmt::Display for Pair {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0)?;
        self.1.map_or(Ok(()), |second| write!(out, "{second}"))
    }
}

/// The pairs of a name; every letter begins one.
pub(crate) fn pairs(name: &str) -> impl Iterator<Item = Pair> {
    let mut letters = letters(name).peekable();
    core::iter::from_fn(move || Some(Pair(letters.next()?, letters.peek().copied())))
}

/// What is asked of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Question {
    /// Pairs that begin with the letter.
    Letter(char),
    /// A name that has every pair.
    Pairs(String),
}

/// The question for a part of a name; `None` for a text without letters.
pub(crate) fn question(text: &str) -> Option<Question> {
    let mut asked = pairs(text);
    let first = asked.next()?;
    if first.1.is_none() {
        return Some(Question::Letter(first.0));
    }
    let whole = core::iter::once(first)
        .chain(asked)
        .filter(|pair| pair.1.is_some());
    Some(Question::Pairs(
        whole
            .map(|pair| quoted(&pair.to_string()))
            .collect::<Vec<_>>()
            .join(" "),
    ))
}

/// A word that is never taken for one of the index's own, as "or" would be.
pub(crate) fn quoted(word: &str) -> String {
    format!("\"{word}\"")
}

/// What counts: letters and digits, in capitals.
pub(crate) fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .map(|letter| letter.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(name: &str) -> Vec<String> {
        pairs(name).map(|pair| pair.to_string()).collect()
    }

    #[test]
    fn every_part_of_a_name_is_asked_for_by_pairs_it_has() {
        let name: Vec<String> = words("注射用奥美拉唑钠 (40mg)")
            .iter()
            .map(|word| quoted(word))
            .collect();
        for part in ["奥美拉唑", "注射", "钠40", "40MG"] {
            let Some(Question::Pairs(asked)) = question(part) else {
                panic!("{part}");
            };
            assert!(
                asked.split(' ').all(|word| name.iter().any(|have| have == word)),
                "{part}"
            );
        }
        assert_eq!(question("钠"), Some(Question::Letter('钠')));
        let Some(Question::Pairs(other)) = question("兰索") else {
            panic!();
        };
        assert!(!name.contains(&other));
        assert_eq!(question(" ()"), None);
        assert_eq!(words("or片"), ["OR", "R片", "片"]);
        assert_eq!(words(""), Vec::<String>::new());
    }
}
