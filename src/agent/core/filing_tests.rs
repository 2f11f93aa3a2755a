//! The loop's part in the filing ledger that no scenario can wait for: details that have lain for years.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::sync::oneshot;
use zhijie_filing::{InsuredRow, Observation, Rules, Said, Source};
use zhijie_ledger::{Ledger, Machine, Opening, verify};
use zhijie_model::{
    Area, BillId, Call, InstitutionCode, InsuranceType, MessageId, OperatorCode, PersonNumber,
};
use zhijie_settlement::{Bearer, Event, Moment, NotSent, Operator};
use zhijie_wire::Message;

use super::{Core, Input, Outside};
use crate::clock::Clock;
use crate::events::Events;
use crate::filing::{Past, Person, Policy, Sighting};

#[derive(Debug)]
struct Hands(Mutex<Timestamp>);

impl Hands {
    fn forward(&self, days: i64) {
        let mut now = self.0.lock().unwrap();
        *now += SignedDuration::from_hours(24 * days);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn uptime_s(&self) -> Option<u64> {
        None
    }
}

/// A world in which nothing happens.
struct Nobody;

impl Outside for Nobody {
    fn signed_in(&self, _operator: &OperatorCode, _now: Timestamp) -> bool {
        false
    }

    fn encode(&self, _: &Call, _: Bearer<'_>, _: &BillId, _: &Moment) -> Result<Message, NotSent> {
        Err(NotSent::CredentialGone)
    }

    fn post(&mut self, _bill: BillId, _call: Call, _message: Message, _now: Timestamp) {}

    fn sign_in(&mut self, _bill: BillId, _operator: Operator, _message_id: MessageId) {}

    fn record_later(&mut self, _bill: BillId, _event: Event, _raw: Option<Vec<u8>>) {}
}

struct House {
    core: Core<Nobody>,
    clock: Arc<Hands>,
    _folder: TempDir,
}

fn house(keep_details_days: u32) -> House {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Hands(Mutex::new("2026-11-22T02:00:00Z".parse().unwrap())));
    let opening = Opening {
        institution: InstitutionCode::new("H31010100001").unwrap(),
        desk_slot: 1,
        now: clock.now(),
        machine: Machine::default(),
    };
    let ledger = Ledger::open(folder.path().join("ledger.db"), &opening).unwrap();
    let policy = Policy {
        care: Area::new("310000").unwrap(),
        rules: Rules::default(),
        keep_details_days,
    };
    let hands: Arc<dyn Clock> = clock.clone();
    House {
        core: Core::new(ledger, hands, Nobody, Events::default()).with_filing(policy),
        clock,
        _folder: folder,
    }
}

fn who() -> Person {
    Person {
        number: Some(PersonNumber::new("34120010000000000000000001").unwrap()),
        certificate: None,
    }
}

impl House {
    fn look_up(&mut self) {
        let row = InsuredRow {
            insurance: InsuranceType::new("390").unwrap(),
            area: Area::new("341200").unwrap(),
            active: true,
            status: None,
            category: String::new(),
            civil_servant: false,
        };
        let observation = Observation {
            at: self.clock.now(),
            source: Source::Insurances,
            message_id: None,
            platform_message_id: None,
            digest: String::new(),
            answer_digest: None,
            said: Some(Said::Insured {
                person: None,
                rows: vec![row],
            }),
        };
        let sighting = Box::new(Sighting {
            person: who(),
            observation,
        });
        self.core.handle(Input::Observe { sighting });
    }

    fn past(&mut self) -> Vec<Past> {
        let (reply, mut answer) = oneshot::channel();
        self.core.handle(Input::Past { person: who(), reply });
        answer.try_recv().unwrap().unwrap().0
    }

    /// Which observations lost their details.
    fn erased(&mut self) -> Vec<bool> {
        self.past()
            .iter()
            .map(|past| past.seen.erased.is_some())
            .collect()
    }
}

#[test]
fn details_leave_when_their_time_has_come_and_not_before() {
    let mut house = house(10);
    house.look_up();
    house.clock.forward(6);
    house.look_up();
    house.core.rest();
    assert_eq!(house.erased(), [false, false]);
    house.clock.forward(5);
    house.core.rest();
    assert_eq!(house.erased(), [true, false]);
    // Once a day is enough, and a day later the other one is due.
    house.clock.forward(6);
    house.core.rest();
    house.core.rest();
    assert_eq!(house.erased(), [true, true]);
    let report = verify(house.core.ledger(), |_, _| {}).unwrap();
    assert_eq!((report.observations, report.erased), (2, 2));
}

#[test]
fn with_no_time_set_nothing_leaves() {
    let mut house = house(0);
    house.look_up();
    house.clock.forward(10_000);
    house.core.rest();
    assert_eq!(house.erased(), [false]);
}
