//! What `cargo test` asks of the tables: a bug that no longer fits the sources names itself.

use std::collections::BTreeSet;
use std::path::Path;

use crate::plant::{MODULE, Planted, place, plant};
use crate::table::{Mutant, all, root};

/// Fewer would not say much about the simulator.
const MUTANTS_MIN: usize = 24;

fn source(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_default()
}

fn problems(mutant: &Mutant, names: &mut BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    if !names.insert(mutant.name.clone()) {
        found.push(String::from("its name is taken"));
    }
    if mutant.reports.is_empty() || mutant.edits.is_empty() || mutant.breaks.is_empty() {
        found.push(String::from("it says too little"));
    }
    for edit in &mutant.edits {
        if !edit.file.starts_with("src/") || edit.file.starts_with("src/model/") {
            found.push(format!("{} is no place for a bug", edit.file));
        } else if let Err(problem) = place(&source(&edit.file), edit) {
            found.push(problem);
        }
    }
    found
        .iter()
        .map(|problem| format!("{}: {problem}", mutant.name))
        .collect()
}

#[test]
fn every_bug_fits_the_sources() {
    let all = all();
    let mut names = BTreeSet::new();
    let wrong: Vec<String> = all
        .iter()
        .flat_map(|mutant| problems(mutant, &mut names))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
    assert!(all.len() >= MUTANTS_MIN, "{} bugs", all.len());
}

#[test]
fn all_bugs_fit_beside_each_other() {
    let all = all();
    let every = || {
        all.iter()
            .flat_map(|mutant| mutant.edits.iter().map(move |edit| (mutant, edit)))
    };
    let files: BTreeSet<&str> = every().map(|(_, edit)| edit.file.as_str()).collect();
    for file in files {
        let here = every().filter(|(_, edit)| edit.file == file);
        let here: Vec<_> = here
            .map(|(mutant, edit)| Planted {
                mutant: &mutant.name,
                edit,
            })
            .collect();
        plant(&source(file), &here).unwrap();
    }
}

#[test]
fn every_bug_stands_in_the_documents() {
    let page = source("docs/reliability.md");
    let all = all();
    let missing = all
        .iter()
        .filter(|mutant| !page.contains(&format!("| `{}` |", mutant.name)));
    assert_eq!(
        missing.map(|mutant| mutant.name.as_str()).collect::<Vec<_>>(),
        Vec::<&str>::new()
    );
}

/// A bug reports by an invariant the simulator has.
#[test]
fn every_report_is_an_invariant() {
    let mut simulator = String::new();
    for folder in ["tests/simulation", "tests/simulation/stays"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            simulator.push_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap_or_default());
        }
    }
    for mutant in all() {
        for report in &mutant.reports {
            assert!(
                simulator.contains(&format!("\"{report}\"")),
                "{}: {report}",
                mutant.name
            );
        }
    }
}

fn holds_a_switch(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holds_a_switch(&path));
        } else if std::fs::read_to_string(&path).is_ok_and(|text| text.to_lowercase().contains("planted")) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// The product can never be built with a bug on, because it knows of no switch.
#[test]
fn no_switch_in_the_product() {
    assert!(MODULE.to_lowercase().contains("planted"));
    for folder in ["src", "drivers"] {
        assert_eq!(holds_a_switch(&root().join(folder)), Vec::<String>::new());
    }
}
