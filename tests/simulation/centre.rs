//! The centre: what it holds and how it executes a message. The truth every desk is compared with.

use std::collections::{BTreeMap, BTreeSet};

use zhijie_model::{
    Bill, Call, Fen, FoundVisit, MessageId, PersonNumber, PlatformWords, QueryRow, Refusal, Reply,
    Settlement, SettlementId, Visit, VisitId, VisitNumber, beijing,
};

use crate::amounts;
use crate::policy::{Plant, Rules};

/// One settlement in the centre's books.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) settlement: Settlement,
    /// The message that made it, whether or not the centre says so.
    pub(crate) message: MessageId,
    pub(crate) visit: VisitNumber,
    pub(crate) refunded_by: Option<MessageId>,
    pub(crate) reversed: bool,
    /// Whose purchase it is and when it began, where the settlement made the visit.
    bought: Option<(PersonNumber, jiff::civil::DateTime)>,
    made_ms: i64,
    /// When it was refunded or reversed.
    ended_ms: i64,
}

impl Entry {
    pub(crate) const fn stands(&self) -> bool {
        self.refunded_by.is_none() && !self.reversed
    }

    pub(crate) const fn made_ms(&self) -> i64 {
        self.made_ms
    }

    /// When it was refunded or reversed.
    pub(crate) const fn ended_ms(&self) -> i64 {
        self.ended_ms
    }
}

#[derive(Debug)]
struct OpenVisit {
    number: VisitNumber,
    lines: Option<Bill>,
    uploaded: usize,
}

#[derive(Debug)]
pub(crate) struct Centre {
    rules: Rules,
    visits: BTreeMap<VisitId, OpenVisit>,
    pub(crate) books: Vec<Entry>,
    pub(crate) seen: BTreeSet<MessageId>,
    tombstones: BTreeSet<MessageId>,
    count: u64,
}

impl Centre {
    pub(crate) const fn new(rules: Rules) -> Self {
        Self {
            rules,
            visits: BTreeMap::new(),
            books: Vec::new(),
            seen: BTreeSet::new(),
            tombstones: BTreeSet::new(),
            count: 0,
        }
    }

    fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// Executes a message at `now_ms`, once; one that comes again is refused.
    /// Queries see the books as they were at `seen_ms`.
    pub(crate) fn execute(&mut self, call: &Call, id: &MessageId, (now_ms, seen_ms): (i64, i64)) -> Reply {
        let again = !self.seen.insert(id.clone());
        if again && self.rules.plant != Plant::ExecutesTwice {
            return refused("报文重复");
        }
        match call {
            Call::Register { visit, .. } => self.register(visit.number.clone()),
            Call::Describe { visit_id, .. } => self.on_visit(visit_id, |_| Some(Reply::Described)),
            Call::Upload {
                visit_id,
                bill,
                first,
                ..
            } => self.upload(visit_id, bill, *first),
            Call::WithdrawLines { visit_id, .. } => self.withdraw_lines(visit_id),
            Call::WithdrawVisit { visit_id, .. } => self.withdraw_visit(visit_id),
            Call::Trial { visit_id, total, .. } => self.on_visit(visit_id, |visit| {
                let bill = visit.lines.as_ref().filter(|bill| bill.total() == *total)?;
                (visit.uploaded == bill.lines().len()).then(|| amounts::trial(*total))
            }),
            Call::Settle { visit_id, total, .. } => self.settle(visit_id, *total, (id, again), now_ms),
            Call::TryPurchase { bill, .. } | Call::TrySlip { bill, .. } => amounts::trial_with_cuts(bill),
            Call::Purchase {
                payer, visit, bill, ..
            }
            | Call::SettleSlip {
                payer, visit, bill, ..
            } => self.buy((&payer.number, visit), bill.total(), (id, again), now_ms),
            Call::Cancel { settlement, .. }
            | Call::CancelPurchase { settlement, .. }
            | Call::CancelSlip { settlement, .. } => {
                let found = self
                    .books
                    .iter_mut()
                    .find(|entry| entry.settlement.id == *settlement && entry.stands());
                let Some(entry) = found else {
                    return refused("无此结算");
                };
                entry.refunded_by = Some(id.clone());
                entry.ended_ms = now_ms;
                Reply::Cancelled {
                    refund: amounts::refund(&entry.settlement, id, now_ms),
                }
            }
            Call::Reverse { target, .. } => self.reverse(target, now_ms),
            Call::QueryVisits { payer, .. } => Reply::VisitsFound {
                visits: self.purchases(&payer.number, seen_ms),
            },
            Call::QuerySettlement {
                visit_id, settlement, ..
            } => Reply::Queried {
                rows: self.rows(visit_id, settlement.as_ref(), seen_ms),
            },
            Call::Admit { .. }
            | Call::ChangeStay { .. }
            | Call::ChargeStay { .. }
            | Call::WithdrawCharges { .. }
            | Call::Discharge { .. }
            | Call::WithdrawDischarge { .. }
            | Call::WithdrawAdmission { .. }
            | Call::TryStay { .. }
            | Call::SettleStay { .. }
            | Call::CancelStay { .. }
            | Call::QueryInHospital { .. } => refused("住院不在此处"),
        }
    }

    fn register(&mut self, number: VisitNumber) -> Reply {
        let visit_id = VisitId::new(format!("V{:06}", self.number())).unwrap();
        let open = OpenVisit {
            number,
            lines: None,
            uploaded: 0,
        };
        self.visits.insert(visit_id.clone(), open);
        Reply::Registered { visit_id }
    }

    fn on_visit(&self, id: &VisitId, reply: impl FnOnce(&OpenVisit) -> Option<Reply>) -> Reply {
        self.visits
            .get(id)
            .and_then(reply)
            .unwrap_or_else(|| refused("就诊登记或明细不符"))
    }

    fn upload(&mut self, id: &VisitId, bill: &Bill, first: usize) -> Reply {
        match self.visits.get_mut(id) {
            Some(visit) if visit.uploaded == first => {
                let cuts = amounts::cuts(bill, first);
                visit.uploaded += cuts.len();
                visit.lines = Some(bill.clone());
                Reply::Uploaded { cuts }
            }
            Some(_) => refused("费用明细流水号重复"),
            None => refused("无此就诊"),
        }
    }

    fn settled_here(&self, id: &VisitId) -> bool {
        self.books
            .iter()
            .any(|entry| entry.settlement.visit_id == *id && entry.stands())
    }

    fn withdraw_lines(&mut self, id: &VisitId) -> Reply {
        if self.settled_here(id) {
            return refused("已结算");
        }
        match self.visits.get_mut(id) {
            Some(visit) if visit.uploaded > 0 => {
                visit.uploaded = 0;
                visit.lines = None;
                Reply::LinesWithdrawn
            }
            _ => refused("无明细"),
        }
    }

    fn withdraw_visit(&mut self, id: &VisitId) -> Reply {
        let busy = self.settled_here(id) || self.visits.get(id).is_none_or(|visit| visit.uploaded > 0);
        if busy {
            return refused("不可撤销");
        }
        self.visits.remove(id);
        Reply::VisitWithdrawn
    }

    fn settle(
        &mut self,
        id: &VisitId,
        total: Fen,
        (message, again): (&MessageId, bool),
        now_ms: i64,
    ) -> Reply {
        if self.tombstones.contains(message) {
            return refused("报文已冲正");
        }
        let Some(visit) = self.visits.get(id).filter(|visit| {
            visit
                .lines
                .as_ref()
                .is_some_and(|bill| bill.total() == total && bill.lines().len() == visit.uploaded)
        }) else {
            return refused("无明细");
        };
        let number = visit.number.clone();
        self.book((id.clone(), number, None), total, (message, again), now_ms)
    }

    /// A purchase: the settlement makes its visit.
    fn buy(
        &mut self,
        (person, visit): (&PersonNumber, &Visit),
        total: Fen,
        (message, again): (&MessageId, bool),
        now_ms: i64,
    ) -> Reply {
        if self.tombstones.contains(message) {
            return refused("报文已冲正");
        }
        let id = VisitId::new(format!("P{:06}", self.number())).unwrap();
        let bought = Some((person.clone(), beijing(visit.began)));
        self.book(
            (id, visit.number.clone(), bought),
            total,
            (message, again),
            now_ms,
        )
    }

    fn book(
        &mut self,
        (id, number, bought): (
            VisitId,
            VisitNumber,
            Option<(PersonNumber, jiff::civil::DateTime)>,
        ),
        total: Fen,
        (message, again): (&MessageId, bool),
        now_ms: i64,
    ) -> Reply {
        let taken = self
            .books
            .iter()
            .any(|entry| entry.visit == number && entry.stands());
        if taken && self.rules.one_per_bill && !again {
            return refused("已结算");
        }
        let echo = self.rules.echoes.then(|| message.clone());
        let settlement = amounts::settlement(&format!("S{:06}", self.number()), &id, total, echo, now_ms);
        self.books.push(Entry {
            settlement: settlement.clone(),
            message: message.clone(),
            visit: number,
            refunded_by: None,
            reversed: false,
            bought,
            made_ms: now_ms,
            ended_ms: i64::MAX,
        });
        Reply::Settled { settlement }
    }

    fn reverse(&mut self, target: &MessageId, now_ms: i64) -> Reply {
        if let Some(entry) = self
            .books
            .iter_mut()
            .find(|entry| entry.refunded_by.as_ref() == Some(target))
        {
            // A reversed refund makes the settlement stand again; the agent must never ask for it.
            entry.refunded_by = None;
            return Reply::Reversed;
        }
        match self.books.iter_mut().find(|entry| entry.message == *target) {
            Some(entry) if entry.stands() => {
                entry.reversed = true;
                entry.ended_ms = now_ms;
                Reply::Reversed
            }
            Some(entry) if entry.reversed && self.rules.reverses_again => Reply::Reversed,
            Some(_) => refused("调用业务基础子系统冲正失败：结算标志不为未退费"),
            None if self.rules.tombstone => {
                self.tombstones.insert(target.clone());
                Reply::Reversed
            }
            None if self.rules.confirms_unknown => Reply::Reversed,
            None => refused("调用业务基础子系统冲正失败：未查询到原交易"),
        }
    }

    fn rows(&self, visit: &VisitId, settlement: Option<&SettlementId>, seen_ms: i64) -> Vec<QueryRow> {
        let asked = |entry: &&Entry| {
            entry.settlement.visit_id == *visit
                && entry.made_ms <= seen_ms
                && !(entry.reversed && entry.ended_ms <= seen_ms)
                && settlement.is_none_or(|id| entry.settlement.id == *id)
        };
        let row = |entry: &Entry| QueryRow {
            settlement: entry.settlement.clone(),
            refunded: entry.refunded_by.is_some() && entry.ended_ms <= seen_ms,
        };
        let other = self.other_batch(visit).filter(|_| settlement.is_none());
        self.books.iter().filter(asked).map(row).chain(other).collect()
    }

    /// The visits of a person's purchases, those of other desks too.
    fn purchases(&self, person: &PersonNumber, seen_ms: i64) -> Vec<FoundVisit> {
        let found = |entry: &Entry| {
            let (buyer, began) = entry.bought.as_ref()?;
            (buyer == person && entry.made_ms <= seen_ms).then(|| FoundVisit {
                visit_id: entry.settlement.visit_id.clone(),
                number: None,
                in_hospital: None,
                began: Some(*began),
            })
        };
        self.books.iter().filter_map(found).collect()
    }

    fn other_batch(&self, visit: &VisitId) -> Option<QueryRow> {
        let lines = self.visits.get(visit)?.lines.as_ref();
        let total = lines.filter(|_| self.rules.other_batch)?.total();
        let echo = MessageId::new("H31010100001202611220800009801").ok();
        let echo = echo.filter(|_| self.rules.echoes);
        let id = format!("T{}", visit.as_str());
        Some(QueryRow {
            settlement: amounts::settlement(&id, visit, total, echo, crate::clock::START_MS),
            refunded: false,
        })
    }
}

pub(crate) fn refused(text: &str) -> Reply {
    Reply::Refused {
        refusal: refusal(text, false),
    }
}

pub(crate) fn refusal(text: &str, sign_in_lost: bool) -> Refusal {
    Refusal {
        code: String::from("-1"),
        sign_in_lost,
        unavailable: false,
        in_hospital: None,
        platform: PlatformWords {
            message_id: None,
            text: Some(String::from(text)),
        },
    }
}
