//! Things only a process of its own can show: the test binary runs itself with a role in its environment.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use zhijie_model::MessageId;

use crate::test_kit::{Desk, NOON, answer, at, ending, intent, opening, record};
use crate::{ANSWERED, Commit, Ledger, OpenError, Opening, WriteError, verify};

const ROLE: &str = "ZHIJIE_LEDGER_TEST_ROLE";
const PATH: &str = "ZHIJIE_LEDGER_TEST_PATH";
const NUMBER: &str = "ZHIJIE_LEDGER_TEST_NUMBER";

/// `wrapper` runs the test binary in the role; empty: directly.
fn child(wrapper: &[&str], desk: &Desk, role: &str, number: i64) -> Child {
    let binary = std::env::current_exe().unwrap();
    let arguments = ["--ignored", "--exact", "--nocapture", "crash_tests::role"];
    let mut words = wrapper.iter().map(Into::into).chain([binary.into_os_string()]);
    let mut command = Command::new(words.next().unwrap());
    command
        .args(words)
        .args(arguments)
        .env(ROLE, role)
        .env(PATH, &desk.path)
        .env(NUMBER, number.to_string());
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn lines(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines
        .map_while(Result::ok)
        .filter_map(|line| line.split_once("> ").map(|(_, said)| said.to_owned()))
}

fn say(text: &str) {
    println!("\n> {text}");
}

#[test]
#[ignore = "a role for other tests, which run it in a process of its own"]
fn role() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let path = std::env::var_os(PATH).unwrap();
    let number: i64 = std::env::var(NUMBER).unwrap().parse().unwrap();
    let opening = Opening {
        now: at(NOON),
        ..opening()
    };
    let ledger = Ledger::open(path, &opening);
    match role.as_str() {
        "hold" => hold(ledger),
        "work" => work(ledger.unwrap(), NOON + number),
        "fill" => fill(ledger.unwrap()),
        "count" => {
            let mut ledger = ledger.unwrap();
            for number in 0..number {
                crate::test_kit::settle(&mut ledger, &number.to_string());
            }
        }
        other => panic!("{other}"),
    }
}

fn hold(ledger: Result<Ledger, OpenError>) {
    match &ledger {
        Ok(_) => say("open"),
        Err(OpenError::InUse { .. }) => say("in use"),
        Err(error) => say(&error.to_string()),
    }
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// Commits for ever and says what is acknowledged.
fn work(mut ledger: Ledger, start: i64) {
    for step in 0.. {
        let now = at(start + step / 7);
        let lookup = ledger.next_lookup_id(now).unwrap();
        say(&format!("lookup {lookup}"));
        let id = ledger.next_message_id(now).unwrap();
        let commit = Commit {
            intent: Some(intent(&id)),
            ..Commit::new(now)
        };
        let done = ledger.commit(&commit).unwrap();
        say(&format!("intent {id} {}", done.seq));
        let name = format!("request {id}");
        let commit = Commit {
            ending: Some(ending(&id, ANSWERED)),
            answers: vec![answer(&name, "done")],
            ..Commit::new(now)
        };
        let done = ledger.commit(&commit).unwrap();
        say(&format!("ending {id} {}", done.seq));
        if step % 50 == 49 {
            ledger.checkpoint().unwrap();
        }
    }
}

/// Commits until the system refuses to write, then shows that the ledger stays shut.
fn fill(mut ledger: Ledger) {
    let big = crate::NewRecord {
        body: vec![b'x'; 10_000],
        ..record("big")
    };
    let commit = Commit {
        record: Some(big),
        ..Commit::new(at(NOON))
    };
    let error = loop {
        match ledger.commit(&commit) {
            Ok(done) => say(&format!("ack {}", done.seq)),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, WriteError::Sqlite(_)), "{error}");
    assert!(!error.surely_not_written());
    let small = Commit {
        record: Some(record("small")),
        ..Commit::new(at(NOON))
    };
    assert!(matches!(ledger.commit(&small), Err(WriteError::Poisoned)));
    assert!(matches!(
        ledger.next_message_id(at(NOON)),
        Err(WriteError::Poisoned)
    ));
    say("poisoned");
}

#[test]
fn a_second_process_is_refused_and_a_killed_one_leaves_no_lock() {
    let desk = Desk::new();
    let mut first = child(&[], &desk, "hold", 0);
    let mut said = lines(&mut first);
    assert_eq!(said.next().as_deref(), Some("open"));
    assert!(matches!(
        Ledger::open(&desk.path, &opening()),
        Err(OpenError::InUse { .. })
    ));
    let mut second = child(&[], &desk, "hold", 0);
    let mut second_said = lines(&mut second);
    assert_eq!(second_said.next().as_deref(), Some("in use"));
    second.stdin.take().unwrap().write_all(b"\n").unwrap();
    assert!(second.wait().unwrap().success());
    first.kill().unwrap();
    first.wait().unwrap();
    drop(desk.open());
}

#[test]
fn after_kills_at_any_point_all_acknowledged_is_there_and_no_id_repeats() {
    let desk = Desk::new();
    let (mut ids, mut acknowledged) = (BTreeSet::new(), 0);
    for round in 0..24 {
        // The clock jumps back every other time.
        let clock = if round % 2 == 0 { round * 5 } else { -round * 40 };
        let mut worker = child(&[], &desk, "work", clock);
        let mut said = lines(&mut worker);
        let lines_wanted = usize::try_from(round * 13 % 200 + 1).unwrap();
        let mut all: Vec<String> = said.by_ref().take(lines_wanted).collect();
        assert_eq!(all.len(), lines_wanted, "the worker died by itself");
        worker.kill().unwrap();
        all.extend(said);
        worker.wait().unwrap();

        let ledger = desk.open();
        let report = verify(&ledger, |_, _| {}).unwrap();
        for line in all {
            let words: Vec<&str> = line.split(' ').collect();
            let Ok(id) = MessageId::new(words[1]) else {
                panic!("{line}")
            };
            match words[..] {
                ["lookup", _] => assert!(ids.insert(id), "{line} was there before"),
                ["intent", _, seq] => {
                    assert!(ids.insert(id.clone()), "{line} was there before");
                    assert_eq!(ledger.intent(&id).unwrap().unwrap().seq.to_string(), seq);
                    acknowledged += 1;
                }
                ["ending", _, _] => {
                    assert_eq!(ledger.reply(&id).unwrap().unwrap().body, b"the full answer");
                    acknowledged += 1;
                }
                // The kill may cut a line; what it would have said is then not acknowledged.
                _ => {}
            }
        }
        assert!(report.records >= acknowledged);
    }
    assert!(acknowledged > 500, "{acknowledged}");
}

/// The shell lets the system refuse to let files grow (instead of ending the process): a real failed write.
#[test]
fn a_failed_write_shuts_the_ledger_until_it_is_opened_again() {
    let desk = Desk::new();
    let limit = "trap '' XFSZ; ulimit -f 1000; exec \"$0\" \"$@\"";
    let mut filler = child(&["sh", "-c", limit], &desk, "fill", 0);
    let said: Vec<String> = lines(&mut filler).collect();
    assert!(filler.wait().unwrap().success(), "{said:?}");
    assert_eq!(said.last().map(String::as_str), Some("poisoned"));
    let acknowledged = u64::try_from(said.len() - 1).unwrap();
    assert!(acknowledged > 10, "{acknowledged}");

    let mut ledger = desk.open();
    let report = verify(&ledger, |_, _| {}).unwrap();
    // The failed commit itself may or may not have reached the disk.
    assert!(
        [acknowledged, acknowledged + 1].contains(&report.records),
        "{report:?}"
    );
    let commit = Commit {
        record: Some(record("again")),
        ..Commit::new(at(NOON))
    };
    ledger.commit(&commit).unwrap();
}

/// Counts system calls with strace where there is one that may trace; says so where there is none.
#[test]
fn each_commit_costs_one_flush() {
    let probe = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .stderr(Stdio::null())
        .status();
    if !probe.is_ok_and(|status| status.success()) {
        println!("skipped: no strace that may trace here");
        return;
    }
    let flushes = |settlements: i64| {
        let desk = Desk::new();
        let log = desk.dir.path().join("calls");
        let strace = [
            "strace",
            "-f",
            "-qq",
            "-e",
            "trace=fsync,fdatasync,msync,sync_file_range",
            "-o",
            log.to_str().unwrap(),
        ];
        let output = child(&strace, &desk, "count", settlements)
            .wait_with_output()
            .unwrap();
        assert!(output.status.success());
        std::fs::read_to_string(log)
            .unwrap()
            .lines()
            .filter(|line| line.contains("sync("))
            .count()
    };
    let (few, many) = (flushes(1), flushes(31));
    assert_eq!(many - few, 60, "thirty settlements are sixty commits");
}
