//! The platform could not be reached and the bill waits to be settled. What the queue does with it takes the same road
//! as at the desk: prepare, submit, doubt; only nobody stands there to accept a quote.

use super::Impossible;
use super::idle::requote;
use super::preparing::prepare;
use crate::cause::Cause;
use crate::deferral::{Deferral, Later, Place, Terms};
use crate::effect::{Answer, Step};
use crate::event::{Event, Moment, Verdict};
use crate::order::Order;
use crate::preparation::Progress;
use crate::state::{Case, State};

/// Takes a bill on terms, from a state in which nothing is under way and nothing stands.
pub(super) fn defer(
    before: Option<&Case>,
    order: &Order,
    asked: (zhijie_model::RequestId, Terms),
    moment: &Moment,
) -> Step {
    let (request, terms) = asked;
    let progress = before.map_or_else(Progress::default, |before| {
        before.progress.for_order(&before.order, order)
    });
    let deferral = Deferral::new(request.clone(), terms, moment.now);
    let answer = Answer::Deferred(Box::new(deferral.clone()));
    let wake = deferral.next_at;
    let case = Case {
        order: order.clone(),
        progress,
        touched_at: moment.now,
        undo_tries: 0,
        deferral: Some(deferral),
    };
    Step::answer(State::Deferred(case), &request, answer).and_wake(wake)
}

/// A settlement at the desk did not get out, and the desk wanted it later then.
pub(super) fn instead(
    case: &Case,
    request: &zhijie_model::RequestId,
    later: &Later,
    moment: &Moment,
) -> Step {
    let order = Order {
        credential: later.credential.clone(),
        ..case.order.clone()
    };
    defer(Some(case), &order, (request.clone(), later.terms.clone()), moment)
}

/// An attempt from the queue came to nothing, and no money moved.
pub(super) fn again(case: Case, deferral: &Deferral, cause: &Cause, moment: &Moment) -> Step {
    let next = deferral.after(cause, moment.now);
    let (queued, wake) = (next.is_queued(), next.next_at);
    let step = Step::stay(State::Deferred(Case {
        deferral: Some(next),
        touched_at: moment.now,
        ..case
    }));
    if queued { step.and_wake(wake) } else { step }
}

pub(super) fn on(case: &Case, event: &Event, moment: &Moment) -> Result<Step, Impossible> {
    let here = || State::Deferred(case.clone());
    let deferral = case.deferral.as_ref().ok_or(Impossible::NotHere)?;
    match event {
        Event::QuoteAsked { request, .. } if deferral.is_queued() => {
            Ok(Step::not_done(here(), request, Cause::Deferred))
        }
        Event::QuoteAsked { request, order } => {
            let step = requote(case, order, request.clone(), moment);
            Ok(with_place(step, Place::AtTheDesk))
        }
        Event::SettleAsked { request, .. } | Event::DeferAsked { request, .. } => {
            Ok(Step::not_done(here(), request, Cause::Deferred))
        }
        Event::CancelAsked { request, .. } | Event::Confirmed { request, .. } => {
            Ok(Step::not_done(here(), request, Cause::NotSettled))
        }
        Event::Resolved { request, verdict, .. } => {
            let resolved = resolved(case, deferral, verdict, moment);
            Ok(match resolved {
                Some(step) => step.and_answer(request, Answer::Resolved),
                None => Step::not_done(here(), request, Cause::NothingToResolve),
            })
        }
        Event::ReplayDue if deferral.is_queued() => {
            if moment.now >= deferral.terms.deadline {
                return Ok(Step::stay(placed(case, deferral, Place::Parked)));
            }
            let request = deferral.request.clone();
            let case = Case {
                deferral: Some(deferral.in_place(Place::Replayed)),
                ..case.clone()
            };
            Ok(prepare(case, request, moment))
        }
        Event::ReplayDue | Event::StatementAsked { .. } | Event::StatementTold { .. } => {
            Ok(Step::stay(here()))
        }
        Event::Answered { .. } | Event::NotSent { .. } | Event::Lost { .. } => Err(Impossible::NotOpen),
        Event::Woken | Event::Restarted if deferral.is_queued() => {
            Ok(if moment.now >= deferral.terms.deadline {
                Step::stay(placed(case, deferral, Place::Parked))
            } else {
                Step::stay(here()).and_wake(deferral.next_at)
            })
        }
        Event::Woken | Event::Restarted => Ok(Step::stay(here())),
    }
}

/// A person's word on a bill the queue does not take up by itself: into the queue once more, or closed without a
/// settlement. A settlement somebody saw at the centre is none of this bill's.
fn resolved(case: &Case, deferral: &Deferral, verdict: &Verdict, moment: &Moment) -> Option<Step> {
    if deferral.is_queued() || deferral.place == Place::Closed {
        return None;
    }
    match verdict {
        Verdict::DoesNotStand => Some(Step::stay(placed(case, deferral, Place::Closed))),
        Verdict::AskAgain if moment.now < deferral.terms.deadline => {
            let queued = Deferral {
                next_at: moment.now,
                ..deferral.in_place(Place::Queued)
            };
            let next = State::Deferred(Case {
                deferral: Some(queued),
                ..case.clone()
            });
            Some(Step::stay(next).and_wake(moment.now))
        }
        Verdict::AskAgain | Verdict::Stands { .. } => None,
    }
}

fn placed(case: &Case, deferral: &Deferral, place: Place) -> State {
    State::Deferred(Case {
        deferral: Some(deferral.in_place(place)),
        ..case.clone()
    })
}

fn with_place(mut step: Step, place: Place) -> Step {
    if let State::Preparing(preparing) = &mut step.next
        && let Some(deferral) = &mut preparing.case.deferral
    {
        deferral.place = place;
    }
    step
}
