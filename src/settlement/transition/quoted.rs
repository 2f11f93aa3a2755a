//! A quote lies on the counter. Settling needs exactly this quote, still fresh, and the amounts the cashier accepted.

use zhijie_model::{Fen, MessageId, RequestId, Severity};

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
            overruled,
            later,
        } => {
            let refused = refuse(state, quote, (*total, *cash), moment);
            if let Some(cause) = refused.or_else(|| objection(state, overruled.as_deref())) {
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

/// What the rules of the insurance have against settling this quote.
fn objection(state: &Quoted, overruled: Option<&str>) -> Option<Cause> {
    let checked = state.case.order.checked.as_ref()?;
    let rules = |severity: Severity| {
        let broken = checked.violations.iter();
        let broken = broken.filter(|violation| violation.severity == severity);
        broken.map(|violation| violation.rule.clone()).collect()
    };
    match checked.worst()? {
        Severity::Forbids => Some(Cause::Forbidden {
            violations: rules(Severity::Forbids),
        }),
        Severity::Asks if overruled.is_none_or(|reason| reason.trim().is_empty()) => {
            Some(Cause::NotOverruled {
                violations: rules(Severity::Asks),
            })
        }
        Severity::Asks | Severity::Tells => None,
    }
}
