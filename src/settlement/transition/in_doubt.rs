//! Doubt ends by a query that finds the settlement, by a fence, or at a person; never by a guess and never by silence.

use zhijie_model::{Reply, VisitId};

use super::deferred::again;
use super::stated::{self, Told};
use super::{Impossible, expect_open};
use crate::cause::{Cause, ClerkReason};
use crate::doubt::{Fence, Search};
use crate::effect::{Answer, Step};
use crate::event::{Event, Moment};
use crate::finding::{Finding, find};
use crate::road::{self, settling};
use crate::state::{InDoubt, NeedsClerk, Reversing, Settled, State};

pub(super) fn on(state: &InDoubt, event: &Event, moment: &Moment) -> Result<Step, Impossible> {
    let here = || State::InDoubt(state.clone());
    match event {
        Event::SettleAsked { request, .. } => Ok(Step::answer(here(), request, not_known(state))),
        Event::QuoteAsked { request, .. }
        | Event::CancelAsked { request, .. }
        | Event::DeferAsked { request, .. }
        | Event::Confirmed { request, .. } => Ok(Step::not_done(here(), request, Cause::Locked)),
        Event::Resolved { request, .. } => Ok(Step::not_done(here(), request, Cause::NothingToResolve)),
        Event::Answered { message_id, reply } => {
            let open = state.query.as_ref().ok_or(Impossible::NotOpen)?;
            expect_open(open, message_id)?;
            answered(state, reply, moment)
        }
        Event::NotSent { message_id, .. } | Event::Lost { message_id, .. } => {
            let open = state.query.as_ref().ok_or(Impossible::NotOpen)?;
            expect_open(open, message_id)?;
            Ok(later(state, moment, false))
        }
        Event::Woken => woken(state, moment),
        Event::ReplayDue => Ok(Step::stay(here())),
        Event::StatementAsked { statement } => Ok(Step::stay(
            stated::asked(&here(), statement, moment).unwrap_or_else(here),
        )),
        Event::StatementTold { .. } => {
            let told = Told::of(event).and_then(|told| stated::settlement(state, told, moment));
            Ok(told.unwrap_or_else(|| Step::stay(here())))
        }
        Event::Restarted => {
            let mut next = state.clone();
            next.query = None;
            next.doubt.due_now(moment);
            Ok(Step::stay(State::InDoubt(next)).and_wake(moment.now))
        }
    }
}

/// Asks the centre when it is time.
fn woken(state: &InDoubt, moment: &Moment) -> Result<Step, Impossible> {
    if state.query.is_some() {
        return Ok(Step::stay(State::InDoubt(state.clone())));
    }
    if !state.doubt.is_due(moment.now) {
        return Ok(Step::stay(State::InDoubt(state.clone())).and_wake(state.doubt.next_at));
    }
    let call = road::question(&state.case, &state.doubt).ok_or(Impossible::NotHere)?;
    let mut next = state.clone();
    next.search = Search::default();
    next.query = Some(moment.message_id.clone());
    next.doubt.ask(moment);
    Ok(Step::send(State::InDoubt(next), call))
}

fn answered(state: &InDoubt, reply: &Reply, moment: &Moment) -> Result<Step, Impossible> {
    match reply {
        Reply::Queried { rows } => match find(rows, &state.doubt.subject, &state.case) {
            // A reversal that is still under way would undo it; one that was taken may not show yet.
            Finding::Stands(_) if may_be_reversed(state) => Ok(later(state, moment, false)),
            Finding::Stands(settlement) => {
                let from = (&state.quote, state.doubt.subject.clone());
                Ok(Settled::new(state.case.clone(), *settlement, from, moment.now).reached(&state.request))
            }
            Finding::Refunded(_) => Ok(reversed(state, Cause::Reversed, moment)),
            Finding::Foreign => Ok(Step::stay(clerk(state, ClerkReason::ForeignSettlement, moment))),
            Finding::Nothing => Ok(next_visit(state, state.search.visits.get(1..), moment)),
        },
        Reply::VisitsFound { visits } if state.case.order.road.settlement_makes_visit() => {
            let mut next = state.clone();
            let (visits, cut) = road::candidates(&state.case, visits);
            next.search.cut = cut;
            Ok(next_visit(&next, Some(&visits), moment))
        }
        // The query itself was refused: that says nothing about the settlement.
        Reply::Refused { refusal } => Ok(later(state, moment, refusal.sign_in_lost)),
        Reply::Registered { .. }
        | Reply::Described
        | Reply::Uploaded { .. }
        | Reply::LinesWithdrawn
        | Reply::VisitWithdrawn
        | Reply::Tried { .. }
        | Reply::Settled { .. }
        | Reply::Cancelled { .. }
        | Reply::Reversed
        | Reply::Admitted { .. }
        | Reply::StayChanged
        | Reply::Discharged
        | Reply::DischargeWithdrawn
        | Reply::AdmissionWithdrawn
        | Reply::InHospital { .. }
        | Reply::VisitsFound { .. } => Err(Impossible::OtherReply),
    }
}

/// Whether a row that stands may be reversed all the same: by a reversal that is executed late, or that was executed
/// and does not show yet.
fn may_be_reversed(state: &InDoubt) -> bool {
    let (policy, doubt) = (&state.case.order.policy, &state.doubt);
    let within = |age_s: Option<u32>, seconds| age_s.is_some_and(|age_s| !doubt.asked_beyond(age_s, seconds));
    within(doubt.reversal_lost_age_s, policy.horizon_s())
        || within(doubt.reversal_taken_age_s, policy.query_lag_max_s)
}

/// Asks about the next visit the centre named, at once. Where none is left nothing was found, unless some were never
/// asked about.
fn next_visit(state: &InDoubt, visits: Option<&[VisitId]>, moment: &Moment) -> Step {
    let mut next = state.clone();
    next.search.visits = visits.unwrap_or_default().to_vec();
    let Some(visit_id) = next.search.visits.first() else {
        return if next.search.cut {
            later(&next, moment, false)
        } else {
            absent(&next, moment)
        };
    };
    let call = road::about(&next.case, visit_id.clone(), None);
    next.query = Some(moment.message_id.clone());
    Step::send(State::InDoubt(next), call)
}

/// Nothing was found, which may only mean "not yet".
fn absent(state: &InDoubt, moment: &Moment) -> Step {
    let policy = &state.case.order.policy;
    let mut next = state.clone();
    let absent_age_s = *next.doubt.absent_age_s.get_or_insert(next.doubt.age_s);
    let beyond = |age_s| state.doubt.asked_beyond(age_s, policy.horizon_s());
    let is_evidence = policy.empty_query_is_evidence();
    match next.doubt.fence {
        Fence::NotTried | Fence::Unknown if policy.irreversible => later(&next, moment, false),
        Fence::NotTried | Fence::Unknown => reverse(next, moment),
        // The reversal was taken; with the query agreeing nothing of it stands. A late execution would be later
        // than the horizon, so agreement must last beyond it.
        Fence::Confirmed if is_evidence && beyond(0) => reversed(state, Cause::Reversed, moment),
        Fence::Refused if is_evidence && beyond(absent_age_s) => {
            reversed(state, Cause::NeverExecuted, moment)
        }
        Fence::Confirmed | Fence::Refused => later(&next, moment, false),
    }
}

fn reverse(next: InDoubt, moment: &Moment) -> Step {
    let call = road::reverse(&next.case, &next.doubt.subject);
    let reversing = Reversing {
        case: next.case,
        quote: next.quote,
        request: next.request,
        doubt: next.doubt,
        reversal: moment.message_id.clone(),
    };
    Step::send(State::Reversing(reversing), call)
}

/// Waits for the next question. After a lost sign-in it comes at once, under a new one. A centre that was asked and
/// did not decide for too long is left to a person.
pub(super) fn later(state: &InDoubt, moment: &Moment, sign_in_lost: bool) -> Step {
    let mut next = state.clone();
    next.query = None;
    if next
        .doubt
        .is_too_old(moment.now, state.case.order.policy.doubt_max_s)
    {
        let absent = next.doubt.absent_age_s.is_some();
        let reason = if absent {
            ClerkReason::NoFence
        } else {
            ClerkReason::SilentTooLong
        };
        return Step::stay(clerk(&next, reason, moment));
    }
    next.doubt.wait(moment, sign_in_lost);
    let wake = next.doubt.next_at;
    Step::stay(State::InDoubt(next)).and_wake(wake)
}

/// It does not stand, for certain. A bill from the queue goes back there.
pub(super) fn reversed(state: &InDoubt, why: Cause, moment: &Moment) -> Step {
    if let Some(deferral) = state.case.replayed() {
        return again(state.case.clone(), deferral, &why, moment);
    }
    let next = State::Reversed {
        case: state.case.clone(),
        why: why.clone(),
    };
    Step::not_done(next, &state.request, why)
}

fn clerk(state: &InDoubt, reason: ClerkReason, moment: &Moment) -> State {
    State::NeedsClerk(NeedsClerk {
        reason,
        before: Box::new(State::InDoubt(state.clone())),
        since: moment.now,
    })
}

fn not_known(state: &InDoubt) -> Answer {
    let silence = state.doubt.silence.clone();
    let cause = Cause::AnswerLost {
        transaction: settling(&state.case),
        silence,
    };
    Answer::NotKnown {
        cause,
        subject: state.doubt.subject.clone(),
    }
}
