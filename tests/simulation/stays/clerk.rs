//! Who admits, charges, discharges, settles and takes all of it back, in whatever order comes to mind.

use serde_json::Value;
use zhijie_agent::core::{FoundStay, StayAsked, stands};
use zhijie_desk::Method;
use zhijie_model::{
    Admission, Bill, BillId, Discharge, Fen, InstitutionCode, LineSerial, MessageId, Quantity, RequestId,
    Road, SettlementId, Shared, StayExtras, StayLine, StayPart, StayRoad, VisitNumber, VisitType,
};
use zhijie_settlement::{
    Act, Event, Order, Policy, State, Stay, StayOrder, StayRules, StayState, StayVerdict, Verdict,
};

use crate::people;
use crate::policy::Rules;
use crate::rng::Rng;

/// What she asks for, kept so that it can be asked again under the same id.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) id: RequestId,
    pub(super) method: Method,
    pub(super) bill: BillId,
    pub(super) asked: Asked,
}

#[derive(Debug, Clone)]
pub(super) enum Asked {
    Stay(StayAsked),
    Bill(Box<Event>),
}

#[derive(Debug)]
pub(super) struct Clerk {
    order: StayOrder,
    pub(super) stay: BillId,
    template: Order,
    serials: u32,
    count: u32,
    quote: Option<(BillId, MessageId, Fen, Fen)>,
    settlements: Vec<(BillId, SettlementId)>,
    pub(super) wishes: Vec<Wish>,
}

impl Clerk {
    pub(super) fn new(rules: &Rules, rng: &mut Rng) -> Self {
        let mut template = people::order(rules, 1, rng);
        template.policy = Policy {
            undo_after_s: 0,
            ..template.policy
        };
        let number = VisitNumber::new("ZY0001").unwrap();
        let visit = template.visit.clone();
        let admission = Admission {
            number: number.clone(),
            kind: VisitType::new("21").unwrap(),
            began: visit.began,
            doctor: visit.doctor,
            department: visit.department,
            bed: String::from("12"),
            complaint: String::new(),
            disease: None,
            diagnoses: visit.diagnoses,
            contact: None,
            phone: None,
            injury: None,
            third_party: None,
            extras: StayExtras::default(),
        };
        let institution = InstitutionCode::new(people::INSTITUTION).unwrap();
        Self {
            stay: BillId::of_stay(&institution, &number).unwrap(),
            order: StayOrder {
                payer: template.payer.clone(),
                identity: template.identity.clone(),
                admission,
                operator: template.operator.clone(),
                policy: template.policy,
                rules: StayRules {
                    settles_before_discharge: false,
                    settles_at_year_end: false,
                    lines_per_call: 2,
                },
            },
            template,
            serials: 0,
            count: 0,
            quote: None,
            settlements: Vec::new(),
            wishes: Vec::new(),
        }
    }

    pub(super) fn next_id(&mut self) -> RequestId {
        self.count += 1;
        RequestId::new(format!("w{}", self.count)).unwrap()
    }

    /// What she wants next; `None` when there is nothing to want.
    pub(super) fn next_wish(&mut self, found: Option<&FoundStay>, rng: &mut Rng) -> Option<Wish> {
        if rng.percent(25) && !self.wishes.is_empty() {
            return Some(self.wishes[rng.index(self.wishes.len())].clone());
        }
        let state = found.map(|found| &*found.state);
        let there = match state {
            Some(StayState::Admitted(stay)) => Some(stay.clone()),
            _ => None,
        };
        let wish = match (there, rng.below(100)) {
            (None, 0..70) => self.wish(Method::StayAdmit, StayAsked::Admit(Box::new(self.order.clone()))),
            (None, _) => self.charge(rng),
            (Some(_), 0..20) => self.charge(rng),
            (Some(stay), 20..26) => self.act(Method::StayWithdrawCharges, self.some_lines(&stay, rng)),
            (Some(_), 26..30) => {
                let admission = Box::new(self.order.admission.clone());
                self.act(Method::StayChange, Act::Change { admission })
            }
            (Some(stay), 30..45) => self.act(Method::StayDischarge, discharge(&stay)),
            (Some(_), 45..52) => self.act(Method::StayUndoDischarge, Act::UndoDischarge { reason: reason() }),
            (Some(_), 52..58) => self.act(Method::StayUndoAdmission, Act::UndoAdmission { reason: reason() }),
            (Some(stay), 58..74) => self.ask_quote(&stay, found?, rng)?,
            (Some(_), 74..88) => self.settle(rng)?,
            (Some(_), _) => self.cancel(rng)?,
        };
        self.wishes.push(wish.clone());
        Some(wish)
    }

    fn wish(&mut self, method: Method, asked: StayAsked) -> Wish {
        Wish {
            id: self.next_id(),
            method,
            bill: self.stay.clone(),
            asked: Asked::Stay(asked),
        }
    }

    fn act(&mut self, method: Method, act: Act) -> Wish {
        self.wish(method, StayAsked::Act(Box::new(act)))
    }

    pub(super) fn bill(
        &mut self,
        method: Method,
        bill: BillId,
        event: impl FnOnce(RequestId) -> Event,
    ) -> Wish {
        let id = self.next_id();
        Wish {
            id: id.clone(),
            method,
            bill,
            asked: Asked::Bill(Box::new(event(id))),
        }
    }

    fn charge(&mut self, rng: &mut Rng) -> Wish {
        let lines = (0..1 + rng.index(4)).map(|_| {
            self.serials += 1;
            let mut charge = self.template.bill.lines()[0].clone();
            charge.serial = LineSerial::new(format!("L{}", self.serials)).unwrap();
            charge.quantity = Quantity::parse("1").unwrap();
            Shared::new(StayLine {
                charge,
                refunds: None,
            })
        });
        let lines = lines.collect();
        self.act(Method::StayCharge, Act::Charge { lines })
    }

    fn some_lines(&self, stay: &Stay, rng: &mut Rng) -> Act {
        let mut serials: Vec<LineSerial> = stay.lines.keys().cloned().collect();
        serials.truncate(1 + rng.index(2));
        let named = !serials.is_empty() && rng.percent(60);
        Act::WithdrawCharges {
            serials: named.then_some(serials),
        }
    }

    fn ask_quote(&mut self, stay: &Stay, found: &FoundStay, rng: &mut Rng) -> Option<Wish> {
        let bills = stands(&found.bills);
        let total = stay.unsettled(bills.settled_through)?.total;
        let interim = stay.discharge.is_none() && rng.percent(80);
        let unsettled = stay.to_settle(interim, total, &bills).ok()?;
        let last = found.bills.last();
        let again = last.is_some_and(|last| {
            matches!(
                *last.state,
                State::Blank
                    | State::Drafted(_)
                    | State::Preparing(_)
                    | State::Quoted(_)
                    | State::Declined { .. }
                    | State::Reversed { .. }
                    | State::Abandoned { .. }
            )
        });
        let count = u32::try_from(found.bills.len()).unwrap();
        let bill = Bill::of_stay(&self.stay, count + u32::from(!again), unsettled.total).ok()?;
        let mut order = self.template.clone();
        order.visit.kind = stay.order.admission.kind.clone();
        order.road = Road::Stay(Box::new(StayRoad {
            visit_id: stay.visit_id.clone(),
            revision: stay.revision,
            part: StayPart {
                kind: stay.order.admission.kind.clone(),
                total: unsettled.total,
                cuts: unsettled.amounts,
                interim,
                discharged_on: None,
            },
        }));
        let id = bill.id().clone();
        order.bill = bill;
        let order = Box::new(order);
        Some(self.bill(Method::StayQuote, id, |request| Event::QuoteAsked {
            request,
            order,
        }))
    }

    fn settle(&mut self, rng: &mut Rng) -> Option<Wish> {
        let (bill, quote, total, cash) = self.quote.clone()?;
        let cash = if rng.percent(5) {
            Fen::new(cash.get() + 1).ok()?
        } else {
            cash
        };
        Some(self.bill(Method::StaySettle, bill, |request| Event::SettleAsked {
            request,
            quote,
            total,
            cash,
            invoice: None,
            overruled: None,
            later: None,
        }))
    }

    fn cancel(&mut self, rng: &mut Rng) -> Option<Wish> {
        let (bill, settlement) = self.settlements.get(rng.index(self.settlements.len()))?.clone();
        Some(self.bill(Method::StayCancel, bill, |request| Event::CancelAsked {
            request,
            settlement,
            reason: reason(),
            second_person: None,
        }))
    }

    pub(super) fn resolve_stay(&mut self, verdict: StayVerdict) -> Wish {
        let wish = self.wish(
            Method::WorkResolve,
            StayAsked::Resolve {
                verdict,
                person: String::from("0008"),
                reason: String::from("对账"),
            },
        );
        self.wishes.push(wish.clone());
        wish
    }

    pub(super) fn resolve_bill(&mut self, bill: BillId, verdict: Verdict) -> Wish {
        let wish = self.bill(Method::WorkResolve, bill, |request| Event::Resolved {
            request,
            verdict,
            person: String::from("0008"),
            reason: String::from("对账"),
        });
        self.wishes.push(wish.clone());
        wish
    }

    /// Notes what an answer says.
    pub(super) fn hears(&mut self, wish: &Wish, answer: &Value) {
        let fen = |value: &Value| value.as_i64().and_then(|fen| Fen::new(fen).ok());
        let split = &answer["quote"]["split"];
        let quote = answer["quote"]["quote_id"].as_str();
        let quote = quote.and_then(|id| MessageId::new(id).ok());
        if let (Some(quote), Some(total), Some(cash)) =
            (quote, fen(&split["total_fen"]), fen(&split["cash_fen"]))
        {
            self.quote = Some((wish.bill.clone(), quote, total, cash));
        }
        let settled = answer["settlement"]["settlement_id"].as_str();
        if let Some(id) = settled.and_then(|id| SettlementId::new(id).ok()) {
            let known = (wish.bill.clone(), id);
            if !self.settlements.contains(&known) {
                self.settlements.push(known);
            }
        }
    }
}

fn reason() -> String {
    String::from("有误")
}

fn discharge(stay: &Stay) -> Act {
    let admission = &stay.order.admission;
    Act::Discharge {
        discharge: Box::new(Discharge {
            ended: admission.began,
            department: admission.department.clone(),
            bed: admission.bed.clone(),
            way: String::from("1"),
            died: None,
            diagnoses: admission.diagnoses.clone(),
        }),
    }
}
