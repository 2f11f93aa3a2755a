//! The people at the desks: they quote, settle, double-click, ask again, alter what they asked, cancel, confirm.

use jiff::Timestamp;
use serde_json::Value;
use zhijie_model::{Fen, MessageId, RequestId, SettlementId};
use zhijie_settlement::{DepositRule, Event, Later, Order, Risk, Terms};

use crate::people;

use crate::request::Request;
use crate::rng::Rng;

/// One cashier with the bills before her.
#[derive(Debug)]
pub(crate) struct Cashier {
    desk: usize,
    count: u32,
    pub(crate) bills: Vec<Paper>,
    pub(crate) requests: Vec<Request>,
    /// Until when a bill may wait to be settled, where the desk takes such bills.
    pub(crate) later: Option<Timestamp>,
}

/// What the hospital's software remembers of a bill.
#[derive(Debug)]
pub(crate) struct Paper {
    pub(crate) order: Order,
    quote: Option<(MessageId, Fen, Fen)>,
    settlement: Option<SettlementId>,
}

/// What she does next.
#[derive(Debug)]
pub(crate) enum Move {
    Ask(Request),
    /// The same request, twice at once.
    Twice(Request),
    Again(Request),
    Alter(Request),
    Status(Request),
    Nothing,
}

impl Cashier {
    pub(crate) fn new(desk: usize, orders: Vec<Order>) -> Self {
        let paper = |order| Paper {
            order,
            quote: None,
            settlement: None,
        };
        Self {
            desk,
            count: 0,
            bills: orders.into_iter().map(paper).collect(),
            requests: Vec::new(),
            later: None,
        }
    }

    pub(crate) fn next_id(&mut self) -> RequestId {
        self.count += 1;
        RequestId::new(format!("d{}-{}", self.desk, self.count)).unwrap()
    }

    pub(crate) fn next_move(&mut self, rng: &mut Rng) -> Move {
        let chance = rng.below(100);
        if chance < 22 && !self.requests.is_empty() {
            let request = self.requests[rng.index(self.requests.len())].clone();
            return match rng.below(4) {
                0 => Move::Alter(request),
                1 => Move::Status(request),
                _ => Move::Again(request),
            };
        }
        let n = rng.index(self.bills.len());
        let request = self.next_id();
        let later = self.later;
        let paper = &self.bills[n];
        let bill = paper.order.bill.id().clone();
        let event = match (&paper.settlement, &paper.quote) {
            (Some(settlement), _) if chance < 40 => Event::Confirmed {
                request,
                settlement: settlement.clone(),
            },
            (Some(settlement), _) if chance < 55 => Event::CancelAsked {
                request,
                settlement: settlement.clone(),
                reason: String::from("退费"),
                second_person: None,
            },
            (None, _) if later.is_some() && (22..30).contains(&chance) => {
                let mut order = paper.order.clone();
                order.credential = rng.percent(70).then(people::credential);
                Event::DeferAsked {
                    request,
                    terms: Box::new(terms(&order, later.unwrap_or_default())),
                    order: Box::new(order),
                }
            }
            (None, None) => Event::QuoteAsked {
                request,
                order: Box::new(paper.order.clone()),
            },
            (None, Some(_)) if chance < 35 => Event::QuoteAsked {
                request,
                order: Box::new(paper.order.clone()),
            },
            // She wants her refund before she has heard of any settlement.
            (None, Some(_)) if chance < 38 => Event::CancelAsked {
                request,
                settlement: SettlementId::new("S000000").unwrap(),
                reason: String::from("退费"),
                second_person: None,
            },
            (_, Some((quote, total, cash))) => {
                let cash = if chance < 44 {
                    Fen::new(cash.get() + 1).unwrap()
                } else {
                    *cash
                };
                Event::SettleAsked {
                    request,
                    quote: quote.clone(),
                    total: *total,
                    cash,
                    invoice: None,
                    overruled: None,
                    later: later.filter(|_| rng.percent(30)).map(|deadline| {
                        Box::new(Later {
                            terms: terms(&paper.order, deadline),
                            credential: rng.percent(70).then(people::credential),
                        })
                    }),
                }
            }
            (Some(_), None) => return Move::Nothing,
        };
        let request = Request::new(&bill, event);
        self.requests.push(request.clone());
        if rng.percent(20) {
            Move::Twice(request)
        } else {
            Move::Ask(request)
        }
    }

    /// Notes what the answer says.
    pub(crate) fn hears(&mut self, request: &Request, text: &str) {
        let answer: Value = serde_json::from_str(text).unwrap();
        let Some(paper) = self
            .bills
            .iter_mut()
            .find(|paper| *paper.order.bill.id() == request.bill)
        else {
            return;
        };
        let fen = |value: &Value| value.as_i64().and_then(|fen| Fen::new(fen).ok());
        let split = &answer["quote"]["split"];
        let quote = answer["quote"]["quote_id"]
            .as_str()
            .and_then(|id| MessageId::new(id).ok());
        if let (Some(quote), Some(total), Some(cash)) =
            (quote, fen(&split["total_fen"]), fen(&split["cash_fen"]))
        {
            paper.quote = Some((quote, total, cash));
        }
        let settlement = answer["settlement"]["settlement_id"].as_str();
        if let Some(id) = settlement.and_then(|id| SettlementId::new(id).ok()) {
            paper.settlement = Some(id);
        }
        if matches!(request.event, Event::CancelAsked { .. }) && answer["outcome"] == "done" {
            paper.settlement = None;
        }
    }
}

/// The terms a bill is taken on: the whole of it as deposit.
pub(crate) fn terms(order: &Order, deadline: Timestamp) -> Terms {
    Terms {
        deposit: order.bill.total(),
        rule: DepositRule::Full,
        estimate: None,
        risk: Risk::Hospital,
        consent: true,
        deadline,
        words_zh: String::from("多退少补"),
        words_en: String::from("later"),
    }
}
