//! What an abandoned quote left at the centre is taken back in the background: lines, then the visit. No money can
//! move here; what cannot be taken back is tried again later and then shown to a person.

use zhijie_model::{Call, Reply};

use super::{Impossible, expect_open};
use crate::cause::Cause;
use crate::effect::Step;
use crate::event::{Event, Moment};
use crate::preparation::Progress;
use crate::state::{Case, State, Undoing};

/// Begins to take back what is due, from any state in which nothing is under way.
pub(super) fn undo(state: &State, case: &Case, moment: &Moment) -> Step {
    match state.undo_at() {
        Some(due) if due <= moment.now => next(case.clone(), moment),
        Some(due) => Step::stay(state.clone()).and_wake(due),
        None => Step::stay(state.clone()),
    }
}

/// The next call, or the end when nothing lies at the centre any more.
fn next(case: Case, moment: &Moment) -> Step {
    let Some(registered) = &case.progress.registered else {
        return Step::stay(State::Drafted(case));
    };
    if case.progress.only_borrows() {
        let progress = Progress::default();
        return Step::stay(State::Drafted(Case { progress, ..case }));
    }
    let call = case.progress.withdraw(&case.order, registered);
    let open = moment.message_id.clone();
    Step::send(
        State::Undoing(Undoing {
            case,
            call: call.clone(),
            open,
        }),
        call,
    )
}

pub(super) fn on(state: &Undoing, event: &Event, moment: &Moment) -> Result<Step, Impossible> {
    let here = || State::Undoing(state.clone());
    match event {
        Event::QuoteAsked { request, .. }
        | Event::SettleAsked { request, .. }
        | Event::CancelAsked { request, .. }
        | Event::DeferAsked { request, .. }
        | Event::Confirmed { request, .. } => Ok(Step::not_done(here(), request, Cause::Locked)),
        Event::Resolved { request, .. } => Ok(Step::not_done(here(), request, Cause::NothingToResolve)),
        Event::Answered { message_id, reply } => {
            expect_open(&state.open, message_id)?;
            answered(state, reply, moment)
        }
        Event::NotSent { message_id, .. } => {
            expect_open(&state.open, message_id)?;
            Ok(later(state, state.case.progress.clone(), moment))
        }
        Event::Lost { message_id, .. } => {
            expect_open(&state.open, message_id)?;
            Ok(later(state, state.case.progress.after_loss(&state.call), moment))
        }
        Event::Woken | Event::ReplayDue | Event::StatementAsked { .. } | Event::StatementTold { .. } => {
            Ok(Step::stay(here()))
        }
        Event::Restarted => Ok(later(state, state.case.progress.after_loss(&state.call), moment)),
    }
}

fn answered(state: &Undoing, reply: &Reply, moment: &Moment) -> Result<Step, Impossible> {
    if let Reply::Refused { refusal } = reply {
        let (progress, goes_on) = state.case.progress.after_refusal(&state.call, refusal);
        let lines_are_gone = matches!(state.call, Call::WithdrawLines { .. });
        return Ok(if goes_on && lines_are_gone {
            next(
                Case {
                    progress,
                    ..state.case.clone()
                },
                moment,
            )
        } else {
            later(state, state.case.progress.clone(), moment)
        });
    }
    let order = &state.case.order;
    let progress = state
        .case
        .progress
        .after(order, &state.call, reply)
        .ok_or(Impossible::OtherReply)?;
    Ok(next(
        Case {
            progress,
            ..state.case.clone()
        },
        moment,
    ))
}

fn later(state: &Undoing, progress: Progress, moment: &Moment) -> Step {
    let undo_tries = state.case.undo_tries.saturating_add(1);
    Step::stay(State::Drafted(Case {
        progress,
        touched_at: moment.now,
        undo_tries,
        ..state.case.clone()
    }))
}
