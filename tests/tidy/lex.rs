//! Just enough of Rust's lexical rules to tell code from comments and literals.

use std::ops::Range;

/// A source text taken apart. Offsets and line breaks of `code` equal those of the original.
pub(crate) struct Source {
    /// The text with comments, string and character literals blanked.
    pub(crate) code: String,
    /// String literals, without quotes, escapes left as written.
    pub(crate) literals: Vec<String>,
}

impl Source {
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut code = bytes.to_vec();
        let mut literals = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let before = at.checked_sub(1).map(|i| bytes[i]);
            let skipped = if rest.starts_with(b"//") {
                line_end(bytes, at)
            } else if rest.starts_with(b"/*") {
                block_comment_end(bytes, at)
            } else if let Some((inner, end)) = raw_string(bytes, at).filter(|_| !before.is_some_and(is_word))
            {
                literals.push(text[inner].to_owned());
                end
            } else if rest[0] == b'"' {
                let end = quoted_end(bytes, at, b'"');
                literals.push(text[at + 1..end.saturating_sub(1).max(at + 1)].to_owned());
                end
            } else if rest[0] == b'\'' && !is_lifetime(rest) {
                quoted_end(bytes, at, b'\'')
            } else {
                at += 1;
                continue;
            };
            for byte in &mut code[at..skipped] {
                if *byte != b'\n' {
                    *byte = b' ';
                }
            }
            at = skipped;
        }
        let code = String::from_utf8(code).expect("only whole literals and comments are blanked");
        Self { code, literals }
    }

    /// The same without `#[cfg(test)] mod name { .. }`.
    pub(crate) fn production(text: &str) -> Self {
        Self::new(&without_tests(text))
    }

    /// Identifiers and keywords of the code, in order.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        words(&self.code)
    }
}

/// The text, comments included, without `#[cfg(test)] mod name { .. }`.
pub(crate) fn without_tests(text: &str) -> String {
    let mut kept = text.to_owned();
    while let Some(cut) = test_module(&Source::new(&kept).code) {
        kept.replace_range(cut, "");
    }
    kept
}

/// Names of the modules declared `#[cfg(test)] mod name;`, which live in files of their own.
pub(crate) fn test_only_modules(text: &str) -> Vec<String> {
    let code = Source::new(text).code;
    let after = code.split("#[cfg(test)]").skip(1);
    let declarations = after.filter_map(|rest| rest.split(';').next());
    let tokens = declarations.map(|declaration| declaration.split_whitespace().collect::<Vec<_>>());
    tokens
        .filter_map(|tokens| match tokens.as_slice() {
            ["mod", name] | [_, "mod", name] => Some(String::from(*name)),
            _ => None,
        })
        .collect()
}

/// Maximal runs of letters, digits and underscores.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..]
        .iter()
        .position(|b| *b == b'\n')
        .map_or(bytes.len(), |n| at + n)
}

fn block_comment_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

fn raw_string(bytes: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    let mut open = at;
    if matches!(bytes.get(open), Some(b'b' | b'c')) {
        open += 1;
    }
    if bytes.get(open) != Some(&b'r') {
        return None;
    }
    let hashes = bytes[open + 1..].iter().take_while(|b| **b == b'#').count();
    let start = open + 1 + hashes;
    if bytes.get(start) != Some(&b'"') {
        return None;
    }
    let closing: Vec<u8> = std::iter::once(b'"')
        .chain(std::iter::repeat_n(b'#', hashes))
        .collect();
    let length = bytes[start + 1..]
        .windows(closing.len())
        .position(|w| w == closing)?;
    let end = start + 1 + length;
    Some((start + 1..end, end + closing.len()))
}

fn quoted_end(bytes: &[u8], at: usize, quote: u8) -> usize {
    let mut at = at + 1;
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

fn is_lifetime(rest: &[u8]) -> bool {
    let name = rest[1..].iter().take_while(|b| is_word(**b)).count();
    name > 0 && rest.get(1 + name) != Some(&b'\'')
}

fn test_module(code: &str) -> Option<Range<usize>> {
    let attribute = "#[cfg(test)]";
    let mut from = 0;
    while let Some(found) = code[from..].find(attribute) {
        let start = from + found;
        let after = start + attribute.len();
        let item = code[after..].trim_start();
        let open = code[after..].find(['{', ';']).map(|n| after + n);
        if let (true, Some(open)) = (item.starts_with("mod "), open)
            && code.as_bytes()[open] == b'{'
        {
            let mut depth = 0;
            for (n, byte) in code.bytes().enumerate().skip(open) {
                match byte {
                    b'{' => depth += 1,
                    b'}' if depth == 1 => return Some(start..n + 1),
                    b'}' => depth -= 1,
                    _ => {}
                }
            }
            return Some(start..code.len());
        }
        from = after;
    }
    None
}

#[test]
fn comments_and_literals_are_no_code() {
    let text = r###"
        // Instant::now in a comment
        /* and /* nested */ f64 */
        fn real<'a>(x: &'a str) -> char { let _ = "f64 \" Instant"; let _ = r#"raw "f32" text"#; '"' }
    "###;
    let source = Source::new(text);
    for hidden in ["Instant", "f64", "f32", "nested", "raw"] {
        assert!(
            !source.words().any(|word| word == hidden),
            "{hidden}: {}",
            source.code
        );
    }
    assert!(source.words().any(|word| word == "char"));
    assert_eq!(source.literals, [r#"f64 \" Instant"#, r#"raw "f32" text"#]);
    assert_eq!(source.code.lines().count(), text.lines().count());
}

#[test]
fn test_modules_are_cut_and_nothing_else() {
    let text =
        "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { let _ = '}'; } }\n#[cfg(test)]\nmod more;\nfn c() {}";
    let source = Source::production(text);
    let words: Vec<&str> = source.words().collect();
    assert!(
        words.contains(&"a") && words.contains(&"c") && !words.contains(&"b"),
        "{words:?}"
    );
}

#[test]
fn modules_for_tests_alone_are_named() {
    let text = "mod a;\n#[cfg(test)]\nmod checks;\n#[cfg(test)]\npub(crate) mod kit;\n#[cfg(test)]\nmod inline { fn x() {} }\n#[cfg(test)]\nuse b;";
    assert_eq!(test_only_modules(text), ["checks", "kit"]);
}
