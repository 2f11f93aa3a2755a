//! Values for tests of stays.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use zhijie_model::{
    Admission, Call, Discharge, FoundStay, FoundVisit, IdentityId, LineCut, LineSerial, Quantity, Reply,
    Shared, StayLine, Transaction, UnitPrice, VisitId, VisitNumber, VisitType, beijing,
};

use super::{
    Act, Bills, StayAnswer, StayEffect, StayEvent, StayOrder, StayRules, StayState, StayStep, stay_advance,
};
use crate::kit::{fen, message, order, request};
use crate::{Moment, Silence};

pub(crate) fn serial(text: &str) -> LineSerial {
    LineSerial::new(text).unwrap()
}

pub(crate) fn visit(text: &str) -> VisitId {
    VisitId::new(text).unwrap()
}

pub(crate) fn stay_order(person: &str) -> StayOrder {
    let bill = order(person, &[1000]);
    StayOrder {
        payer: bill.payer,
        identity: IdentityId::new("id-1").unwrap(),
        admission: Admission {
            number: VisitNumber::new("ZY1").unwrap(),
            kind: VisitType::new("21").unwrap(),
            began: Timestamp::UNIX_EPOCH,
            doctor: bill.visit.doctor,
            department: bill.visit.department,
            bed: String::from("12"),
            complaint: String::new(),
            disease: None,
            diagnoses: bill.visit.diagnoses,
            contact: None,
            phone: None,
            injury: None,
            third_party: None,
            extras: zhijie_model::StayExtras::default(),
        },
        operator: bill.operator,
        policy: bill.policy,
        rules: StayRules::default(),
    }
}

pub(crate) fn discharge() -> Box<Discharge> {
    let admission = stay_order("P1").admission;
    Box::new(Discharge {
        ended: Timestamp::UNIX_EPOCH,
        department: admission.department,
        bed: admission.bed,
        way: String::from("1"),
        died: None,
        diagnoses: admission.diagnoses,
    })
}

/// A line of this serial; one with `refunds` is negative.
pub(crate) fn line(text: &str, amount: i64, refunds: Option<&str>) -> StayLine {
    let bill = order("P1", &[amount.abs()]);
    let mut charge = bill.bill.lines().first().unwrap().clone();
    charge.serial = serial(text);
    charge.amount = fen(amount);
    charge.quantity = Quantity::parse(if amount < 0 { "-1" } else { "1" }).unwrap();
    charge.unit_price = UnitPrice::parse(&fen(amount.abs()).to_string()).unwrap();
    StayLine {
        charge,
        refunds: refunds.map(serial),
    }
}

/// As an act holds them.
pub(crate) fn shared(lines: Vec<StayLine>) -> Vec<Shared<StayLine>> {
    lines.into_iter().map(Shared::new).collect()
}

pub(crate) fn lines(count: usize) -> Vec<StayLine> {
    (0..count).map(|n| line(&format!("L{n:04}"), 100, None)).collect()
}

pub(crate) fn cut(line: &StayLine) -> LineCut {
    LineCut {
        serial: line.charge.serial.clone(),
        amount: line.charge.amount,
        own_expense: fen(0),
        over_ceiling: fen(0),
        first_own: fen(0),
        in_scope: line.charge.amount,
        class: String::from("01"),
    }
}

/// One stay with its clock, and a centre that does what it is told.
pub(crate) struct StayWorld {
    pub(crate) state: StayState,
    pub(crate) now: Timestamp,
    pub(crate) used: u64,
    pub(crate) history: Vec<(StayEvent, Moment)>,
    pub(crate) open: Option<Call>,
    /// Lines that lie at the centre.
    pub(crate) there: BTreeMap<LineSerial, StayLine>,
}

impl StayWorld {
    pub(crate) fn new() -> Self {
        Self {
            state: StayState::Blank,
            now: Timestamp::UNIX_EPOCH,
            used: 0,
            history: Vec::new(),
            open: None,
            there: BTreeMap::new(),
        }
    }

    pub(crate) fn admitted() -> Self {
        let mut world = Self::new();
        world.admit("a1");
        world.proper();
        assert_eq!(world.state.name(), "admitted");
        world
    }

    pub(crate) fn pass(&mut self, seconds: i64) {
        let duration = SignedDuration::from_secs(seconds);
        self.now = self.now.saturating_add(duration).unwrap();
    }

    pub(crate) fn feed(&mut self, event: StayEvent) -> StayStep {
        self.used += 1;
        let moment = Moment {
            now: self.now,
            uptime_s: None,
            message_id: message(self.used),
        };
        if matches!(
            event,
            StayEvent::Answered { .. }
                | StayEvent::NotSent { .. }
                | StayEvent::Lost { .. }
                | StayEvent::Restarted
        ) {
            self.open = None;
        }
        let (step, _) = stay_advance(&self.state, &event, &moment);
        self.state = step.next.clone();
        self.history.push((event, moment));
        for effect in &step.effects {
            if let StayEffect::Send(call) = effect {
                assert!(self.open.is_none(), "two calls open at once");
                self.open = Some((**call).clone());
            }
        }
        step
    }

    pub(crate) fn admit(&mut self, id: &str) -> StayStep {
        self.admit_as(id, &stay_order("P1"))
    }

    pub(crate) fn admit_as(&mut self, id: &str, order: &StayOrder) -> StayStep {
        let (request, order) = (request(id), Box::new(order.clone()));
        self.feed(StayEvent::AdmitAsked { request, order })
    }

    pub(crate) fn ask(&mut self, id: &str, act: Act, bills: Bills) -> StayStep {
        self.feed(StayEvent::Asked {
            request: request(id),
            act: Box::new(act),
            bills,
        })
    }

    pub(crate) fn charge(&mut self, id: &str, lines: &[StayLine]) -> StayStep {
        let lines = shared(lines.to_vec());
        self.ask(id, Act::Charge { lines }, Bills::default())
    }

    pub(crate) fn answer(&mut self, reply: Reply) -> StayStep {
        let message_id = self.state.open_message().cloned().unwrap();
        let reply = Box::new(reply);
        self.feed(StayEvent::Answered { message_id, reply })
    }

    pub(crate) fn lose(&mut self) -> StayStep {
        let message_id = self.state.open_message().cloned().unwrap();
        let silence = Silence::TimedOut;
        self.feed(StayEvent::Lost { message_id, silence })
    }

    /// The centre executes the open call; its answer, not yet told.
    pub(crate) fn execute(&mut self) -> Reply {
        match self.open.clone().unwrap() {
            Call::Admit { .. } => Reply::Admitted {
                visit_id: visit("V1"),
            },
            Call::ChangeStay { .. } => Reply::StayChanged,
            Call::ChargeStay { lines, .. } => {
                if lines
                    .iter()
                    .any(|line| self.there.contains_key(&line.charge.serial))
                {
                    return crate::kit::refused();
                }
                let cuts = lines.iter().map(cut).collect();
                self.there
                    .extend(lines.into_iter().map(|line| (line.charge.serial.clone(), line)));
                Reply::Uploaded { cuts }
            }
            Call::WithdrawCharges { serials: None, .. } => {
                self.there.clear();
                Reply::LinesWithdrawn
            }
            Call::WithdrawCharges {
                serials: Some(serials),
                ..
            } => {
                if !serials.iter().all(|serial| self.there.contains_key(serial)) {
                    return crate::kit::refused();
                }
                self.there.retain(|serial, _| !serials.contains(serial));
                Reply::LinesWithdrawn
            }
            Call::Discharge { .. } => Reply::Discharged,
            Call::WithdrawDischarge { .. } => Reply::DischargeWithdrawn,
            Call::WithdrawAdmission { .. } => Reply::AdmissionWithdrawn,
            Call::Reverse { .. } => Reply::Reversed,
            Call::QueryInHospital { .. } => Reply::InHospital { stays: Vec::new() },
            Call::QueryVisits { .. } => Reply::VisitsFound { visits: Vec::new() },
            Call::Register { .. }
            | Call::Describe { .. }
            | Call::Upload { .. }
            | Call::WithdrawLines { .. }
            | Call::WithdrawVisit { .. }
            | Call::Trial { .. }
            | Call::Settle { .. }
            | Call::Cancel { .. }
            | Call::TryPurchase { .. }
            | Call::Purchase { .. }
            | Call::CancelPurchase { .. }
            | Call::TrySlip { .. }
            | Call::SettleSlip { .. }
            | Call::CancelSlip { .. }
            | Call::TryStay { .. }
            | Call::SettleStay { .. }
            | Call::CancelStay { .. }
            | Call::QuerySettlement { .. } => panic!("no call of a stay's saga"),
        }
    }

    /// Answers the open call as the centre would.
    pub(crate) fn proper(&mut self) -> StayStep {
        let reply = self.execute();
        self.answer(reply)
    }

    /// Lets time pass until the saga asks the centre.
    pub(crate) fn wake(&mut self) -> StayStep {
        self.pass(900);
        self.feed(StayEvent::Woken)
    }
}

pub(crate) fn in_hospital(number: Option<&str>) -> Reply {
    Reply::InHospital {
        stays: vec![FoundStay {
            visit_id: visit("V1"),
            number: number.map(|number| VisitNumber::new(number).unwrap()),
            began: Some(beijing(Timestamp::UNIX_EPOCH).date()),
        }],
    }
}

pub(crate) fn visits(in_hospital: Option<bool>) -> Reply {
    Reply::VisitsFound {
        visits: vec![FoundVisit {
            visit_id: visit("V1"),
            number: VisitNumber::new("ZY1").ok(),
            began: None,
            in_hospital,
        }],
    }
}

pub(crate) fn sent(step: &StayStep) -> Vec<Transaction> {
    let of = |effect: &StayEffect| match effect {
        StayEffect::Send(call) => Some(call.transaction()),
        StayEffect::Answer { .. } | StayEffect::WakeAt(_) => None,
    };
    step.effects.iter().filter_map(of).collect()
}

pub(crate) fn told(step: &StayStep) -> Vec<StayAnswer> {
    let of = |effect: &StayEffect| match effect {
        StayEffect::Answer { answer, .. } => Some((**answer).clone()),
        StayEffect::Send(_) | StayEffect::WakeAt(_) => None,
    };
    step.effects.iter().filter_map(of).collect()
}
