//! The decision table of a stay: every state has a file, every (state, event) pair is written out.

mod admission_in_doubt;
mod admitted;
mod admitting;
mod blank;
mod needs_clerk;
mod not_admitted;
mod renewing;
mod reversing;
mod step_in_doubt;
mod working;

use super::effect::StayStep;
use super::event::StayEvent;
use super::state::{StayNeedsClerk, StayState};
use crate::cause::ClerkReason;
use crate::event::Moment;
use crate::transition::Impossible;

/// Decides. Pure: the same inputs give the same step on every machine, for ever.
///
/// # Errors
/// [`Impossible`] for a pair that cannot be; [`stay_advance`] turns it into a stop at a person.
pub fn stay_transition(
    state: &StayState,
    event: &StayEvent,
    moment: &Moment,
) -> Result<StayStep, Impossible> {
    match state {
        StayState::Blank => blank::on(event, moment),
        StayState::Admitting(admitting) => admitting::on(admitting, event, moment),
        StayState::AdmissionInDoubt(doubt) => admission_in_doubt::on(doubt, event, moment),
        StayState::ReversingAdmission(reversing) => reversing::on(reversing, event, moment),
        StayState::NotAdmitted(not) => not_admitted::on(not, event, moment),
        StayState::Admitted(stay) => admitted::on(stay, event, moment),
        StayState::Working(working) => working::on(working, event, moment),
        StayState::StepInDoubt(doubt) => step_in_doubt::on(doubt, event, moment),
        StayState::Renewing(renewing) => renewing::on(renewing, event, moment),
        StayState::NeedsClerk(clerk) => needs_clerk::on(clerk, event, moment),
    }
}

/// [`stay_transition`], with the impossible turned into [`StayState::NeedsClerk`]. The second value names it for the log.
#[must_use]
pub fn stay_advance(state: &StayState, event: &StayEvent, moment: &Moment) -> (StayStep, Option<Impossible>) {
    match stay_transition(state, event, moment) {
        Ok(step) => (step, None),
        Err(impossible) => {
            let next = clerk(state.clone(), ClerkReason::Impossible, moment);
            (StayStep::stay(next), Some(impossible))
        }
    }
}

/// The state after a history: the one truth of live run, restart and audit.
#[must_use]
pub fn stay_fold<'a>(history: impl IntoIterator<Item = &'a (StayEvent, Moment)>) -> StayState {
    history
        .into_iter()
        .fold(StayState::Blank, |state, (event, moment)| {
            stay_advance(&state, event, moment).0.next
        })
}

fn clerk(before: StayState, reason: ClerkReason, moment: &Moment) -> StayState {
    StayState::NeedsClerk(StayNeedsClerk {
        reason,
        before: Box::new(before),
        since: moment.now,
    })
}
