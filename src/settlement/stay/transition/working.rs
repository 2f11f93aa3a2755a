//! A step of the stay is out. Lines that were lost are lines in question; a lost change may be sent anew, for it only
//! overwrites; a lost discharge or undo is doubt.

use zhijie_model::{Reply, Transaction};

use super::admitted::{done, go_on, gone};
use super::renewing::{is_due, renew};
use crate::cause::{Cause, Silence};
use crate::doubt::Doubt;
use crate::event::Moment;
use crate::stay::calls;
use crate::stay::cause::StayCause;
use crate::stay::effect::{StayAnswer, StayStep};
use crate::stay::event::{Act, StayEvent};
use crate::stay::state::{NotAdmitted, Stay, StayState, StepInDoubt, Task, Working};
use crate::transition::{Impossible, expect_open};

pub(super) fn on(state: &Working, event: &StayEvent, moment: &Moment) -> Result<StayStep, Impossible> {
    let here = || StayState::Working(state.clone());
    match event {
        StayEvent::AdmitAsked { request, .. } | StayEvent::Asked { request, .. } => {
            Ok(StayStep::not_done(here(), request, StayCause::Locked))
        }
        StayEvent::Resolved { request, .. } => {
            Ok(StayStep::not_done(here(), request, Cause::NothingToResolve))
        }
        StayEvent::Answered { message_id, reply } => {
            expect_open(&state.open, message_id)?;
            answered(state, reply, moment)
        }
        StayEvent::NotSent { message_id, reason } => {
            expect_open(&state.open, message_id)?;
            let cause = Cause::NotSent {
                transaction: transaction(state),
                reason: reason.clone(),
            };
            Ok(ended(state, state.stay.clone(), cause))
        }
        StayEvent::Lost { message_id, silence } => {
            expect_open(&state.open, message_id)?;
            Ok(lost(state, silence, moment))
        }
        StayEvent::Woken => Ok(StayStep::stay(here())),
        StayEvent::Restarted => Ok(lost(state, &Silence::AgentStopped, moment)),
    }
}

fn answered(state: &Working, reply: &Reply, moment: &Moment) -> Result<StayStep, Impossible> {
    if let Reply::Refused { refusal } = reply {
        return refused(state, refusal, moment);
    }
    let fits = match (&state.task, reply) {
        (Task::Change, Reply::StayChanged) => Some(state.stay.changed(&state.act)),
        (Task::Upload { lines }, Reply::Uploaded { cuts }) => state.stay.with_lines(lines, cuts),
        (Task::Withdraw { serials, .. }, Reply::LinesWithdrawn) => Some(state.stay.without(serials)),
        (Task::Discharge, Reply::Discharged)
        | (Task::UndoDischarge, Reply::DischargeWithdrawn)
        | (Task::UndoAdmission, Reply::AdmissionWithdrawn) => {
            return Ok(executed(&state.stay, &state.act, &state.request));
        }
        (_, _) => None,
    };
    let Some(stay) = fits else {
        // A reply to something else is as good as none.
        let silence = Silence::Unreadable {
            evidence: String::from("the reply does not belong to the call"),
        };
        return Ok(lost(state, &silence, moment));
    };
    match state.act {
        Act::Charge { .. } | Act::WithdrawCharges { .. } => {
            go_on(stay, (&state.request, &state.act, state.settled_through), moment)
        }
        Act::Change { .. }
        | Act::Discharge { .. }
        | Act::UndoDischarge { .. }
        | Act::UndoAdmission { .. } => {
            let answer = done(&stay, &state.act);
            Ok(StayStep::answer(
                StayState::Admitted(stay),
                &state.request,
                answer,
            ))
        }
    }
}

/// A refusal proves that nothing was done. Where lines of a lost upload never arrived, taking them back is refused and
/// going on is right; a refused upload leaves its lines in question, for some may lie there from before.
fn refused(
    state: &Working,
    refusal: &zhijie_model::Refusal,
    moment: &Moment,
) -> Result<StayStep, Impossible> {
    if is_due(refusal, &state.stay.order.policy, state.renewed) {
        let call = calls::of_task(&state.stay, &state.act, &state.task).ok_or(Impossible::NotHere)?;
        return Ok(renew(StayState::Working(state.clone()), call, refusal, moment));
    }
    let stay = match &state.task {
        Task::Withdraw {
            serials, heals: true, ..
        } if !refusal.sign_in_lost => {
            let stay = state.stay.without(serials);
            return go_on(stay, (&state.request, &state.act, state.settled_through), moment);
        }
        Task::Upload { lines } if !refusal.sign_in_lost => state
            .stay
            .in_question(lines.iter().map(|line| line.charge.serial.clone())),
        Task::Upload { .. }
        | Task::Withdraw { .. }
        | Task::Change
        | Task::Discharge
        | Task::UndoDischarge
        | Task::UndoAdmission => state.stay.clone(),
    };
    let cause = Cause::Refused {
        transaction: transaction(state),
        refusal: refusal.clone(),
    };
    Ok(ended(state, stay, cause))
}

fn lost(state: &Working, silence: &Silence, moment: &Moment) -> StayStep {
    let stay = match &state.task {
        Task::Change => state.stay.clone(),
        Task::Upload { lines } => state
            .stay
            .in_question(lines.iter().map(|line| line.charge.serial.clone())),
        Task::Withdraw { serials, .. } => state.stay.in_question(serials.iter().cloned()),
        Task::Discharge | Task::UndoDischarge | Task::UndoAdmission => return doubt(state, silence, moment),
    };
    let cause = if *silence == Silence::AgentStopped {
        Cause::Interrupted
    } else {
        Cause::StepLost {
            transaction: transaction(state),
            silence: silence.clone(),
        }
    };
    ended(state, stay, cause)
}

/// The act is over, not done; what lies at the centre stays there.
fn ended(state: &Working, stay: Stay, cause: Cause) -> StayStep {
    StayStep::not_done(StayState::Admitted(stay), &state.request, cause)
}

/// The discharge or the undo was executed: the desk is told.
pub(super) fn executed(stay: &Stay, act: &Act, request: &zhijie_model::RequestId) -> StayStep {
    let mut next = stay.clone();
    next.revision = stay.revision.saturating_add(1);
    match act {
        Act::Discharge { discharge } => next.discharge = Some((**discharge).clone()),
        Act::UndoDischarge { .. } => next.discharge = None,
        Act::UndoAdmission { .. } => {
            let next = StayState::NotAdmitted(NotAdmitted {
                order: stay.order.clone(),
                why: None,
                gone: gone(stay),
            });
            return StayStep::answer(next, request, StayAnswer::Done);
        }
        Act::Change { .. } | Act::Charge { .. } | Act::WithdrawCharges { .. } => {}
    }
    StayStep::answer(StayState::Admitted(next), request, StayAnswer::Done)
}

fn doubt(state: &Working, silence: &Silence, moment: &Moment) -> StayStep {
    let mut doubt = Doubt::new(state.open.clone(), state.sent_at, silence.clone(), moment.now);
    if *silence != Silence::AgentStopped {
        doubt.wait(moment, false);
    }
    let wake = doubt.next_at;
    let next = StepInDoubt {
        stay: state.stay.clone(),
        request: state.request.clone(),
        act: state.act.clone(),
        doubt,
        query: None,
        before_age_s: None,
        gone_age_s: None,
    };
    let answer = super::step_in_doubt::not_known(&next);
    StayStep::answer(StayState::StepInDoubt(next), &state.request, answer).and_wake(wake)
}

const fn transaction(state: &Working) -> Transaction {
    state.task.transaction()
}
