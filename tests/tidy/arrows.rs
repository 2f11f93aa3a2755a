//! Dependencies point one way: agent -> ledger, uplink, desk, drivers -> settlement, wire, ports -> model.

use std::collections::{BTreeMap, BTreeSet};

use crate::house;
use crate::purity::{Ban, offences};

/// How high a crate stands. A crate may depend on crates of lower floors only, never on its neighbours.
const FLOORS: &[(&str, &[&str])] = &[
    ("nouns", &["zhijie-model"]),
    (
        "pure",
        &[
            "zhijie-settlement",
            "zhijie-wire",
            "zhijie-filing",
            "zhijie-ports",
        ],
    ),
    (
        "one outside thing each",
        &[
            "zhijie-ledger",
            "zhijie-catalogue",
            "zhijie-uplink",
            "zhijie-desk",
            "zhijie-devicelink",
            "zhijie-pcsc",
            "zhijie-scanner",
            "zhijie-vendor",
            "zhijie-signer",
            "zhijie-control",
        ],
    ),
    ("programs", &["zhijie-agent", "zhijie-devices", "zhijie-dropin"]),
];
/// May stand on every floor but the programs; no product crate may stand on them.
const KIT: &[&str] = &["zhijie-twin", "zhijie-twin-vendor", "zhijie-sandbox"];
/// May use everything; nobody uses them.
const TESTS: &[&str] = &["zhijie-tests", "zhijie-benches", "zhijie-fuzz", "zhijie-pages"];

fn floor(name: &str) -> Option<usize> {
    FLOORS.iter().position(|(_, crates)| crates.contains(&name))
}

/// Every arrow of `members` (crate to its workspace dependencies) that points the wrong way.
fn wrong_arrows(members: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<String> {
    let programs = FLOORS.len() - 1;
    let mut wrong = Vec::new();
    for (from, to) in members {
        for target in to {
            let fine = match (floor(from), floor(target)) {
                (Some(from), Some(target)) => target < from,
                (None, Some(target)) if KIT.contains(from) => target < programs,
                (None, None) if KIT.contains(from) => KIT.contains(target) && *from != "zhijie-twin",
                (None, _) if TESTS.contains(from) => true,
                _ => false,
            };
            if !fine {
                wrong.push(format!("{from} -> {target}"));
            }
        }
        if floor(from).is_none() && !KIT.contains(from) && !TESTS.contains(from) {
            wrong.push(format!("{from} has no floor; give it one in FLOORS"));
        }
    }
    wrong
}

#[test]
fn arrows_point_down() {
    let graph = house::graph();
    let members = graph.members.values().map(|member| {
        let inside = member.dependencies.iter().map(String::as_str);
        (
            member.name.as_str(),
            inside.filter(|name| graph.members.contains_key(*name)).collect(),
        )
    });
    assert_eq!(wrong_arrows(&members.collect()), Vec::<String>::new());
}

#[test]
fn programs_link_only_what_they_are_for() {
    let kit = [
        "zhijie-twin",
        "zhijie-twin-vendor",
        "zhijie-sandbox",
        "zhijie-tests",
        "zhijie-benches",
        "zhijie-fuzz",
        "zhijie-pages",
    ]
    .map(Ban::package);
    let card_stack = [
        "zhijie-pcsc",
        "zhijie-scanner",
        "zhijie-vendor",
        "libloading",
        "pcsc",
        "pcsc-sys",
        "serialport",
    ]
    .map(Ban::package);
    let network = [
        "reqwest",
        "hyper",
        "rustls",
        "socket2",
        "rusqlite",
        "libsqlite3-sys",
        "zhijie-uplink",
        "zhijie-ledger",
    ]
    .map(Ban::package);
    let mut wrong = offences(&house::tree("zhijie-agent"), &[&kit[..], &card_stack].concat());
    wrong.extend(offences(
        &house::tree("zhijie-devices"),
        &[&kit[..], &network].concat(),
    ));
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_wrong_arrow_is_seen() {
    let table: [(&str, &str, bool); 10] = [
        ("zhijie-agent", "zhijie-ledger", true),
        ("zhijie-ledger", "zhijie-model", true),
        ("zhijie-wire", "zhijie-settlement", false),
        ("zhijie-model", "zhijie-wire", false),
        ("zhijie-uplink", "zhijie-ledger", false),
        ("zhijie-agent", "zhijie-sandbox", false),
        ("zhijie-pcsc", "zhijie-twin", false),
        ("zhijie-sandbox", "zhijie-twin", true),
        ("zhijie-sandbox", "zhijie-agent", false),
        ("zhijie-newcomer", "zhijie-model", false),
    ];
    for (from, to, fine) in table {
        let members = BTreeMap::from([(from, BTreeSet::from([to]))]);
        assert_eq!(wrong_arrows(&members).is_empty(), fine, "{from} -> {to}");
    }
}
