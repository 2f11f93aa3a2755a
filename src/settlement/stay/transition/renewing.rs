//! A call of a stay was refused for want of a sign-in: it did nothing, and the same call goes out once more, under a new
//! sign-in and a new message id.

use jiff::SignedDuration;
use zhijie_model::{Call, Refusal, Reply};

use super::stay_transition;
use crate::event::Moment;
use crate::order::Policy;
use crate::stay::effect::StayStep;
use crate::stay::event::StayEvent;
use crate::stay::state::{StayRenewing, StayState};
use crate::transition::Impossible;

/// How long a refused call may wait for its sign-in.
const RENEW_WITHIN: SignedDuration = SignedDuration::from_secs(120);

/// Whether a refusal calls for another sign-in: by the province's rule, and once.
pub(super) const fn is_due(refusal: &Refusal, policy: &Policy, renewed: bool) -> bool {
    refusal.sign_in_lost && policy.repeats_after_sign_in && !renewed
}

/// Waits for the sign-in, which is fetched before the saga is woken.
pub(super) fn renew(before: StayState, call: Call, refusal: &Refusal, moment: &Moment) -> StayStep {
    let next = StayState::Renewing(StayRenewing {
        before: Box::new(before),
        call,
        refusal: refusal.clone(),
        since: moment.now,
    });
    StayStep::stay(next).and_wake(moment.now)
}

pub(super) fn on(state: &StayRenewing, event: &StayEvent, moment: &Moment) -> Result<StayStep, Impossible> {
    match event {
        StayEvent::AdmitAsked { .. } | StayEvent::Asked { .. } | StayEvent::Resolved { .. } => {
            let mut step = stay_transition(&state.before, event, moment)?;
            step.next = StayState::Renewing(state.clone());
            Ok(step)
        }
        StayEvent::Answered { .. } | StayEvent::NotSent { .. } | StayEvent::Lost { .. } => {
            Err(Impossible::NotOpen)
        }
        StayEvent::Woken if is_fresh(state, moment) => {
            let before = under(&state.before, Some(moment)).ok_or(Impossible::NotHere)?;
            Ok(StayStep::send(before, state.call.clone()))
        }
        StayEvent::Woken | StayEvent::Restarted => {
            let before = under(&state.before, None).ok_or(Impossible::NotHere)?;
            let message_id = before.open_message().cloned().ok_or(Impossible::NotHere)?;
            let reply = Box::new(Reply::Refused {
                refusal: state.refusal.clone(),
            });
            stay_transition(&before, &StayEvent::Answered { message_id, reply }, moment)
        }
    }
}

/// A clock that was set counts as too late.
fn is_fresh(state: &StayRenewing, moment: &Moment) -> bool {
    let waited = moment.now.duration_since(state.since);
    !waited.is_negative() && waited <= RENEW_WITHIN
}

/// The state with its call out for the second time: under the moment's message id, or, without one, under the first.
fn under(before: &StayState, again: Option<&Moment>) -> Option<StayState> {
    let mut next = before.clone();
    let (open, sent_at, renewed) = match &mut next {
        StayState::Admitting(state) => (&mut state.message_id, &mut state.sent_at, &mut state.renewed),
        StayState::Working(state) => (&mut state.open, &mut state.sent_at, &mut state.renewed),
        StayState::Blank
        | StayState::AdmissionInDoubt(_)
        | StayState::ReversingAdmission(_)
        | StayState::NotAdmitted(_)
        | StayState::Admitted(_)
        | StayState::StepInDoubt(_)
        | StayState::Renewing(_)
        | StayState::NeedsClerk(_) => return None,
    };
    *renewed = true;
    if let Some(moment) = again {
        *open = moment.message_id.clone();
        *sent_at = moment.now;
    }
    Some(next)
}
