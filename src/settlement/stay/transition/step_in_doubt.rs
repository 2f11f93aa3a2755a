//! A lost discharge or undo is asked about until the centre shows the stay as it was, for longer than a late execution
//! could take, or as it was to be.

use zhijie_model::{FoundVisit, Reply};

use super::clerk;
use super::working::executed;
use crate::cause::{Cause, ClerkReason};
use crate::event::Moment;
use crate::stay::calls;
use crate::stay::cause::StayCause;
use crate::stay::effect::{StayAnswer, StayStep};
use crate::stay::event::{Act, StayEvent};
use crate::stay::state::{StayState, StepInDoubt};
use crate::transition::{Impossible, expect_open};

pub(super) fn on(state: &StepInDoubt, event: &StayEvent, moment: &Moment) -> Result<StayStep, Impossible> {
    let here = || StayState::StepInDoubt(state.clone());
    match event {
        // The same wish again is the same act.
        StayEvent::Asked { request, act, .. } if **act == state.act => {
            Ok(StayStep::answer(here(), request, not_known(state)))
        }
        StayEvent::AdmitAsked { request, .. } | StayEvent::Asked { request, .. } => {
            Ok(StayStep::not_done(here(), request, StayCause::Locked))
        }
        StayEvent::Resolved { request, .. } => {
            Ok(StayStep::not_done(here(), request, Cause::NothingToResolve))
        }
        StayEvent::Answered { message_id, reply } => {
            let open = state.query.as_ref().ok_or(Impossible::NotOpen)?;
            expect_open(open, message_id)?;
            answered(state, reply, moment)
        }
        StayEvent::NotSent { message_id, .. } | StayEvent::Lost { message_id, .. } => {
            let open = state.query.as_ref().ok_or(Impossible::NotOpen)?;
            expect_open(open, message_id)?;
            Ok(later(state, moment, false))
        }
        StayEvent::Woken => Ok(woken(state, moment)),
        StayEvent::Restarted => {
            let mut next = state.clone();
            next.query = None;
            next.doubt.due_now(moment);
            Ok(StayStep::stay(StayState::StepInDoubt(next)).and_wake(moment.now))
        }
    }
}

fn woken(state: &StepInDoubt, moment: &Moment) -> StayStep {
    let here = || StayState::StepInDoubt(state.clone());
    if state.query.is_some() {
        return StayStep::stay(here());
    }
    if !state.doubt.is_due(moment.now) {
        return StayStep::stay(here()).and_wake(state.doubt.next_at);
    }
    let mut next = state.clone();
    next.doubt.ask(moment);
    next.query = Some(moment.message_id.clone());
    let call = calls::which_visits(&state.stay.order, state.doubt.sent_at);
    StayStep::send(StayState::StepInDoubt(next), call)
}

fn answered(state: &StepInDoubt, reply: &Reply, moment: &Moment) -> Result<StayStep, Impossible> {
    if let Reply::Refused { refusal } = reply {
        return Ok(later(state, moment, refusal.sign_in_lost));
    }
    let Reply::VisitsFound { visits } = reply else {
        return Err(Impossible::OtherReply);
    };
    let ours = visits.iter().find(|visit| visit.visit_id == state.stay.visit_id);
    Ok(match seen(&state.act, ours) {
        Seen::After if may_be_from_before(state) => later(state, moment, false),
        Seen::After => executed(&state.stay, &state.act, &state.request),
        Seen::Gone => is_gone(state, moment),
        Seen::Before => is_before(state, moment),
        Seen::Nothing => later(state, moment, false),
    })
}

/// Whether the list may be so old that it shows the stay as it was before an earlier step: discharged once, and taken
/// in again since; or in hospital, and discharged since.
const fn may_be_from_before(state: &StepInDoubt) -> bool {
    !state
        .doubt
        .asked_beyond(0, state.stay.order.policy.query_lag_max_s)
}

/// How the centre shows the stay.
enum Seen {
    /// As the step would leave it.
    After,
    /// As it was before the step.
    Before,
    /// Not at all, after the admission was to be taken back.
    Gone,
    /// In a way that says nothing.
    Nothing,
}

fn seen(act: &Act, ours: Option<&FoundVisit>) -> Seen {
    let in_hospital = ours.and_then(|visit| visit.in_hospital);
    match (act, ours, in_hospital) {
        (Act::Discharge { .. }, Some(_), Some(false)) | (Act::UndoDischarge { .. }, Some(_), Some(true)) => {
            Seen::After
        }
        (Act::Discharge { .. }, Some(_), Some(true)) | (Act::UndoDischarge { .. }, Some(_), Some(false)) => {
            Seen::Before
        }
        (Act::UndoAdmission { .. }, Some(_), Some(true)) => Seen::Before,
        (Act::UndoAdmission { .. }, None, _) => Seen::Gone,
        (_, _, _) => Seen::Nothing,
    }
}

/// A stay that shows no more was taken back, where an empty answer counts for anything and lasts.
fn is_gone(state: &StepInDoubt, moment: &Moment) -> StayStep {
    let policy = &state.stay.order.policy;
    let mut next = state.clone();
    let first = *next.gone_age_s.get_or_insert(state.doubt.age_s);
    next.before_age_s = None;
    if policy.empty_query_is_evidence() && state.doubt.asked_beyond(first, policy.horizon_s()) {
        return executed(&state.stay, &state.act, &state.request);
    }
    later(&next, moment, false)
}

fn is_before(state: &StepInDoubt, moment: &Moment) -> StayStep {
    let mut next = state.clone();
    let first = *next.before_age_s.get_or_insert(state.doubt.age_s);
    next.gone_age_s = None;
    if state
        .doubt
        .asked_beyond(first, state.stay.order.policy.horizon_s())
    {
        let stay = StayState::Admitted(state.stay.clone());
        return StayStep::not_done(stay, &state.request, StayCause::StepNeverExecuted);
    }
    later(&next, moment, false)
}

fn later(state: &StepInDoubt, moment: &Moment, sign_in_lost: bool) -> StayStep {
    let mut next = state.clone();
    next.query = None;
    if next
        .doubt
        .is_too_old(moment.now, state.stay.order.policy.doubt_max_s)
    {
        let before = StayState::StepInDoubt(next);
        return StayStep::stay(clerk(before, ClerkReason::SilentTooLong, moment));
    }
    next.doubt.wait(moment, sign_in_lost);
    let wake = next.doubt.next_at;
    StayStep::stay(StayState::StepInDoubt(next)).and_wake(wake)
}

pub(super) fn not_known(state: &StepInDoubt) -> StayAnswer {
    let cause = StayCause::from(Cause::AnswerLost {
        transaction: state.transaction(),
        silence: state.doubt.silence.clone(),
    });
    StayAnswer::NotKnown {
        cause,
        subject: state.doubt.subject.clone(),
    }
}
