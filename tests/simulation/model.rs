//! The reference model: what may be true of bills and money, kept beside the real thing and compared after every step.
//!
//! It knows what left each desk, what each desk was told and what the centre holds. It knows nothing of states,
//! timers or queries, and is short enough to be believed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use zhijie_desk::Method;
use zhijie_model::{BillId, Call, Fen, MessageId, RequestId, SettlementId, Transaction, VisitNumber};
use zhijie_settlement::{Event, State};

use crate::amounts::split;
use crate::centre::{Centre, Entry};
use crate::outside::Posted;
use crate::policy::Rules;
use crate::request::Request;

/// A promise that was broken, by name.
#[derive(Debug, Clone)]
pub(crate) struct Broken {
    pub(crate) invariant: &'static str,
    pub(crate) detail: String,
}

pub(crate) type Check = Result<(), Broken>;

pub(crate) fn broken<T>(invariant: &'static str, detail: impl Into<String>) -> Result<T, Broken> {
    Err(Broken {
        invariant,
        detail: detail.into(),
    })
}

#[derive(Debug)]
struct Sent {
    at_ms: i64,
    desk: usize,
    bill: BillId,
    transaction: Transaction,
}

/// What a desk heard of a settlement that stands.
#[derive(Debug)]
struct Told {
    request: RequestId,
    total_fen: Option<i64>,
    cash_fen: Option<i64>,
}

/// A quote is good for ten minutes after its answer, which comes within one and is recorded within another.
const QUOTE_AGE_MAX_MS: i64 = 720_000;

#[derive(Debug)]
pub(crate) struct Model {
    policy_refunds: bool,
    disk_fails: bool,
    /// A desk works on an old copy of its ledger: it cannot know what it once knew. What still holds is that no
    /// message comes twice, nothing leaves unrecorded, and nothing moves money unasked.
    pub(crate) restored: bool,
    /// No clock is set and no PC sleeps.
    true_clocks: bool,
    sent: BTreeMap<MessageId, Sent>,
    inquiries: BTreeSet<MessageId>,
    /// Bills of which a desk heard that they are deferred.
    told_deferred: BTreeSet<(usize, BillId)>,
    /// Bills that may be settled by the queue, with their desks.
    deferred: BTreeSet<(usize, BillId)>,
    /// Messages that moved money for a request, and which way.
    by_request: BTreeMap<RequestId, Vec<MessageId>>,
    finals: BTreeMap<RequestId, String>,
    told_stands: BTreeMap<SettlementId, Told>,
    told_confirmed: BTreeSet<SettlementId>,
    told_refunded: BTreeMap<SettlementId, RequestId>,
    /// Messages of which a desk was told that they did nothing.
    told_nothing: BTreeMap<MessageId, RequestId>,
    /// Messages that were refused for want of a sign-in.
    unsigned: BTreeSet<MessageId>,
    /// Messages that repeat one of these.
    repeats: BTreeSet<MessageId>,
}

impl Model {
    pub(crate) fn new(rules: &Rules) -> Self {
        Self {
            policy_refunds: rules.unconfirmed == zhijie_settlement::Unconfirmed::Cancel
                && rules.confirm_within_s > 0,
            disk_fails: rules.disk_fails(),
            restored: false,
            true_clocks: rules.faults.jump == 0 && rules.faults.asleep == 0,
            sent: BTreeMap::new(),
            inquiries: BTreeSet::new(),
            told_deferred: BTreeSet::new(),
            deferred: BTreeSet::new(),
            by_request: BTreeMap::new(),
            finals: BTreeMap::new(),
            told_stands: BTreeMap::new(),
            told_confirmed: BTreeSet::new(),
            told_refunded: BTreeMap::new(),
            told_nothing: BTreeMap::new(),
            unsigned: BTreeSet::new(),
            repeats: BTreeSet::new(),
        }
    }

    /// A desk hears that a message was refused for want of a sign-in.
    pub(crate) fn unsigned(&mut self, id: &MessageId) {
        self.unsigned.insert(id.clone());
    }

    /// Whether what nobody asked for just now repeats the latest message of a request that is still open, which was refused for
    /// want of a sign-in. It may do so once.
    fn repeats(&mut self, desk: usize, posted: &Posted) -> Result<bool, Broken> {
        let alike = |id: &MessageId| {
            self.sent.get(id).is_some_and(|sent| {
                sent.desk == desk && sent.bill == posted.bill && sent.transaction == posted.call.transaction()
            })
        };
        let open = self
            .by_request
            .iter()
            .filter(|(request, _)| !self.finals.contains_key(request));
        let latest = open
            .filter_map(|(request, ids)| Some((request, ids.last()?)))
            .find(|(_, id)| self.unsigned.contains(*id) && alike(id));
        let Some((request, refused)) = latest.map(|(request, id)| (request.clone(), id.clone())) else {
            return Ok(false);
        };
        if self.repeats.contains(&refused) {
            return broken("a-lost-sign-in-is-repeated-once", refused.as_str());
        }
        let id = posted.message_id.clone();
        self.repeats.insert(id.clone());
        self.by_request.entry(request).or_default().push(id);
        Ok(true)
    }

    /// An id drawn for a message that is no intent.
    pub(crate) fn inquired(&mut self, id: &MessageId) -> Check {
        if self.sent.contains_key(id) || !self.inquiries.insert(id.clone()) {
            return broken("message-ids-never-repeat", id.as_str());
        }
        Ok(())
    }

    /// A desk asked for the bill to be settled later.
    pub(crate) fn deferred(&mut self, desk: usize, bill: &BillId) {
        self.deferred.insert((desk, bill.clone()));
        // A bill is deferred when nothing about it is under way: what was refused before is not repeated any more.
        let sent = &self.sent;
        let of_bill = |id: &MessageId| {
            sent.get(id)
                .is_some_and(|sent| sent.desk == desk && sent.bill == *bill)
        };
        self.unsigned.retain(|id| !of_bill(id));
    }

    /// A desk's ledger holds a settlement request that was never seen leaving: its record was on disk when the write
    /// that made it failed.
    pub(crate) fn recorded(&mut self, desk: usize, bill: &BillId, id: &MessageId) {
        self.sent.entry(id.clone()).or_insert_with(|| Sent {
            desk,
            bill: bill.clone(),
            transaction: Transaction::Settle,
            at_ms: 0,
        });
    }

    /// A message is about to leave a desk, decided while it handled `asking`.
    pub(crate) fn decided(
        &mut self,
        desk: usize,
        posted: &Posted,
        asking: Option<&Request>,
        at_ms: i64,
    ) -> Check {
        let id = &posted.message_id;
        if posted.recorded.as_ref() != Some(&posted.body) {
            return broken(
                "no-effect-without-a-durable-intent",
                format!("{id} left desk {desk} unrecorded"),
            );
        }
        let sent = Sent {
            at_ms,
            desk,
            bill: posted.bill.clone(),
            transaction: posted.call.transaction(),
        };
        if self.inquiries.contains(id) || self.sent.insert(id.clone(), sent).is_some() {
            return broken("message-ids-never-repeat", id.as_str());
        }
        match &posted.call {
            Call::Settle { total, .. } => self.settles(desk, posted, *total, asking, at_ms)?,
            Call::Purchase { bill, .. } | Call::SettleSlip { bill, .. } => {
                self.settles(desk, posted, bill.total(), asking, at_ms)?
            }
            Call::Cancel { settlement, .. }
            | Call::CancelPurchase { settlement, .. }
            | Call::CancelSlip { settlement, .. } => {
                match asking.filter(|asked| asked.method == Method::VisitCancel) {
                    Some(asked) => self
                        .by_request
                        .entry(asked.id.clone())
                        .or_default()
                        .push(id.clone()),
                    None if self.repeats(desk, posted)? => {}
                    None if self.told_confirmed.contains(settlement) && !self.restored => {
                        return broken("no-refund-of-what-the-desk-confirmed", settlement.as_str());
                    }
                    None if self.policy_refunds => {}
                    None => return broken("refund-only-when-asked", id.as_str()),
                }
            }
            Call::Reverse { target, .. } => return self.reverses(desk, posted, target),
            Call::Register { .. }
            | Call::Describe { .. }
            | Call::Upload { .. }
            | Call::WithdrawLines { .. }
            | Call::WithdrawVisit { .. }
            | Call::Trial { .. }
            | Call::TryPurchase { .. }
            | Call::TrySlip { .. }
            | Call::QueryVisits { .. }
            | Call::QuerySettlement { .. } => {}
            // No stay is simulated.
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
            | Call::QueryInHospital { .. } => return broken("no-stay-in-this-world", id.as_str()),
        }
        Ok(())
    }

    /// A settlement leaves: a desk asked for it, or took the bill to be settled later.
    fn settles(
        &mut self,
        desk: usize,
        posted: &Posted,
        total: Fen,
        asking: Option<&Request>,
        at_ms: i64,
    ) -> Check {
        let id = &posted.message_id;
        match asking.filter(|asked| asked.method == Method::VisitSettle) {
            Some(asked) => {
                self.accepted(asked, total, at_ms)?;
                self.by_request
                    .entry(asked.id.clone())
                    .or_default()
                    .push(id.clone());
            }
            None if self.repeats(desk, posted)? => {}
            None if self.deferred.contains(&(desk, posted.bill.clone())) => {}
            None => return broken("settle-only-when-asked", id.as_str()),
        }
        Ok(())
    }

    /// The cashier accepted these amounts, of a quote that is not old.
    fn accepted(&self, asked: &Request, billed: Fen, at_ms: i64) -> Check {
        let Event::SettleAsked {
            quote, total, cash, ..
        } = &asked.event
        else {
            return broken("settle-only-when-asked", asked.id.as_str());
        };
        if (*total, *cash) != (billed, split(billed).cash()) {
            return broken(
                "settle-only-what-was-accepted",
                format!("{}: {billed}, not {total} of which {cash} in cash", asked.id),
            );
        }
        let age_ms = self.sent.get(quote).map(|trial| at_ms - trial.at_ms);
        if self.true_clocks && age_ms.is_none_or(|age_ms| age_ms > QUOTE_AGE_MAX_MS) {
            return broken(
                "settle-only-a-fresh-quote",
                format!("{}: {age_ms:?} ms old", asked.id),
            );
        }
        Ok(())
    }

    fn reverses(&self, desk: usize, posted: &Posted, target: &MessageId) -> Check {
        let own = self.sent.get(target).is_some_and(|sent| {
            sent.desk == desk
                && sent.bill == posted.bill
                && matches!(
                    sent.transaction,
                    Transaction::Settle | Transaction::Purchase | Transaction::SettleSlip
                )
        });
        if own {
            Ok(())
        } else {
            broken(
                "reversal-hits-only-its-own-target",
                format!("desk {desk} reverses {target}"),
            )
        }
    }

    /// Whether a settlement or refund left because of the request.
    pub(crate) fn has_moved_money(&self, id: &RequestId) -> bool {
        self.by_request.contains_key(id)
    }

    /// Whether the request has had its final answer.
    pub(crate) fn is_final(&self, id: &RequestId) -> bool {
        self.finals.contains_key(id)
    }

    /// A desk is told `text`; `stored` is what its ledger holds for the request.
    pub(crate) fn heard(&mut self, desk: usize, asked: &Request, text: &str, stored: Option<&str>) -> Check {
        if self.restored {
            return Ok(());
        }
        let answer: Value = serde_json::from_str(text).unwrap();
        let outcome = answer["outcome"].as_str().unwrap_or_default();
        if let Some(first) = self.finals.get(&asked.id)
            && first != text
        {
            return broken("final-is-final", format!("{}: {first} / {text}", asked.id));
        }
        if outcome == "not_known" {
            return Ok(());
        }
        if stored != Some(text) {
            let code = answer["fault"]["code"].as_str().unwrap_or_default();
            if self.disk_fails && outcome == "not_done" && code == "AGENT-003" {
                return Ok(());
            }
            return broken(
                "answer-durable-before-anyone-sees-it",
                format!("{}: {text}", asked.id),
            );
        }
        self.finals.insert(asked.id.clone(), String::from(text));
        if outcome == "deferred" {
            self.told_deferred.insert((desk, asked.bill.clone()));
        }
        self.believe(asked, outcome, &answer)
    }

    fn believe(&mut self, asked: &Request, outcome: &str, answer: &Value) -> Check {
        match (&asked.event, outcome) {
            (Event::SettleAsked { .. }, "done") => {
                let id = answer["settlement"]["settlement_id"].as_str().unwrap_or_default();
                let Ok(id) = SettlementId::new(id) else {
                    return broken("done-names-the-settlement", asked.id.as_str());
                };
                let amounts = &answer["settlement"]["split"];
                let told = Told {
                    request: asked.id.clone(),
                    total_fen: amounts["total_fen"].as_i64(),
                    cash_fen: amounts["cash_fen"].as_i64(),
                };
                self.told_stands.insert(id, told);
            }
            (Event::Confirmed { settlement, .. }, "done") => {
                self.told_confirmed.insert(settlement.clone());
            }
            (Event::CancelAsked { settlement, .. }, "done") => {
                self.told_refunded.insert(settlement.clone(), asked.id.clone());
            }
            (Event::SettleAsked { .. } | Event::CancelAsked { .. }, _) => {
                for message in self.by_request.get(&asked.id).into_iter().flatten() {
                    self.told_nothing.insert(message.clone(), asked.id.clone());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What every desk was told, against the centre's books.
    pub(crate) fn compare(&self, centre: &Centre) -> Check {
        let mut standing: BTreeMap<&VisitNumber, u32> = BTreeMap::new();
        for entry in &centre.books {
            if !self.restored {
                self.compare_entry(entry)?;
            }
            let count = standing.entry(&entry.visit).or_default();
            *count += u32::from(entry.stands());
            if *count > 1 {
                return broken("at-most-one-live-settlement-per-bill", entry.visit.as_str());
            }
        }
        let known = |id: &SettlementId| centre.books.iter().any(|entry| entry.settlement.id == *id);
        match self.told_stands.keys().find(|id| !known(id)) {
            Some(id) => broken("done-only-if-it-stands", format!("{id} was never made")),
            None => Ok(()),
        }
    }

    fn compare_entry(&self, entry: &Entry) -> Check {
        let id = &entry.settlement.id;
        if let Some(told) = self.told_stands.get(id) {
            let Told { request, .. } = told;
            let split = &entry.settlement.split;
            let amounts = (Some(split.total().get()), Some(split.cash().get()));
            if (told.total_fen, told.cash_fen) != amounts {
                return broken(
                    "the-amounts-told-are-the-centre-s",
                    format!("{id}, told to {request}: {told:?}"),
                );
            }
            if entry.reversed {
                return broken(
                    "done-only-if-it-stands",
                    format!("{id}, told to {request}, was reversed"),
                );
            }
            let refund = entry.refunded_by.as_ref().map(|message| self.sent.get(message));
            if refund.is_some_and(|sent| {
                sent.is_none_or(|sent| {
                    !matches!(
                        sent.transaction,
                        Transaction::Cancel | Transaction::CancelPurchase | Transaction::CancelSlip
                    )
                })
            }) {
                return broken(
                    "done-only-if-it-stands",
                    format!("{id}, told to {request}, lost without refund"),
                );
            }
        }
        if let Some(request) = self.told_nothing.get(&entry.message)
            && entry.stands()
        {
            return broken(
                "not-done-only-if-it-does-not-stand",
                format!("{id} stands, {request} heard otherwise"),
            );
        }
        if let Some(request) = self.told_refunded.get(id)
            && entry.refunded_by.is_none()
        {
            return broken(
                "refunded-only-if-refunded",
                format!("{id}, told to {request}, stands"),
            );
        }
        if let Some(request) = entry
            .refunded_by
            .as_ref()
            .and_then(|message| self.told_nothing.get(message))
        {
            return broken(
                "refund-not-done-only-if-it-is-not",
                format!("{id} is refunded, {request} heard otherwise"),
            );
        }
        Ok(())
    }

    /// A bill that was taken for later is still known as such, none waits for its turn, and deposit and own share differ
    /// by what the desk is told to pay back.
    fn queue_at_rest(&self, desk: usize, bill: &BillId, state: &State, centre: &Centre) -> Check {
        let deferral = state.case().and_then(|case| case.deferral.as_ref());
        if self.told_deferred.contains(&(desk, bill.clone())) && deferral.is_none() {
            return broken("no-deferred-bill-is-lost", bill.as_str());
        }
        let Some(deferral) = deferral else { return Ok(()) };
        if deferral.is_queued() {
            return broken("the-queue-runs-dry", format!("{bill} waits while all is well"));
        }
        if let State::Settled(settled) = state {
            let books = centre.books.iter();
            let cash = books
                .filter(|entry| entry.settlement.id == settled.settlement.id)
                .map(|entry| entry.settlement.split.cash())
                .next();
            let kept = cash.map(|cash| deferral.to_pay_back(cash).get() + cash.get());
            if kept != Some(deferral.terms.deposit.get()) {
                return broken("deposit-is-own-share-and-difference", bill.as_str());
            }
        }
        Ok(())
    }

    /// Nothing is under way any more: a desk's ledger says of a bill what the centre says.
    pub(crate) fn at_rest(&self, desk: usize, bill: &BillId, state: &State, centre: &Centre) -> Check {
        let mine = |entry: &&Entry| {
            self.sent
                .get(&entry.message)
                .is_some_and(|sent| sent.desk == desk && sent.bill == *bill)
        };
        let entries = || centre.books.iter().filter(mine);
        let standing: Vec<&SettlementId> = entries()
            .filter(|entry| entry.stands())
            .map(|entry| &entry.settlement.id)
            .collect();
        let agrees = match state {
            State::Settled(settled) => standing == [&settled.settlement.id],
            State::Cancelled { settled, .. } => {
                let refunded = |entry: &Entry| {
                    entry.settlement.id == settled.settlement.id && entry.refunded_by.is_some()
                };
                standing.is_empty() && entries().any(refunded)
            }
            State::Blank
            | State::Drafted(_)
            | State::Quoted(_)
            | State::Declined { .. }
            | State::Reversed { .. }
            | State::Abandoned { .. }
            | State::Deferred(_) => standing.is_empty(),
            State::Preparing(_)
            | State::Submitted(_)
            | State::InDoubt(_)
            | State::Reversing(_)
            | State::Cancelling(_)
            | State::Undoing(_)
            | State::Renewing(_)
            | State::NeedsClerk(_) => {
                return broken(
                    "every-saga-ends",
                    format!("desk {desk}, {bill}: {}", state.name()),
                );
            }
        };
        if !self.restored {
            self.queue_at_rest(desk, bill, state, centre)?;
        }
        if agrees || self.restored {
            Ok(())
        } else {
            let detail = format!(
                "desk {desk}, {bill}: {} but the centre holds {standing:?}",
                state.name()
            );
            broken("at-rest-the-books-agree", detail)
        }
    }
}
