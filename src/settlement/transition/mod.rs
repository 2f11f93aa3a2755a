//! The decision table: every state has a file, every (state, event) pair is written out.

mod blank;
mod cancelling;
mod closed;
mod deferred;
mod idle;
mod in_doubt;
mod needs_clerk;
mod preparing;
mod quoted;
mod renewing;
mod reversing;
mod settled;
mod stated;
mod submitted;
mod undoing;

use thiserror::Error;
use zhijie_model::MessageId;

use crate::cause::ClerkReason;
use crate::effect::{Effect, Step};
use crate::event::{Event, Moment};
use crate::state::{NeedsClerk, State};

/// A pair that cannot be. Journaled; the saga stops at a person and nobody guesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Impossible {
    #[error("an answer came for a call that is not open")]
    NotOpen,
    #[error("the reply does not belong to the call")]
    OtherReply,
    #[error("the event cannot happen in this state")]
    NotHere,
}

/// Decides. Pure: the same inputs give the same step on every machine, for ever.
///
/// # Errors
/// [`Impossible`] for a pair that cannot be; [`advance`] turns it into a stop at a person.
pub fn transition(state: &State, event: &Event, moment: &Moment) -> Result<Step, Impossible> {
    match state {
        State::Blank => blank::on(event, moment),
        State::Drafted(case) | State::Declined { case, .. } | State::Abandoned { case } => {
            idle::on(state, case, None, event, moment)
        }
        State::Reversed { case, why } => idle::on(state, case, Some(why), event, moment),
        State::Preparing(preparing) => preparing::on(preparing, event, moment),
        State::Quoted(quoted) => quoted::on(quoted, event, moment),
        State::Submitted(submitted) => submitted::on(submitted, event, moment),
        State::Settled(settled) => settled::on(settled, event, moment),
        State::InDoubt(doubt) => in_doubt::on(doubt, event, moment),
        State::Reversing(reversing) => reversing::on(reversing, event, moment),
        State::Cancelling(cancelling) => cancelling::on(cancelling, event, moment),
        State::Cancelled { .. } => closed::cancelled(state, event),
        State::Deferred(case) => deferred::on(case, event, moment),
        State::Undoing(undoing) => undoing::on(undoing, event, moment),
        State::Renewing(renewing) => renewing::on(renewing, event, moment),
        State::NeedsClerk(clerk) => needs_clerk::on(clerk, event, moment),
    }
}

/// [`transition`], with the impossible turned into [`State::NeedsClerk`]. The second value names it for the log.
#[must_use]
pub fn advance(state: &State, event: &Event, moment: &Moment) -> (Step, Option<Impossible>) {
    match transition(state, event, moment) {
        Ok(step) => (with_timers(state, step), None),
        Err(impossible) => {
            let next = State::NeedsClerk(NeedsClerk {
                reason: ClerkReason::Impossible,
                before: Box::new(state.clone()),
                since: moment.now,
            });
            (Step::stay(next), Some(impossible))
        }
    }
}

/// Whatever road led here: what lies unused at the centre is cleared up some time, and a settlement that stands waits
/// for its confirmation no longer than it may.
fn with_timers(before: &State, step: Step) -> Step {
    let due = |state: &State| state.undo_at().or(confirm_by(state));
    match due(&step.next) {
        Some(at) if due(before) != Some(at) && !step.effects.contains(&Effect::WakeAt(at)) => {
            step.and_wake(at)
        }
        Some(_) | None => step,
    }
}

fn confirm_by(state: &State) -> Option<jiff::Timestamp> {
    if let State::Settled(settled) = state {
        settled.confirm_by()
    } else {
        None
    }
}

/// The state after a history: the one truth of live run, restart and audit.
#[must_use]
pub fn fold<'a>(history: impl IntoIterator<Item = &'a (Event, Moment)>) -> State {
    history.into_iter().fold(State::Blank, |state, (event, moment)| {
        advance(&state, event, moment).0.next
    })
}

/// An answer must be for the call that is open.
pub(crate) fn expect_open(open: &MessageId, message_id: &MessageId) -> Result<(), Impossible> {
    if open == message_id {
        Ok(())
    } else {
        Err(Impossible::NotOpen)
    }
}
