//! The marked blocks of the page, and how they are written back.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// One block between ```` ```json WHAT NAME ```` and its closing fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `request`, `answer`, `notification`, `example`, `error` or `fault`; the first three also with `deferred-` or
    /// `papers-` before them.
    pub what: String,
    /// The method; empty for `error` and `fault`.
    pub name: String,
    pub body: Value,
}

pub fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/desk-api.md")
}

pub fn text() -> String {
    std::fs::read_to_string(path()).unwrap()
}

/// Every marked block, in the order of the page.
pub fn blocks(text: &str) -> Vec<Block> {
    text.split("\n```json ")
        .skip(1)
        .map(|rest| {
            let (info, rest) = rest.split_once('\n').unwrap();
            let body = rest.split("\n```").next().unwrap();
            let (what, name) = info.split_once(' ').unwrap_or((info, ""));
            Block {
                what: String::from(what),
                name: String::from(name),
                body: serde_json::from_str(body).unwrap_or_else(|error| panic!("{info}: {error}")),
            }
        })
        .collect()
}

/// The settlement sheet as the page prints it.
pub fn sheet(text: &str) -> &str {
    let (begin, end) = inside(text, "text receipt.get");
    &text[begin..end]
}

/// The page with the body of one block exchanged for `raw`, the text of a line or a part of one.
pub fn with_body(text: &str, block: &Block, raw: &str) -> String {
    let info = format!("json {} {}", block.what, block.name);
    let (begin, end) = inside(text, info.trim_end());
    format!("{}{}{}", &text[..begin], pretty(raw, 0), &text[end..])
}

/// The page with another settlement sheet.
pub fn with_sheet(text: &str, sheet: &str) -> String {
    let (begin, end) = inside(text, "text receipt.get");
    format!("{}{}{}", &text[..begin], sheet.trim_end(), &text[end..])
}

/// Where the text of a fenced block begins and ends.
fn inside(text: &str, info: &str) -> (usize, usize) {
    let fence = format!("\n```{info}\n");
    let begin = text
        .find(&fence)
        .unwrap_or_else(|| panic!("the page has no block {info}"))
        + fence.len();
    (begin, begin + text[begin..].find("\n```").unwrap())
}

/// A member of an object, from the text the object came in.
pub fn member<'a>(raw: &'a str, name: &str) -> &'a str {
    let found = parts(raw)
        .into_iter()
        .find_map(|part| part.strip_prefix(&format!("\"{name}\":")));
    found.unwrap_or_else(|| panic!("{name} is missing: {raw}"))
}

/// Members or items of an object or list that stands on one line without blanks between them.
fn parts(raw: &str) -> Vec<&str> {
    let inner = &raw[1..raw.len() - 1];
    let (mut depth, mut quoted, mut escaped, mut begin) = (0, false, false, 0);
    let mut found = Vec::new();
    for (at, letter) in inner.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                found.push(&inner[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    if begin < inner.len() {
        found.push(&inner[begin..]);
    }
    found
}

fn has_parts(raw: &str) -> bool {
    raw.len() > 2 && raw.starts_with(['{', '['])
}

/// Name with its colon, and value; no name in a list.
fn named(part: &str, object: bool) -> (&str, &str) {
    if object {
        part.split_at(part.find("\":").unwrap() + 2)
    } else {
        ("", part)
    }
}

/// Broken over lines where one would grow long or hold something that has parts again.
fn pretty(raw: &str, indent: usize) -> String {
    if !has_parts(raw) {
        return String::from(raw);
    }
    let object = raw.starts_with('{');
    let (open, close) = raw.split_at(raw.len() - 1);
    let (open, parts) = (&open[..1], parts(raw));
    let broken = parts.len() > 4 && object || parts.iter().any(|part| has_parts(named(part, object).1));
    let write = |indent: usize| {
        parts.iter().map(move |part| {
            let (name, value) = named(part, object);
            let blank = if name.is_empty() { "" } else { " " };
            format!("{name}{blank}{}", pretty(value, indent))
        })
    };
    let short: Vec<String> = write(0).collect();
    let blank = if object { " " } else { "" };
    let short = format!("{open}{blank}{}{blank}{close}", short.join(", "));
    if !broken && indent + short.chars().count() < 100 {
        return short;
    }
    let pad = " ".repeat(indent + 2);
    let long: Vec<String> = write(indent + 2).collect();
    format!(
        "{open}\n{pad}{}\n{}{close}",
        long.join(&format!(",\n{pad}")),
        " ".repeat(indent)
    )
}

#[test]
fn a_block_written_back_is_read_as_it_was() {
    let text = text();
    for block in blocks(&text) {
        let written = with_body(&text, &block, &block.body.to_string());
        assert_eq!(blocks(&written), blocks(&text), "{} {}", block.what, block.name);
    }
    assert_eq!(with_sheet(&text, sheet(&text)), text);
}
