//! The tables: one entry a bug.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The tables beside this file, a theme each.
const TABLES: [&str; 7] = ["reading", "doubt", "statement", "saga", "stay", "core", "ledger"];

/// A mistake a programmer could have made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mutant {
    /// Lower case and hyphens, unique.
    pub(crate) name: String,
    /// The promise it breaks, for people.
    pub(crate) breaks: String,
    /// Invariants of the simulator that may report it.
    pub(crate) reports: Vec<String>,
    /// What the simulator lacks to see it. Then it is only checked and built.
    pub(crate) needs: Option<String>,
    /// Worlds of a special kind: `clocks-ahead`, `copies-restored`, `wards`.
    pub(crate) worlds: Option<String>,
    #[serde(rename = "edit")]
    pub(crate) edits: Vec<Edit>,
}

/// One replacement.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    /// Relative to the workspace, under `src/`.
    pub(crate) file: String,
    /// Occurs exactly once in the file.
    pub(crate) from: String,
    /// What stands there instead while the bug is on: an expression in the place of an expression, or a block in the
    /// place of statements. With the word [`SWITCH`] in it, it is put in as it is and says itself what depends on the
    /// switch, which is a `bool`.
    pub(crate) to: String,
}

/// The word in a replacement that stands for "this bug is on".
pub(crate) const SWITCH: &str = "PLANTED";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    mutant: Vec<Mutant>,
}

pub(crate) fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap().to_path_buf()
}

/// All bugs of all tables, in order.
pub(crate) fn all() -> Vec<Mutant> {
    let folder = root().join("tests/mutants");
    let read = |name: &str| {
        let path = folder.join(name).with_extension("toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let table: Table =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        table.mutant
    };
    TABLES.into_iter().flat_map(read).collect()
}
