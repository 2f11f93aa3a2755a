//! What waits for a person waits: the desk hears that it does, late answers only go into the journal, and a person's
//! verdict is an event like any other.

use zhijie_model::VisitId;

use super::admission_in_doubt::not_admitted;
use super::admitting::admitted;
use super::reversing;
use super::working::executed;
use crate::cause::Cause;
use crate::doubt::Doubt;
use crate::event::Moment;
use crate::stay::cause::StayCause;
use crate::stay::effect::{StayAnswer, StayStep};
use crate::stay::event::{StayEvent, StayVerdict};
use crate::stay::state::{AdmissionInDoubt, Stay, StayNeedsClerk, StayState, StepInDoubt};
use crate::transition::Impossible;

pub(super) fn on(clerk: &StayNeedsClerk, event: &StayEvent, moment: &Moment) -> Result<StayStep, Impossible> {
    let here = || StayState::NeedsClerk(clerk.clone());
    let cause = || {
        StayCause::from(Cause::NeedsClerk {
            reason: clerk.reason.clone(),
        })
    };
    match event {
        StayEvent::AdmitAsked { request, .. } | StayEvent::Asked { request, .. } => {
            let Some(doubt) = clerk.before.doubt() else {
                return Ok(StayStep::not_done(here(), request, cause()));
            };
            let answer = StayAnswer::NotKnown {
                cause: cause(),
                subject: doubt.subject.clone(),
            };
            Ok(StayStep::answer(here(), request, answer))
        }
        StayEvent::Resolved { request, verdict, .. } => {
            let resolved = match verdict {
                StayVerdict::AskAgain => ask_again(&clerk.before, moment),
                StayVerdict::Stands { visit } => stands(&clerk.before, visit.as_ref(), moment),
                StayVerdict::DoesNotStand => does_not_stand(&clerk.before),
            };
            Ok(match resolved {
                Some(step) => step.and_answer(request, StayAnswer::Resolved),
                None => StayStep::not_done(here(), request, Cause::OtherSettlement),
            })
        }
        StayEvent::Answered { .. }
        | StayEvent::NotSent { .. }
        | StayEvent::Lost { .. }
        | StayEvent::Woken
        | StayEvent::Restarted => Ok(StayStep::stay(here())),
    }
}

/// Back into doubt with the clock of the doubt set anew; a stay without doubt takes up where it was.
fn ask_again(before: &StayState, moment: &Moment) -> Option<StayStep> {
    let anew = |doubt: &Doubt| {
        let mut doubt = doubt.clone();
        doubt.since = moment.now;
        doubt.due_now(moment);
        doubt
    };
    let next = match before {
        StayState::AdmissionInDoubt(state) => StayState::AdmissionInDoubt(AdmissionInDoubt {
            doubt: anew(&state.doubt),
            query: None,
            ..state.clone()
        }),
        StayState::ReversingAdmission(state) => {
            let state = reversing::doubt(state, state.doubt.fence);
            StayState::AdmissionInDoubt(AdmissionInDoubt {
                doubt: anew(&state.doubt),
                ..state
            })
        }
        StayState::StepInDoubt(state) => StayState::StepInDoubt(StepInDoubt {
            doubt: anew(&state.doubt),
            query: None,
            ..state.clone()
        }),
        StayState::Admitted(_) | StayState::NotAdmitted(_) => return Some(StayStep::stay(before.clone())),
        StayState::Blank
        | StayState::Admitting(_)
        | StayState::Working(_)
        | StayState::Renewing(_)
        | StayState::NeedsClerk(_) => return None,
    };
    Some(StayStep::stay(next).and_wake(moment.now))
}

/// The person saw at the centre that it was done: the patient in hospital as this visit, or the step executed.
fn stands(before: &StayState, visit: Option<&VisitId>, moment: &Moment) -> Option<StayStep> {
    match (before, visit) {
        (StayState::AdmissionInDoubt(state), Some(visit)) => Some(admitted(
            (&state.order, &state.request),
            visit,
            (&state.doubt.subject, &state.gone),
            moment,
        )),
        (StayState::ReversingAdmission(state), Some(visit)) => Some(admitted(
            (&state.order, &state.request),
            visit,
            (&state.doubt.subject, &state.gone),
            moment,
        )),
        (StayState::Admitting(state), Some(visit)) => Some(admitted(
            (&state.order, &state.request),
            visit,
            (&state.message_id, &state.gone),
            moment,
        )),
        (StayState::StepInDoubt(state), visit) if is_of(&state.stay, visit) => {
            Some(executed(&state.stay, &state.act, &state.request))
        }
        (StayState::Working(state), visit) if is_of(&state.stay, visit) => {
            Some(executed(&state.stay, &state.act, &state.request))
        }
        (StayState::Admitted(stay), Some(visit)) if stay.visit_id == *visit => {
            Some(StayStep::stay(before.clone()))
        }
        (_, _) => None,
    }
}

/// Whether the person looked at this stay, where a visit was named at all.
fn is_of(stay: &Stay, visit: Option<&VisitId>) -> bool {
    visit.is_none_or(|visit| *visit == stay.visit_id)
}

/// The person saw at the centre that it was not done.
fn does_not_stand(before: &StayState) -> Option<StayStep> {
    let why = || Cause::ResolvedNotStanding;
    match before {
        StayState::AdmissionInDoubt(state) => Some(not_admitted(state, why())),
        StayState::ReversingAdmission(state) => {
            Some(not_admitted(&reversing::doubt(state, state.doubt.fence), why()))
        }
        StayState::StepInDoubt(state) => Some(StayStep::not_done(
            StayState::Admitted(state.stay.clone()),
            &state.request,
            StayCause::StepNeverExecuted,
        )),
        StayState::Working(state) => Some(StayStep::not_done(
            StayState::Admitted(state.stay.clone()),
            &state.request,
            StayCause::StepNeverExecuted,
        )),
        StayState::Renewing(state) => does_not_stand(&state.before),
        StayState::Admitted(_) | StayState::NotAdmitted(_) => Some(StayStep::stay(before.clone())),
        StayState::Blank | StayState::Admitting(_) | StayState::NeedsClerk(_) => None,
    }
}
