//! Doubt about an admission ends by a query that finds the stay, by a fence, or at a person; never by a guess, and the
//! patient is never admitted a second time while it lasts.

use zhijie_model::{Call, Reply, Transaction};

use super::admitting::{admitted, is_same};
use super::clerk;
use crate::cause::{Cause, ClerkReason};
use crate::doubt::Fence;
use crate::event::Moment;
use crate::stay::calls;
use crate::stay::cause::StayCause;
use crate::stay::effect::{StayAnswer, StayStep};
use crate::stay::event::StayEvent;
use crate::stay::finding::{Found, among_visits, in_hospital};
use crate::stay::state::{AdmissionInDoubt, NotAdmitted, Question, ReversingAdmission, StayState};
use crate::transition::{Impossible, expect_open};

pub(super) fn on(
    state: &AdmissionInDoubt,
    event: &StayEvent,
    moment: &Moment,
) -> Result<StayStep, Impossible> {
    let here = || StayState::AdmissionInDoubt(state.clone());
    match event {
        StayEvent::AdmitAsked { request, order } if is_same(&state.order, order) => {
            Ok(StayStep::answer(here(), request, not_known(state)))
        }
        StayEvent::AdmitAsked { request, .. } | StayEvent::Asked { request, .. } => {
            Ok(StayStep::not_done(here(), request, StayCause::Locked))
        }
        StayEvent::Resolved { request, .. } => {
            Ok(StayStep::not_done(here(), request, Cause::NothingToResolve))
        }
        StayEvent::Answered { message_id, reply } => {
            let query = state.query.as_ref().ok_or(Impossible::NotOpen)?;
            expect_open(query.message_id(), message_id)?;
            answered(state, query, reply, moment)
        }
        StayEvent::NotSent { message_id, .. } | StayEvent::Lost { message_id, .. } => {
            let query = state.query.as_ref().ok_or(Impossible::NotOpen)?;
            expect_open(query.message_id(), message_id)?;
            Ok(later(state, moment, false))
        }
        StayEvent::Woken => Ok(woken(state, moment)),
        StayEvent::Restarted => {
            let mut next = state.clone();
            next.query = None;
            next.doubt.due_now(moment);
            Ok(StayStep::stay(StayState::AdmissionInDoubt(next)).and_wake(moment.now))
        }
    }
}

/// Asks the centre when it is time: who is in hospital first.
fn woken(state: &AdmissionInDoubt, moment: &Moment) -> StayStep {
    let here = || StayState::AdmissionInDoubt(state.clone());
    if state.query.is_some() {
        return StayStep::stay(here());
    }
    if !state.doubt.is_due(moment.now) {
        return StayStep::stay(here()).and_wake(state.doubt.next_at);
    }
    let mut next = state.clone();
    next.doubt.ask(moment);
    let message_id = moment.message_id.clone();
    next.query = Some(Question::InHospital { message_id });
    StayStep::send(
        StayState::AdmissionInDoubt(next),
        calls::who_is_in_hospital(&state.order, &state.doubt),
    )
}

fn answered(
    state: &AdmissionInDoubt,
    query: &Question,
    reply: &Reply,
    moment: &Moment,
) -> Result<StayStep, Impossible> {
    // The query itself was refused: that says nothing about the admission.
    if let Reply::Refused { refusal } = reply {
        return Ok(later(state, moment, refusal.sign_in_lost));
    }
    match (query, reply) {
        (Question::InHospital { .. }, Reply::InHospital { stays }) => {
            Ok(match in_hospital(stays, &state.order, &state.gone) {
                Found::Ours(_) if proves_nothing_yet(state) => later(state, moment, false),
                Found::Ours(visit_id) => ours(state, &visit_id, moment),
                Found::Foreign => foreign(state, moment),
                Found::Nothing => second_question(state, moment),
            })
        }
        (Question::Visits { .. }, Reply::VisitsFound { visits }) => {
            Ok(match among_visits(visits, &state.order, &state.gone) {
                Found::Ours(_) if proves_nothing_yet(state) => later(state, moment, false),
                Found::Ours(visit_id) => ours(state, &visit_id, moment),
                Found::Foreign => foreign(state, moment),
                Found::Nothing => absent(state, moment),
            })
        }
        (Question::InHospital { .. } | Question::Visits { .. }, _) => Err(Impossible::OtherReply),
    }
}

fn ours(state: &AdmissionInDoubt, visit_id: &zhijie_model::VisitId, moment: &Moment) -> StayStep {
    admitted(
        (&state.order, &state.request),
        visit_id,
        (&state.doubt.subject, &state.gone),
        moment,
    )
}

fn foreign(state: &AdmissionInDoubt, moment: &Moment) -> StayStep {
    let mut before = state.clone();
    before.query = None;
    StayStep::stay(clerk(
        StayState::AdmissionInDoubt(before),
        ClerkReason::ForeignSettlement,
        moment,
    ))
}

/// Nobody of that number is in hospital: the list of visits is asked too, at once.
fn second_question(state: &AdmissionInDoubt, moment: &Moment) -> StayStep {
    let mut next = state.clone();
    let message_id = moment.message_id.clone();
    next.query = Some(Question::Visits { message_id });
    StayStep::send(
        StayState::AdmissionInDoubt(next),
        calls::which_visits(&state.order, state.doubt.sent_at),
    )
}

/// Whether a stay that shows may not be the one in doubt, or not stand any more.
fn proves_nothing_yet(state: &AdmissionInDoubt) -> bool {
    may_be_reversed(state) || may_be_an_earlier_one(state)
}

/// Whether a stay that shows may be one of an earlier admission under this number: reversed before this one was sent, and
/// shown by a list that is as old as lists may be. Its visit was never known, so `gone` does not tell.
const fn may_be_an_earlier_one(state: &AdmissionInDoubt) -> bool {
    state.again && !state.doubt.asked_beyond(0, state.order.policy.query_lag_max_s)
}

/// Whether a stay that shows may be reversed all the same: by a reversal that is executed late, or that was executed
/// and does not show yet.
fn may_be_reversed(state: &AdmissionInDoubt) -> bool {
    let (policy, doubt) = (&state.order.policy, &state.doubt);
    let within = |age_s: Option<u32>, seconds| age_s.is_some_and(|age_s| !doubt.asked_beyond(age_s, seconds));
    within(doubt.reversal_lost_age_s, policy.horizon_s())
        || within(doubt.reversal_taken_age_s, policy.query_lag_max_s)
}

/// Nothing was found, which may only mean "not yet".
fn absent(state: &AdmissionInDoubt, moment: &Moment) -> StayStep {
    let policy = &state.order.policy;
    let mut next = state.clone();
    let absent_age_s = *next.doubt.absent_age_s.get_or_insert(next.doubt.age_s);
    let beyond = |age_s| state.doubt.asked_beyond(age_s, policy.horizon_s());
    let is_evidence = policy.empty_query_is_evidence();
    match next.doubt.fence {
        Fence::NotTried | Fence::Unknown => reverse(next, moment),
        Fence::Confirmed if is_evidence && beyond(0) => not_admitted(&next, Cause::Reversed),
        Fence::Refused if is_evidence && beyond(absent_age_s) => not_admitted(&next, Cause::NeverExecuted),
        Fence::Confirmed | Fence::Refused => later(&next, moment, false),
    }
}

fn reverse(next: AdmissionInDoubt, moment: &Moment) -> StayStep {
    let call = Call::Reverse {
        payer: next.order.payer.clone(),
        target: next.doubt.subject.clone(),
        transaction: Transaction::Admit,
    };
    let reversing = ReversingAdmission {
        order: next.order,
        request: next.request,
        doubt: next.doubt,
        reversal: moment.message_id.clone(),
        gone: next.gone,
        again: next.again,
    };
    StayStep::send(StayState::ReversingAdmission(reversing), call)
}

/// Waits for the next question. After a lost sign-in it comes at once, under a new one. A centre that was asked and
/// did not decide for too long is left to a person.
pub(super) fn later(state: &AdmissionInDoubt, moment: &Moment, sign_in_lost: bool) -> StayStep {
    let mut next = state.clone();
    next.query = None;
    if next.doubt.is_too_old(moment.now, state.order.policy.doubt_max_s) {
        let absent = next.doubt.absent_age_s.is_some();
        let reason = if absent {
            ClerkReason::NoFence
        } else {
            ClerkReason::SilentTooLong
        };
        return StayStep::stay(clerk(StayState::AdmissionInDoubt(next), reason, moment));
    }
    next.doubt.wait(moment, sign_in_lost);
    let wake = next.doubt.next_at;
    StayStep::stay(StayState::AdmissionInDoubt(next)).and_wake(wake)
}

/// The admission does not stand, for certain.
pub(super) fn not_admitted(state: &AdmissionInDoubt, why: Cause) -> StayStep {
    let next = StayState::NotAdmitted(NotAdmitted {
        order: state.order.clone(),
        why: Some(StayCause::from(why.clone())),
        gone: state.gone.clone(),
    });
    StayStep::not_done(next, &state.request, why)
}

pub(super) fn not_known(state: &AdmissionInDoubt) -> StayAnswer {
    let cause = StayCause::from(Cause::AnswerLost {
        transaction: Transaction::Admit,
        silence: state.doubt.silence.clone(),
    });
    StayAnswer::NotKnown {
        cause,
        subject: state.doubt.subject.clone(),
    }
}
