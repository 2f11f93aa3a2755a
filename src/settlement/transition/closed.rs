//! Ends: a refunded bill stays refunded, and what waits for a person waits.

use super::Impossible;
use crate::cause::Cause;
use crate::effect::{Answer, Step};
use crate::event::Event;
use crate::state::{NeedsClerk, State};

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
        | Event::Confirmed { request, .. } => {
            Ok(Step::not_done(state.clone(), request, Cause::AlreadyCancelled))
        }
        Event::Answered { .. } | Event::NotSent { .. } | Event::Lost { .. } => Err(Impossible::NotOpen),
        Event::Woken | Event::Restarted => Ok(Step::stay(state.clone())),
    }
}

/// Whatever the desk asks, the answer is that a person must look first. Late answers change nothing: they are in the
/// journal for that person.
pub(super) fn needs_clerk(state: &State, clerk: &NeedsClerk, event: &Event) -> Result<Step, Impossible> {
    let cause = || Cause::NeedsClerk {
        reason: clerk.reason.clone(),
    };
    match event {
        Event::SettleAsked { request, .. } | Event::CancelAsked { request, .. } => {
            let Some(doubt) = clerk.before.doubt() else {
                return Ok(Step::not_done(state.clone(), request, cause()));
            };
            let answer = Answer::NotKnown {
                cause: cause(),
                subject: doubt.subject.clone(),
            };
            Ok(Step::answer(state.clone(), request, answer))
        }
        Event::QuoteAsked { request, .. } | Event::Confirmed { request, .. } => {
            Ok(Step::not_done(state.clone(), request, cause()))
        }
        Event::Answered { .. }
        | Event::NotSent { .. }
        | Event::Lost { .. }
        | Event::Woken
        | Event::Restarted => Ok(Step::stay(state.clone())),
    }
}
