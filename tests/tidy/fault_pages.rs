//! Every fault code the agent can say has a page under `docs/faults`, and every page belongs to a code.

use std::collections::BTreeSet;

use crate::house::{self, File};
use crate::lex::Source;

/// `CARD-003`, `AGENT-BUSY`: a link in capitals, a hyphen, three digits or the one word.
fn is_code(text: &str) -> bool {
    text.split_once('-').is_some_and(|(link, number)| {
        link.len() >= 2
            && link.bytes().all(|b| b.is_ascii_uppercase())
            && (number == "BUSY" || (number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit())))
    })
}

fn codes(text: &str) -> BTreeSet<String> {
    Source::production(text)
        .literals
        .into_iter()
        .filter(|literal| is_code(literal))
        .collect()
}

fn is_table(file: &File) -> bool {
    file.path == "src/agent/faults.rs" || file.is_under("src/agent/faults")
}

fn differences(codes: &BTreeSet<String>, pages: &BTreeSet<String>) -> Vec<String> {
    let unwritten = codes
        .difference(pages)
        .map(|code| format!("docs/faults/{code}.md is missing"));
    let orphaned = pages
        .difference(codes)
        .map(|code| format!("docs/faults/{code}.md belongs to no code"));
    unwritten.chain(orphaned).collect()
}

#[test]
fn every_code_has_its_page() {
    let sources = house::production_files(&["src/agent"]);
    let codes: BTreeSet<String> = sources
        .iter()
        .filter(|file| is_table(file))
        .flat_map(|file| codes(&file.text))
        .collect();
    assert!(!codes.is_empty(), "no fault code in src/agent/faults");
    let pages = house::files(&["docs/faults"], "md");
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    for page in &pages {
        let name = page
            .path
            .trim_start_matches("docs/faults/")
            .trim_end_matches(".md");
        if name == "README" {
            continue;
        }
        names.insert(name.to_owned());
        let title = page.text.lines().next().unwrap_or_default();
        if !(title.starts_with("# ") && title.contains(name)) {
            wrong.push(format!("{}: the title must name {name}", page.path));
        }
    }
    wrong.extend(differences(&codes, &names));
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_missing_or_orphaned_page_is_seen() {
    let found =
        codes(r#"const A: &str = "CARD-003"; let b = ["AGENT-BUSY", "SM2-SM3", "GB-18030"]; // "DESK-001""#);
    let set = |names: &[&str]| {
        names
            .iter()
            .map(|name| String::from(*name))
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(found, set(&["AGENT-BUSY", "CARD-003"]));
    assert_eq!(differences(&found, &set(&["AGENT-BUSY", "DESK-001"])).len(), 2);
}
