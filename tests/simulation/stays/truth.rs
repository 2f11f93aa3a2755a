//! The reference model of a stay: what left the desk, what it was told and what the centre holds. It knows nothing of
//! states, timers or queries.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use zhijie_model::{BillId, Call, MessageId, RequestId, Transaction};
use zhijie_settlement::{Event, State, StayState};

use super::centre::{Centre, Entry};
use super::clerk::{Asked, Wish};
use crate::amounts::split;
use crate::model::{Check, broken};
use crate::outside::Posted;
use crate::policy::Rules;

#[derive(Debug, Default)]
pub(super) struct Truth {
    /// No message is executed late. Where one may be, a lost withdrawal can take away lines that were uploaded anew since:
    /// then the centre refuses the next trial, and the desk withdraws all and uploads again.
    in_time: bool,
    sent: BTreeMap<MessageId, (BillId, Transaction)>,
    inquiries: BTreeSet<MessageId>,
    /// Messages that would change something, by the request they left for.
    by_request: BTreeMap<RequestId, Vec<MessageId>>,
    finals: BTreeMap<RequestId, String>,
    told_done: BTreeMap<RequestId, MessageId>,
    told_nothing: BTreeMap<MessageId, RequestId>,
    /// Messages that were refused for want of a sign-in, and those that repeat one of them.
    unsigned: BTreeSet<MessageId>,
    repeats: BTreeSet<MessageId>,
}

/// Calls whose outcome is told to the desk as done or not done, and after which nothing else may be true.
const fn is_promised(transaction: Transaction) -> bool {
    matches!(
        transaction,
        Transaction::Admit
            | Transaction::Discharge
            | Transaction::WithdrawDischarge
            | Transaction::WithdrawAdmission
            | Transaction::SettleStay
            | Transaction::CancelStay
    )
}

impl Truth {
    pub(super) fn new(rules: &Rules) -> Self {
        Self {
            in_time: rules.faults.late == 0 && rules.faults.twice == 0,
            ..Self::default()
        }
    }

    pub(super) fn inquired(&mut self, id: &MessageId) -> Check {
        if self.sent.contains_key(id) || !self.inquiries.insert(id.clone()) {
            return broken("message-ids-never-repeat", id.as_str());
        }
        Ok(())
    }

    /// The desk hears that a message was refused for want of a sign-in.
    pub(super) fn unsigned(&mut self, id: &MessageId) {
        self.unsigned.insert(id.clone());
    }

    /// The open request whose latest message this one repeats, under a new sign-in; once.
    fn repeated(&mut self, posted: &Posted) -> Option<RequestId> {
        let alike = |id: &MessageId| {
            let sent = (posted.bill.clone(), posted.call.transaction());
            self.sent.get(id) == Some(&sent) && self.unsigned.contains(id) && !self.repeats.contains(id)
        };
        let mut open = self
            .by_request
            .iter()
            .filter(|(request, _)| !self.finals.contains_key(*request));
        let found = open.find(|(_, ids)| ids.last().is_some_and(alike));
        let request = found.map(|(request, _)| request.clone())?;
        self.repeats.insert(posted.message_id.clone());
        Some(request)
    }

    pub(super) fn is_final(&self, id: &RequestId) -> bool {
        self.finals.contains_key(id)
    }

    pub(super) fn has_moved(&self, id: &RequestId) -> bool {
        self.by_request.contains_key(id)
    }

    /// A message is about to leave, decided while the loop handled `asking`.
    pub(super) fn decided(&mut self, posted: &Posted, asking: Option<&Wish>) -> Check {
        let id = &posted.message_id;
        if posted.recorded.as_ref() != Some(&posted.body) {
            return broken("no-effect-without-a-durable-intent", id.as_str());
        }
        let transaction = posted.call.transaction();
        let sent = (posted.bill.clone(), transaction);
        if self.inquiries.contains(id) || self.sent.insert(id.clone(), sent).is_some() {
            return broken("message-ids-never-repeat", id.as_str());
        }
        if let Call::Reverse { target, .. } = &posted.call {
            let own = self.sent.get(target).is_some_and(|(bill, transaction)| {
                *bill == posted.bill && matches!(transaction, Transaction::Admit | Transaction::SettleStay)
            });
            return if own {
                Ok(())
            } else {
                broken("reversal-hits-only-its-own-target", target.as_str())
            };
        }
        if !is_promised(transaction) {
            return Ok(());
        }
        let Some(asked) = asking.filter(|wish| wish.bill == posted.bill) else {
            let Some(request) = self.repeated(posted) else {
                return broken("nothing-changes-unasked", format!("{transaction:?} {id}"));
            };
            self.by_request.entry(request).or_default().push(id.clone());
            return Ok(());
        };
        if let (Call::SettleStay { part, .. }, Asked::Bill(event)) = (&posted.call, &asked.asked) {
            let Event::SettleAsked { total, cash, .. } = &**event else {
                return broken("settle-only-when-asked", id.as_str());
            };
            if (*total, *cash) != (part.total, split(part.total).cash()) {
                return broken("settle-only-what-was-accepted", id.as_str());
            }
        }
        let of_request = self.by_request.entry(asked.id.clone()).or_default();
        of_request.push(id.clone());
        Ok(())
    }

    /// The desk is told `text`; `stored` is what its ledger holds for the request.
    pub(super) fn heard(&mut self, wish: &Wish, text: &str, stored: Option<&str>) -> Check {
        let answer: Value = serde_json::from_str(text).unwrap();
        if let Some(first) = self.finals.get(&wish.id)
            && first != text
        {
            return broken("final-is-final", format!("{}: {first} / {text}", wish.id));
        }
        if answer["outcome"] == "not_known" {
            return Ok(());
        }
        if stored != Some(text) {
            return broken("answer-durable-before-anyone-sees-it", text);
        }
        self.finals.insert(wish.id.clone(), String::from(text));
        let messages = self.by_request.get(&wish.id).into_iter().flatten();
        if answer["outcome"] == "done" {
            if let Some(last) = messages.last() {
                self.told_done.insert(wish.id.clone(), last.clone());
            }
        } else {
            let nothing = messages.map(|message| (message.clone(), wish.id.clone()));
            self.told_nothing.extend(nothing.collect::<Vec<_>>());
        }
        Ok(())
    }

    /// What the desk was told, against the centre's books.
    pub(super) fn compare(&self, centre: &Centre) -> Check {
        let standing = centre.visits.iter().filter(|visit| visit.stands()).count();
        if standing > 1 {
            return broken("nobody-is-admitted-twice", format!("{standing} stays stand"));
        }
        let live = || centre.books.iter().filter(|entry| entry.stands());
        if live().filter(|entry| !entry.interim).count() > 1 {
            return broken(
                "at-most-one-live-settlement-per-bill",
                "two final settlements stand",
            );
        }
        let mut bills = BTreeSet::new();
        for entry in live() {
            let bill = self.sent.get(&entry.message).map(|(bill, _)| bill);
            if !bills.insert(bill) {
                return broken("at-most-one-live-settlement-per-bill", format!("{bill:?}"));
            }
        }
        for (message, request) in &self.told_nothing {
            if centre.done.contains(message) {
                return broken(
                    "not-done-only-if-it-does-not-stand",
                    format!("{message} was executed, {request} heard otherwise"),
                );
            }
        }
        for (request, message) in &self.told_done {
            if !centre.done.contains(message) {
                return broken(
                    "done-only-if-it-stands",
                    format!("{request} heard that {message} was done"),
                );
            }
        }
        Ok(())
    }

    /// Nothing is under way any more: the desk's ledger says of the stay what the centre says.
    pub(super) fn stay_at_rest(&self, state: &StayState, centre: &Centre, now_ms: i64) -> Check {
        let standing = centre.visits.iter().find(|visit| visit.stands());
        let agrees = match state {
            StayState::Blank | StayState::NotAdmitted(_) => standing.is_none(),
            StayState::Admitted(stay) => standing.is_some_and(|visit| {
                let known = stay.lines.keys().all(|serial| visit.lines.contains_key(serial));
                let lines_agree = known || !self.in_time;
                visit.id == stay.visit_id
                    && visit.lies_there(now_ms) == stay.discharge.is_none()
                    && lines_agree
            }),
            StayState::Admitting(_)
            | StayState::AdmissionInDoubt(_)
            | StayState::ReversingAdmission(_)
            | StayState::Working(_)
            | StayState::StepInDoubt(_)
            | StayState::Renewing(_)
            | StayState::NeedsClerk(_) => return broken("every-saga-ends", state.name()),
        };
        if agrees {
            Ok(())
        } else {
            broken(
                "at-rest-the-books-agree",
                format!("{} but the centre holds {standing:?}", state.name()),
            )
        }
    }

    /// The same of one settlement of the stay.
    pub(super) fn bill_at_rest(&self, bill: &BillId, state: &State, centre: &Centre) -> Check {
        let mine = |entry: &&Entry| {
            let sent = self.sent.get(&entry.message);
            sent.is_some_and(|(of, _)| of == bill) && entry.stands()
        };
        let standing: Vec<_> = centre.books.iter().filter(mine).collect();
        let agrees = match state {
            State::Settled(settled) => {
                standing.len() == 1 && standing[0].settlement.id == settled.settlement.id
            }
            State::Preparing(_)
            | State::Submitted(_)
            | State::InDoubt(_)
            | State::Reversing(_)
            | State::Cancelling(_)
            | State::Undoing(_)
            | State::Renewing(_)
            | State::NeedsClerk(_) => {
                return broken("every-saga-ends", format!("{bill}: {}", state.name()));
            }
            _ => standing.is_empty(),
        };
        if agrees {
            Ok(())
        } else {
            broken(
                "at-rest-the-books-agree",
                format!("{bill}: {} but {standing:?} stands", state.name()),
            )
        }
    }
}
