use std::fs;

use crate::test_kit::{Desk, opening};
#[cfg(unix)]
use crate::test_kit::{NOON, at, bill, intent, record, settle};
#[cfg(unix)]
use crate::{Commit, WriteError};
use crate::{Ledger, OpenError};

fn lost(desk: &Desk) -> bool {
    matches!(Ledger::open(&desk.path, &opening()), Err(OpenError::Lost { .. }))
}

#[test]
fn a_lost_ledger_is_never_replaced_by_an_empty_one() {
    let desk = Desk::new();
    drop(desk.open());
    let kept = desk.dir.path().join("kept");
    fs::rename(&desk.path, &kept).unwrap();
    for _ in 0..2 {
        assert!(lost(&desk));
        assert!(!desk.path.exists());
    }
    fs::rename(&kept, &desk.path).unwrap();
    drop(desk.open());
}

#[test]
fn any_one_trace_is_enough() {
    for suffix in ["-wal", "-shm", ".lock"] {
        let desk = Desk::new();
        fs::write(desk.dir.path().join(format!("ledger.db{suffix}")), b"left").unwrap();
        assert!(lost(&desk), "{suffix}");
        assert!(!desk.path.exists(), "{suffix}");
    }
    #[cfg(unix)]
    {
        let desk = Desk::new();
        std::os::unix::fs::symlink(desk.dir.path().join("unmounted/ledger.db"), &desk.path).unwrap();
        assert!(lost(&desk));
    }
}

#[test]
fn a_start_that_made_nothing_is_no_trace() {
    let desk = Desk::new();
    fs::write(desk.dir.path().join("ledger.db.lock"), b"").unwrap();
    drop(desk.open());
}

#[test]
fn a_new_one_is_made_on_purpose_and_the_traces_are_kept() {
    let desk = Desk::new();
    drop(desk.open());
    let refused = Ledger::init(&desk.path, &opening()).unwrap_err();
    assert!(matches!(refused, OpenError::AlreadyThere { .. }), "{refused}");
    fs::remove_file(&desk.path).unwrap();
    let log = desk.dir.path().join("ledger.db-wal");
    fs::write(&log, b"frames").unwrap();
    let (ledger, renamed) = Ledger::init(&desk.path, &opening()).unwrap();
    assert_eq!(ledger.head().seq, 0);
    assert_eq!(renamed.len(), 1);
    assert_eq!(fs::read(&renamed[0]).unwrap(), b"frames");
    drop(ledger);
    drop(desk.open());
}

#[cfg(unix)]
#[test]
fn nothing_is_taken_for_a_file_that_is_no_longer_in_its_place() {
    type Act<'a> = &'a dyn Fn(&Desk);
    let acts: [(&str, Act<'_>); 3] = [
        ("deleted", &|desk| fs::remove_file(&desk.path).unwrap()),
        ("moved", &|desk| {
            fs::rename(&desk.path, desk.dir.path().join("elsewhere")).unwrap();
        }),
        ("replaced by its own copy", &|desk| {
            let copy = desk.dir.path().join("copy");
            fs::copy(&desk.path, &copy).unwrap();
            fs::rename(&copy, &desk.path).unwrap();
        }),
    ];
    for (name, act) in acts {
        let desk = Desk::new();
        let mut ledger = desk.open();
        settle(&mut ledger, "first");
        let head = ledger.head();
        act(&desk);
        let id = ledger.next_message_id(at(NOON)).unwrap();
        let commit = Commit {
            bill: Some(bill("second")),
            record: Some(record("submitted")),
            intent: Some(intent(&id)),
            ..Commit::new(at(NOON))
        };
        let refused = ledger.commit(&commit).unwrap_err();
        assert!(matches!(refused, WriteError::Replaced), "{name}: {refused}");
        assert!(ledger.is_poisoned(), "{name}");
        assert_eq!(ledger.head(), head, "{name}");
    }
}
