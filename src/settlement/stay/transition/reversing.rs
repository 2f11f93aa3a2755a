//! A reversal of the admission in doubt is out. Confirmed is not enough where the centre may still execute the
//! admission afterwards.

use zhijie_model::Reply;

use super::admission_in_doubt::{later, not_admitted, not_known};
use super::admitting::is_same;
use crate::cause::Cause;
use crate::doubt::Fence;
use crate::event::Moment;
use crate::stay::cause::StayCause;
use crate::stay::effect::StayStep;
use crate::stay::event::StayEvent;
use crate::stay::state::{AdmissionInDoubt, ReversingAdmission, StayState};
use crate::transition::{Impossible, expect_open};

pub(super) fn on(
    state: &ReversingAdmission,
    event: &StayEvent,
    moment: &Moment,
) -> Result<StayStep, Impossible> {
    let here = || StayState::ReversingAdmission(state.clone());
    match event {
        StayEvent::AdmitAsked { request, order } if is_same(&state.order, order) => {
            let answer = not_known(&doubt(state, state.doubt.fence));
            Ok(StayStep::answer(here(), request, answer))
        }
        StayEvent::AdmitAsked { request, .. } | StayEvent::Asked { request, .. } => {
            Ok(StayStep::not_done(here(), request, StayCause::Locked))
        }
        StayEvent::Resolved { request, .. } => {
            Ok(StayStep::not_done(here(), request, Cause::NothingToResolve))
        }
        StayEvent::Answered { message_id, reply } => {
            expect_open(&state.reversal, message_id)?;
            answered(state, reply, moment)
        }
        StayEvent::NotSent { message_id, .. } => {
            expect_open(&state.reversal, message_id)?;
            Ok(back(state, state.doubt.fence, moment))
        }
        StayEvent::Lost { message_id, .. } => {
            expect_open(&state.reversal, message_id)?;
            Ok(back(state, Fence::Unknown, moment))
        }
        StayEvent::Woken => Ok(StayStep::stay(here())),
        StayEvent::Restarted => Ok(back(state, Fence::Unknown, moment)),
    }
}

fn answered(state: &ReversingAdmission, reply: &Reply, moment: &Moment) -> Result<StayStep, Impossible> {
    if let Reply::Refused { refusal } = reply {
        // For want of a sign-in nothing is said about the message in doubt.
        return Ok(if refusal.sign_in_lost {
            later(&doubt(state, state.doubt.fence), moment, true)
        } else {
            back(state, Fence::Refused, moment)
        });
    }
    if *reply != Reply::Reversed {
        return Err(Impossible::OtherReply);
    }
    Ok(if state.order.policy.reversal_is_tombstone {
        not_admitted(&doubt(state, Fence::Confirmed), Cause::Reversed)
    } else {
        back(state, Fence::Confirmed, moment)
    })
}

pub(super) fn doubt(state: &ReversingAdmission, fence: Fence) -> AdmissionInDoubt {
    let mut doubt = state.doubt.clone();
    doubt.fence = fence;
    AdmissionInDoubt {
        order: state.order.clone(),
        request: state.request.clone(),
        doubt,
        query: None,
        gone: state.gone.clone(),
        again: state.again,
    }
}

fn back(state: &ReversingAdmission, fence: Fence, moment: &Moment) -> StayStep {
    let mut next = doubt(state, fence);
    match fence {
        Fence::Unknown => next.doubt.reversal_lost_age_s = Some(next.doubt.age_s),
        Fence::Confirmed => next.doubt.reversal_taken_age_s = Some(next.doubt.age_s),
        Fence::NotTried | Fence::Refused => {}
    }
    later(&next, moment, false)
}
