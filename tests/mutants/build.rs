//! The copy of the workspace with every bug in it, and its simulator.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::plant::{MODULE, Planted, plant};
use crate::table::{Mutant, root};

/// Where the copy lies, below cargo's target directory, and what is built of it.
pub(crate) fn folder() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    program.ancestors().nth(3).unwrap().join("mutants")
}

/// Copies what git knows or would take, plants every bug, and takes away what is no longer there. Files that stay the
/// same are not touched, so that only what changed is built again.
pub(crate) fn copy(mutants: &[Mutant], tree: &Path) {
    let mut edits: BTreeMap<&str, Vec<Planted<'_>>> = BTreeMap::new();
    for mutant in mutants {
        for edit in &mutant.edits {
            let planted = Planted {
                mutant: &mutant.name,
                edit,
            };
            edits.entry(&edit.file).or_default().push(planted);
        }
    }
    let mut wanted = BTreeSet::new();
    for file in tracked() {
        let Ok(mut bytes) = std::fs::read(root().join(&file)) else {
            continue;
        };
        if let Some(edits) = edits.get(file.as_str()) {
            bytes = plant(&String::from_utf8(bytes).unwrap(), edits)
                .unwrap()
                .into_bytes();
        }
        if file == "src/model/lib.rs" {
            bytes.extend_from_slice(b"\npub mod planted;\n");
        }
        put(&tree.join(&file), &bytes);
        wanted.insert(tree.join(file));
    }
    let module = tree.join("src/model/planted.rs");
    put(&module, MODULE.as_bytes());
    wanted.insert(module);
    sweep(tree, &wanted);
}

fn tracked() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(listed.status.success(), "the planted bugs need a git checkout");
    let text = String::from_utf8(listed.stdout).unwrap();
    text.split('\0')
        .filter(|file| !file.is_empty())
        .map(String::from)
        .collect()
}

fn put(path: &Path, bytes: &[u8]) {
    if std::fs::read(path).is_ok_and(|there| there == bytes) {
        return;
    }
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn sweep(folder: &Path, wanted: &BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sweep(&path, wanted);
        } else if !wanted.contains(&path) {
            std::fs::remove_file(path).unwrap();
        }
    }
}

/// Builds the copy's simulator in a target directory of its own and says where it is.
pub(crate) fn simulator(tree: &Path, target: &Path) -> PathBuf {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| String::from("cargo"));
    let built = Command::new(cargo)
        .args([
            "test",
            "-p",
            "zhijie-tests",
            "--locked",
            "--test",
            "simulation",
            "--no-run",
        ])
        .args(["--quiet", "--message-format", "json-render-diagnostics"])
        .current_dir(tree)
        .env("CARGO_TARGET_DIR", target)
        // Warnings are expected in a copy that holds bugs.
        .env("RUSTFLAGS", "-A warnings")
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "the copy with the planted bugs does not build"
    );
    let text = String::from_utf8(built.stdout).unwrap();
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let programs = messages.filter(|message| message["target"]["name"] == "simulation");
    let program = programs
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back();
    program.unwrap()
}
