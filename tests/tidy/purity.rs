//! A pure crate has no runtime, socket, disk, clock or random source: neither in its dependency tree nor in `std`.

use crate::house;
use crate::lex::Source;

const PURE: &[&str] = &[
    "zhijie-model",
    "zhijie-settlement",
    "zhijie-wire",
    "zhijie-filing",
    "zhijie-ports",
];

/// What a tree must not hold: a package, or one feature of a package.
#[derive(Clone, Copy)]
pub(crate) struct Ban {
    /// Package name; a trailing `*` stands for any ending.
    package: &'static str,
    feature: Option<&'static str>,
}

impl Ban {
    pub(crate) const fn package(package: &'static str) -> Self {
        Self {
            package,
            feature: None,
        }
    }

    const fn feature(package: &'static str, feature: &'static str) -> Self {
        Self {
            package,
            feature: Some(feature),
        }
    }

    fn hits(self, name: &str, features: &str) -> bool {
        let named = match self.package.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == self.package,
        };
        named
            && self
                .feature
                .is_none_or(|banned| features.split(',').any(|feature| feature == banned))
    }
}

/// Runtimes, sockets, disks, clocks, random sources, devices, and the doors to the system below them.
const IMPURE: &[Ban] = &[
    Ban::package("tokio*"),
    Ban::package("async-*"),
    Ban::package("smol"),
    Ban::package("mio"),
    Ban::package("socket2"),
    Ban::package("rusqlite"),
    Ban::package("libsqlite3-sys"),
    Ban::package("reqwest"),
    Ban::package("hyper*"),
    Ban::package("rustls*"),
    Ban::package("ring"),
    Ban::package("rand*"),
    Ban::package("fastrand"),
    Ban::package("getrandom"),
    Ban::package("chrono"),
    Ban::package("time"),
    Ban::feature("jiff", "std"),
    Ban::package("serialport"),
    Ban::package("pcsc*"),
    Ban::package("tempfile"),
    Ban::package("libc"),
    Ban::package("nix"),
    Ban::package("rustix"),
    Ban::package("windows*"),
];

const IMPURE_STD: &[&str] = &[
    "std::net",
    "std::fs",
    "std::process",
    "std::thread",
    "std::env",
    "std::os",
    "std::time::SystemTime",
    "std::time::Instant",
];

/// Lines of a `cargo tree` (`name version .. features=a,b`) that a ban hits, each once.
pub(crate) fn offences(tree: &str, bans: &[Ban]) -> Vec<String> {
    let mut found = Vec::new();
    let top = tree
        .lines()
        .next()
        .and_then(|line| line.split(' ').next())
        .unwrap_or_default();
    for line in tree.lines() {
        let name = line.split(' ').next().unwrap_or_default();
        let features = line
            .split_once("features=")
            .map_or("", |(_, features)| features.trim_end_matches(" (*)"));
        if bans.iter().any(|ban| ban.hits(name, features)) {
            found.push(format!("{top} reaches {name} [{features}]"));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Every `std` path the code names, groups written out: `std::{fs, time::{Duration, Instant}}` are three.
fn std_paths(code: &str) -> Vec<String> {
    let tight: String = code
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace(" ::", "::")
        .replace(":: ", "::");
    let mut paths = Vec::new();
    for (at, _) in tight.match_indices("std::") {
        let before = tight[..at].chars().next_back();
        if !before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            expand("std", &tight[at + "std::".len()..], &mut paths);
        }
    }
    paths
}

/// Adds the paths of one use tree that starts `text`; returns what follows it.
fn expand<'a>(prefix: &str, text: &'a str, paths: &mut Vec<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start_matches([' ', ',']);
            if rest.is_empty() || rest.starts_with('}') {
                return rest.strip_prefix('}').unwrap_or(rest);
            }
            let next = expand(prefix, rest, paths);
            rest = if next.len() < rest.len() {
                next
            } else {
                &rest[rest.chars().next().map_or(0, char::len_utf8)..]
            };
        }
    }
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    let path = format!("{prefix}::{}", &text[..end]);
    match text[end..].strip_prefix("::") {
        Some(rest) => expand(&path, rest, paths),
        None => {
            paths.push(path);
            &text[end..]
        }
    }
}

fn impure_std(code: &str) -> Vec<String> {
    let mut found = std_paths(code);
    found.retain(|path| {
        IMPURE_STD.iter().any(|banned| {
            path.strip_prefix(banned)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        })
    });
    found
}

#[test]
fn pure_crates_reach_nothing_impure() {
    let wrong: Vec<String> = PURE
        .iter()
        .flat_map(|name| offences(&house::tree(name), IMPURE))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn pure_crates_use_no_impure_std() {
    let graph = house::graph();
    let mut wrong = Vec::new();
    for name in PURE {
        let folder = graph.members[*name].folder.as_str();
        let sources = house::production_files(&[folder]);
        assert!(!sources.is_empty(), "{folder} has no source");
        for file in &sources {
            let code = Source::production(&file.text).code;
            wrong.extend(
                impure_std(&code)
                    .iter()
                    .map(|path| format!("{}: {path}", file.path)),
            );
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn an_impure_tree_is_seen() {
    let clean =
        "zhijie-model v0.1.0 (/x) features=\njiff v0.2.43 features=alloc,serde\nserde v1.0.229 features=std";
    assert_eq!(offences(clean, IMPURE), Vec::<String>::new());
    for line in [
        "tokio v1.54.1 features=rt",
        "jiff v0.2.43 features=alloc,std",
        "jiff v0.2.43 features=std (*)",
        "rand_core v0.9.1 features=",
        "getrandom v0.3.1 features=",
        "libsqlite3-sys v0.39.1 features=bundled",
    ] {
        assert_eq!(
            offences(&format!("{clean}\n{line}\n{line}"), IMPURE).len(),
            1,
            "{line}"
        );
    }
}

#[test]
fn impure_std_is_seen_in_every_spelling() {
    let table = [
        ("use std::collections::BTreeMap;", 0),
        ("use std::time::Duration;", 0),
        ("use other_std::fs;", 0),
        ("use std::fs;", 1),
        ("let f = std::fs::read(path);", 1),
        ("use std::{fmt, fs::File, net::{TcpStream, UdpSocket}};", 3),
        ("use std::time::{Duration, Instant};", 1),
        (
            "use std::{\n  collections::{BTreeMap, BTreeSet},\n  thread,\n};",
            1,
        ),
    ];
    for (code, count) in table {
        assert_eq!(impure_std(code).len(), count, "{code}: {:?}", std_paths(code));
    }
}
