//! Nothing is under way and nothing stands: a new quote may begin.

use super::Impossible;
use super::deferred::defer;
use super::preparing::prepare;
use super::undoing::undo;
use crate::cause::Cause;
use crate::effect::Step;
use crate::event::{Event, Moment};
use crate::state::{Case, State};

pub(super) fn on(
    state: &State,
    case: &Case,
    why: Option<&Cause>,
    event: &Event,
    moment: &Moment,
) -> Result<Step, Impossible> {
    match event {
        Event::QuoteAsked { request, order } => Ok(requote(case, order, request.clone(), moment)),
        Event::DeferAsked {
            request,
            order,
            terms,
        } => Ok(defer(
            Some(case),
            order,
            (request.clone(), (**terms).clone()),
            moment,
        )),
        Event::SettleAsked { request, .. } => {
            let cause = why.cloned().unwrap_or(Cause::NoQuote);
            Ok(Step::not_done(state.clone(), request, cause))
        }
        Event::CancelAsked { request, .. } | Event::Confirmed { request, .. } => {
            Ok(Step::not_done(state.clone(), request, Cause::NotSettled))
        }
        Event::Resolved { request, .. } => {
            Ok(Step::not_done(state.clone(), request, Cause::NothingToResolve))
        }
        Event::Answered { .. } | Event::NotSent { .. } | Event::Lost { .. } => Err(Impossible::NotOpen),
        Event::ReplayDue | Event::StatementAsked { .. } | Event::StatementTold { .. } => {
            Ok(Step::stay(state.clone()))
        }
        Event::Woken | Event::Restarted => Ok(undo(state, case, moment)),
    }
}

/// Begins the road to a quote again, keeping what the centre already holds.
pub(super) fn requote(
    before: &Case,
    order: &crate::order::Order,
    request: zhijie_model::RequestId,
    moment: &Moment,
) -> Step {
    let progress = before.progress.for_order(&before.order, order);
    prepare(
        Case {
            order: order.clone(),
            progress,
            touched_at: moment.now,
            undo_tries: 0,
            deferral: before.deferral.clone(),
        },
        request,
        moment,
    )
}
