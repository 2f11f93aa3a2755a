//! Stays after a start, and in memory.

use std::sync::Arc;

use jiff::Timestamp;
use zhijie_model::{BillId, MessageId};
use zhijie_settlement::{Due, NotSent, StayEvent, StayState, stay_fold, stay_plan};

use super::record;
use crate::core::{Core, Outside, STATES_MAX};

impl<O: Outside> Core<O> {
    /// Takes up a stay the last run left open.
    pub(in crate::core) fn take_up_stay(&mut self, stay: BillId) {
        let Some(state) = self.stay_state(&stay) else {
            return;
        };
        self.remember_requests(&stay);
        match stay_plan(&state) {
            Due::Restart => {
                tracing::warn!(%stay, state = state.name(), "Stay was open when the agent stopped");
                let event = self.stay_interrupted(&state);
                self.apply_stay(&stay, &event, None, None);
            }
            Due::WakeAt(at) => {
                self.timers.insert((at, stay));
            }
            Due::Nothing => {}
        }
    }

    /// What a start says to a stay with a call under way. A call whose bytes are not in the outbox was decided and
    /// never built, so it cannot have left.
    fn stay_interrupted(&self, state: &StayState) -> StayEvent {
        let never_built = |open: &MessageId| matches!(self.ledger.intent(open), Ok(None));
        match state.open_message() {
            Some(open) if never_built(open) => StayEvent::NotSent {
                message_id: open.clone(),
                reason: NotSent::Stopping,
            },
            Some(_) | None => StayEvent::Restarted,
        }
    }

    /// A timer went off. A question to the centre needs a sign-in, which is fetched first.
    pub(in crate::core) fn wake_stay(&mut self, stay: &BillId, now: Timestamp) {
        let Some(state) = self.stay_state(stay) else {
            return;
        };
        let Some(order) = state.order() else { return };
        if self.restarts.remove(stay) {
            let event = self.stay_interrupted(&state);
            self.apply_stay(stay, &event, None, None);
        } else if self.outside.signed_in(&order.operator.code, now) {
            self.apply_stay(stay, &StayEvent::Woken, None, None);
        } else {
            let operator = order.operator.clone();
            self.sign_in_then_wake(stay, &operator);
        }
    }

    /// The present state of a stay, folded from the journal when it is not in memory. `None` when the journal cannot
    /// be read: then nothing is decided about the stay.
    pub(in crate::core) fn stay_state(&mut self, stay: &BillId) -> Option<Arc<StayState>> {
        if let Some(state) = self.stays.get(stay) {
            return Some(Arc::clone(state));
        }
        match self.fold_stay(stay) {
            Ok(state) => {
                let state = Arc::new(state);
                self.keep_stay(stay, Arc::clone(&state));
                Some(state)
            }
            Err(error) => {
                tracing::error!(%stay, %error, "Journal of the stay cannot be read");
                None
            }
        }
    }

    fn fold_stay(&self, stay: &BillId) -> Result<StayState, Box<dyn std::error::Error>> {
        let mut history = Vec::new();
        for record in self.ledger.records(stay)? {
            history.extend(record::read(&record)?);
        }
        Ok(stay_fold(&history))
    }

    /// Keeps a state in memory; when there are too many, stays with nothing due leave first.
    pub(super) fn keep_stay(&mut self, stay: &BillId, state: Arc<StayState>) {
        if matches!(*state, StayState::Blank) {
            self.stays.remove(stay);
            return;
        }
        self.stays.insert(stay.clone(), state);
        while self.stays.len() > STATES_MAX {
            let idle = |(known, state): &(&BillId, &Arc<StayState>)| *known != stay && !is_open(state);
            let Some(idle) = self.stays.iter().find(idle).map(|(known, _)| known.clone()) else {
                break;
            };
            self.stays.remove(&idle);
        }
    }
}

/// Whether the agent still owes something to the stay, or the desk or a person does.
pub(in crate::core) fn is_open(state: &StayState) -> bool {
    let in_question = state.stay().is_some_and(|stay| !stay.uncertain.is_empty());
    in_question || matches!(state, StayState::NeedsClerk(_)) || stay_plan(state) != Due::Nothing
}
