//! The settlement stands. Settling the same quote again is the same act; another one is refused.

use zhijie_model::RequestId;

use super::Impossible;
use crate::cause::Cause;
use crate::effect::{Answer, Step};
use crate::event::{Event, Moment};
use crate::order::Unconfirmed;
use crate::road;
use crate::state::{Cancelling, Phase, Settled, State};

pub(super) fn on(state: &Settled, event: &Event, moment: &Moment) -> Result<Step, Impossible> {
    let here = || State::Settled(state.clone());
    match event {
        Event::QuoteAsked { request, .. } | Event::DeferAsked { request, .. } => {
            Ok(Step::not_done(here(), request, Cause::AlreadySettled))
        }
        Event::SettleAsked {
            request,
            quote,
            total,
            cash,
            ..
        } => {
            let split = &state.settlement.split;
            let same = *quote == state.quote && (*total, *cash) == (split.total(), split.cash());
            Ok(if same {
                Step::answer(here(), request, Answer::Settled(state.settlement.clone()))
            } else {
                Step::not_done(here(), request, Cause::AlreadySettled)
            })
        }
        Event::CancelAsked {
            request,
            settlement,
            reason,
            second_person,
        } => {
            if !state.is(settlement) {
                return Ok(Step::not_done(here(), request, Cause::OtherSettlement));
            }
            let asked = (Some(request.clone()), reason.clone(), second_person.clone());
            Ok(cancel(state, asked, moment))
        }
        Event::Confirmed { request, settlement } => {
            if !state.is(settlement) {
                return Ok(Step::not_done(here(), request, Cause::OtherSettlement));
            }
            let mut next = state.clone();
            next.confirmed_at.get_or_insert(moment.now);
            Ok(Step::answer(State::Settled(next), request, Answer::Confirmed))
        }
        Event::Answered { .. } | Event::NotSent { .. } | Event::Lost { .. } => Err(Impossible::NotOpen),
        Event::ReplayDue | Event::StatementAsked { .. } | Event::StatementTold { .. } => {
            Ok(Step::stay(here()))
        }
        Event::Woken | Event::Restarted => Ok(unconfirmed(state, moment)),
        Event::Resolved { request, .. } => Ok(Step::not_done(here(), request, Cause::NothingToResolve)),
    }
}

/// Sends the refund.
fn cancel(state: &Settled, asked: (Option<RequestId>, String, Option<String>), moment: &Moment) -> Step {
    let (request, reason, second_person) = asked;
    let call = road::cancel(state);
    let phase = Phase::Submitted {
        message_id: moment.message_id.clone(),
        sent_at: moment.now,
        renewed: false,
    };
    let next = Cancelling {
        settled: state.clone(),
        request,
        reason,
        second_person,
        phase,
    };
    Step::send(State::Cancelling(next), call)
}

/// The time for the confirmation runs out: the policy decides, once.
fn unconfirmed(state: &Settled, moment: &Moment) -> Step {
    let Some(due) = state.confirm_by() else {
        return Step::stay(State::Settled(state.clone()));
    };
    if moment.now < due {
        return Step::stay(State::Settled(state.clone())).and_wake(due);
    }
    let mut overdue = state.clone();
    overdue.overdue = true;
    match state.case.order.policy.unconfirmed {
        // Nobody stood at the desk: what the queue settled is never refunded by itself.
        Unconfirmed::Cancel if state.case.deferral.is_some() => Step::stay(State::Settled(overdue)),
        Unconfirmed::KeepAndAlarm => Step::stay(State::Settled(overdue)),
        Unconfirmed::Cancel => cancel(
            &overdue,
            (None, String::from("not confirmed in time"), None),
            moment,
        ),
    }
}
