//! The program itself: certificates, a server process, the commands that talk to it.
#![expect(clippy::unwrap_used, reason = "helpers of tests are not recognised as tests")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_zhijie-sandbox");

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _ended = self.0.wait();
    }
}

fn run(args: &[&str]) -> Output {
    Command::new(PROGRAM).args(args).output().unwrap()
}

fn succeeds(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?} {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_commands_work_together() {
    let dir = tempfile::tempdir().unwrap();
    let certs = dir.path().join("certs");
    let ready = dir.path().join("ready.json");
    let data = dir.path().join("data");
    succeeds(&["certs", "--out", text(&certs)]);
    assert!(!run(&["certs", "--out", text(&certs)]).status.success());

    let mut server = Server(
        Command::new(PROGRAM)
            .args([
                "serve",
                "--certs",
                text(&certs),
                "--data",
                text(&data),
                "--ready-file",
                text(&ready),
            ])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut log = BufReader::new(server.0.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("Sandbox province is open") {
        line.clear();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "ended before it was open");
    }
    let ready: Value = serde_json::from_slice(&std::fs::read(&ready).unwrap()).unwrap();
    assert_eq!(ready["pid"], server.0.id());
    let admin = ready["admin"].as_str().unwrap();
    assert!(
        ready["platform"]
            .as_str()
            .unwrap()
            .starts_with("https://127.0.0.1:")
    );

    let code = succeeds(&["voucher", "--admin", admin, "--person", "jiaxing-employee"]);
    assert!(code.trim().len() == 28 && code.starts_with("424"), "{code}");
    assert!(
        !run(&["voucher", "--admin", admin, "--person", "nobody"])
            .status
            .success()
    );
    assert_eq!(succeeds(&["settlements", "--admin", admin]).trim(), "[]");
    succeeds(&[
        "fault",
        "--admin",
        admin,
        "--infno",
        "2207",
        "--kind",
        "drop-after-commit",
    ]);
    succeeds(&["fault", "--admin", admin, "--clear"]);
    assert!(
        !run(&["fault", "--admin", admin, "--infno", "2207", "--kind", "refuse"])
            .status
            .success()
    );
    filings_and_regions(admin);
    assert!(data.join("sandbox.sqlite").exists());
}

fn filings_and_regions(admin: &str) {
    let filing = |args: &[&str]| succeeds(&[&["filing", "--admin", admin], args].concat());
    let added: Value = serde_json::from_str(&filing(&[
        "add",
        "--person",
        "harbin-unfiled",
        "--kind",
        "long-term-resident",
        "--from",
        "2026-01-01",
        "--until",
        "2026-12-31",
    ]))
    .unwrap();
    let id = added.pointer("/id").unwrap().to_string();
    let removed = || {
        let list: Value = serde_json::from_str(&filing(&["list", "--person", "harbin-unfiled"])).unwrap();
        list.pointer("/0/removed").unwrap().is_object()
    };
    filing(&["remove", &id]);
    assert!(removed());
    filing(&["restore", &id]);
    assert!(!removed());

    let region = |args: &[&str]| succeeds(&[&["region", "--admin", admin], args].concat());
    region(&[
        "--area",
        "341200",
        "--upgrade",
        "--until",
        "2099-01-01T00:00:00",
        "--new-values",
    ]);
    let roads: Value = serde_json::from_str(&region(&[])).unwrap();
    assert_eq!(
        roads.pointer("/341200/upgrade/new_values"),
        Some(&Value::Bool(true))
    );
    region(&["--area", "341200"]);
    assert_eq!(region(&[]).trim(), "{}");
    assert!(
        !run(&["region", "--admin", admin, "--area", "3412"])
            .status
            .success()
    );
}

#[test]
fn people_and_cards_are_printed() {
    let people: Value = serde_json::from_str(&succeeds(&["persons"])).unwrap();
    let keys: Vec<&str> = people
        .as_array()
        .unwrap()
        .iter()
        .map(|person| person["key"].as_str().unwrap())
        .collect();
    for wanted in [
        "fuyang-resident",
        "fuyang-employee",
        "jiaxing-employee",
        "xuzhou-two-insurances",
        "rizhao-resident",
        "haikou-aided",
        "harbin-unfiled",
        "shanghai-local",
    ] {
        assert!(keys.contains(&wanted), "{wanted}");
    }
    assert!(succeeds(&["persons", "--card", "rizhao-resident"]).contains("generation = \"1.0\""));
}
