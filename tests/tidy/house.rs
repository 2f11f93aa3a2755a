//! The repository as the checks see it: files, and the graph of packages as cargo resolves it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::lex::test_only_modules;

/// Root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the workspace")
}

/// One file with its path relative to the root, `/` as separator.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn is_under(&self, folder: &str) -> bool {
        self.path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
    }

    /// Where the modules declared in this file live: a module `x` in `HOME/x.rs` or below `HOME/x/`.
    fn home(&self) -> String {
        let (folder, name) = self.path.rsplit_once('/').unwrap_or(("", &self.path));
        match name {
            "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
            _ => format!("{folder}/{}", name.trim_end_matches(".rs")),
        }
    }
}

/// Sources of the folders that end up in a program: modules declared for tests alone are left out.
pub(crate) fn production_files(folders: &[&str]) -> Vec<File> {
    let mut files = files(folders, "rs");
    let mut test_only = Vec::new();
    for file in &files {
        let home = file.home();
        test_only.extend(
            test_only_modules(&file.text)
                .into_iter()
                .map(|name| format!("{home}/{name}")),
        );
    }
    files.retain(|file| {
        !test_only
            .iter()
            .any(|module| file.path == format!("{module}.rs") || file.is_under(module))
    });
    files
}

/// Every file below the folders whose name ends in `.extension`, sorted by path; build output is left out.
pub(crate) fn files(folders: &[&str], extension: &str) -> Vec<File> {
    let mut paths = Vec::new();
    for folder in folders {
        walk(&root().join(folder), extension, &mut paths);
    }
    paths.sort();
    let relative = |path: &Path| {
        path.strip_prefix(root())
            .expect("below the root")
            .to_string_lossy()
            .replace('\\', "/")
    };
    paths
        .iter()
        .map(|path| File {
            path: relative(path),
            text: std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        })
        .collect()
}

fn walk(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("readable folder").path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if path.is_dir() {
            if !(name.starts_with("target") || name.starts_with('.')) {
                walk(&path, extension, found);
            }
        } else if path.extension().and_then(OsStr::to_str) == Some(extension) {
            found.push(path);
        }
    }
}

/// A member of the workspace.
pub(crate) struct Member {
    pub(crate) name: String,
    /// Folder relative to the root.
    pub(crate) folder: String,
    /// Names of direct dependencies that end up in the product: normal and build, not dev.
    pub(crate) dependencies: BTreeSet<String>,
}

/// A package of the resolved graph, members included.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: Option<String>,
    /// `None` for members.
    pub(crate) source: Option<String>,
}

/// What `cargo metadata` tells for this machine's target.
pub(crate) struct Graph {
    pub(crate) members: BTreeMap<String, Member>,
    pub(crate) packages: Vec<Package>,
}

pub(crate) fn graph() -> &'static Graph {
    static GRAPH: OnceLock<Graph> = OnceLock::new();
    GRAPH.get_or_init(|| {
        let host = host();
        let json = cargo(&["metadata", "--format-version", "1", "--filter-platform", &host]);
        read_graph(&serde_json::from_str(&json).expect("cargo metadata is JSON"))
    })
}

/// Dependencies of one package as `name version features`, one a line, features resolved for that package alone.
pub(crate) fn tree(package: &str) -> String {
    let shape = ["--prefix", "none", "--no-dedupe", "--format", "{p} features={f}"];
    let mut arguments = vec!["tree", "--package", package, "--edges", "normal"];
    arguments.extend(shape);
    cargo(&arguments)
}

fn read_graph(metadata: &Value) -> Graph {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut graph = Graph {
        members: BTreeMap::new(),
        packages: Vec::new(),
    };
    for package in metadata["packages"].as_array().expect("packages") {
        let name = text(&package["name"]).expect("name");
        let source = text(&package["source"]);
        if source.is_none() {
            let manifest = PathBuf::from(text(&package["manifest_path"]).expect("manifest_path"));
            let folder = manifest
                .parent()
                .and_then(|dir| dir.strip_prefix(root()).ok())
                .expect("member below root");
            let dependencies = package["dependencies"].as_array().expect("dependencies");
            let member = Member {
                name: name.clone(),
                folder: folder.to_string_lossy().replace('\\', "/"),
                dependencies: dependencies
                    .iter()
                    .filter(|dependency| dependency["kind"] != "dev")
                    .filter_map(|dependency| text(&dependency["name"]))
                    .collect(),
            };
            graph.members.insert(name.clone(), member);
        }
        let version = text(&package["version"]).expect("version");
        graph.packages.push(Package {
            name,
            version,
            licence: text(&package["license"]),
            source,
        });
    }
    graph
}

fn host() -> String {
    let output = Command::new("rustc")
        .arg("-vV")
        .current_dir(root())
        .output()
        .expect("rustc runs");
    let text = String::from_utf8(output.stdout).expect("rustc prints text");
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.expect("rustc -vV names the host").to_owned()
}

/// Runs cargo without network first; a part of the graph that was never built may still have to be fetched.
fn cargo(arguments: &[&str]) -> String {
    let program = std::env::var("CARGO").unwrap_or_else(|_| String::from("cargo"));
    let mut said = String::new();
    for network in [&["--offline"][..], &[]] {
        let mut command = Command::new(&program);
        command
            .args(arguments)
            .arg("--locked")
            .args(network)
            .current_dir(root());
        let output = command.output().expect("cargo runs");
        if output.status.success() {
            return String::from_utf8(output.stdout).expect("cargo prints text");
        }
        said = String::from_utf8_lossy(&output.stderr).into_owned();
    }
    panic!("cargo {}: {said}", arguments.join(" "))
}
