//! A dependency nobody names in the code is not a dependency.

use std::collections::BTreeSet;

use crate::house;
use crate::lex::Source;

/// Dependencies of `names` whose crate name never stands in the code.
fn unnamed<'a>(names: impl Iterator<Item = &'a str>, code_words: &BTreeSet<&str>) -> Vec<&'a str> {
    names
        .filter(|name| !code_words.contains(name.replace('-', "_").as_str()))
        .collect()
}

#[test]
fn every_dependency_is_used() {
    let graph = house::graph();
    let mut wrong = Vec::new();
    for member in graph.members.values() {
        let sources: Vec<Source> = house::files(&[&member.folder], "rs")
            .iter()
            .map(|file| Source::new(&file.text))
            .collect();
        let said = sources.iter().flat_map(Source::words).collect();
        let names = member.dependencies.iter().map(String::as_str);
        wrong.extend(
            unnamed(names, &said)
                .iter()
                .map(|name| format!("{} never names {name}", member.name)),
        );
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn an_unused_dependency_is_seen() {
    let source = Source::new("use serde_json::Value; // tokio\n");
    let said = source.words().collect();
    assert_eq!(unnamed(["serde-json", "tokio"].into_iter(), &said), ["tokio"]);
}
