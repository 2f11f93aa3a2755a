use std::fs;

use rusqlite::Connection;

use crate::test_kit::{Desk, NOON, answer, at, bill, ending, intent, record, settle, state};
use crate::{Commit, Damage, Ledger, NOT_SENT, ReadError, UNKNOWN, verify};

/// A ledger with every sort of row, closed.
fn full_desk() -> Desk {
    let desk = Desk::new();
    let mut ledger = desk.open();
    settle(&mut ledger, "one");
    settle(&mut ledger, "two");
    let id = ledger.next_message_id(at(NOON)).unwrap();
    let third = |commit: Commit| Commit {
        bill: Some(bill("three")),
        ..commit
    };
    let parts = [
        Commit {
            intent: Some(intent(&id)),
            ..Commit::new(at(NOON))
        },
        Commit {
            ending: Some(ending(&id, NOT_SENT)),
            ..Commit::new(at(NOON))
        },
        Commit {
            ending: Some(ending(&id, UNKNOWN)),
            state: state("doubt", true),
            ..Commit::new(at(NOON))
        },
    ];
    for commit in parts {
        ledger.commit(&third(commit)).unwrap();
    }
    let last = Commit {
        record: Some(record("note")),
        answers: vec![answer("a", "done"), answer("b", "done")],
        ..Commit::new(at(NOON))
    };
    ledger.commit(&last).unwrap();
    desk
}

fn damage(desk: &Desk) -> Option<Damage> {
    match verify(&Ledger::open_read_only(&desk.path).unwrap(), |_, _| {}) {
        Ok(_) => None,
        Err(ReadError::Damaged(damage)) => Some(damage),
        Err(other) => panic!("{other}"),
    }
}

/// Opens with everything off that keeps rows as they are.
fn tamper(desk: &Desk, sql: &str) {
    let db = Connection::open(&desk.path).unwrap();
    let mut find = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap();
    let triggers: Vec<String> = find
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for trigger in triggers {
        db.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
    db.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
        .unwrap();
    let changed = db.execute(sql, []).unwrap();
    assert_eq!(changed, 1, "{sql}");
}

fn copy(desk: &Desk) -> Desk {
    let copy = Desk::new();
    fs::copy(&desk.path, &copy.path).unwrap();
    copy
}

#[test]
fn a_good_ledger_is_counted() {
    let desk = full_desk();
    let ledger = desk.open();
    let mut told = vec![];
    let report = verify(&ledger, |done, all| told.push((done, all))).unwrap();
    let counts = (
        report.records,
        report.intents,
        report.endings,
        report.replies,
        report.answers,
        report.bills,
    );
    assert_eq!(counts, (8, 3, 4, 2, 6, 3));
    assert_eq!(report.head, ledger.head());
    assert_eq!(told.last(), Some(&(8, 8)));
    let empty = Desk::new();
    assert_eq!(verify(&empty.open(), |_, _| {}).unwrap().records, 0);
}

/// Takes each column of each table in each row and changes its value in a way fit for its type.
#[test]
fn a_change_to_any_column_of_any_row_is_found() {
    let desk = full_desk();
    let db = Connection::open(&desk.path).unwrap();
    let mut tried = 0;
    for table in [
        "journal", "outbox", "attempts", "replies", "requests", "bills", "meta",
    ] {
        let columns: Vec<(String, String)> = db
            .prepare(&format!("SELECT name, type FROM pragma_table_info('{table}')"))
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let rows: i64 = db
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .unwrap();
        let id = match table {
            "attempts" | "replies" => "message_id || '/' || n",
            "requests" => "request_id || '/' || n",
            "outbox" => "message_id",
            "bills" => "bill",
            "meta" => "key",
            _ => "seq",
        };
        for (column, kind) in &columns {
            for row in 0..rows {
                let changed = match kind.as_str() {
                    "INTEGER" => format!("coalesce({column}, 0) + 1000"),
                    "TEXT" => format!("coalesce({column}, '') || '1'"),
                    _ => format!(
                        "CAST(CASE WHEN length(coalesce({column}, x'')) = 0 THEN x'5a'
                            ELSE substr({column}, 1, length({column}) - 1) || x'5b' END AS BLOB)"
                    ),
                };
                let desk = copy(&desk);
                let pick = format!("SELECT {id} FROM {table} ORDER BY {id} LIMIT 1 OFFSET {row}");
                let sql = format!("UPDATE {table} SET {column} = {changed} WHERE {id} = ({pick})");
                tamper(&desk, &sql);
                let found =
                    Ledger::open_read_only(&desk.path).map(|reader| verify(&reader, |_, _| {}).is_err());
                assert!(found.unwrap_or(true), "{sql}");
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn rows_taken_away_or_added_are_named() {
    let row = |seq, table, key: &str| {
        Some(Damage::RowMissing {
            seq,
            table,
            key: key.to_owned(),
        })
    };
    let extra = |table, key: &str| {
        Some(Damage::RowExtra {
            table,
            key: key.to_owned(),
        })
    };
    let first = "H34120000001202611212000000700";
    let cases = [
        ("DELETE FROM journal WHERE seq = 1".to_owned(), Some(Damage::RecordMissing { seq: 1 })),
        ("DELETE FROM journal WHERE seq = 3".to_owned(), Some(Damage::RecordMissing { seq: 3 })),
        ("DELETE FROM journal WHERE seq = 8".to_owned(), extra("requests", "a")),
        (format!("DELETE FROM outbox WHERE message_id = '{first}'"), row(1, "outbox", first)),
        (format!("DELETE FROM attempts WHERE message_id = '{first}'"), row(2, "attempts", first)),
        (format!("DELETE FROM replies WHERE message_id = '{first}'"), row(2, "replies", first)),
        ("DELETE FROM requests WHERE request_id = 'b'".to_owned(), row(8, "requests", "b")),
        ("DELETE FROM bills WHERE bill = 'two'".to_owned(), row(4, "bills", "two")),
        ("INSERT INTO bills VALUES ('four', NULL, NULL, 1, 8)".to_owned(), extra("bills", "four")),
        (format!("INSERT INTO attempts VALUES ('{first}', 2, 2, 0, 'unknown')"), extra("attempts", first)),
        (
            "INSERT INTO requests SELECT 'c', n, seq, method, body_digest, bill, outcome, scheme, answer, at_ms
            FROM requests WHERE request_id = 'b'"
                .to_owned(),
            extra("requests", "c"),
        ),
        (
            "UPDATE counter SET second = 1".to_owned(),
            Some(Damage::CounterBehind { message_id: first.to_owned() }),
        ),
        ("DELETE FROM counter".to_owned(), Some(Damage::CounterMissing)),
    ];
    let desk = full_desk();
    for (sql, expected) in cases {
        let desk = copy(&desk);
        tamper(&desk, &sql);
        assert_eq!(damage(&desk), expected, "{sql}");
    }
}

#[test]
fn a_record_rewritten_with_a_fitting_digest_breaks_the_next() {
    let desk = full_desk();
    tamper(
        &desk,
        "UPDATE journal SET digest = (SELECT digest FROM journal WHERE seq = 5) WHERE seq = 4",
    );
    assert_eq!(damage(&desk), Some(Damage::RecordDiffers { seq: 4 }));
    let desk = full_desk();
    tamper(
        &desk,
        "UPDATE journal SET prev = (SELECT prev FROM journal WHERE seq = 5) WHERE seq = 4",
    );
    assert_eq!(damage(&desk), Some(Damage::ChainBroken { seq: 4 }));
}

#[test]
fn reading_a_bill_checks_what_it_reads() {
    let cases = [
        "UPDATE journal SET at_ms = at_ms + 1 WHERE seq = 2",
        "UPDATE outbox SET bytes = x'00' WHERE seq = 1",
        "UPDATE replies SET body = x'00' WHERE seq = 2",
        "UPDATE requests SET outcome = 'done' WHERE seq = 1",
        "DELETE FROM attempts WHERE seq = 2",
    ];
    for sql in cases {
        let desk = full_desk();
        let reader = |desk: &Desk| Ledger::open_read_only(&desk.path).unwrap();
        reader(&desk).history(&bill("one")).unwrap();
        tamper(&desk, sql);
        let error = reader(&desk).history(&bill("one")).unwrap_err();
        assert!(matches!(error, ReadError::Damaged(_)), "{sql}: {error}");
        reader(&desk).history(&bill("two")).unwrap();
    }
    let desk = full_desk();
    tamper(&desk, "UPDATE journal SET kind = 'other' WHERE seq = 8");
    assert!(
        Ledger::open(&desk.path, &crate::test_kit::opening()).is_err(),
        "a damaged end is not opened for writing"
    );
}
