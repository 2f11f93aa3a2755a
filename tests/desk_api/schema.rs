//! `docs/desk-api.schema.json` is what `zhijie schema` prints, and every block of the page is valid by it.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use zhijie_tests::program;

use crate::page::{blocks, path, text};

fn file() -> PathBuf {
    path().with_file_name("desk-api.schema.json")
}

fn stored() -> Value {
    serde_json::from_str(&std::fs::read_to_string(file()).unwrap()).unwrap()
}

#[test]
fn the_stored_schema_is_the_one_that_is_printed() -> anyhow::Result<()> {
    let printed = Command::new(program("zhijie")?).arg("schema").output()?;
    assert!(printed.status.success());
    if std::env::var_os("ZHIJIE_RECORD").is_some() {
        return Ok(std::fs::write(file(), printed.stdout)?);
    }
    let stored = std::fs::read_to_string(file())?;
    assert!(
        stored.as_bytes() == printed.stdout,
        "docs/desk-api.schema.json is old; write it with: zhijie schema > docs/desk-api.schema.json"
    );
    Ok(())
}

#[test]
fn every_block_of_the_page_is_valid_by_the_schema() {
    let schema = stored();
    let mut wrong = Vec::new();
    for block in blocks(&text()) {
        let name = &block.name;
        let place = match block
            .what
            .trim_start_matches("deferred-")
            .trim_start_matches("papers-")
        {
            "request" => format!("/methods/{name}/params"),
            "answer" | "example" => format!("/methods/{name}/result"),
            "notification" => format!("/notifications/{name}/params"),
            "error" | "fault" => continue,
            other => panic!("a block {other} is not known"),
        };
        let part = schema
            .pointer(&place)
            .unwrap_or_else(|| panic!("{place} is not in the schema"));
        let problems = problems(&schema, part, &filled(&block.body), "");
        wrong.extend(
            problems
                .into_iter()
                .map(|problem| format!("{} {name}{problem}", block.what)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Something of the right type in the place of `$name`.
fn filled(value: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with('$') && text.ends_with("_fen") => json!(1),
        Value::Array(items) => items.iter().map(filled).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), filled(member)))
            .collect(),
        other => other.clone(),
    }
}

/// What is wrong with `value` by the keywords that the schema uses; a member the schema does not name is wrong too.
fn problems(root: &Value, schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(reference) = schema["$ref"].as_str() {
        let part = root
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{reference}"));
        found.extend(problems(root, part, value, path));
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[choice].as_array()
            && !choices
                .iter()
                .any(|part| problems(root, part, value, path).is_empty())
        {
            found.push(format!("{path}: {value} is none of its forms"));
        }
    }
    if let Some(types) = schema.get("type")
        && !is_of(types, value)
    {
        found.push(format!("{path}: {value} is no {types}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        found.push(format!("{path}: {value} is none of the words"));
    }
    if let Some(word) = schema.get("const")
        && word != value
    {
        found.push(format!("{path}: {value} is not {word}"));
    }
    if let Some(items) = value.as_array() {
        for (n, item) in items.iter().enumerate() {
            found.extend(problems(root, &schema["items"], item, &format!("{path}/{n}")));
        }
    }
    if let (Some(properties), Some(members)) = (schema["properties"].as_object(), value.as_object()) {
        for (name, member) in members {
            match properties.get(name) {
                Some(part) => found.extend(problems(root, part, member, &format!("{path}/{name}"))),
                None => found.push(format!("{path}/{name}: no such member")),
            }
        }
        for name in schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if !members.contains_key(name) {
                found.push(format!("{path}/{name}: missing"));
            }
        }
    }
    found
}

fn is_of(types: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("null") => value.is_null(),
        other => panic!("type {other:?} is not known"),
    };
    types
        .as_array()
        .map_or_else(|| is(types), |types| types.iter().any(is))
}

#[test]
fn a_wrong_name_type_or_word_is_found() {
    let schema = stored();
    let settle = &schema["methods"]["visit.settle"]["params"];
    let good = json!({"request_id": "s", "bill_id": "b", "quote_id": "q", "cash_fen": 1, "total_fen": 1});
    assert_eq!(problems(&schema, settle, &good, ""), Vec::<String>::new());
    for (name, value) in [
        ("cash_fen", json!("1")),
        ("cash_fen", json!(1.5)),
        ("mode", json!("someday")),
        ("operator", json!({"code": "1"})),
        ("cash", json!(1)),
    ] {
        let mut bad = good.clone();
        bad[name] = value;
        assert!(!problems(&schema, settle, &bad, "").is_empty(), "{bad}");
    }
}
