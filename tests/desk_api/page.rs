//! The marked blocks of the page, and how they are written back.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// One block between ```` ```json WHAT NAME ```` and its closing fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `request`, `answer`, `notification`, `example`, `error` or `fault`.
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

/// The page with the body of one block exchanged; members in the order in which `line` has them.
pub fn with_body(text: &str, block: &Block, body: &Value, line: &str) -> String {
    let fence = format!("\n```json {}", [&*block.what, &*block.name].join(" ").trim_end());
    let begin = text.find(&format!("{fence}\n")).unwrap() + fence.len() + 1;
    let end = begin + text[begin..].find("\n```").unwrap();
    format!("{}{}{}", &text[..begin], pretty(body, 0, line), &text[end..])
}

fn members<'a>(object: &'a Map<String, Value>, line: &str) -> Vec<(String, &'a Value)> {
    let mut members: Vec<(String, &Value)> = object
        .iter()
        .map(|(name, member)| (Value::from(name.as_str()).to_string(), member))
        .collect();
    members.sort_by_key(|(name, _)| line.find(&format!("{name}:")).unwrap_or(usize::MAX));
    members
}

/// Broken over lines where one would grow long.
fn pretty(value: &Value, indent: usize, line: &str) -> String {
    let has_parts = |value: &Value| value.is_object() || value.is_array();
    let broken = match value {
        Value::Object(object) => object.len() > 4 || object.values().any(has_parts),
        Value::Array(items) => items.iter().any(has_parts),
        _ => false,
    };
    let short = on_one_line(value, line);
    if !broken && indent + short.chars().count() < 100 {
        return short;
    }
    let inner = indent + 2;
    let parts: Vec<String> = match value {
        Value::Object(object) => members(object, line)
            .into_iter()
            .map(|(name, member)| format!("{name}: {}", pretty(member, inner, line)))
            .collect(),
        Value::Array(items) => items.iter().map(|item| pretty(item, inner, line)).collect(),
        _ => return short,
    };
    let pad = " ".repeat(inner);
    let parts = parts.join(&format!(",\n{pad}"));
    let (open, close) = if value.is_object() { ('{', '}') } else { ('[', ']') };
    format!("{open}\n{pad}{parts}\n{}{close}", " ".repeat(indent))
}

fn on_one_line(value: &Value, line: &str) -> String {
    match value {
        Value::Object(object) if !object.is_empty() => {
            let parts: Vec<String> = members(object, line)
                .into_iter()
                .map(|(name, member)| format!("{name}: {}", on_one_line(member, line)))
                .collect();
            format!("{{ {} }}", parts.join(", "))
        }
        Value::Array(items) if !items.is_empty() => {
            let parts: Vec<String> = items.iter().map(|item| on_one_line(item, line)).collect();
            format!("[{}]", parts.join(", "))
        }
        other => other.to_string(),
    }
}

#[test]
fn a_block_written_back_is_read_as_it_was() {
    let text = text();
    for block in blocks(&text) {
        let written = with_body(&text, &block, &block.body, "");
        assert_eq!(blocks(&written), blocks(&text), "{} {}", block.what, block.name);
    }
}
