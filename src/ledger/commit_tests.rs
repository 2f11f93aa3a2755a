use crate::test_kit::{Desk, NOON, answer, at, bill, ending, intent, record, request, settle, state};
use crate::{ANSWERED, Claim, Commit, Ledger, NOT_KNOWN, NewRecord, OWN_KIND, UNKNOWN};

#[test]
fn what_was_committed_comes_back_after_reopening() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    let id = settle(&mut ledger, "bill");
    let head = ledger.head();
    drop(ledger);

    let ledger = desk.open();
    assert_eq!(ledger.head(), head);
    assert_eq!(crate::Reader::head(&ledger).unwrap(), head);
    assert_eq!(ledger.digest_at(head.seq).unwrap(), Some(head.digest));
    let records = ledger.records(&bill("bill")).unwrap();
    let told: Vec<_> = records
        .iter()
        .map(|record| (record.seq, record.kind.as_str(), record.version))
        .collect();
    assert_eq!(told, [(1, "submitted", 3), (2, "settled", 3)]);
    assert_eq!(records[1].body, b"body of settled");
    assert_eq!(records[1].at, at(NOON + 1));

    let history = ledger.history(&bill("bill")).unwrap();
    assert_eq!(history[0].record, records[0]);
    let sent = ledger.intent(&id).unwrap().unwrap();
    assert_eq!(history[0].intent.as_ref(), Some(&sent));
    assert_eq!(sent.bytes, intent(&id).bytes);
    assert_eq!(sent.digest, crate::digest(&sent.bytes));
    assert_eq!((sent.opened, sent.stale_after), (at(NOON), Some(at(NOON + 60))));
    assert_eq!(
        (sent.closed, sent.ending.as_deref()),
        (Some(at(NOON + 1)), Some(ANSWERED))
    );
    assert_eq!(history[0].answers[0].outcome, NOT_KNOWN);
    assert_eq!(history[1].ending.as_ref().unwrap().how, ANSWERED);
    assert_eq!(history[1].reply, ledger.reply(&id).unwrap());
    assert_eq!(history[1].reply.as_ref().unwrap().body, b"the full answer");
    assert_eq!(history[1].answers[0].n, 2);

    let stored = ledger.state(&bill("bill")).unwrap().unwrap();
    assert_eq!(
        (stored.state.as_slice(), stored.open, stored.last_seq),
        (b"settled".as_slice(), false, 2)
    );
    assert_eq!(
        ledger.find_bill_by_request(&request("request bill")).unwrap(),
        Some(bill("bill"))
    );
    assert_eq!(ledger.find_bill_by_request(&request("other")).unwrap(), None);
    assert_eq!(
        ledger.answer(&request("request bill")).unwrap().unwrap().outcome,
        "done"
    );
}

#[test]
fn a_request_is_known_by_id_method_and_body() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    let asked = answer("r", "done");
    let ask = |ledger: &Ledger, method: &str, body: &[u8]| {
        ledger
            .claim(&asked.request_id, method, &crate::digest(body))
            .unwrap()
    };
    assert_eq!(ask(&ledger, "visit.settle", b"the request"), Claim::Fresh);
    ledger
        .commit(&Commit {
            answers: vec![asked.clone()],
            ..Commit::new(at(NOON))
        })
        .unwrap();
    let Claim::Answered(stored) = ask(&ledger, "visit.settle", b"the request") else {
        panic!()
    };
    assert_eq!(
        (stored.answer, stored.bill, stored.at),
        (asked.answer.clone(), None, at(NOON))
    );
    let other = Claim::OtherBody {
        method: "visit.settle".to_owned(),
    };
    assert_eq!(ask(&ledger, "visit.settle", b"another"), other);
    assert_eq!(ask(&ledger, "visit.cancel", b"the request"), other);
}

#[test]
fn an_answer_alone_lists_no_bill() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    let refused = Commit {
        bill: Some(bill("bill")),
        answers: vec![answer("r", "not_done")],
        ..Commit::new(at(NOON))
    };
    ledger.commit(&refused).unwrap();
    assert_eq!(ledger.bills(9).unwrap(), []);
    assert_eq!(
        ledger.find_bill_by_request(&request("r")).unwrap(),
        Some(bill("bill"))
    );
    settle(&mut ledger, "bill");
    let again = Commit {
        answers: vec![answer("s", "not_done")],
        ..refused
    };
    ledger.commit(&again).unwrap();
    assert_eq!(ledger.state(&bill("bill")).unwrap().unwrap().last_seq, 3);
    assert_eq!(ledger.history(&bill("bill")).unwrap().len(), 4);
    crate::verify(&ledger, |_, _| {}).unwrap();
}

#[test]
fn open_bills_and_intents_are_found_at_the_start() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    settle(&mut ledger, "one");
    let id = ledger.next_message_id(at(NOON)).unwrap();
    let begin = Commit {
        bill: Some(bill("two")),
        intent: Some(intent(&id)),
        ..Commit::new(at(NOON))
    };
    ledger.commit(&begin).unwrap();
    drop(ledger);
    let mut ledger = desk.open();
    assert_eq!(ledger.open_bills().unwrap(), [bill("two")]);
    assert_eq!(ledger.state(&bill("two")).unwrap(), None);
    let latest: Vec<_> = ledger
        .bills(9)
        .unwrap()
        .into_iter()
        .map(|row| (row.bill, row.open))
        .collect();
    assert_eq!(latest, [(bill("two"), true), (bill("one"), false)]);
    assert_eq!(ledger.bills(1).unwrap().len(), 1);
    assert_eq!(ledger.open_intents().unwrap()[0].message_id, id);
    assert_eq!(ledger.records(&bill("two")).unwrap(), []);
    assert_eq!(ledger.history(&bill("two")).unwrap()[0].record.kind, OWN_KIND);

    let end = Commit {
        ending: Some(ending(&id, UNKNOWN)),
        ..Commit::new(at(NOON))
    };
    ledger.commit(&end).unwrap();
    assert_eq!(ledger.open_intents().unwrap(), []);
    let close = Commit {
        bill: Some(bill("two")),
        state: state("x", false),
        ..Commit::new(at(NOON))
    };
    ledger.commit(&close).unwrap();
    assert_eq!(ledger.open_bills().unwrap(), []);
    assert_eq!(crate::verify(&ledger, |_, _| {}).unwrap().bills, 2);
}

#[test]
fn what_is_said_about_a_patient_is_not_printed() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    let id = ledger.next_message_id(at(NOON)).unwrap();
    let secret = "张三";
    let commit = Commit {
        bill: Some(bill("bill")),
        record: Some(NewRecord {
            body: secret.into(),
            ..record("x")
        }),
        intent: Some(crate::NewIntent {
            bytes: secret.into(),
            ..intent(&id)
        }),
        answers: vec![crate::NewAnswer {
            answer: secret.to_owned(),
            ..answer("r", "done")
        }],
        state: state(secret, true),
        ..Commit::new(at(NOON))
    };
    ledger.commit(&commit).unwrap();
    let end = crate::Ending {
        reply: Some(secret.into()),
        ..ending(&id, ANSWERED)
    };
    ledger
        .commit(&Commit {
            bill: Some(bill("bill")),
            ending: Some(end),
            ..Commit::new(at(NOON))
        })
        .unwrap();
    let stored = (
        ledger.history(&bill("bill")).unwrap(),
        ledger.state(&bill("bill")).unwrap(),
    );
    let printed = format!("{commit:?} {stored:?}");
    assert!(
        !printed.contains(secret) && !printed.contains(&format!("{:?}", secret.as_bytes())),
        "{printed}"
    );
    assert!(printed.contains("visit.settle"));
}

#[test]
fn a_ledger_may_be_given_to_a_thread() {
    fn movable(_: impl Send + 'static) {}
    movable(Desk::new().open());
}
