//! The settlement stands. Settling the same quote again is the same act; another one is refused.

use zhijie_model::Call;

use super::Impossible;
use crate::cause::Cause;
use crate::effect::{Answer, Step};
use crate::event::{Event, Moment};
use crate::state::{Cancelling, Phase, Settled, State};

pub(super) fn on(state: &Settled, event: &Event, moment: &Moment) -> Result<Step, Impossible> {
    let here = || State::Settled(state.clone());
    match event {
        Event::QuoteAsked { request, .. } => Ok(Step::not_done(here(), request, Cause::AlreadySettled)),
        Event::SettleAsked { request, quote, .. } => Ok(if *quote == state.quote {
            Step::answer(here(), request, Answer::Settled(state.settlement.clone()))
        } else {
            Step::not_done(here(), request, Cause::AlreadySettled)
        }),
        Event::CancelAsked {
            request,
            settlement,
            reason,
            second_person,
        } => {
            if !state.is(settlement) {
                return Ok(Step::not_done(here(), request, Cause::OtherSettlement));
            }
            let call = Call::Cancel {
                payer: state.case.order.payer.clone(),
                visit_id: state.settlement.visit_id.clone(),
                settlement: settlement.clone(),
            };
            let message_id = moment.message_id.clone();
            let next = State::Cancelling(Cancelling {
                settled: state.clone(),
                request: request.clone(),
                reason: reason.clone(),
                second_person: second_person.clone(),
                phase: Phase::Submitted {
                    message_id,
                    sent_at: moment.now,
                },
            });
            Ok(Step::send(next, call))
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
        Event::Woken | Event::Restarted => Ok(Step::stay(here())),
    }
}
