//! The centre's books of one hospital's stays: the truth the desk is compared with.

use std::collections::{BTreeMap, BTreeSet};

use zhijie_model::{
    Call, Fen, FoundStay, FoundVisit, LineSerial, MessageId, QueryRow, Reply, Settlement, StayLine, StayPart,
    VisitId, VisitNumber, beijing,
};

use crate::amounts;
use crate::centre::refused;
use crate::policy::Rules;

/// A stay that was opened.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) id: VisitId,
    pub(super) message: MessageId,
    pub(super) number: VisitNumber,
    began: jiff::Timestamp,
    admitted_ms: i64,
    /// When it was taken back or reversed.
    gone_ms: i64,
    /// When it was discharged, and taken in again: true while the patient lies there.
    inside: Vec<(i64, bool)>,
    pub(super) lines: BTreeMap<LineSerial, StayLine>,
    settled: BTreeMap<LineSerial, MessageId>,
}

impl Visit {
    pub(super) const fn stands(&self) -> bool {
        self.gone_ms == i64::MAX
    }

    pub(super) fn lies_there(&self, at_ms: i64) -> bool {
        let seen = self.inside.iter().rev().find(|(since, _)| *since <= at_ms);
        seen.is_none_or(|(_, inside)| *inside)
    }

    fn open_total(&self) -> Option<Fen> {
        let open = self
            .lines
            .iter()
            .filter(|(serial, _)| !self.settled.contains_key(*serial));
        Fen::sum(open.map(|(_, line)| line.charge.amount))
    }
}

/// A settlement in the books.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) settlement: Settlement,
    pub(super) message: MessageId,
    pub(super) interim: bool,
    pub(super) refunded_by: Option<MessageId>,
    pub(super) reversed: bool,
    made_ms: i64,
    ended_ms: i64,
}

impl Entry {
    pub(super) const fn stands(&self) -> bool {
        self.refunded_by.is_none() && !self.reversed
    }
}

#[derive(Debug)]
pub(super) struct Centre {
    rules: Rules,
    pub(super) visits: Vec<Visit>,
    pub(super) books: Vec<Entry>,
    /// Messages that did what they asked for.
    pub(super) done: BTreeSet<MessageId>,
    seen: BTreeSet<MessageId>,
    tombstones: BTreeSet<MessageId>,
}

impl Centre {
    pub(super) const fn new(rules: Rules) -> Self {
        Self {
            rules,
            visits: Vec::new(),
            books: Vec::new(),
            done: BTreeSet::new(),
            seen: BTreeSet::new(),
            tombstones: BTreeSet::new(),
        }
    }

    /// Executes a message at `now_ms`, once. Queries see the books as they were at `seen_ms`.
    pub(super) fn execute(&mut self, call: &Call, id: &MessageId, (now_ms, seen_ms): (i64, i64)) -> Reply {
        if !self.seen.insert(id.clone()) {
            return refused("报文重复");
        }
        if self.tombstones.contains(id) {
            return refused("报文已冲正");
        }
        let reply = match call {
            Call::Admit { admission, .. } => self.admit(admission, id, now_ms),
            Call::SettleStay { visit_id, part, .. } => self.settle(visit_id, part, id, now_ms),
            Call::CancelStay { settlement, .. } => self.cancel(settlement, id, now_ms),
            Call::Reverse { target, .. } => self.reverse(target, now_ms),
            Call::QueryInHospital { .. } => Reply::InHospital {
                stays: self.inside(seen_ms),
            },
            Call::QueryVisits { .. } => Reply::VisitsFound {
                visits: self.found(seen_ms),
            },
            Call::QuerySettlement { visit_id, .. } => Reply::Queried {
                rows: self.rows(visit_id, seen_ms),
            },
            step => self.step(step, now_ms),
        };
        if !matches!(reply, Reply::Refused { .. }) {
            self.done.insert(id.clone());
        }
        reply
    }

    fn admit(&mut self, admission: &zhijie_model::Admission, id: &MessageId, now_ms: i64) -> Reply {
        let there = |visit: &Visit| visit.stands() && visit.lies_there(now_ms);
        // A careless centre takes a patient in twice: then only the desk keeps her from it.
        if self.rules.one_per_bill && self.visits.iter().any(there) {
            return refused("该人员已在院");
        }
        let visit_id = VisitId::new(format!("Y{:06}", self.visits.len())).unwrap();
        self.visits.push(Visit {
            id: visit_id.clone(),
            message: id.clone(),
            number: admission.number.clone(),
            began: admission.began,
            admitted_ms: now_ms,
            gone_ms: i64::MAX,
            inside: Vec::new(),
            lines: BTreeMap::new(),
            settled: BTreeMap::new(),
        });
        Reply::Admitted { visit_id }
    }

    fn step(&mut self, call: &Call, now_ms: i64) -> Reply {
        let visit_id = match call {
            Call::ChangeStay { visit_id, .. }
            | Call::ChargeStay { visit_id, .. }
            | Call::WithdrawCharges { visit_id, .. }
            | Call::Discharge { visit_id, .. }
            | Call::WithdrawDischarge { visit_id, .. }
            | Call::WithdrawAdmission { visit_id, .. }
            | Call::TryStay { visit_id, .. } => visit_id,
            _ => return refused("不在此处"),
        };
        let found = self
            .visits
            .iter_mut()
            .find(|visit| visit.id == *visit_id && visit.stands());
        let Some(visit) = found else {
            return refused("无此住院");
        };
        let inside = visit.lies_there(now_ms);
        match call {
            Call::ChangeStay { .. } if inside => Reply::StayChanged,
            Call::ChargeStay { lines, .. } if inside => {
                if lines
                    .iter()
                    .any(|line| visit.lines.contains_key(&line.charge.serial))
                {
                    return refused("费用明细流水号重复");
                }
                let fresh = lines
                    .iter()
                    .map(|line| (line.charge.serial.clone(), line.clone()));
                visit.lines.extend(fresh);
                Reply::Uploaded {
                    cuts: lines.iter().map(|line| amounts::cut(&line.charge)).collect(),
                }
            }
            Call::WithdrawCharges { serials, .. } if inside => {
                let wanted: Vec<LineSerial> = match serials {
                    Some(serials) => serials.clone(),
                    None => visit.lines.keys().cloned().collect(),
                };
                let may = |serial: &LineSerial| {
                    visit.lines.contains_key(serial) && !visit.settled.contains_key(serial)
                };
                if serials.is_some() && !wanted.iter().all(may) {
                    return refused("无此明细");
                }
                let settled = visit.settled.clone();
                visit
                    .lines
                    .retain(|serial, _| settled.contains_key(serial) || !wanted.contains(serial));
                Reply::LinesWithdrawn
            }
            Call::Discharge { .. } if inside => {
                visit.inside.push((now_ms, false));
                Reply::Discharged
            }
            Call::WithdrawDischarge { .. } if !inside => {
                visit.inside.push((now_ms, true));
                Reply::DischargeWithdrawn
            }
            Call::WithdrawAdmission { .. } if inside && visit.lines.is_empty() => {
                visit.gone_ms = now_ms;
                Reply::AdmissionWithdrawn
            }
            Call::TryStay { part, .. } if visit.open_total() == Some(part.total) => {
                amounts::trial(part.total)
            }
            _ => refused("当前状态不允许"),
        }
    }

    fn settle(&mut self, visit_id: &VisitId, part: &StayPart, id: &MessageId, now_ms: i64) -> Reply {
        let careful = self.rules.one_per_bill;
        let found = self
            .visits
            .iter_mut()
            .find(|visit| visit.id == *visit_id && visit.stands());
        let Some(visit) = found else {
            return refused("无此住院");
        };
        if careful && visit.open_total() != Some(part.total) {
            return refused("医疗费总额不一致");
        }
        let open: Vec<LineSerial> = visit
            .lines
            .keys()
            .filter(|serial| !visit.settled.contains_key(*serial))
            .cloned()
            .collect();
        visit
            .settled
            .extend(open.into_iter().map(|serial| (serial, id.clone())));
        let echo = self.rules.echoes.then(|| id.clone());
        let number = format!("S{:06}", self.books.len());
        let settlement = amounts::settlement(&number, visit_id, part.total, echo, now_ms);
        self.books.push(Entry {
            settlement: settlement.clone(),
            message: id.clone(),
            interim: part.interim,
            refunded_by: None,
            reversed: false,
            made_ms: now_ms,
            ended_ms: i64::MAX,
        });
        Reply::Settled { settlement }
    }

    fn cancel(&mut self, settlement: &zhijie_model::SettlementId, id: &MessageId, now_ms: i64) -> Reply {
        let found = self
            .books
            .iter_mut()
            .find(|entry| entry.settlement.id == *settlement && entry.stands());
        let Some(entry) = found else {
            return refused("无此结算");
        };
        entry.refunded_by = Some(id.clone());
        entry.ended_ms = now_ms;
        let (made_by, refund) = (
            entry.message.clone(),
            amounts::refund(&entry.settlement, id, now_ms),
        );
        self.release(&made_by);
        Reply::Cancelled { refund }
    }

    fn release(&mut self, made_by: &MessageId) {
        for visit in &mut self.visits {
            visit.settled.retain(|_, by| by != made_by);
        }
    }

    fn reverse(&mut self, target: &MessageId, now_ms: i64) -> Reply {
        if let Some(visit) = self.visits.iter_mut().find(|visit| visit.message == *target) {
            if visit.stands() && visit.lies_there(now_ms) && visit.lines.is_empty() {
                visit.gone_ms = now_ms;
                self.done.remove(target);
                return Reply::Reversed;
            }
            return if !visit.stands() && self.rules.reverses_again {
                Reply::Reversed
            } else {
                refused("调用业务基础子系统冲正失败：住院状态不允许")
            };
        }
        if let Some(entry) = self.books.iter_mut().find(|entry| entry.message == *target) {
            if entry.stands() {
                entry.reversed = true;
                entry.ended_ms = now_ms;
                self.done.remove(target);
                self.release(&target.clone());
                return Reply::Reversed;
            }
            return if entry.reversed && self.rules.reverses_again {
                Reply::Reversed
            } else {
                refused("调用业务基础子系统冲正失败：结算标志不为未退费")
            };
        }
        if self.rules.tombstone {
            self.tombstones.insert(target.clone());
            return Reply::Reversed;
        }
        if self.rules.confirms_unknown {
            Reply::Reversed
        } else {
            refused("调用业务基础子系统冲正失败：未查询到原交易")
        }
    }

    fn visible(&self, seen_ms: i64) -> impl Iterator<Item = &Visit> {
        let shown = move |visit: &&Visit| visit.admitted_ms <= seen_ms && visit.gone_ms > seen_ms;
        self.visits.iter().filter(shown)
    }

    fn inside(&self, seen_ms: i64) -> Vec<FoundStay> {
        let inside = self.visible(seen_ms).filter(|visit| visit.lies_there(seen_ms));
        let row = |visit: &Visit| FoundStay {
            visit_id: visit.id.clone(),
            number: Some(visit.number.clone()),
            began: Some(beijing(visit.began).date()),
        };
        inside.map(row).collect()
    }

    fn found(&self, seen_ms: i64) -> Vec<FoundVisit> {
        let row = |visit: &Visit| FoundVisit {
            visit_id: visit.id.clone(),
            number: Some(visit.number.clone()),
            began: Some(beijing(visit.began)),
            in_hospital: Some(visit.lies_there(seen_ms)),
        };
        self.visible(seen_ms).map(row).collect()
    }

    fn rows(&self, visit: &VisitId, seen_ms: i64) -> Vec<QueryRow> {
        let shown = |entry: &&Entry| {
            entry.settlement.visit_id == *visit
                && entry.made_ms <= seen_ms
                && !(entry.reversed && entry.ended_ms <= seen_ms)
        };
        let row = |entry: &Entry| QueryRow {
            settlement: entry.settlement.clone(),
            refunded: entry.refunded_by.is_some() && entry.ended_ms <= seen_ms,
        };
        self.books.iter().filter(shown).map(row).collect()
    }
}
