//! Observations: written, found, erased, and what `verify` makes of each.

use zhijie_model::{MessageId, PersonNumber, Private};

use crate::test_kit::{Desk, NOON, at, bill, record};
use crate::{
    Commit, Damage, Ledger, NewObservation, ObservationKey, PersonKeys, ReadError, WriteError, verify,
};

const SECRET: &str = "filing number 8842";

fn number(text: &str) -> PersonNumber {
    PersonNumber::new(text).unwrap()
}

fn observation(ledger: &Ledger, person: &str, second: i64) -> NewObservation {
    NewObservation {
        person: ledger.person_key(&number(person)),
        certificate: Some(ledger.certificate_key(&Private::new("34120019580312002x"))),
        at: at(second),
        source: "trial".to_owned(),
        message_id: Some(MessageId::new("M1").unwrap()),
        platform_message_id: None,
        answer_digest: Some(crate::digest(b"the answer")),
        version: 1,
        keep: false,
        body: SECRET.as_bytes().to_vec(),
    }
}

fn observe(ledger: &mut Ledger, observations: Vec<NewObservation>) {
    let commit = Commit {
        record: Some(record("filing.observed")),
        observations,
        ..Commit::new(at(NOON))
    };
    ledger.commit(&commit).unwrap();
}

fn by_person(ledger: &Ledger, person: &str) -> PersonKeys {
    PersonKeys {
        person: Some(ledger.person_key(&number(person))),
        certificate: None,
    }
}

fn erase(ledger: &mut Ledger, keys: &[ObservationKey]) -> Result<(), WriteError> {
    let commit = Commit {
        record: Some(record("filing.forgotten")),
        erasures: keys.to_vec(),
        ..Commit::new(at(NOON + 9))
    };
    ledger.commit(&commit).map(|_| ())
}

#[test]
fn what_was_seen_is_found_by_person_and_by_certificate() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    let two = vec![
        observation(&ledger, "1", NOON),
        observation(&ledger, "1", NOON - 60),
    ];
    observe(&mut ledger, two);
    let other = vec![observation(&ledger, "2", NOON)];
    observe(&mut ledger, other);
    let found = ledger.observations(&by_person(&ledger, "1"), 10).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].at, found[1].at), (at(NOON), at(NOON - 60)));
    assert_eq!(found[0].body.as_deref(), Some(SECRET.as_bytes()));
    assert_ne!(
        found[0].digest, found[1].digest,
        "the same words twice are two observations"
    );
    let by_card = PersonKeys {
        person: None,
        // The check letter of a citizen number is the same letter however it is written.
        certificate: Some(ledger.certificate_key(&Private::new("34120019580312002X"))),
    };
    assert_eq!(ledger.observations(&by_card, 10).unwrap().len(), 3);
    let latest = ledger.observations(&by_card, 1).unwrap();
    assert_eq!((latest.len(), latest[0].key.seq), (1, 2));
    assert!(
        ledger
            .observations(&PersonKeys::default(), 10)
            .unwrap()
            .is_empty()
    );
    let report = verify(&ledger, |_, _| {}).unwrap();
    assert_eq!((report.observations, report.erased), (3, 0));
}

#[test]
fn an_erased_body_is_gone_and_the_chain_still_holds() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    let mut kept = observation(&ledger, "1", NOON);
    kept.keep = true;
    kept.body = b"no details".to_vec();
    let seen = vec![observation(&ledger, "1", NOON), kept];
    observe(&mut ledger, seen);
    let before = ledger.observations(&by_person(&ledger, "1"), 10).unwrap();
    let due = ledger.personal_before(at(NOON + 1), 10).unwrap();
    assert_eq!(due, [ObservationKey { seq: 1, n: 1 }]);
    assert!(ledger.personal_before(at(NOON), 10).unwrap().is_empty());
    erase(&mut ledger, &due).unwrap();
    let after = ledger.observations(&by_person(&ledger, "1"), 10).unwrap();
    assert_eq!(
        (after[0].body.as_deref(), after[0].erased),
        (None, Some(at(NOON + 9)))
    );
    assert_eq!(after[0].digest, before[0].digest);
    assert_eq!(after[1], before[1]);
    let report = verify(&ledger, |_, _| {}).unwrap();
    assert_eq!((report.observations, report.erased), (2, 1));
    assert!(ledger.personal_before(at(NOON + 1), 10).unwrap().is_empty());
    // Twice, the kept one, and one that never was: refused, and the ledger goes on.
    for n in [1, 2, 3] {
        let refused = erase(&mut ledger, &[ObservationKey { seq: 1, n }]).unwrap_err();
        assert!(refused.surely_not_written(), "{n}: {refused}");
    }
    ledger.forget_log().unwrap();
    drop(ledger);
    for file in desk.files() {
        let bytes = std::fs::read(&file).unwrap();
        let found = bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes());
        assert!(!found, "{}", file.display());
    }
    assert!(verify(&desk.open(), |_, _| {}).is_ok());
}

#[test]
fn rows_changed_behind_the_ledgers_back_are_named() {
    let drop_triggers = "DROP TRIGGER observations_update; DROP TRIGGER observations_erase; \
        DROP TRIGGER observations_delete;";
    let table = [
        ("UPDATE observations SET body = x'00'", "differs"),
        ("UPDATE observations SET source = 'paper'", "differs"),
        ("UPDATE observations SET person = zeroblob(32)", "differs"),
        ("UPDATE observations SET body = x'', erased_ms = 5", "unsaid"),
        ("DELETE FROM observations", "missing"),
        (
            "INSERT INTO observations SELECT seq, 9, person, certificate, bill, at_ms, source, message_id,
                platform_message_id, answer_digest, version, keep, scheme, body, digest, erased_ms FROM observations",
            "extra",
        ),
    ];
    for (sql, wanted) in table {
        let desk = Desk::new();
        let mut ledger = desk.open();
        let seen = vec![observation(&ledger, "1", NOON)];
        observe(&mut ledger, seen);
        drop(ledger);
        let db = rusqlite::Connection::open(&desk.path).unwrap();
        if !sql.starts_with("INSERT") {
            assert!(db.execute_batch(sql).is_err() || wanted == "unsaid", "{sql}");
        }
        db.execute_batch(drop_triggers).unwrap();
        db.execute_batch(sql).unwrap();
        drop(db);
        let reader = Ledger::open_read_only(&desk.path).unwrap();
        let found = match verify(&reader, |_, _| {}) {
            Err(ReadError::Damaged(Damage::RowDiffers { .. })) => "differs",
            Err(ReadError::Damaged(Damage::ErasedUnsaid { .. })) => "unsaid",
            Err(ReadError::Damaged(Damage::RowMissing { .. })) => "missing",
            Err(ReadError::Damaged(Damage::RowExtra { .. })) => "extra",
            other => panic!("{sql}: {other:?}"),
        };
        assert_eq!(found, wanted, "{sql}");
    }
}

#[test]
fn nothing_is_observed_without_a_record_and_nothing_personal_is_printed() {
    let desk = Desk::new();
    let mut ledger = desk.open();
    let bare = Commit {
        bill: Some(bill("b")),
        observations: vec![observation(&ledger, "1", NOON)],
        ..Commit::new(at(NOON))
    };
    assert!(matches!(ledger.commit(&bare), Err(WriteError::Invalid(_))));
    let with_record = Commit {
        record: Some(record("bill.answered")),
        ..bare
    };
    ledger.commit(&with_record).unwrap();
    let of_bill = ledger.observations_of_bill(&bill("b")).unwrap();
    assert_eq!(of_bill.len(), 1);
    assert_eq!(ledger.history(&bill("b")).unwrap().len(), 1);
    let printed = format!("{with_record:?} {of_bill:?}");
    assert!(!printed.contains(SECRET) && !printed.contains(&format!("{:?}", SECRET.as_bytes())));
}
