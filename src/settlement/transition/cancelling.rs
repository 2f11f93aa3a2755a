//! A refund is out. Its doubt ends by query only: reversing the message of a refund would restore the settlement.

use jiff::Timestamp;
use zhijie_model::{MessageId, QueryRow, Reply, Transaction};

use super::renewing::{is_due, renew};
use super::stated::{self, Told};
use super::{Impossible, expect_open};
use crate::cause::{Cause, ClerkReason, Silence};
use crate::doubt::Doubt;
use crate::effect::{Answer, Step};
use crate::event::{Event, Moment};
use crate::road;
use crate::state::{Cancelling, NeedsClerk, Phase, State};

pub(super) fn on(state: &Cancelling, event: &Event, moment: &Moment) -> Result<Step, Impossible> {
    let here = || State::Cancelling(state.clone());
    match event {
        Event::CancelAsked {
            request, settlement, ..
        } if state.settled.is(settlement) => Ok(Step::answer(here(), request, not_known(state))),
        Event::CancelAsked { request, .. } => Ok(Step::not_done(here(), request, Cause::OtherSettlement)),
        Event::QuoteAsked { request, .. }
        | Event::SettleAsked { request, .. }
        | Event::DeferAsked { request, .. }
        | Event::Confirmed { request, .. } => Ok(Step::not_done(here(), request, Cause::Locked)),
        Event::Resolved { request, .. } => Ok(Step::not_done(here(), request, Cause::NothingToResolve)),
        Event::Answered { message_id, reply } => {
            expect_open(open(state)?, message_id)?;
            match &state.phase {
                Phase::Submitted { renewed, .. } => refund_answered(state, *renewed, reply, moment),
                Phase::InDoubt {
                    doubt,
                    standing_age_s,
                    ..
                } => query_answered(state, doubt, *standing_age_s, reply, moment),
            }
        }
        Event::NotSent { message_id, reason } => {
            expect_open(open(state)?, message_id)?;
            match &state.phase {
                Phase::Submitted { .. } => {
                    let cause = Cause::NotSent {
                        transaction: refunding(state),
                        reason: reason.clone(),
                    };
                    Ok(Step::not_done(
                        State::Settled(state.settled.clone()),
                        state.request.as_ref(),
                        cause,
                    ))
                }
                Phase::InDoubt {
                    doubt,
                    standing_age_s,
                    ..
                } => Ok(later(state, doubt, *standing_age_s, moment)),
            }
        }
        Event::Lost { message_id, silence } => {
            expect_open(open(state)?, message_id)?;
            match &state.phase {
                Phase::Submitted {
                    message_id, sent_at, ..
                } => Ok(doubted(state, message_id, *sent_at, silence, moment)),
                Phase::InDoubt {
                    doubt,
                    standing_age_s,
                    ..
                } => Ok(later(state, doubt, *standing_age_s, moment)),
            }
        }
        Event::Woken => woken(state, moment),
        Event::ReplayDue => Ok(Step::stay(here())),
        Event::StatementAsked { statement } => Ok(Step::stay(
            stated::asked(&here(), statement, moment).unwrap_or_else(here),
        )),
        Event::StatementTold { .. } => {
            let told = Told::of(event).and_then(|told| stated::refund(state, told));
            Ok(told.unwrap_or_else(|| Step::stay(here())))
        }
        Event::Restarted => match &state.phase {
            Phase::Submitted {
                message_id, sent_at, ..
            } => Ok(doubted(
                state,
                message_id,
                *sent_at,
                &Silence::AgentStopped,
                moment,
            )),
            Phase::InDoubt {
                doubt,
                standing_age_s,
                ..
            } => {
                let mut doubt = doubt.clone();
                doubt.due_now(moment);
                Ok(in_doubt(state, doubt, None, *standing_age_s).and_wake(moment.now))
            }
        },
    }
}

fn open(state: &Cancelling) -> Result<&MessageId, Impossible> {
    match &state.phase {
        Phase::Submitted { message_id, .. } => Ok(message_id),
        Phase::InDoubt { query, .. } => query.as_ref().ok_or(Impossible::NotOpen),
    }
}

fn refund_answered(
    state: &Cancelling,
    renewed: bool,
    reply: &Reply,
    moment: &Moment,
) -> Result<Step, Impossible> {
    match reply {
        Reply::Cancelled { refund } => {
            let next = State::Cancelled {
                settled: state.settled.clone(),
                refund: Some(refund.clone()),
                refunded_by: open(state)?.clone(),
            };
            Ok(Step::answer(
                next,
                state.request.as_ref(),
                Answer::Cancelled(Some(refund.clone())),
            ))
        }
        Reply::Refused { refusal } if is_due(refusal, &state.settled.case.order.policy, renewed) => {
            Ok(renew(
                State::Cancelling(state.clone()),
                road::cancel(&state.settled),
                refusal,
                moment,
            ))
        }
        Reply::Refused { refusal } => {
            let cause = Cause::Refused {
                transaction: refunding(state),
                refusal: refusal.clone(),
            };
            Ok(Step::not_done(
                State::Settled(state.settled.clone()),
                state.request.as_ref(),
                cause,
            ))
        }
        Reply::Registered { .. }
        | Reply::Described
        | Reply::Uploaded { .. }
        | Reply::LinesWithdrawn
        | Reply::VisitWithdrawn
        | Reply::Tried { .. }
        | Reply::Settled { .. }
        | Reply::Reversed
        | Reply::Queried { .. }
        | Reply::Admitted { .. }
        | Reply::StayChanged
        | Reply::Discharged
        | Reply::DischargeWithdrawn
        | Reply::AdmissionWithdrawn
        | Reply::InHospital { .. }
        | Reply::VisitsFound { .. } => Err(Impossible::OtherReply),
    }
}

fn query_answered(
    state: &Cancelling,
    doubt: &Doubt,
    standing_age_s: Option<u32>,
    reply: &Reply,
    moment: &Moment,
) -> Result<Step, Impossible> {
    match reply {
        Reply::Queried { rows } => Ok(found(state, doubt, standing_age_s, rows, moment)),
        Reply::Refused { refusal } => Ok(again(
            state,
            doubt,
            standing_age_s,
            (moment, refusal.sign_in_lost),
        )),
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

/// A row of our settlement that is marked refunded ends the doubt; one that still stands does so only when it stood
/// for longer than the centre may take to execute; no row says nothing.
fn found(
    state: &Cancelling,
    doubt: &Doubt,
    standing_age_s: Option<u32>,
    rows: &[QueryRow],
    moment: &Moment,
) -> Step {
    let policy = &state.settled.case.order.policy;
    let Some(row) = rows.iter().find(|row| state.settled.is(&row.settlement.id)) else {
        return later(state, doubt, standing_age_s, moment);
    };
    if row.refunded {
        let next = State::Cancelled {
            settled: state.settled.clone(),
            refund: None,
            refunded_by: doubt.subject.clone(),
        };
        return Step::answer(next, state.request.as_ref(), Answer::Cancelled(None));
    }
    let first = standing_age_s.unwrap_or(doubt.age_s);
    if doubt.asked_beyond(first, policy.horizon_s()) {
        let next = State::Settled(state.settled.clone());
        return Step::not_done(next, state.request.as_ref(), Cause::RefundNeverExecuted);
    }
    later(state, doubt, Some(first), moment)
}

fn woken(state: &Cancelling, moment: &Moment) -> Result<Step, Impossible> {
    let Phase::InDoubt {
        doubt,
        query: open,
        standing_age_s,
    } = &state.phase
    else {
        return Ok(Step::stay(State::Cancelling(state.clone())));
    };
    if open.is_some() {
        return Ok(Step::stay(State::Cancelling(state.clone())));
    }
    if !doubt.is_due(moment.now) {
        return Ok(Step::stay(State::Cancelling(state.clone())).and_wake(doubt.next_at));
    }
    let settlement = state.settled.settlement.id.clone();
    let visit_id = state.settled.settlement.visit_id.clone();
    let call = road::about(&state.settled.case, visit_id, Some(settlement));
    let mut doubt = doubt.clone();
    doubt.ask(moment);
    let step = in_doubt(state, doubt, Some(moment.message_id.clone()), *standing_age_s);
    Ok(Step::send(step.next, call))
}

fn doubted(
    state: &Cancelling,
    subject: &MessageId,
    sent_at: Timestamp,
    silence: &Silence,
    moment: &Moment,
) -> Step {
    let mut doubt = Doubt::new(subject.clone(), sent_at, silence.clone(), moment.now);
    if *silence != Silence::AgentStopped {
        doubt.wait(moment, false);
    }
    let wake = doubt.next_at;
    let cause = Cause::AnswerLost {
        transaction: refunding(state),
        silence: silence.clone(),
    };
    let answer = Answer::NotKnown {
        cause,
        subject: subject.clone(),
    };
    in_doubt(state, doubt, None, None)
        .and_answer(state.request.as_ref(), answer)
        .and_wake(wake)
}

fn later(state: &Cancelling, doubt: &Doubt, standing_age_s: Option<u32>, moment: &Moment) -> Step {
    again(state, doubt, standing_age_s, (moment, false))
}

/// Waits for the next question. After a lost sign-in it comes at once, under a new one.
fn again(
    state: &Cancelling,
    doubt: &Doubt,
    standing_age_s: Option<u32>,
    (moment, sign_in_lost): (&Moment, bool),
) -> Step {
    let mut doubt = doubt.clone();
    if doubt.is_too_old(moment.now, state.settled.case.order.policy.doubt_max_s) {
        let before = Box::new(in_doubt(state, doubt, None, standing_age_s).next);
        let reason = ClerkReason::SilentTooLong;
        return Step::stay(State::NeedsClerk(NeedsClerk {
            reason,
            before,
            since: moment.now,
        }));
    }
    doubt.wait(moment, sign_in_lost);
    let wake = doubt.next_at;
    in_doubt(state, doubt, None, standing_age_s).and_wake(wake)
}

fn in_doubt(state: &Cancelling, doubt: Doubt, query: Option<MessageId>, standing_age_s: Option<u32>) -> Step {
    let mut next = state.clone();
    next.phase = Phase::InDoubt {
        doubt,
        query,
        standing_age_s,
    };
    Step::stay(State::Cancelling(next))
}

fn not_known(state: &Cancelling) -> Answer {
    let (cause, subject) = match &state.phase {
        Phase::Submitted { message_id, .. } => (Cause::Locked, message_id.clone()),
        Phase::InDoubt { doubt, .. } => {
            let silence = doubt.silence.clone();
            (
                Cause::AnswerLost {
                    transaction: refunding(state),
                    silence,
                },
                doubt.subject.clone(),
            )
        }
    };
    Answer::NotKnown { cause, subject }
}

const fn refunding(state: &Cancelling) -> Transaction {
    state.settled.case.order.road.cancel()
}
