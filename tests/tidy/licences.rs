//! Licences of all dependencies stand in `deny.toml`; there is one TLS stack, and only the public registry is used.

use std::collections::BTreeSet;

use crate::house;

fn deny_file() -> toml::Table {
    let path = house::root().join("deny.toml");
    std::fs::read_to_string(path)
        .expect("deny.toml")
        .parse()
        .expect("deny.toml is TOML")
}

fn strings(table: &toml::Table, section: &str, key: &str) -> BTreeSet<String> {
    let list = table[section][key].as_array().expect("a list");
    let text = |value: &toml::Value| {
        value
            .as_str()
            .or_else(|| value["crate"].as_str())
            .expect("a name")
            .to_owned()
    };
    list.iter().map(text).collect()
}

/// Whether the licence expression can be met with licences of the list alone.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let verdict = any_of(&tokens, &mut at, allowed);
    verdict && at == tokens.len()
}

fn any_of(tokens: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut verdict = all_of(tokens, at, allowed);
    while tokens.get(*at) == Some(&"OR") {
        *at += 1;
        verdict |= all_of(tokens, at, allowed);
    }
    verdict
}

fn all_of(tokens: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut verdict = one(tokens, at, allowed);
    while tokens.get(*at) == Some(&"AND") {
        *at += 1;
        verdict &= one(tokens, at, allowed);
    }
    verdict
}

fn one(tokens: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let Some(token) = tokens.get(*at) else {
        return false;
    };
    *at += 1;
    if *token == "(" {
        let verdict = any_of(tokens, at, allowed);
        let closed = tokens.get(*at) == Some(&")");
        *at += 1;
        return verdict && closed;
    }
    if tokens.get(*at) == Some(&"WITH") {
        let exception = tokens.get(*at + 1).copied().unwrap_or_default();
        *at += 2;
        return allowed.contains(&format!("{token} WITH {exception}"));
    }
    allowed.contains(*token)
}

#[test]
fn every_licence_is_listed() {
    let allowed = strings(&deny_file(), "licenses", "allow");
    let mut wrong = Vec::new();
    for package in &house::graph().packages {
        let licence = package.licence.as_deref().unwrap_or("none stated");
        if !is_allowed(licence, &allowed) {
            wrong.push(format!("{} {}: {licence}", package.name, package.version));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn one_tls_stack_from_one_registry() {
    let banned = strings(&deny_file(), "bans", "deny");
    for stack in ["openssl-sys", "native-tls", "aws-lc-sys"] {
        assert!(banned.contains(stack), "{stack} must stay banned");
    }
    let mut wrong = Vec::new();
    let mut registry = None;
    for package in &house::graph().packages {
        let source = package.source.as_deref();
        let from = source.filter(|source| source.starts_with("registry+"));
        registry = registry.or(from);
        let foreign = source.is_some() && from != registry;
        if foreign || banned.contains(&package.name) {
            wrong.push(format!("{} {}", package.name, package.version));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"]
        .map(String::from)
        .into();
    let table = [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("MIT OR GPL-3.0-only", true),
        ("MIT AND GPL-3.0-only", false),
        ("MIT/Apache-2.0", true),
        ("(GPL-2.0 OR MIT) AND ISC", true),
        ("(GPL-2.0 OR Zlib) AND ISC", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0", false),
        ("(MIT", false),
        ("none stated", false),
    ];
    for (expression, verdict) in table {
        assert_eq!(is_allowed(expression, &allowed), verdict, "{expression}");
    }
}
