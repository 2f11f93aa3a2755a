//! A call was refused for want of a sign-in: it did nothing, and the same call goes out once more, under a new sign-in and a
//! new message id. Only a certain refusal leads here; a lost answer never does.

use jiff::SignedDuration;
use zhijie_model::{Call, Refusal, Reply};

use super::{Impossible, transition};
use crate::effect::Step;
use crate::event::{Event, Moment};
use crate::order::Policy;
use crate::state::{Phase, Renewing, State};

/// How long a refused call may wait for its sign-in. Nobody stands at the desk for longer, and what moves money is never
/// sent later by itself.
const RENEW_WITHIN: SignedDuration = SignedDuration::from_secs(120);

/// Whether a refusal calls for another sign-in: by the province's rule, and once.
pub(super) const fn is_due(refusal: &Refusal, policy: &Policy, renewed: bool) -> bool {
    refusal.sign_in_lost && policy.repeats_after_sign_in && !renewed
}

/// Waits for the sign-in, which is fetched before the saga is woken. `before` is the state the refused call was out in.
pub(super) fn renew(before: State, call: Call, refusal: &Refusal, moment: &Moment) -> Step {
    let next = State::Renewing(Renewing {
        before: Box::new(before),
        call,
        refusal: refusal.clone(),
        since: moment.now,
    });
    Step::stay(next).and_wake(moment.now)
}

pub(super) fn on(state: &Renewing, event: &Event, moment: &Moment) -> Result<Step, Impossible> {
    match event {
        // What the desk asks meanwhile is answered as if the call were still out.
        Event::QuoteAsked { .. }
        | Event::SettleAsked { .. }
        | Event::DeferAsked { .. }
        | Event::CancelAsked { .. }
        | Event::Confirmed { .. }
        | Event::Resolved { .. } => {
            let mut step = transition(&state.before, event, moment)?;
            step.next = State::Renewing(state.clone());
            Ok(step)
        }
        Event::Answered { .. } | Event::NotSent { .. } | Event::Lost { .. } => Err(Impossible::NotOpen),
        Event::ReplayDue | Event::StatementAsked { .. } | Event::StatementTold { .. } => {
            Ok(Step::stay(State::Renewing(state.clone())))
        }
        Event::Woken if is_fresh(state, moment) => {
            let before = under(&state.before, Some(moment)).ok_or(Impossible::NotHere)?;
            Ok(Step::send(before, state.call.clone()))
        }
        Event::Woken | Event::Restarted => ended(state, moment),
    }
}

/// A clock that was set counts as too late.
fn is_fresh(state: &Renewing, moment: &Moment) -> bool {
    let waited = moment.now.duration_since(state.since);
    let stale = if let State::Submitted(submitted) = &*state.before {
        moment.now > submitted.quote.good_until
    } else {
        false
    };
    !stale && !waited.is_negative() && waited <= RENEW_WITHIN
}

/// The refusal stands: told as if nothing had been tried again.
fn ended(state: &Renewing, moment: &Moment) -> Result<Step, Impossible> {
    let before = under(&state.before, None).ok_or(Impossible::NotHere)?;
    let message_id = before.open_message().cloned().ok_or(Impossible::NotHere)?;
    let reply = Box::new(Reply::Refused {
        refusal: state.refusal.clone(),
    });
    transition(&before, &Event::Answered { message_id, reply }, moment)
}

/// The state with its call out for the second time: under the moment's message id, or, without one, under the first.
fn under(before: &State, again: Option<&Moment>) -> Option<State> {
    let id = again.map(|moment| moment.message_id.clone());
    let mut next = before.clone();
    match &mut next {
        State::Preparing(preparing) => {
            preparing.renewed = true;
            preparing.open = id.unwrap_or_else(|| preparing.open.clone());
        }
        State::Submitted(submitted) => {
            submitted.renewed = true;
            submitted.message_id = id.unwrap_or_else(|| submitted.message_id.clone());
            submitted.sent_at = again.map_or(submitted.sent_at, |moment| moment.now);
        }
        State::Cancelling(cancelling) => {
            let Phase::Submitted {
                message_id,
                sent_at,
                renewed,
            } = &mut cancelling.phase
            else {
                return None;
            };
            *renewed = true;
            *message_id = id.unwrap_or_else(|| message_id.clone());
            *sent_at = again.map_or(*sent_at, |moment| moment.now);
        }
        State::Blank
        | State::Drafted(_)
        | State::Quoted(_)
        | State::Settled(_)
        | State::Declined { .. }
        | State::InDoubt(_)
        | State::Reversing(_)
        | State::Reversed { .. }
        | State::Abandoned { .. }
        | State::Cancelled { .. }
        | State::Deferred(_)
        | State::Undoing(_)
        | State::Renewing(_)
        | State::NeedsClerk(_) => return None,
    }
    Some(next)
}
