//! How much is open, for `agent.health` and the service manager.

use super::*;

impl<O: Outside> Core<O> {
    pub(super) fn figures(&self) -> Figures {
        let of_stays = || self.stays.values().filter_map(|state| state.doubt());
        let doubts = || {
            self.states
                .values()
                .filter_map(|state| state.doubt())
                .chain(of_stays())
        };
        let clerk = |state: &&Arc<State>| matches!(***state, State::NeedsClerk(_));
        let stay_clerk = |state: &&Arc<StayState>| matches!(***state, StayState::NeedsClerk(_));
        let stays_for_clerk = self.stays.values().filter(stay_clerk).count();
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let queued = || self.states.values().filter_map(|state| in_the_queue(state));
        let handed_back = |state: &&Arc<State>| is_handed_back(state);
        Figures {
            open_doubts: count(doubts().count()),
            oldest_doubt: doubts().map(|doubt| doubt.since).min(),
            needs_clerk: count(self.states.values().filter(clerk).count())
                .saturating_add(count(stays_for_clerk)),
            queued: count(queued().count()),
            oldest_queued: queued().min(),
            handed_back: count(self.states.values().filter(handed_back).count()),
            ledger_down: self.ledger_down,
            head_seq: self.ledger.head().seq,
        }
    }
}

/// Since when the queue has had a bill it has still to settle.
fn in_the_queue(state: &State) -> Option<Timestamp> {
    let deferral = state.case()?.deferral.as_ref()?;
    let ended = matches!(
        state,
        State::Settled(_) | State::Cancelling(_) | State::Cancelled { .. } | State::NeedsClerk(_)
    );
    let open = !ended && (deferral.is_queued() || deferral.is_replayed());
    open.then_some(deferral.since)
}

/// Whether a deferred bill waits for the patient or for a person to decide.
fn is_handed_back(state: &State) -> bool {
    let State::Deferred(case) = state else {
        return false;
    };
    let waits = |deferral: &Deferral| !deferral.is_queued() && !deferral.is_replayed();
    case.deferral.as_ref().is_some_and(waits)
}
