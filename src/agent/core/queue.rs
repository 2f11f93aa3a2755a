//! The queue of deferred bills: which one may be taken up now. In order per patient, side by side across patients, never
//! before what waits at the desk, and no flood when a line comes back.

use jiff::{SignedDuration, Timestamp};
use zhijie_ledger::{Reader, digest};
use zhijie_model::{BillId, PersonNumber, Settlement};
use zhijie_settlement::{Case, Deferral, Event, REPLAY_WAIT_MAX_S, State, fold};

use super::{Core, Outside, record};

/// Deferred bills under way at once: in all, and towards one insured region.
const REPLAYS_MAX: usize = 4;
const REPLAYS_PER_REGION_MAX: usize = 2;
/// How long a bill waits at most that may not be taken up: behind the desk's own calls, behind others, behind a closed
/// road. What it waits for calls it when it ends.
const BEHIND_THE_DESK_MS: i64 = 60_000;
const BEHIND_OTHERS_MS: i64 = 300_000;
const BEHIND_A_CLOSED_ROAD_MS: i64 = 5_000;
const NO_SIGN_IN_MS: i64 = 30_000;
/// Bills an estimate is looked for in.
const BILLS_LOOKED_AT: u32 = 200;
/// Bills that wait for the same thing are spread over this time.
const SPREAD_MS: i64 = 2_000;

impl<O: Outside> Core<O> {
    /// The time of a deferred bill has come: it is taken up when there is room, or looked at again later.
    pub(super) fn replay(&mut self, bill: &BillId, case: &Case, now: Timestamp) {
        let Some(deferral) = case.deferral.as_ref().filter(|deferral| deferral.is_queued()) else {
            return;
        };
        let wait_s = deferral.next_at.as_second().saturating_sub(now.as_second());
        let forced = self.queue_forced.remove(bill);
        if now >= deferral.terms.deadline {
            self.apply(bill, &Event::Woken, None, None);
        } else if !forced && (1..=REPLAY_WAIT_MAX_S).contains(&wait_s) {
            // A longer wait comes of a clock that was set back.
            self.timers.insert((deferral.next_at, bill.clone()));
        } else if let Some(wait_ms) = self.wait_ms(bill, case, deferral) {
            self.queue_forced.extend(forced.then(|| bill.clone()));
            self.look_again(bill, now, wait_ms);
        } else if let Some(until) = self.outside.closed_until(case.order.payer.area, now) {
            let wait_ms = until.as_millisecond().saturating_sub(now.as_millisecond());
            self.look_again(bill, now, wait_ms.max(BEHIND_A_CLOSED_ROAD_MS));
        } else if self.outside.signed_in(&case.order.operator.code, now) {
            self.apply(bill, &Event::ReplayDue, None, None);
        } else if self.queue_signing.is_empty() {
            self.queue_forced.extend(forced.then(|| bill.clone()));
            self.queue_signing.insert(bill.clone());
            self.sign_in_then_wake(bill, &case.order.operator);
        } else {
            self.look_again(bill, now, BEHIND_OTHERS_MS);
        }
    }

    /// Nobody could be signed in for it.
    pub(super) fn not_now(&mut self, bill: &BillId) {
        let now = self.clock.now();
        self.look_again(bill, now, NO_SIGN_IN_MS);
    }

    /// Makes queued bills due now, whatever their turn; their order stays. How many.
    pub(super) fn run_queue(&mut self, only: Option<&BillId>) -> u64 {
        let now = self.clock.now();
        let queued = |(bill, state): &(&BillId, &std::sync::Arc<State>)| {
            let deferral = deferred(state);
            deferral.is_some_and(Deferral::is_queued) && only.is_none_or(|only| only == *bill)
        };
        let due: Vec<BillId> = self
            .states
            .iter()
            .filter(queued)
            .map(|(bill, _)| bill.clone())
            .collect();
        let count = u64::try_from(due.len()).unwrap_or(u64::MAX);
        for bill in due {
            self.queue_forced.insert(bill.clone());
            self.timers.retain(|(_, other)| *other != bill);
            self.timers.insert((now, bill));
        }
        count
    }

    /// The latest settlement of a person among the latest bills, folded one by one.
    pub(super) fn last_settled(&mut self, person: &PersonNumber) -> Option<(Settlement, Timestamp)> {
        let bills = self.ledger.bills(BILLS_LOOKED_AT).unwrap_or_default();
        let mut latest: Option<(Settlement, Timestamp)> = None;
        for row in bills {
            let Some(state) = self.state(&row.bill) else {
                continue;
            };
            let Some(settled) = state
                .settled()
                .filter(|settled| settled.case.order.payer.number == *person)
            else {
                continue;
            };
            if latest.as_ref().is_none_or(|(_, at)| *at < settled.known_at) {
                let mut settlement = settled.settlement.clone();
                settlement.message_id = Some(settled.message_id.clone());
                latest = Some((settlement, settled.known_at));
            }
        }
        latest
    }

    /// Something ended that deferred bills may have waited for: those whose time has come are looked at again.
    pub(super) fn call_the_queue(&mut self, before: &State, after: &State) {
        if !holds_the_queue_up(before) || holds_the_queue_up(after) {
            return;
        }
        let now = self.clock.now();
        let due = |(_, state): &(&BillId, &std::sync::Arc<State>)| {
            let queued = deferred(state).filter(|deferral| deferral.is_queued());
            queued.is_some_and(|deferral| deferral.next_at <= now)
        };
        let due: Vec<BillId> = self
            .states
            .iter()
            .filter(due)
            .map(|(bill, _)| bill.clone())
            .collect();
        for bill in due {
            self.look_again(&bill, now, 0);
        }
    }

    fn look_again(&mut self, bill: &BillId, now: Timestamp, wait_ms: i64) {
        let wait = SignedDuration::from_millis(wait_ms.saturating_add(spread_ms(bill)));
        let at = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
        self.timers.retain(|(_, other)| other != bill);
        self.timers.insert((at, bill.clone()));
    }

    /// How long the bill has to wait for others; `None`: it is its turn.
    fn wait_ms(&self, bill: &BillId, case: &Case, deferral: &Deferral) -> Option<i64> {
        let (mut all, mut region) = (0_usize, 0_usize);
        for (other, state) in &self.states {
            let (Some(theirs), true) = (state.case(), other != bill) else {
                continue;
            };
            let replayed = theirs.deferral.as_ref().is_some_and(Deferral::is_replayed);
            if !replayed && waits_at_the_desk(state) {
                return Some(BEHIND_THE_DESK_MS);
            }
            // A bill in doubt waits by its own schedule and holds up its own patient alone.
            if replayed && state.doubt().is_none() && state.open_message().is_some() {
                all = all.saturating_add(1);
                let same = theirs.order.payer.area == case.order.payer.area;
                region = region.saturating_add(usize::from(same));
            }
            let same_person = theirs.order.payer.number == case.order.payer.number;
            if same_person && goes_before(state, other, bill, deferral) {
                return Some(BEHIND_OTHERS_MS);
            }
        }
        (all >= REPLAYS_MAX || region >= REPLAYS_PER_REGION_MAX).then_some(BEHIND_OTHERS_MS)
    }

    /// Tells the desk when a deferred bill changed its place, or what it came to.
    pub(super) fn announce_queue(&self, bill: &BillId, before: &State, after: &State) {
        let Some(deferral) = after.case().and_then(|case| case.deferral.as_ref()) else {
            return;
        };
        let place = |state: &State| {
            state
                .case()?
                .deferral
                .as_ref()
                .map(|deferral| deferral.place.clone())
        };
        let settled_now = |state: &State| matches!(state, State::Settled(_));
        if place(before).as_ref() == Some(&deferral.place) && settled_now(before) == settled_now(after) {
            return;
        }
        let to_pay_back = match after {
            State::Settled(settled) => Some(deferral.to_pay_back(settled.settlement.split.cash())),
            _ => None,
        };
        let word = if settled_now(after) {
            "settled"
        } else {
            deferral.place.name()
        };
        tracing::info!(%bill, place = word, "Deferred bill moved on");
        self.events.queue(self.clock.now(), bill, word, to_pay_back);
    }
}

/// How many deferred bills a ledger holds that have not come to their end.
///
/// # Errors
/// When the ledger cannot be read.
pub fn deferred_in(reader: &Reader) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
    let mut count = 0_usize;
    for bill in reader.open_bills()? {
        let mut history = Vec::new();
        for record in reader.records(&bill)? {
            history.extend(record::read(&record)?);
        }
        let state = fold(&history);
        let deferral = state.case().and_then(|case| case.deferral.as_ref());
        count = count.saturating_add(usize::from(deferral.is_some()));
    }
    Ok(count)
}

/// The deferral of a bill that is in the queue's hands.
fn deferred(state: &State) -> Option<&Deferral> {
    match state {
        State::Deferred(case) => case.deferral.as_ref(),
        _ => None,
    }
}

/// Somebody stands at the desk and waits for the answer.
const fn waits_at_the_desk(state: &State) -> bool {
    matches!(state, State::Preparing(_) | State::Submitted(_))
}

/// Whether deferred bills wait for this one: somebody stands at the desk, or the queue is at work on it.
fn holds_the_queue_up(state: &State) -> bool {
    let deferral = state.case().and_then(|case| case.deferral.as_ref());
    let replayed = deferral.is_some_and(Deferral::is_replayed);
    waits_at_the_desk(state) || (replayed && (state.open_message().is_some() || state.doubt().is_some()))
}

/// Whether another deferred bill of the same person comes first and has not come to its end.
fn goes_before(state: &State, other: &BillId, bill: &BillId, deferral: &Deferral) -> bool {
    let Some(theirs) = state.case().and_then(|case| case.deferral.as_ref()) else {
        return false;
    };
    let earlier = (theirs.since, other) < (deferral.since, bill);
    let waits = theirs.is_queued() && matches!(state, State::Deferred(_));
    let under_way = theirs.is_replayed() && (state.open_message().is_some() || state.doubt().is_some());
    (earlier && waits) || under_way
}

/// A part of the spread that is always the same for a bill.
fn spread_ms(bill: &BillId) -> i64 {
    let [first, second, ..] = digest(bill.as_str().as_bytes());
    i64::from(u16::from_be_bytes([first, second])) % SPREAD_MS
}
