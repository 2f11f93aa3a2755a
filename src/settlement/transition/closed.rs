//! The end: a refunded bill stays refunded.

use super::Impossible;
use crate::cause::Cause;
use crate::effect::{Answer, Step};
use crate::event::Event;
use crate::state::State;

/// A refunded bill is closed; what is still to be paid is another charge batch.
pub(super) fn cancelled(state: &State, event: &Event) -> Result<Step, Impossible> {
    let State::Cancelled { settled, refund, .. } = state else {
        return Err(Impossible::NotHere);
    };
    match event {
        Event::CancelAsked {
            request, settlement, ..
        } if settled.is(settlement) => Ok(Step::answer(
            state.clone(),
            request,
            Answer::Cancelled(refund.clone()),
        )),
        Event::CancelAsked { request, .. } => {
            Ok(Step::not_done(state.clone(), request, Cause::OtherSettlement))
        }
        Event::QuoteAsked { request, .. }
        | Event::SettleAsked { request, .. }
        | Event::DeferAsked { request, .. }
        | Event::Confirmed { request, .. } => {
            Ok(Step::not_done(state.clone(), request, Cause::AlreadyCancelled))
        }
        Event::Resolved { request, .. } => {
            Ok(Step::not_done(state.clone(), request, Cause::NothingToResolve))
        }
        Event::Answered { .. } | Event::NotSent { .. } | Event::Lost { .. } => Err(Impossible::NotOpen),
        Event::Woken
        | Event::Restarted
        | Event::ReplayDue
        | Event::StatementAsked { .. }
        | Event::StatementTold { .. } => Ok(Step::stay(state.clone())),
    }
}
