//! Nothing is recorded: only a quote begins a bill.

use super::Impossible;
use super::deferred::defer;
use super::preparing::prepare;
use crate::cause::Cause;
use crate::effect::Step;
use crate::event::{Event, Moment};
use crate::preparation::Progress;
use crate::state::{Case, State};

pub(super) fn on(event: &Event, moment: &Moment) -> Result<Step, Impossible> {
    match event {
        Event::QuoteAsked { request, order } => {
            let case = Case {
                order: (**order).clone(),
                progress: Progress::default().borrowing(order),
                touched_at: moment.now,
                undo_tries: 0,
                deferral: None,
            };
            Ok(prepare(case, request.clone(), moment))
        }
        Event::DeferAsked {
            request,
            order,
            terms,
        } => Ok(defer(None, order, (request.clone(), (**terms).clone()), moment)),
        Event::SettleAsked { request, .. } => Ok(Step::not_done(State::Blank, request, Cause::NoQuote)),
        Event::CancelAsked { request, .. } | Event::Confirmed { request, .. } => {
            Ok(Step::not_done(State::Blank, request, Cause::NotSettled))
        }
        Event::Resolved { request, .. } => Ok(Step::not_done(State::Blank, request, Cause::NothingToResolve)),
        Event::Answered { .. } | Event::NotSent { .. } | Event::Lost { .. } => Err(Impossible::NotOpen),
        Event::Woken
        | Event::Restarted
        | Event::ReplayDue
        | Event::StatementAsked { .. }
        | Event::StatementTold { .. } => Ok(Step::stay(State::Blank)),
    }
}
