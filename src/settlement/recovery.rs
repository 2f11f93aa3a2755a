//! What an agent that has just started owes to the bills it finds.

use jiff::Timestamp;

use crate::state::{Cancelling, Phase, State};

/// What is due for one bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// A call was open: feed [`crate::Event::Restarted`] first.
    Restart,
    /// Only a timer is missing.
    WakeAt(Timestamp),
    /// Nothing to do: settled, refunded, waiting for the desk or for a person.
    Nothing,
}

/// A plan for one bill; the same on every start, however often the start is interrupted.
#[must_use]
pub fn plan(state: &State) -> Due {
    match state {
        State::Preparing(_)
        | State::Submitted(_)
        | State::Reversing(_)
        | State::Undoing(_)
        | State::Renewing(_) => Due::Restart,
        State::InDoubt(doubt) if doubt.query.is_some() => Due::Restart,
        State::InDoubt(doubt) => Due::WakeAt(doubt.doubt.next_at),
        State::Cancelling(Cancelling {
            phase: Phase::InDoubt {
                doubt, query: None, ..
            },
            ..
        }) => Due::WakeAt(doubt.next_at),
        State::Cancelling(_) => Due::Restart,
        State::Settled(settled) => settled.confirm_by().map_or(Due::Nothing, Due::WakeAt),
        State::Drafted(_)
        | State::Quoted(_)
        | State::Declined { .. }
        | State::Reversed { .. }
        | State::Abandoned { .. } => state.undo_at().map_or(Due::Nothing, Due::WakeAt),
        State::Deferred(case) => case
            .deferral
            .as_ref()
            .filter(|deferral| deferral.is_queued())
            .map_or(Due::Nothing, |deferral| Due::WakeAt(deferral.next_at)),
        State::Blank | State::Cancelled { .. } | State::NeedsClerk(_) => Due::Nothing,
    }
}
