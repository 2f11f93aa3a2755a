use std::fs;

use zhijie_model::MessageId;

use crate::test_kit::{Desk, NOON, at, opening, settle};
use crate::{Ledger, OpenError, Opening, verify};

fn refused(desk: &Desk) -> Option<(u64, u64)> {
    match Ledger::open(&desk.path, &opening()) {
        Err(OpenError::Restored { found, known, .. }) => Some((found, known)),
        Err(error) => panic!("{error}"),
        Ok(_) => None,
    }
}

fn accept(desk: &Desk) -> Ledger {
    Ledger::accept(&desk.path, &opening()).unwrap()
}

#[test]
fn an_older_copy_is_not_opened_by_itself() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    settle(&mut ledger, "before");
    drop(ledger);
    let copy = fs::read(&desk.path).unwrap();
    let mut ledger = desk.open();
    settle(&mut ledger, "after");
    drop(ledger);
    fs::write(&desk.path, &copy).unwrap();
    for _ in 0..2 {
        assert_eq!(refused(&desk), Some((2, 4)));
        assert_eq!(fs::read(&desk.path).unwrap(), copy, "refusing changes nothing");
    }
    verify(&accept(&desk), |_, _| ()).unwrap();
    assert_eq!(refused(&desk), None, "once accepted it is this desk's ledger");
}

#[test]
fn another_history_of_the_same_length_is_not_opened() {
    let desk = Desk::new();
    drop(desk.open());
    let copy = fs::read(&desk.path).unwrap();
    let mut ledger = desk.open();
    settle(&mut ledger, "first");
    drop(ledger);
    let mark = desk.dir.path().join("ledger.db.lock");
    let first = fs::read(&mark).unwrap();
    fs::write(&desk.path, &copy).unwrap();
    let mut ledger = accept(&desk);
    settle(&mut ledger, "other");
    drop(ledger);
    fs::write(&mark, first).unwrap();
    assert_eq!(refused(&desk), Some((2, 2)));
}

/// The clock stands still, so only the mark keeps ids from coming twice.
#[test]
fn ids_of_a_copy_go_on_behind_those_that_were_used() {
    let desk = Desk::new();
    drop(desk.open());
    let copy = fs::read(&desk.path).unwrap();
    let spend = |mut ledger: Ledger| -> Vec<MessageId> {
        (0..5000)
            .map(|_| ledger.next_lookup_id(at(NOON)).unwrap())
            .collect()
    };
    let mut ids = spend(desk.open());
    fs::write(&desk.path, &copy).unwrap();
    ids.extend(spend(accept(&desk)));
    fs::remove_file(&desk.path).unwrap();
    let (ledger, _) = Ledger::init(&desk.path, &opening()).unwrap();
    ids.extend(spend(ledger));
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn a_mark_that_is_behind_or_broken_is_no_harm() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    let mark = desk.dir.path().join("ledger.db.lock");
    let early = fs::read(&mark).unwrap();
    settle(&mut ledger, "1");
    drop(ledger);
    let late = fs::read(&mark).unwrap();
    for cut in 0..=late.len() {
        let mut torn = early.clone();
        torn.splice(..cut.min(early.len()), late[..cut].iter().copied());
        if cut > 0 {
            fs::write(&mark, torn).unwrap();
        }
        assert_eq!(refused(&desk), None, "{cut}");
    }
}

#[test]
fn accepting_makes_no_ledger() {
    let desk = Desk::new();
    let opening = Opening { ..opening() };
    assert!(matches!(
        Ledger::accept(&desk.path, &opening),
        Err(OpenError::Missing { .. })
    ));
    assert!(!desk.path.exists());
}
