//! A quote lies on the counter. Settling needs exactly this quote, still fresh, and the amounts the cashier accepted.

use zhijie_model::{Fen, MessageId, RequestId};

use super::Impossible;
use super::deferred::defer;
use super::idle::requote;
use super::undoing::undo;
use crate::cause::Cause;
use crate::deferral::Later;
use crate::effect::Step;
use crate::event::{Event, Moment};
use crate::road;
use crate::state::{Quoted, State, Submitted};

pub(super) fn on(state: &Quoted, event: &Event, moment: &Moment) -> Result<Step, Impossible> {
    let here = || State::Quoted(state.clone());
    match event {
        Event::QuoteAsked { request, order } => Ok(requote(&state.case, order, request.clone(), moment)),
        Event::DeferAsked {
            request,
            order,
            terms,
        } => Ok(defer(
            Some(&state.case),
            order,
            (request.clone(), (**terms).clone()),
            moment,
        )),
        Event::SettleAsked {
            request,
            quote,
            total,
            cash,
            invoice,
            later,
        } => {
            if let Some(cause) = refuse(state, quote, (*total, *cash), moment) {
                return Ok(Step::not_done(here(), request, cause));
            }
            submit(state, request, (invoice.clone(), later.clone()), moment)
        }
        Event::CancelAsked { request, .. } | Event::Confirmed { request, .. } => {
            Ok(Step::not_done(here(), request, Cause::NotSettled))
        }
        Event::Resolved { request, .. } => Ok(Step::not_done(here(), request, Cause::NothingToResolve)),
        Event::Answered { .. } | Event::NotSent { .. } | Event::Lost { .. } => Err(Impossible::NotOpen),
        Event::ReplayDue | Event::StatementAsked { .. } | Event::StatementTold { .. } => {
            Ok(Step::stay(here()))
        }
        Event::Woken | Event::Restarted => Ok(undo(&here(), &state.case, moment)),
    }
}

/// Sends the settlement of the quote.
pub(super) fn submit(
    state: &Quoted,
    request: &RequestId,
    (invoice, later): (Option<String>, Option<Box<Later>>),
    moment: &Moment,
) -> Result<Step, Impossible> {
    let call = road::settle(&state.case, &state.quote, invoice.clone()).ok_or(Impossible::NotHere)?;
    let next = State::Submitted(Submitted {
        case: state.case.clone(),
        quote: state.quote.clone(),
        request: request.clone(),
        message_id: moment.message_id.clone(),
        sent_at: moment.now,
        later,
        invoice,
        renewed: false,
    });
    Ok(Step::send(next, call))
}

fn refuse(state: &Quoted, quote: &MessageId, accepted: (Fen, Fen), moment: &Moment) -> Option<Cause> {
    let split = &state.quote.trial.split;
    if *quote != state.quote.id {
        Some(Cause::OtherQuote)
    } else if moment.now > state.quote.good_until {
        Some(Cause::QuoteStale)
    } else if accepted != (split.total(), split.cash()) {
        Some(Cause::AmountsDiffer {
            total: split.total(),
            cash: split.cash(),
        })
    } else {
        None
    }
}
