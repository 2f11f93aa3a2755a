use std::fs;

use crate::test_kit::{Desk, opening, settle};
use crate::{Ledger, Machine, OpenError, Opening, verify};

fn on(marks: &[&str]) -> Opening {
    Opening {
        machine: Machine::of(marks),
        ..opening()
    }
}

fn opens(desk: &Desk, marks: &[&str]) -> bool {
    match Ledger::open(&desk.path, &on(marks)) {
        Ok(_) => true,
        Err(OpenError::OtherMachine { .. }) => false,
        Err(error) => panic!("{error}"),
    }
}

/// With its lock file, so that nothing else tells the copy from the original.
fn clone_of(desk: &Desk) -> Desk {
    let clone = Desk::new();
    for entry in fs::read_dir(desk.dir.path()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), clone.dir.path().join(entry.file_name())).unwrap();
    }
    clone
}

#[test]
fn a_cloned_disk_is_refused_and_left_as_it_is_until_a_person_takes_it() {
    let desk = Desk::new();
    let mut ledger = Ledger::open(&desk.path, &on(&["aa", "bb"])).unwrap();
    settle(&mut ledger, "1");
    drop(ledger);
    let clone = clone_of(&desk);
    let before = clone.content();
    assert!(!opens(&clone, &["cc"]));
    assert!(!opens(&clone, &["cc"]), "asking twice changes nothing");
    assert_eq!(clone.content(), before);
    let taken = Ledger::accept(&clone.path, &on(&["cc"])).unwrap();
    verify(&taken, |_, _| ()).unwrap();
    drop(taken);
    assert!(opens(&clone, &["cc"]), "once accepted it is this PC's");
    assert!(!opens(&clone, &["aa", "bb"]), "and no longer the other's");
    assert!(opens(&desk, &["bb"]), "the original goes on");
}

#[test]
fn one_mark_in_common_is_enough_and_a_new_card_is_taken_up() {
    let desk = Desk::new();
    for marks in [&["a", "b"][..], &["b", "c"], &["c"], &["d", "c"]] {
        assert!(opens(&desk, marks), "{marks:?}");
    }
    assert!(!opens(&desk, &["a"]), "that card is long gone");
}

#[test]
fn where_a_pc_tells_nothing_of_itself_nothing_is_compared() {
    let desk = Desk::new();
    for marks in [&[][..], &["a"], &[], &["a"]] {
        assert!(opens(&desk, marks), "{marks:?}");
    }
    assert!(!opens(&desk, &["b"]), "a start that knew nothing forgot nothing");
}

#[test]
fn what_was_noted_costs_no_write_the_next_time() {
    let desk = Desk::new();
    assert!(opens(&desk, &["a", "b"]));
    let log =
        |desk: &Desk| fs::metadata(desk.path.with_file_name("ledger.db-wal")).map_or(0, |log| log.len());
    let quiet = Desk::new();
    drop(quiet.open());
    drop(quiet.open());
    let idle = log(&quiet);
    assert!(opens(&desk, &["b", "a"]));
    assert_eq!(log(&desk), idle);
}

#[test]
fn marks_are_printed_as_digests_and_read_back() {
    let machine = Machine::of(["52:54:00:12:34:56", "00:e0:4c:68:00:01"]);
    let text = machine.to_string();
    assert_eq!(text.len(), 33, "{text}");
    assert!(!text.contains("52:54"));
    assert_eq!(text.parse(), Ok(machine.clone()));
    assert_eq!(Machine::of(["00:e0:4c:68:00:01", "52:54:00:12:34:56"]), machine);
    assert_eq!("".parse(), Ok(Machine::default()));
    for wrong in ["12", "52:54:00:12:34:56", "0123456789abcdeg", "0123456789abcdef0"] {
        assert!(wrong.parse::<Machine>().is_err(), "{wrong}");
    }
}
