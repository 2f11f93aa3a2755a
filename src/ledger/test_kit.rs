//! A desk in a temporary directory, and short ways to say what it does.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tempfile::TempDir;
use zhijie_model::{BillId, InstitutionCode, MessageId, RequestId};

use crate::{
    ANSWERED, Commit, Ending, Ledger, Machine, NOT_KNOWN, NewAnswer, NewIntent, NewRecord, Opening,
    StateCache,
};

/// 2026-11-21 20:00:00 in Beijing.
pub(crate) const NOON: i64 = 1_795_262_400;

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(crate) fn opening() -> Opening {
    Opening {
        institution: InstitutionCode::new("H34120000001").unwrap(),
        desk_slot: 7,
        now: at(NOON),
        machine: Machine::default(),
    }
}

pub(crate) fn bill(name: &str) -> BillId {
    BillId::new(name).unwrap()
}

pub(crate) fn request(name: &str) -> RequestId {
    RequestId::new(name).unwrap()
}

pub(crate) struct Desk {
    pub(crate) dir: TempDir,
    pub(crate) path: PathBuf,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.db");
        Self { dir, path }
    }

    pub(crate) fn open(&self) -> Ledger {
        Ledger::open(&self.path, &opening()).unwrap()
    }

    /// Every file of the directory but locks, shared memory and logs without content.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let kept = |path: &Path| {
            let name = path.to_str().unwrap();
            let empty_log = name.ends_with("-wal") && fs::metadata(path).unwrap().len() == 0;
            path.is_file() && !name.ends_with("db.lock") && !name.ends_with("-shm") && !empty_log
        };
        let paths = fs::read_dir(self.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        paths.filter(|path| kept(path)).collect()
    }

    /// The digest of each of these files.
    pub(crate) fn content(&self) -> BTreeMap<PathBuf, String> {
        let print = |path: &PathBuf| hex::encode(crate::digest(&fs::read(path).unwrap()));
        self.files()
            .into_iter()
            .map(|path| (path.clone(), print(&path)))
            .collect()
    }
}

pub(crate) fn record(kind: &str) -> NewRecord {
    NewRecord {
        kind: kind.to_owned(),
        version: 3,
        body: format!("body of {kind}").into_bytes(),
    }
}

pub(crate) fn intent(message_id: &MessageId) -> NewIntent {
    NewIntent {
        message_id: message_id.clone(),
        transaction: "settle".to_owned(),
        class: "moves_money".to_owned(),
        bytes: b"{\"infno\":\"exact bytes\"}".to_vec(),
        stale_after: Some(at(NOON + 60)),
    }
}

pub(crate) fn ending(message_id: &MessageId, how: &str) -> Ending {
    let reply = (how == ANSWERED).then(|| b"the full answer".to_vec());
    Ending {
        message_id: message_id.clone(),
        how: how.to_owned(),
        reply,
    }
}

pub(crate) fn answer(request_id: &str, outcome: &str) -> NewAnswer {
    NewAnswer {
        request_id: request(request_id),
        method: "visit.settle".to_owned(),
        body_digest: crate::digest(b"the request"),
        outcome: outcome.to_owned(),
        answer: format!("{{\"outcome\":\"{outcome}\"}}"),
    }
}

pub(crate) fn state(text: &str, open: bool) -> Option<StateCache> {
    Some(StateCache {
        state: text.as_bytes().to_vec(),
        open,
    })
}

/// One settlement as the agent commits it: intent with a provisional answer, then ending with the final one.
pub(crate) fn settle(ledger: &mut Ledger, name: &str) -> MessageId {
    let id = ledger.next_message_id(at(NOON)).unwrap();
    let begin = Commit {
        bill: Some(bill(name)),
        record: Some(record("submitted")),
        intent: Some(intent(&id)),
        answers: vec![answer(&format!("request {name}"), NOT_KNOWN)],
        state: state("submitted", true),
        ..Commit::new(at(NOON))
    };
    ledger.commit(&begin).unwrap();
    let end = Commit {
        bill: Some(bill(name)),
        record: Some(record("settled")),
        ending: Some(ending(&id, ANSWERED)),
        answers: vec![answer(&format!("request {name}"), "done")],
        state: state("settled", false),
        ..Commit::new(at(NOON + 1))
    };
    ledger.commit(&end).unwrap();
    id
}
