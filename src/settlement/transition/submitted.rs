//! The settlement request is out. Three things can come back; a fourth does not exist.

use zhijie_model::{Reply, Settlement};

use super::deferred::{again, instead};
use super::renewing::{is_due, renew};
use super::{Impossible, expect_open};
use crate::cause::{Cause, Silence};
use crate::doubt::{Doubt, Search};
use crate::effect::{Answer, Step};
use crate::event::{Event, Moment};
use crate::road::{self, settling};
use crate::state::{InDoubt, Settled, State, Submitted};

pub(super) fn on(state: &Submitted, event: &Event, moment: &Moment) -> Result<Step, Impossible> {
    let here = || State::Submitted(state.clone());
    match event {
        Event::SettleAsked { request, .. } => {
            let cause = Cause::Locked;
            let answer = Answer::NotKnown {
                cause,
                subject: state.message_id.clone(),
            };
            Ok(Step::answer(here(), request, answer))
        }
        Event::QuoteAsked { request, .. }
        | Event::CancelAsked { request, .. }
        | Event::DeferAsked { request, .. }
        | Event::Confirmed { request, .. } => Ok(Step::not_done(here(), request, Cause::Locked)),
        Event::Resolved { request, .. } => Ok(Step::not_done(here(), request, Cause::NothingToResolve)),
        Event::Answered { message_id, reply } => {
            expect_open(&state.message_id, message_id)?;
            answered(state, reply, moment)
        }
        Event::NotSent { message_id, reason } => {
            expect_open(&state.message_id, message_id)?;
            let cause = Cause::NotSent {
                transaction: settling(&state.case),
                reason: reason.clone(),
            };
            if let Some(deferral) = state.case.replayed() {
                return Ok(again(state.case.clone(), deferral, &cause, moment));
            }
            if let Some(later) = &state.later {
                return Ok(instead(&state.case, &state.request, later, moment));
            }
            let next = State::Abandoned {
                case: state.case.clone(),
            };
            Ok(Step::not_done(next, &state.request, cause))
        }
        Event::Lost { message_id, silence } => {
            expect_open(&state.message_id, message_id)?;
            Ok(doubt(state, silence, moment, false))
        }
        Event::Woken | Event::ReplayDue | Event::StatementAsked { .. } | Event::StatementTold { .. } => {
            Ok(Step::stay(here()))
        }
        Event::Restarted => Ok(doubt(state, &Silence::AgentStopped, moment, true)),
    }
}

fn answered(state: &Submitted, reply: &Reply, moment: &Moment) -> Result<Step, Impossible> {
    match reply {
        Reply::Settled { settlement } => Ok(settle(state, settlement, moment)),
        Reply::Refused { refusal }
            if state.case.replayed().is_none()
                && is_due(refusal, &state.case.order.policy, state.renewed) =>
        {
            let call = road::settle(&state.case, &state.quote, state.invoice.clone());
            let call = call.ok_or(Impossible::NotHere)?;
            Ok(renew(State::Submitted(state.clone()), call, refusal, moment))
        }
        Reply::Refused { refusal } => {
            let cause = Cause::Refused {
                transaction: settling(&state.case),
                refusal: refusal.clone(),
            };
            if let Some(deferral) = state.case.replayed() {
                return Ok(again(state.case.clone(), deferral, &cause, moment));
            }
            if let Some(later) = state.later.as_ref().filter(|_| refusal.unavailable) {
                return Ok(instead(&state.case, &state.request, later, moment));
            }
            let next = State::Declined {
                case: state.case.clone(),
                refusal: refusal.clone(),
            };
            Ok(Step::not_done(next, &state.request, cause))
        }
        Reply::Registered { .. }
        | Reply::Described
        | Reply::Uploaded { .. }
        | Reply::LinesWithdrawn
        | Reply::VisitWithdrawn
        | Reply::Tried { .. }
        | Reply::Cancelled { .. }
        | Reply::Reversed
        | Reply::Queried { .. }
        | Reply::Admitted { .. }
        | Reply::StayChanged
        | Reply::Discharged
        | Reply::DischargeWithdrawn
        | Reply::AdmissionWithdrawn
        | Reply::InHospital { .. }
        | Reply::VisitsFound { .. } => Err(Impossible::OtherReply),
    }
}

fn settle(state: &Submitted, settlement: &Settlement, moment: &Moment) -> Step {
    let from = (&state.quote, state.message_id.clone());
    Settled::new(state.case.clone(), settlement.clone(), from, moment.now).reached(&state.request)
}

fn doubt(state: &Submitted, silence: &Silence, moment: &Moment, at_once: bool) -> Step {
    let mut doubt = Doubt::new(
        state.message_id.clone(),
        state.sent_at,
        silence.clone(),
        moment.now,
    );
    if !at_once {
        doubt.wait(moment, false);
    }
    let cause = Cause::AnswerLost {
        transaction: settling(&state.case),
        silence: silence.clone(),
    };
    let answer = Answer::NotKnown {
        cause,
        subject: state.message_id.clone(),
    };
    let wake = doubt.next_at;
    let next = State::InDoubt(InDoubt {
        case: state.case.clone(),
        quote: state.quote.clone(),
        request: state.request.clone(),
        doubt,
        query: None,
        search: Search::default(),
    });
    Step::answer(next, &state.request, answer).and_wake(wake)
}
