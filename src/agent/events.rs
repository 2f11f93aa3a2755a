//! What subscribed desks hear. Nothing here names a patient.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::broadcast;
use zhijie_desk::api::{Event, EventKind, Outcome};
use zhijie_model::{BillId, Fen, RequestId, rfc3339_beijing};
use zhijie_settlement::{Doubt, State};

use crate::routes::{Route, Standing, route_name};

/// Events a slow subscriber may lag behind before it loses some.
const EVENTS_MAX: usize = 256;

/// Sends events to whoever listens. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Events {
    /// All its places are made at the start, so they are small.
    sender: broadcast::Sender<Arc<Event>>,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            sender: broadcast::Sender::new(EVENTS_MAX),
        }
    }
}

impl Events {
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.sender.subscribe()
    }

    /// Sends `event`; nobody listening is fine.
    pub fn send(&self, event: Event) {
        let _ = self.sender.send(Arc::new(event));
    }

    pub(crate) fn phase(&self, now: Timestamp, bill: &BillId, state: &State) {
        let kind = if matches!(state, State::NeedsClerk(_)) {
            EventKind::NeedsClerk
        } else {
            EventKind::Phase
        };
        let mut event = Event::new(rfc3339_beijing(now), kind);
        event.bill_id = Some(String::from(bill.as_str()));
        event.detail = Some(String::from(state.name()));
        self.send(event);
    }

    /// A stay went on to another phase.
    pub(crate) fn stay_phase(&self, now: Timestamp, stay: &BillId, phase: &str, waits_for_person: bool) {
        let kind = if waits_for_person {
            EventKind::NeedsClerk
        } else {
            EventKind::Phase
        };
        let mut event = Event::new(rfc3339_beijing(now), kind);
        event.bill_id = Some(String::from(stay.as_str()));
        event.detail = Some(String::from(phase));
        self.send(event);
    }

    /// The end of a doubt: its message is the ticket.
    pub(crate) fn outcome_known(
        &self,
        now: Timestamp,
        bill: &BillId,
        request: &RequestId,
        outcome: &'static str,
        doubt: &Doubt,
    ) {
        let mut event = Event::new(rfc3339_beijing(now), EventKind::OutcomeKnown);
        event.bill_id = Some(String::from(bill.as_str()));
        event.ticket = Some(String::from(doubt.subject.as_str()));
        event.in_doubt_s = Some(doubt.lasted_s(now));
        event.request_id = Some(String::from(request.as_str()));
        event.outcome = Some(if outcome == "done" {
            Outcome::Done
        } else {
            Outcome::NotDone
        });
        self.send(event);
    }

    /// The doubt about a filing made at the desk has ended.
    pub(crate) fn act_known(&self, now: Timestamp, act: &BillId, request: &RequestId, done: bool) {
        let mut event = Event::new(rfc3339_beijing(now), EventKind::OutcomeKnown);
        event.bill_id = Some(String::from(act.as_str()));
        event.request_id = Some(String::from(request.as_str()));
        event.outcome = Some(if done { Outcome::Done } else { Outcome::NotDone });
        self.send(event);
    }

    /// Only a person can tell whether a filing was carried out.
    pub(crate) fn act_needs_clerk(&self, now: Timestamp, act: &BillId) {
        let mut event = Event::new(rfc3339_beijing(now), EventKind::NeedsClerk);
        event.bill_id = Some(String::from(act.as_str()));
        self.send(event);
    }

    pub(crate) fn confirm_overdue(&self, now: Timestamp, bill: &BillId) {
        let mut event = Event::new(rfc3339_beijing(now), EventKind::ConfirmOverdue);
        event.bill_id = Some(String::from(bill.as_str()));
        self.send(event);
    }

    /// A deferred bill changed its place in the queue, or was settled: what is to be paid back (negative: collected).
    pub(crate) fn queue(&self, now: Timestamp, bill: &BillId, place: &str, to_pay_back: Option<Fen>) {
        let mut event = Event::new(rfc3339_beijing(now), EventKind::QueueChanged);
        event.bill_id = Some(String::from(bill.as_str()));
        event.detail = Some(String::from(place));
        event.to_pay_back_fen = to_pay_back.map(Fen::get);
        self.send(event);
    }

    pub(crate) fn route_changed(&self, now: Timestamp, route: Route, standing: Standing) {
        let mut event = Event::new(rfc3339_beijing(now), EventKind::RouteChanged);
        event.detail = Some(format!("{} {}", route_name(route), standing.name()));
        self.send(event);
    }

    /// `source`: what saw the filing last.
    pub(crate) fn filing_vanished(&self, now: Timestamp, bill: Option<&BillId>, source: &str) {
        let mut event = Event::new(rfc3339_beijing(now), EventKind::FilingVanished);
        event.bill_id = bill.map(|bill| String::from(bill.as_str()));
        event.detail = Some(String::from(source));
        self.send(event);
    }

    pub(crate) fn health(&self, now: Timestamp, state: &str) {
        let mut event = Event::new(rfc3339_beijing(now), EventKind::Health);
        event.detail = Some(String::from(state));
        self.send(event);
    }
}
