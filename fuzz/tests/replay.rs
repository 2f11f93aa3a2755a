//! The committed corpora, through the same targets: what was found once is tried for ever.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use zhijie_fuzz::TARGETS;

/// Fewer inputs than this are no corpus.
const INPUTS_MIN: usize = 8;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn names(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn every_input_of_every_corpus_keeps_the_promises() {
    for target in TARGETS {
        let inputs = names(&corpus().join(target.name));
        assert!(inputs.len() >= INPUTS_MIN, "{}", target.name);
        for input in &inputs {
            let bytes = std::fs::read(input).unwrap();
            if std::panic::catch_unwind(|| (target.run)(&bytes)).is_err() {
                panic!("{} breaks {}", input.display(), target.name);
            }
        }
        println!("fuzz: {}: {} inputs", target.name, inputs.len());
    }
}

/// Each input cut anywhere, and with any one bit the other way: what lies nearest to what is known.
#[test]
fn what_lies_beside_the_corpora_keeps_them_too() {
    for target in TARGETS {
        for input in names(&corpus().join(target.name)) {
            let bytes = std::fs::read(&input).unwrap();
            for end in 0..bytes.len().min(400) {
                (target.run)(&bytes[..end]);
            }
            for bit in 0..(bytes.len() * 8).min(1_600) {
                let mut changed = bytes.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                (target.run)(&changed);
            }
        }
    }
}

#[test]
fn every_folder_of_a_corpus_has_its_target() {
    let folders = names(&corpus());
    let found: BTreeSet<&str> = folders
        .iter()
        .map(|folder| folder.file_name().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(found, TARGETS.iter().map(|target| target.name).collect());
}
