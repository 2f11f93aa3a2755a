//! No binary fraction comes near money.

use crate::house;
use crate::lex::Source;

const EXACT: &[&str] = &["src/model", "src/settlement", "src/wire", "src/ledger"];

fn floats(text: &str) -> usize {
    Source::new(text)
        .words()
        .filter(|word| matches!(*word, "f32" | "f64") || has_float_suffix(word))
        .count()
}

/// `1f64`, `2_f32`.
fn has_float_suffix(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        && !word.starts_with("0x")
        && (word.ends_with("f32") || word.ends_with("f64"))
}

#[test]
fn money_crates_have_no_floats() {
    let files = house::files(EXACT, "rs");
    let wrong: Vec<&str> = files
        .iter()
        .filter(|file| floats(&file.text) > 0)
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(wrong, Vec::<&str>::new());
}

#[test]
fn a_float_is_seen() {
    let table = [
        ("let x: f64 = y;", 1),
        ("x as f32", 1),
        ("1_f64", 1),
        ("// f64\n\"f64\"", 0),
        ("0xf32", 0),
        ("leaf64", 0),
    ];
    for (text, count) in table {
        assert_eq!(floats(text), count, "{text}");
    }
}
