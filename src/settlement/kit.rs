//! Values for tests of this crate.

use jiff::{SignedDuration, Timestamp};
use zhijie_model::{
    AccountUse, Area, Bill, ChargeBatch, ChargeLine, Clearing, CredentialKind, Department, Diagnosis,
    DiagnosisKind, Distance, Fen, FoundVisit, Fund, FundPart, IdentityId, InstitutionCode, InsuranceType,
    LineCut, LineSerial, MessageId, OperatorCode, Payer, PersonNumber, PlatformWords, Private, Quantity,
    QueryRow, Refund, Refusal, Reply, RequestId, Road, Settlement, SettlementId, Split, SplitParts, Staff,
    Trial, TrialAmounts, UnitPrice, Visit, VisitId, VisitNumber, VisitType,
};

use crate::{Event, Moment, Operator, Order, Policy, State, Step, Unconfirmed, advance};

pub(crate) fn fen(value: i64) -> Fen {
    Fen::new(value).unwrap()
}

pub(crate) fn message(n: u64) -> MessageId {
    MessageId::new(format!("M{n:04}")).unwrap()
}

pub(crate) fn request(text: &str) -> RequestId {
    RequestId::new(text).unwrap()
}

pub(crate) fn policy() -> Policy {
    Policy {
        quote_valid_s: 600,
        late_execution_max_s: 120,
        query_lag_max_s: 0,
        reversal_is_tombstone: false,
        query_may_miss_visitors: false,
        distance: Distance::OtherProvince,
        doubt_max_s: 86_400,
        confirm_within_s: 1800,
        undo_after_s: 7200,
        unconfirmed: Unconfirmed::KeepAndAlarm,
        repeats_after_sign_in: true,
        irreversible: false,
    }
}

pub(crate) fn order(person: &str, lines: &[i64]) -> Order {
    let doctor = Staff {
        code: String::from("D1"),
        name: String::from("医生"),
    };
    let department = Department {
        code: String::from("1"),
        name: String::from("内科"),
        category: String::from("A03"),
    };
    let at = Timestamp::UNIX_EPOCH;
    let charge = |(n, amount): (usize, &i64)| ChargeLine {
        serial: LineSerial::new(format!("{n}")).unwrap(),
        national_code: String::from("X1"),
        own_code: String::from("A1"),
        name: String::from("药"),
        quantity: Quantity::parse("1").unwrap(),
        unit_price: UnitPrice::parse(&fen(*amount).to_string()).unwrap(),
        amount: fen(*amount),
        at,
        prescription: None,
        outside_prescription: false,
        department: department.clone(),
        doctor: doctor.clone(),
        traces: Vec::new(),
        traces_due: None,
    };
    let number = VisitNumber::new("MZ1").unwrap();
    let bill = Bill::new(
        &InstitutionCode::new("H31010100001").unwrap(),
        &number,
        ChargeBatch::new("B1").unwrap(),
        lines.iter().enumerate().map(charge).collect(),
        fen(lines.iter().sum()),
    );
    Order {
        road: Road::Outpatient,
        payer: Payer {
            number: PersonNumber::new(person).unwrap(),
            name: Private::new("某"),
            certificate_kind: String::from("01"),
            certificate: Private::new("1"),
            insurance: InsuranceType::new("390").unwrap(),
            category: String::from("15"),
            area: Area::new("341200").unwrap(),
            credential: CredentialKind::Card,
        },
        identity: IdentityId::new("id-1").unwrap(),
        visit: Visit {
            number,
            kind: VisitType::new("11").unwrap(),
            began: at,
            doctor: doctor.clone(),
            department: department.clone(),
            complaint: String::new(),
            disease: None,
            diagnoses: vec![Diagnosis {
                kind: DiagnosisKind::Western,
                rank: 1,
                code: String::from("K29"),
                name: String::from("胃炎"),
                department: String::from("内科"),
                doctor,
                at,
                admission_condition: None,
            }],
        },
        bill: bill.unwrap(),
        account: AccountUse::Use,
        operator: Operator {
            code: OperatorCode::new("1").unwrap(),
            name: String::from("甲"),
        },
        policy: policy(),
        opened: None,
        checked: None,
        credential: None,
    }
}

pub(crate) fn split(total: i64) -> Split {
    let zero = Fen::ZERO;
    Split::new(SplitParts {
        total: fen(total),
        own_expense: zero,
        over_ceiling: zero,
        first_own: zero,
        in_scope: fen(total),
        deductible: zero,
        pool_ratio: None,
        funds: vec![FundPart {
            fund: Fund::Pool,
            amount: fen(total / 2),
        }],
        fund_total: fen(total / 2),
        person: fen(total - total / 2),
        account: zero,
        mutual_aid: zero,
        cash: fen(total - total / 2),
        hospital: zero,
        balance: None,
        listed: None,
    })
    .unwrap()
}

pub(crate) fn trial(total: i64) -> Reply {
    let zero = Fen::ZERO;
    let amounts = TrialAmounts {
        own_expense: zero,
        over_ceiling: zero,
        first_own: zero,
        in_scope: fen(total),
    };
    Reply::Tried {
        trial: Trial {
            split: split(total),
            amounts,
            cuts: Vec::new(),
        },
    }
}

pub(crate) fn settlement(total: i64, by: Option<&MessageId>) -> Settlement {
    Settlement {
        id: SettlementId::new("S1").unwrap(),
        visit_id: VisitId::new("V1").unwrap(),
        message_id: by.cloned(),
        settled_at: jiff::civil::date(2026, 11, 22).at(9, 0, 0, 0),
        split: split(total),
        clearing: Clearing::default(),
        platform: PlatformWords::default(),
    }
}

pub(crate) fn row(total: i64, by: &MessageId, refunded: bool) -> QueryRow {
    QueryRow {
        settlement: settlement(total, Some(by)),
        refunded,
    }
}

/// Visits the centre names, none of which began when ours did.
pub(crate) fn found(visits: &[&str]) -> Reply {
    let visit = |id: &&str| FoundVisit {
        visit_id: VisitId::new(*id).unwrap(),
        number: None,
        in_hospital: None,
        began: None,
    };
    Reply::VisitsFound {
        visits: visits.iter().map(visit).collect(),
    }
}

pub(crate) fn refund(total: i64) -> Reply {
    Reply::Cancelled {
        refund: Refund {
            id: SettlementId::new("R1").unwrap(),
            visit_id: VisitId::new("V1").unwrap(),
            refunded_at: jiff::civil::date(2026, 11, 22).at(10, 0, 0, 0),
            total: fen(-total),
            cash: None,
            funds: None,
            account: None,
            clearing: Clearing::default(),
            platform: PlatformWords::default(),
        },
    }
}

pub(crate) fn refused() -> Reply {
    let refusal = Refusal {
        code: String::from("-1"),
        sign_in_lost: false,
        unavailable: false,
        in_hospital: None,
        platform: PlatformWords::default(),
    };
    Reply::Refused { refusal }
}

pub(crate) fn cuts(order: &Order) -> Vec<LineCut> {
    let cut = |line: &ChargeLine| LineCut {
        serial: line.serial.clone(),
        amount: line.amount,
        own_expense: Fen::ZERO,
        over_ceiling: Fen::ZERO,
        first_own: Fen::ZERO,
        in_scope: line.amount,
        class: String::from("01"),
    };
    order.bill.lines().iter().map(cut).collect()
}

/// One bill with its clock and message counter.
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) now: Timestamp,
    pub(crate) uptime_s: Option<u64>,
    pub(crate) used: u64,
    pub(crate) history: Vec<(Event, Moment)>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Blank,
            now: Timestamp::UNIX_EPOCH,
            uptime_s: None,
            used: 0,
            history: Vec::new(),
        }
    }

    pub(crate) fn pass(&mut self, seconds: i64) {
        self.now = self
            .now
            .saturating_add(SignedDuration::from_secs(seconds))
            .unwrap();
    }

    pub(crate) fn feed(&mut self, event: Event) -> Step {
        self.used += 1;
        let moment = Moment {
            now: self.now,
            uptime_s: self.uptime_s,
            message_id: message(self.used),
        };
        let (step, _) = advance(&self.state, &event, &moment);
        self.state = step.next.clone();
        self.history.push((event, moment));
        step
    }

    pub(crate) fn ask_quote(&mut self, id: &str, order: &Order) -> Step {
        self.feed(Event::QuoteAsked {
            request: request(id),
            order: Box::new(order.clone()),
        })
    }

    /// Answers the open call.
    pub(crate) fn answer(&mut self, reply: Reply) -> Step {
        let message_id = self.state.open_message().cloned().unwrap();
        self.feed(Event::Answered {
            message_id,
            reply: Box::new(reply),
        })
    }

    /// Walks to a quote the ordinary way.
    pub(crate) fn quoted(order: &Order) -> Self {
        let mut world = Self::new();
        world.ask_quote("q1", order);
        world.answer(Reply::Registered {
            visit_id: VisitId::new("V1").unwrap(),
        });
        world.answer(Reply::Described);
        world.answer(Reply::Uploaded { cuts: cuts(order) });
        world.answer(trial(order.bill.total().get()));
        assert_eq!(world.state.name(), "quoted");
        world
    }

    pub(crate) fn ask_settle(&mut self, id: &str) -> Step {
        let State::Quoted(quoted) = &self.state else {
            panic!("not quoted")
        };
        let (quote, split) = (quoted.quote.id.clone(), quoted.quote.trial.split.clone());
        let (total, cash) = (split.total(), split.cash());
        self.feed(Event::SettleAsked {
            request: request(id),
            quote,
            total,
            cash,
            invoice: None,
            overruled: None,
            later: None,
        })
    }
}
