//! Time is a parameter. Where a clock is really read, an `#[expect(clippy::disallowed_methods, reason)]` says why.

use crate::house;
use crate::lex::Source;

const READINGS: &[&str] = &["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now"];
const PERMIT: &str = "clippy::disallowed_methods";
/// How far above the call its permit may stand: the attribute of the function around it.
const PERMIT_LINES_MAX: usize = 40;

/// Lines (from 1) that read a clock without a permit. A runtime's own paused clock is no such clock.
fn bare_readings(text: &str) -> Vec<usize> {
    let code = Source::new(text).code;
    let runtime_clock = code.split("use tokio::time::").skip(1).any(|rest| {
        let tree = rest.split(';').next().unwrap_or_default();
        tree.split(|c: char| !c.is_alphanumeric())
            .any(|word| word == "Instant")
    });
    let original: Vec<&str> = text.lines().collect();
    let squeezed: String = text.split_whitespace().collect();
    let permitted_file = squeezed.contains("#![expect(clippy::disallowed_methods,reason");
    let mut bare = Vec::new();
    for (at, line) in code.lines().enumerate() {
        let reads = READINGS.iter().any(|reading| {
            line.match_indices(reading).any(|(column, _)| {
                let runtime = *reading == "Instant::now"
                    && (runtime_clock || line[..column].ends_with("tokio::time::"));
                !runtime
            })
        });
        let from = at.saturating_sub(PERMIT_LINES_MAX);
        let permit = (from..=at)
            .rev()
            .find(|line| original[*line].contains(PERMIT))
            .is_some_and(|line| {
                let around = original[line.saturating_sub(2)..original.len().min(line + 4)].join(" ");
                around.contains("expect(") && around.contains("reason")
            });
        if reads && !permit && !permitted_file {
            bare.push(at + 1);
        }
    }
    bare
}

#[test]
fn clocks_are_read_with_a_reason() {
    let mut wrong = Vec::new();
    for file in house::files(&["src", "drivers", "tests", "benches", "fuzz"], "rs") {
        wrong.extend(
            bare_readings(&file.text)
                .iter()
                .map(|line| format!("{}:{line}", file.path)),
        );
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_bare_reading_is_seen() {
    let one_line = "#[expect(clippy::disallowed_methods, reason = \"the one clock\")]\n";
    let many_lines = "#[expect(\n    clippy::disallowed_methods,\n    reason = \"the one clock\"\n)]\n";
    let table = [
        ("fn a() { SystemTime::now(); }", 1),
        ("fn a() { jiff::Timestamp::now(); }", 1),
        ("use std::time::Instant;\nfn a() { Instant::now(); }", 1),
        (
            "use tokio::time::{Duration, Instant};\nfn a() { Instant::now(); }",
            0,
        ),
        ("fn a() { tokio::time::Instant::now(); }", 0),
        ("// Instant::now\nfn a() { let _ = \"SystemTime::now\"; }", 0),
    ];
    for (text, count) in table {
        assert_eq!(bare_readings(text).len(), count, "{text}");
        for permit in [one_line, many_lines] {
            assert_eq!(bare_readings(&format!("{permit}{text}")).len(), 0, "{text}");
        }
    }
    assert_eq!(
        bare_readings("#[expect(clippy::disallowed_methods)]\nfn a() { SystemTime::now(); }"),
        [2]
    );
}
