use rusqlite::Connection;
use zhijie_model::MessageId;

use crate::test_kit::{Desk, NOON, answer, at, ending, intent, record, request, settle, state};
use crate::{ANSWERED, Claim, Commit, NOT_SENT, NewRecord, UNKNOWN, WriteError};

#[test]
fn endings_follow_one_another_only_as_they_can() {
    let cases: [(&[&str], bool); 9] = [
        (&[NOT_SENT, NOT_SENT, ANSWERED], true),
        (&[NOT_SENT, UNKNOWN], true),
        (&[UNKNOWN, ANSWERED], true),
        (&[UNKNOWN, UNKNOWN], false),
        (&[UNKNOWN, NOT_SENT], false),
        (&[ANSWERED, ANSWERED], false),
        (&[ANSWERED, NOT_SENT], false),
        (&[ANSWERED, UNKNOWN], false),
        (&["lost"], false),
    ];
    let desk = Desk::new();
    let mut ledger = desk.open();
    for (endings, possible) in cases {
        let id = ledger.next_message_id(at(NOON)).unwrap();
        ledger
            .commit(&Commit {
                intent: Some(intent(&id)),
                ..Commit::new(at(NOON))
            })
            .unwrap();
        let mut end = |how: &str| {
            ledger
                .commit(&Commit {
                    ending: Some(ending(&id, how)),
                    ..Commit::new(at(NOON))
                })
                .map(drop)
        };
        let (last, first) = endings.split_last().unwrap();
        first.iter().for_each(|how| end(how).unwrap());
        let result = end(last);
        assert_eq!(result.is_ok(), possible, "{endings:?} {result:?}");
        assert!(result.err().is_none_or(|error| error.surely_not_written()));
    }
    crate::verify(&ledger, |_, _| {}).unwrap();
}

#[test]
fn senseless_commits_are_refused_and_change_nothing() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    let old = settle(&mut ledger, "bill");
    let made_up = MessageId::new("H34120000001202611212000000799").unwrap();
    let empty = || Commit::new(at(NOON));
    let fresh = ledger.next_message_id(at(NOON)).unwrap();
    let unanswered = crate::Ending {
        reply: None,
        ..ending(&old, ANSWERED)
    };
    let unsent = crate::Ending {
        reply: Some(vec![1]),
        ..ending(&old, NOT_SENT)
    };
    let nameless = NewRecord {
        kind: String::new(),
        version: 1,
        body: vec![],
    };
    let other_body = crate::NewAnswer {
        body_digest: [1; 32],
        ..answer("request bill", "done")
    };
    let cases = [
        empty(),
        Commit {
            state: state("x", true),
            ..empty()
        },
        Commit {
            record: Some(record("ledger.mine")),
            ..empty()
        },
        Commit {
            record: Some(nameless),
            ..empty()
        },
        Commit {
            intent: Some(intent(&old)),
            ..empty()
        },
        Commit {
            intent: Some(intent(&made_up)),
            ..empty()
        },
        Commit {
            ending: Some(ending(&fresh, UNKNOWN)),
            ..empty()
        },
        Commit {
            ending: Some(unanswered),
            ..empty()
        },
        Commit {
            ending: Some(unsent),
            ..empty()
        },
        Commit {
            answers: vec![answer("request bill", "done")],
            ..empty()
        },
        Commit {
            answers: vec![other_body],
            ..empty()
        },
        Commit {
            answers: vec![answer("r", "done"), answer("r", "done")],
            record: Some(record("x")),
            ..empty()
        },
        Commit {
            intent: Some(intent(&fresh)),
            answers: vec![answer("request bill", "done")],
            ..empty()
        },
    ];
    let head = ledger.head();
    for commit in cases {
        let error = ledger.commit(&commit).unwrap_err();
        assert!(error.surely_not_written(), "{error}");
        assert!(!ledger.is_poisoned());
        assert_eq!(ledger.head(), head, "{error}");
    }
    assert_eq!(ledger.intent(&fresh).unwrap(), None);
    assert_eq!(
        ledger.claim(&request("r"), "visit.settle", &[0; 32]).unwrap(),
        Claim::Fresh
    );
    ledger
        .commit(&Commit {
            intent: Some(intent(&fresh)),
            ..empty()
        })
        .unwrap();
    assert_eq!(crate::verify(&ledger, |_, _| {}).unwrap().records, 3);
}

#[test]
fn on_a_full_disk_nothing_is_begun_but_what_began_can_end() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    let id = ledger.next_message_id(at(NOON)).unwrap();
    ledger
        .commit(&Commit {
            intent: Some(intent(&id)),
            ..Commit::new(at(NOON))
        })
        .unwrap();
    ledger.require_free_space(u64::MAX);
    let next = ledger.next_message_id(at(NOON)).unwrap();
    let begin = Commit {
        intent: Some(intent(&next)),
        ..Commit::new(at(NOON))
    };
    assert!(matches!(
        ledger.commit(&begin),
        Err(WriteError::NoSpace { needed: u64::MAX, .. })
    ));
    ledger
        .commit(&Commit {
            ending: Some(ending(&id, ANSWERED)),
            ..Commit::new(at(NOON))
        })
        .unwrap();
    ledger.require_free_space(0);
    ledger.commit(&begin).unwrap();
}

#[test]
fn a_moved_journal_end_poisons() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    let id = settle(&mut ledger, "bill");
    let intruder = Connection::open(&desk.path).unwrap();
    let copy = "INSERT INTO journal SELECT seq + 1, at_ms, bill, kind, version, scheme, body, attachments, digest, prev
        FROM journal ORDER BY seq DESC LIMIT 1";
    intruder.execute(copy, []).unwrap();
    let commit = Commit {
        record: Some(record("x")),
        ..Commit::new(at(NOON))
    };
    let error = ledger.commit(&commit).unwrap_err();
    assert!(matches!(error, WriteError::HeadMoved), "{error}");
    assert!(!error.surely_not_written());
    assert!(matches!(ledger.commit(&commit), Err(WriteError::Poisoned)));
    assert!(matches!(
        ledger.next_message_id(at(NOON)),
        Err(WriteError::Poisoned)
    ));
    assert!(matches!(
        ledger.next_lookup_id(at(NOON)),
        Err(WriteError::Poisoned)
    ));
    assert!(matches!(ledger.checkpoint(), Err(WriteError::Poisoned)));
    assert!(ledger.intent(&id).unwrap().is_some(), "reading goes on");
}

#[test]
fn the_tables_take_no_edits() {
    let desk = Desk::new();
    settle(&mut desk.open(), "bill");
    let db = Connection::open(&desk.path).unwrap();
    db.pragma_update(None, "recursive_triggers", true).unwrap();
    for sql in [
        "UPDATE journal SET at_ms = 0",
        "DELETE FROM journal",
        "REPLACE INTO journal SELECT * FROM journal",
        "UPDATE outbox SET bytes = x''",
        "UPDATE outbox SET stale_after_ms = 0",
        "DELETE FROM outbox",
        "UPDATE attempts SET ending = 'x'",
        "DELETE FROM attempts",
        "UPDATE replies SET body = x''",
        "DELETE FROM replies",
        "UPDATE requests SET answer = x''",
        "DELETE FROM requests",
    ] {
        let error = db.execute(sql, []).unwrap_err();
        assert!(error.to_string().contains("append-only"), "{sql}: {error}");
    }
}
