//! The power goes at every operation of the disk, while the ledger is opened, written, folded and closed, and what was
//! not flushed is lost as chance has it. What the ledger acknowledged must be there, whole, and no id comes twice.

use std::collections::BTreeSet;

use jiff::Timestamp;
use tempfile::TempDir;
use zhijie_ledger::{
    ANSWERED, Commit, Ending, Ledger, Machine, NewAnswer, NewIntent, NewRecord, Opening, StateCache, digest,
    verify,
};
use zhijie_model::{BillId, InstitutionCode, MessageId, RequestId};
use zhijie_tests::disk::{Disk, Failure, Outage};

use crate::dose;

/// 2026-11-22 09:00 in Beijing.
const MORNING_S: i64 = 1_795_309_200;
/// Bills settled before the ledger is folded and closed.
const BILLS: i64 = 4;
/// Operations more than one life takes.
const LIFE_MAX: u64 = 400;

struct Pc {
    _dir: TempDir,
    disk: Disk,
    path: std::path::PathBuf,
    coin: u64,
    clock_s: i64,
    ids: BTreeSet<MessageId>,
    acknowledged: Vec<(MessageId, u64)>,
}

impl Pc {
    fn new(seed: u64) -> Self {
        let memory = std::path::Path::new("/dev/shm");
        let dir = if memory.is_dir() {
            tempfile::tempdir_in(memory)
        } else {
            tempfile::tempdir()
        }
        .unwrap();
        let path = dir.path().join("ledger.db");
        Self {
            disk: Disk::under(dir.path()),
            _dir: dir,
            path,
            coin: seed,
            clock_s: MORNING_S,
            ids: BTreeSet::new(),
            acknowledged: Vec::new(),
        }
    }

    fn open(&self) -> Option<Ledger> {
        let opening = Opening {
            institution: InstitutionCode::new("H31010100001").unwrap(),
            desk_slot: 3,
            now: Timestamp::from_second(self.clock_s).unwrap(),
            machine: Machine::default(),
        };
        Ledger::open(&self.path, &opening).ok()
    }

    /// Opens, settles some bills, folds the log and closes; ends early when the power goes.
    fn live(&mut self) -> Option<()> {
        let mut ledger = self.open()?;
        for _ in 0..BILLS {
            self.clock_s += 7;
            self.settle(&mut ledger)?;
        }
        ledger.checkpoint().ok()?;
        self.settle(&mut ledger)
    }

    fn settle(&mut self, ledger: &mut Ledger) -> Option<()> {
        let now = Timestamp::from_second(self.clock_s).unwrap();
        let lookup = ledger.next_lookup_id(now).ok()?;
        assert!(self.ids.insert(lookup), "an id came twice");
        let id = ledger.next_message_id(now).ok()?;
        let bill = BillId::new(format!("H31010100001/{}/B1", id.as_str())).unwrap();
        let mut commit = Commit::new(now);
        commit.bill = Some(bill.clone());
        commit.record = Some(record("bill.settle_asked"));
        commit.state = Some(state("submitted", true));
        commit.intent = Some(NewIntent {
            message_id: id.clone(),
            transaction: String::from("2207"),
            class: String::from("MovesMoney"),
            bytes: vec![b'q'; 3000],
            stale_after: None,
        });
        let seq = ledger.commit(&commit).ok()?.seq;
        // Only an id whose record is acknowledged ever leaves.
        assert!(self.ids.insert(id.clone()), "an id came twice");
        self.acknowledged.push((id.clone(), seq));
        let mut commit = Commit::new(now);
        commit.bill = Some(bill);
        commit.record = Some(record("bill.answered"));
        commit.state = Some(state("settled", false));
        commit.ending = Some(Ending {
            message_id: id.clone(),
            how: String::from(ANSWERED),
            reply: Some(vec![b'a'; 5000]),
        });
        commit.answers = vec![NewAnswer {
            request_id: RequestId::new(id.as_str()).unwrap(),
            method: String::from("visit.settle"),
            body_digest: digest(id.as_str().as_bytes()),
            outcome: String::from("done"),
            answer: format!("{{\"of\":\"{id}\"}}"),
        }];
        let seq = ledger.commit(&commit).ok()?.seq;
        self.acknowledged.push((id, seq));
        Some(())
    }

    /// The power comes back; what was not flushed is gone as chance has it.
    fn switch_on(&mut self) {
        let Self { disk, coin, .. } = self;
        disk.switch_on(Outage::PowerCut, &mut || {
            *coin = coin
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *coin >> 63 == 1
        });
    }

    /// How many acknowledged commits are missing or other than they were, or why the ledger is no good.
    fn missing(&self) -> Result<usize, String> {
        let ledger = self.open().ok_or("the ledger does not open")?;
        let report = verify(&ledger, |_, _| ()).map_err(|error| error.to_string())?;
        let lost = self.acknowledged.iter().filter(|(id, seq)| {
            let there = ledger.intent(id).ok().flatten().is_some();
            !there || *seq > report.records
        });
        let answered = self.acknowledged.chunks_exact(2).filter(|pair| {
            let request = RequestId::new(pair[0].0.as_str()).unwrap();
            pair[0].0 == pair[1].0 && ledger.answer(&request).ok().flatten().is_none()
        });
        Ok(lost.count() + answered.count())
    }
}

fn record(kind: &str) -> NewRecord {
    NewRecord {
        kind: String::from(kind),
        version: 1,
        body: vec![b'r'; 700],
    }
}

fn state(name: &str, open: bool) -> StateCache {
    StateCache {
        state: name.as_bytes().to_vec(),
        open,
    }
}

/// One life, cut at operation `n`, then a second cut while the ledger comes back, then a whole life. `None` when the
/// first life ended before operation `n`.
fn cut(n: u64, seed: u64) -> Option<Result<usize, String>> {
    let mut pc = Pc::new(seed);
    drop(pc.open().unwrap());
    pc.disk.fail_at(n, Failure::PowerGoes);
    let lived = pc.live();
    if !pc.disk.is_off() {
        assert!(lived.is_some());
        return None;
    }
    pc.switch_on();
    pc.disk.fail_at(1 + seed % 12, Failure::PowerGoes);
    let again = pc.live();
    if pc.disk.is_off() {
        pc.switch_on();
    } else {
        assert!(again.is_some());
        pc.disk.heal();
    }
    let missing = pc.missing();
    if missing == Ok(0) {
        pc.live().expect("a healthy disk takes a whole life");
    }
    Some(missing)
}

#[test]
fn after_power_cuts_all_acknowledged_is_there() {
    let seeds = if dose::whole() { 1..=12 } else { 1..=2 };
    let (mut cuts, mut violations) = (0, Vec::new());
    for seed in seeds {
        for n in 1..=LIFE_MAX {
            let Some(missing) = cut(n, seed) else { break };
            cuts += 1;
            if missing != Ok(0) {
                violations.push(format!("operation {n}, seed {seed}: {missing:?}"));
            }
        }
    }
    dose::say(&format!(
        "recovery: power: n = {cuts} cuts, {} violations",
        violations.len()
    ));
    assert!(violations.is_empty(), "{violations:#?}");
    assert!(cuts >= 200, "{cuts}");
}

/// Without flushes at a commit, as with `synchronous=NORMAL`, acknowledged work is lost and the harness sees it.
#[test]
fn a_disk_without_flushes_loses_acknowledged_work() {
    let mut lost = 0;
    for n in 20..=60 {
        let mut pc = Pc::new(n);
        drop(pc.open().unwrap());
        pc.disk.lie();
        pc.disk.fail_at(n, Failure::PowerGoes);
        assert_eq!(pc.live(), None);
        pc.switch_on();
        lost += u32::from(pc.missing() != Ok(0));
    }
    dose::say(&format!(
        "recovery: power: without flushes {lost} of 41 cuts lose something"
    ));
    assert!(lost > 10, "{lost}");
}
