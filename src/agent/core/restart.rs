//! The same road after a start: fold what is open, ask the plan what is due, feed it through the same door.

use std::sync::Arc;

use zhijie_desk::Method;
use zhijie_model::{BillId, MessageId, RequestId};
use zhijie_settlement::{Case, Due, Event, NotSent, Place, State, fold, plan};

use super::act_record::is_act;
use super::input::Asked;
use super::{Core, Outside, record};

impl<O: Outside> Core<O> {
    /// Takes up every bill the last run left open.
    pub fn take_up_open_bills(&mut self) {
        let open = match self.ledger.open_bills() {
            Ok(open) => open,
            Err(error) => {
                tracing::error!(%error, "Open bills cannot be read; no money moves until this is repaired");
                self.ledger_down = true;
                return;
            }
        };
        for bill in open {
            if bill.is_stay() {
                self.take_up_stay(bill);
                continue;
            }
            if is_act(&bill) {
                self.take_up_act(&bill);
                continue;
            }
            let Some(state) = self.state(&bill) else { continue };
            self.remember_requests(&bill);
            match plan(&state) {
                Due::Restart => {
                    tracing::warn!(%bill, state = state.name(), "Bill was open when the agent stopped");
                    let event = self.interrupted(&state);
                    self.apply(&bill, &event, None, None);
                }
                Due::WakeAt(at) => {
                    self.timers.insert((at, bill));
                }
                Due::Nothing => {}
            }
        }
    }

    /// What a start says to a bill with a call under way. A call whose bytes are not in the outbox was decided and
    /// never built, so it cannot have left.
    pub(super) fn interrupted(&self, state: &State) -> Event {
        let never_built = |open: &MessageId| matches!(self.ledger.intent(open), Ok(None));
        match state.open_message() {
            Some(open) if never_built(open) => Event::NotSent {
                message_id: open.clone(),
                reason: NotSent::Stopping,
            },
            Some(_) | None => Event::Restarted,
        }
    }

    /// The present state of a bill, folded from the journal when it is not in memory. `None` when the journal cannot
    /// be read: then nothing is decided about the bill.
    pub(super) fn state(&mut self, bill: &BillId) -> Option<Arc<State>> {
        if let Some(state) = self.states.get(bill) {
            return Some(Arc::clone(state));
        }
        match self.fold(bill) {
            Ok(state) => {
                let state = Arc::new(state);
                self.keep(bill, Arc::clone(&state));
                Some(state)
            }
            Err(error) => {
                tracing::error!(%bill, %error, "Journal of the bill cannot be read");
                None
            }
        }
    }

    fn fold(&self, bill: &BillId) -> Result<State, Box<dyn std::error::Error>> {
        let mut history = Vec::new();
        for record in self.ledger.records(bill)? {
            history.extend(record::read(&record)?);
        }
        Ok(fold(&history))
    }

    /// Keeps a state in memory; when there are too many, bills with nothing due leave first. Bills nobody has heard
    /// of are not kept at all.
    pub(super) fn keep(&mut self, bill: &BillId, state: Arc<State>) {
        if matches!(*state, State::Blank) {
            self.states.remove(bill);
            return;
        }
        self.states.insert(bill.clone(), state);
        while self.states.len() > super::STATES_MAX {
            let idle = |(known, state): &(&BillId, &Arc<State>)| *known != bill && !is_open(state);
            let Some(idle) = self.states.iter().find(idle).map(|(known, _)| known.clone()) else {
                break;
            };
            self.states.remove(&idle);
        }
    }

    /// Requests of an open bill that wait for their final answer, so that it can be pinned to them.
    pub(super) fn remember_requests(&mut self, bill: &BillId) {
        let Ok(history) = self.ledger.history(bill) else {
            return;
        };
        for stored in history.into_iter().flat_map(|entry| entry.answers) {
            let Some(method) = Method::parse(&stored.method) else {
                continue;
            };
            if stored.outcome == zhijie_ledger::NOT_KNOWN {
                let asked = Asked {
                    request: stored.request_id.clone(),
                    method,
                    body: stored.body_digest,
                };
                self.asked.insert(stored.request_id, asked);
            } else {
                self.asked.remove::<RequestId>(&stored.request_id);
            }
        }
    }
}

/// Whether the agent still owes something to the bill, or the desk or a person does.
pub(super) fn is_open(state: &State) -> bool {
    let unconfirmed = state
        .settled()
        .is_some_and(|settled| settled.overdue && settled.confirmed_at.is_none());
    let leftover = state.case().is_some_and(Case::has_leftover);
    let waits = matches!(state, State::NeedsClerk(_)) || (unconfirmed && matches!(state, State::Settled(_)));
    waits || leftover || is_deferred(state) || plan(state) != Due::Nothing
}

/// A bill somebody left a deposit for is open wherever it is, until the desk has booked its settlement, it was refunded,
/// or a person closed it: nothing of the queue is ever dropped.
fn is_deferred(state: &State) -> bool {
    let deferral = state.case().and_then(|case| case.deferral.as_ref());
    let booked = matches!(state, State::Settled(settled) if settled.confirmed_at.is_some());
    let ended = booked || matches!(state, State::Cancelled { .. });
    !ended && deferral.is_some_and(|deferral| deferral.place != Place::Closed)
}
