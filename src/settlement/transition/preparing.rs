//! On the road to a quote. No money can move here, so a lost step ends the attempt and the desk may ask again.

use jiff::SignedDuration;
use zhijie_model::{Reply, RequestId, Transaction};

use super::deferred::again;
use super::quoted::submit;
use super::renewing::{is_due, renew};
use super::{Impossible, expect_open};
use crate::cause::{Cause, Silence};
use crate::effect::{Answer, Step};
use crate::event::{Event, Moment};
use crate::state::{Case, Preparing, Quote, Quoted, State};

/// Sends the next call on the road.
pub(super) fn prepare(case: Case, request: RequestId, moment: &Moment) -> Step {
    let call = case.progress.next_call(&case.order);
    let open = moment.message_id.clone();
    Step::send(
        State::Preparing(Preparing {
            case,
            request,
            open,
            call: call.clone(),
            renewed: false,
        }),
        call,
    )
}

pub(super) fn on(state: &Preparing, event: &Event, moment: &Moment) -> Result<Step, Impossible> {
    let here = || State::Preparing(state.clone());
    match event {
        Event::QuoteAsked { request, .. }
        | Event::SettleAsked { request, .. }
        | Event::CancelAsked { request, .. }
        | Event::DeferAsked { request, .. }
        | Event::Confirmed { request, .. } => Ok(Step::not_done(here(), request, Cause::Locked)),
        Event::Resolved { request, .. } => Ok(Step::not_done(here(), request, Cause::NothingToResolve)),
        Event::Answered { message_id, reply } => {
            expect_open(&state.open, message_id)?;
            answered(state, reply, moment)
        }
        Event::NotSent { message_id, reason } => {
            expect_open(&state.open, message_id)?;
            let cause = Cause::NotSent {
                transaction: transaction(state),
                reason: reason.clone(),
            };
            Ok(ended(state, state.case.clone(), cause, moment))
        }
        Event::Lost { message_id, silence } => {
            expect_open(&state.open, message_id)?;
            let cause = Cause::StepLost {
                transaction: transaction(state),
                silence: silence.clone(),
            };
            Ok(ended(state, lost(state), cause, moment))
        }
        Event::Woken | Event::ReplayDue | Event::StatementAsked { .. } | Event::StatementTold { .. } => {
            Ok(Step::stay(here()))
        }
        Event::Restarted => Ok(ended(state, lost(state), Cause::Interrupted, moment)),
    }
}

fn answered(state: &Preparing, reply: &Reply, moment: &Moment) -> Result<Step, Impossible> {
    if let Reply::Refused { refusal } = reply {
        let policy = &state.case.order.policy;
        if state.case.replayed().is_none() && is_due(refusal, policy, state.renewed) {
            return Ok(renew(
                State::Preparing(state.clone()),
                state.call.clone(),
                refusal,
                moment,
            ));
        }
        let (next, goes_on) = state.case.progress.after_refusal(&state.call, refusal);
        let case = Case {
            progress: next,
            ..state.case.clone()
        };
        if goes_on {
            return Ok(prepare(case, state.request.clone(), moment));
        }
        let cause = Cause::Refused {
            transaction: transaction(state),
            refusal: refusal.clone(),
        };
        return Ok(ended(state, case, cause, moment));
    }
    if let Reply::Tried { trial } = reply
        && state.call.transaction() == state.case.order.road.trial()
    {
        let valid = SignedDuration::from_secs(i64::from(state.case.order.policy.quote_valid_s));
        let quote = Quote {
            id: state.open.clone(),
            trial: trial.clone(),
            made_at: moment.now,
            good_until: moment.now.saturating_add(valid).unwrap_or(moment.now),
        };
        let mut quoted = Quoted {
            case: state.case.clone(),
            quote: quote.clone(),
        };
        if !trial.cuts.is_empty() {
            quoted.case.progress.cuts.clone_from(&trial.cuts);
        }
        if state.case.replayed().is_some() {
            return submit(&quoted, &state.request, (None, None), moment);
        }
        let next = State::Quoted(quoted);
        return Ok(Step::answer(next, &state.request, Answer::Quoted(quote)));
    }
    let order = &state.case.order;
    let Some(progress) = state.case.progress.after(order, &state.call, reply) else {
        // No money can move here: a reply to something else is as good as none.
        let silence = Silence::Unreadable {
            evidence: String::from("the reply does not belong to the call"),
        };
        let cause = Cause::StepLost {
            transaction: transaction(state),
            silence,
        };
        return Ok(ended(state, lost(state), cause, moment));
    };
    Ok(prepare(
        Case {
            order: order.clone(),
            progress,
            touched_at: moment.now,
            undo_tries: 0,
            deferral: state.case.deferral.clone(),
        },
        state.request.clone(),
        moment,
    ))
}

/// The attempt is over and no money moved: the desk is told, or the queue takes the bill back.
fn ended(state: &Preparing, case: Case, cause: Cause, moment: &Moment) -> Step {
    match case.replayed().cloned() {
        Some(deferral) => again(case, &deferral, &cause, moment),
        None => Step::not_done(State::Drafted(case), &state.request, cause),
    }
}

fn lost(state: &Preparing) -> Case {
    let progress = state.case.progress.after_loss(&state.call);
    Case {
        progress,
        ..state.case.clone()
    }
}

const fn transaction(state: &Preparing) -> Transaction {
    state.call.transaction()
}
