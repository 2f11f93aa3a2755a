//! What the page prints against what the agent says: the same members, types, words and amounts. What differs from
//! run to run is compared by its shape.

use serde_json::Value;

/// Members whose value is another one in every run.
const VOLATILE: [&str; 34] = [
    "act_id",
    "age_s",
    "asked_at",
    "at",
    "checked_at",
    "deadline",
    "erased_at",
    "expires_at",
    "from",
    "good_until",
    "head_seq",
    "in_doubt_s",
    "last_ok_at",
    "message_id",
    "month",
    "next_at",
    "next_check_at",
    "noticed_at",
    "platform_message_id",
    "quote_id",
    "refunded_at",
    "seen_at",
    "settled_at",
    "settlement_id",
    "since",
    "source_message_id",
    "started_at",
    "synced_at",
    "text_zh",
    "ticket",
    "until",
    "violation_id",
    "visit_id",
    "year",
];

/// As [`VOLATILE`], and not even of one shape: words of the operating system, versions, names of devices, ids.
const SHAPELESS: [&str; 12] = [
    "answer_digest",
    "content_base64",
    "digest",
    "engineer",
    "evidence",
    "html_path",
    "identity_id",
    "json_path",
    "marker",
    "readers",
    "sqlite",
    "version",
];

/// Where the two differ, one line each; empty when they agree.
pub fn differences(shown: &Value, real: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk("", "", shown, real, &mut found);
    found
}

fn walk(path: &str, member: &str, shown: &Value, real: &Value, found: &mut Vec<String>) {
    if SHAPELESS.contains(&member) {
        if core::mem::discriminant(shown) != core::mem::discriminant(real) {
            found.push(format!("{path}: shown {shown}, real {real}"));
        }
        return;
    }
    match (shown, real) {
        (Value::Object(shown), Value::Object(real)) => {
            for (name, value) in shown {
                match real.get(name) {
                    Some(real) => walk(&format!("{path}/{name}"), name, value, real, found),
                    None => found.push(format!("{path}/{name}: shown, but not answered")),
                }
            }
            for (name, value) in real.iter().filter(|(name, _)| !shown.contains_key(*name)) {
                found.push(format!("{path}/{name}: answered {value}, but not shown"));
            }
        }
        (Value::Array(shown), Value::Array(real)) if shown.len() == real.len() => {
            for (n, (shown, real)) in shown.iter().zip(real).enumerate() {
                walk(&format!("{path}/{n}"), member, shown, real, found);
            }
        }
        (Value::Number(_), Value::Number(_)) if VOLATILE.contains(&member) => {}
        (Value::String(shown), Value::String(real)) if VOLATILE.contains(&member) => {
            if shape(shown) != shape(real) {
                found.push(format!("{path}: shown {shown}, real {real}"));
            }
        }
        (Value::String(shown), Value::String(real)) if member == "content" => {
            if sheet(shown) != sheet(real) {
                found.push(format!("{path}: shown\n{shown}\nreal\n{real}"));
            }
        }
        _ if shown == real => {}
        _ => found.push(format!("{path}: shown {shown}, real {real}")),
    }
}

/// Every digit as `0`.
fn shape(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
        .collect()
}

/// A settlement sheet: times and platform ids by shape, the digest by its label, all other lines as they are.
fn sheet(text: &str) -> Vec<String> {
    let volatile = |line: &str| {
        let digits = line.chars().filter(char::is_ascii_digit).count();
        digits >= 24 || line.contains("+08:00") || line.matches(':').count() >= 2
    };
    text.lines()
        .map(|line| {
            if line.starts_with("备案摘要") {
                String::from("备案摘要")
            } else if volatile(line) {
                shape(line)
            } else {
                String::from(line)
            }
        })
        .collect()
}

#[test]
fn an_amount_a_word_and_a_member_too_many_are_seen() {
    let shown =
        serde_json::json!({"cash_fen": 1, "outcome": "done", "settled_at": "2026-11-22T10:05:32+08:00"});
    let good =
        serde_json::json!({"cash_fen": 1, "outcome": "done", "settled_at": "2031-01-02T23:00:00+08:00"});
    assert!(differences(&shown, &good).is_empty());
    for (name, value) in [
        ("cash_fen", Value::from(2)),
        ("outcome", Value::from("not_done")),
        ("settled_at", Value::from("2031-01-02T23:00:00Z")),
        ("more", Value::Null),
    ] {
        let mut bad = good.clone();
        bad[name] = value;
        assert_eq!(differences(&shown, &bad).len(), 1, "{name}");
    }
}
