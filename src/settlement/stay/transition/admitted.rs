//! Admitted, and nothing under way: the desk may do what the platform's order of steps allows.

use zhijie_model::{RequestId, VisitId};

use super::admitting::is_same;
use crate::cause::Cause;
use crate::event::Moment;
use crate::stay::cause::StayCause;
use crate::stay::effect::{StayAnswer, StayStep};
use crate::stay::event::{Act, StayEvent};
use crate::stay::state::{Stay, StayState, Working};
use crate::transition::Impossible;

pub(super) fn on(state: &Stay, event: &StayEvent, moment: &Moment) -> Result<StayStep, Impossible> {
    let here = || StayState::Admitted(state.clone());
    match event {
        // Admitting the same person again with the same papers is the same act.
        StayEvent::AdmitAsked { request, order } if is_same(&state.order, order) => {
            let visit_id = state.visit_id.clone();
            Ok(StayStep::answer(
                here(),
                request,
                StayAnswer::Admitted { visit_id },
            ))
        }
        StayEvent::AdmitAsked { request, .. } => {
            Ok(StayStep::not_done(here(), request, StayCause::AlreadyAdmitted))
        }
        StayEvent::Asked { request, act, bills } => {
            if let Some(cause) = state.refuse(act, bills) {
                return Ok(StayStep::not_done(here(), request, cause));
            }
            go_on(state.clone(), (request, act, bills.settled_through), moment)
        }
        StayEvent::Resolved { request, .. } => {
            Ok(StayStep::not_done(here(), request, Cause::NothingToResolve))
        }
        StayEvent::Answered { .. } | StayEvent::NotSent { .. } | StayEvent::Lost { .. } => {
            Err(Impossible::NotOpen)
        }
        StayEvent::Woken | StayEvent::Restarted => Ok(StayStep::stay(here())),
    }
}

/// Sends the next call of an act, or tells the desk that nothing of it is left to do.
pub(super) fn go_on(
    stay: Stay,
    (request, act, settled_through): (&RequestId, &Act, Option<u32>),
    moment: &Moment,
) -> Result<StayStep, Impossible> {
    let Some(task) = stay.next_task(act, settled_through) else {
        let answer = done(&stay, act);
        return Ok(StayStep::answer(StayState::Admitted(stay), request, answer));
    };
    let working = Working {
        renewed: false,
        stay,
        request: request.clone(),
        act: act.clone(),
        task,
        open: moment.message_id.clone(),
        sent_at: moment.now,
        settled_through,
    };
    let call = working.call().ok_or(Impossible::NotHere)?;
    Ok(StayStep::send(StayState::Working(working), call))
}

/// What the desk is told of an act that is done.
pub(super) fn done(stay: &Stay, act: &Act) -> StayAnswer {
    match act {
        Act::Charge { lines } => StayAnswer::Charged {
            cuts: stay.cuts_of(lines),
        },
        Act::Change { .. }
        | Act::WithdrawCharges { .. }
        | Act::Discharge { .. }
        | Act::UndoDischarge { .. }
        | Act::UndoAdmission { .. } => StayAnswer::Done,
    }
}

/// The visits that were taken back, this one among them.
pub(super) fn gone(stay: &Stay) -> Vec<VisitId> {
    let mut gone = stay.gone.clone();
    gone.push(stay.visit_id.clone());
    gone
}
