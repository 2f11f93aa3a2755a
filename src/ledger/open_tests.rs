use std::fs;

use rusqlite::Connection;
use zhijie_model::InstitutionCode;

use crate::test_kit::{Desk, at, opening, settle};
use crate::{APPLICATION_ID, Ledger, OpenError, Opening, VERSION};

fn raw(desk: &Desk, sql: &str) {
    let db = Connection::open(&desk.path).unwrap();
    db.execute_batch(sql).unwrap();
    db.close().unwrap();
}

/// A word for each way in which opening is refused.
fn word(error: &OpenError) -> &'static str {
    match error {
        OpenError::InUse { .. } => "in use",
        OpenError::NotSqlite { .. } => "not sqlite",
        OpenError::Foreign { .. } => "foreign",
        OpenError::Newer { .. } => "newer",
        OpenError::NoFormat { .. } => "no format",
        OpenError::Lost { .. } => "lost",
        OpenError::Restored { .. } => "restored",
        OpenError::OtherMachine { .. } => "other machine",
        OpenError::AlreadyThere { .. } => "already there",
        OpenError::Missing { .. } => "missing",
        OpenError::OtherInstitution { .. } => "other institution",
        OpenError::OtherSlot { .. } => "other slot",
        OpenError::SlotOutOfRange(_) => "slot out of range",
        OpenError::InstitutionCode(_) => "institution code",
        OpenError::Damaged(_) => "damaged",
        OpenError::Io { .. } => "io",
        OpenError::OldSqlite { .. } | OpenError::NoWal | OpenError::Sqlite(_) => "sqlite",
    }
}

#[test]
fn strangers_files_are_refused_and_left_as_they_were() {
    let ours = |desk: &Desk| drop(settle(&mut desk.open(), "bill"));
    type Prepare<'a> = &'a dyn Fn(&Desk);
    let cases: [(&str, Prepare<'_>); 10] = [
        ("not sqlite", &|desk| fs::write(&desk.path, b"").unwrap()),
        ("not sqlite", &|desk| {
            fs::write(&desk.path, b"SQLite format 3\0").unwrap()
        }),
        ("not sqlite", &|desk| {
            fs::write(&desk.path, "挂号单\n".repeat(4_000)).unwrap()
        }),
        ("foreign", &|desk| {
            raw(
                desk,
                "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)",
            )
        }),
        ("foreign", &|desk| {
            raw(desk, "PRAGMA application_id = 77; CREATE TABLE journal (a)")
        }),
        ("newer", &|desk| {
            ours(desk);
            raw(desk, &format!("PRAGMA user_version = {}", VERSION + 1));
        }),
        ("no format", &|desk| {
            raw(desk, &format!("PRAGMA application_id = {APPLICATION_ID}"))
        }),
        ("damaged", &|desk| {
            ours(desk);
            raw(desk, "DELETE FROM meta WHERE key = 'desk_slot'");
        }),
        ("lost", &|desk| {
            fs::write(desk.dir.path().join("ledger.db-wal"), b"frames").unwrap()
        }),
        ("io", &|desk| fs::create_dir(&desk.path).unwrap()),
    ];
    for (expected, prepare) in cases {
        let desk = Desk::new();
        prepare(&desk);
        let before = desk.content();
        let error = Ledger::open(&desk.path, &opening()).unwrap_err();
        assert_eq!(word(&error), expected, "{error}");
        assert_eq!(desk.content(), before, "{expected}");
        let error = Ledger::open_read_only(&desk.path).unwrap_err();
        let expected = if expected == "lost" { "missing" } else { expected };
        assert_eq!(word(&error), expected, "{error}");
        assert_eq!(desk.content(), before, "{expected}");
    }
}

#[test]
fn a_newer_format_that_only_the_log_knows_of_is_refused_too() {
    let (desk, copy) = (Desk::new(), Desk::new());
    settle(&mut desk.open(), "bill");
    let newer = Connection::open(&desk.path).unwrap();
    newer.pragma_update(None, "user_version", VERSION + 1).unwrap();
    for path in desk.files() {
        fs::copy(&path, copy.dir.path().join(path.file_name().unwrap())).unwrap();
    }
    let before = copy.content();
    assert_eq!(before.len(), 2, "a file and its log");
    for _ in 0..2 {
        let error = Ledger::open(&copy.path, &opening()).unwrap_err();
        assert_eq!(word(&error), "newer", "{error}");
        assert_eq!(copy.content(), before);
    }
}

#[test]
fn only_its_own_desk_opens_a_ledger() {
    let desk = Desk::new();
    settle(&mut desk.open(), "bill");
    let before = desk.content();
    let code = |text: &str| InstitutionCode::new(text).unwrap();
    let cases = [
        (
            "other institution",
            Opening {
                institution: code("H34120000002"),
                ..opening()
            },
        ),
        (
            "other slot",
            Opening {
                desk_slot: 8,
                ..opening()
            },
        ),
        (
            "slot out of range",
            Opening {
                desk_slot: 100,
                ..opening()
            },
        ),
        (
            "institution code",
            Opening {
                institution: code("H3412-000001"),
                ..opening()
            },
        ),
    ];
    for (expected, opening) in cases {
        let error = Ledger::open(&desk.path, &opening).unwrap_err();
        assert_eq!(word(&error), expected, "{error}");
        assert_eq!(desk.content(), before, "{expected}");
    }
    assert_eq!(desk.open().head().seq, 2);
}

#[test]
fn nothing_is_made_where_it_may_not_be() {
    let desk = Desk::new();
    for path in ["no/such/ledger.db", "", "..", "\0"] {
        let error = Ledger::open(desk.dir.path().join(path), &opening()).unwrap_err();
        assert_eq!(word(&error), "io", "{path:?} {error}");
    }
    let error = Ledger::open_read_only(&desk.path).unwrap_err();
    assert_eq!(word(&error), "missing");
    assert_eq!(desk.files().len(), 0);
}

#[test]
fn a_half_made_ledger_is_made_anew() {
    let desk = Desk::new();
    fs::write(desk.dir.path().join("ledger.db.creating"), b"half").unwrap();
    fs::write(desk.dir.path().join("ledger.db.creating-journal"), b"half").unwrap();
    drop(desk.open());
    assert_eq!(desk.files().len(), 1);
}

#[cfg(unix)]
fn linked(desk: &Desk) -> std::path::PathBuf {
    let link = desk.dir.path().join("link.db");
    std::os::unix::fs::symlink(&desk.path, &link).unwrap();
    link
}

#[test]
fn a_second_opening_is_refused_under_any_name_until_the_first_is_gone() {
    let desk = Desk::new();
    let first = desk.open();
    let names = [
        desk.path.clone(),
        desk.dir.path().join("./ledger.db"),
        #[cfg(unix)]
        linked(&desk),
    ];
    for name in &names {
        assert_eq!(
            word(&Ledger::open(name, &opening()).unwrap_err()),
            "in use",
            "{name:?}"
        );
    }
    drop(first);
    for name in &names {
        Ledger::open(name, &opening()).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    let mut ledger = desk.open();
    settle(&mut ledger, "bill");
    let mut seen = 0;
    for entry in fs::read_dir(desk.dir.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{entry:?}"
        );
        seen += 1;
    }
    assert_eq!(seen, 4, "ledger, log, shared memory, lock");
}

#[test]
fn a_reader_works_beside_the_writer_and_after_it() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    let reader = Ledger::open_read_only(&desk.path).unwrap();
    settle(&mut ledger, "bill");
    assert_eq!(reader.head().unwrap(), ledger.head());
    assert_eq!(crate::verify(&reader, |_, _| {}).unwrap().records, 2);
    settle(&mut ledger, "other");
    ledger.checkpoint().unwrap();
    assert_eq!(crate::verify(&reader, |_, _| {}).unwrap().records, 4);
    let head = ledger.head();
    drop((ledger, reader));
    let reader = Ledger::open_read_only(&desk.path).unwrap();
    assert_eq!(reader.head().unwrap(), head);
    assert!(reader.db.execute("DELETE FROM bills", []).is_err());
}

#[test]
fn the_settings_that_durability_needs_are_on() {
    let desk = Desk::new();
    let ledger = desk.open();
    let pragma = |name: &str| -> i64 {
        ledger
            .db
            .pragma_query_value(None, name, |row| row.get(0))
            .unwrap()
    };
    assert_eq!(pragma("synchronous"), 2);
    assert_eq!(pragma("foreign_keys"), 1);
    assert_eq!(pragma("recursive_triggers"), 1);
    assert_eq!(pragma("application_id"), i64::from(APPLICATION_ID));
    assert_eq!(pragma("user_version"), i64::from(VERSION));
    let mode: String = ledger
        .db
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
    assert_eq!(ledger.institution(), "H34120000001");
    assert_eq!(ledger.desk_slot(), 7);
    let genesis = ledger.head().digest;
    drop(ledger);
    let later = Opening {
        now: at(0),
        ..opening()
    };
    assert_eq!(Ledger::open(&desk.path, &later).unwrap().head().digest, genesis);
}
