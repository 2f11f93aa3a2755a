//! What waits for a person waits: the desk hears that it does, late answers only go into the journal, and a person's
//! verdict is an event like any other.

use zhijie_model::{Clearing, PlatformWords, Settlement, SettlementId, VisitId, beijing};

use super::Impossible;
use super::deferred::again;
use super::stated::{self, Told};
use crate::cause::Cause;
use crate::doubt::{Doubt, Search};
use crate::effect::{Answer, Step};
use crate::event::{Event, Moment, Verdict};
use crate::state::{Cancelling, Case, InDoubt, NeedsClerk, Phase, Quote, Settled, State};

pub(super) fn on(clerk: &NeedsClerk, event: &Event, moment: &Moment) -> Result<Step, Impossible> {
    let here = || State::NeedsClerk(clerk.clone());
    let cause = || Cause::NeedsClerk {
        reason: clerk.reason.clone(),
    };
    match event {
        Event::SettleAsked { request, .. } | Event::CancelAsked { request, .. } => {
            let Some(doubt) = clerk.before.doubt() else {
                return Ok(Step::not_done(here(), request, cause()));
            };
            let answer = Answer::NotKnown {
                cause: cause(),
                subject: doubt.subject.clone(),
            };
            Ok(Step::answer(here(), request, answer))
        }
        Event::QuoteAsked { request, .. }
        | Event::DeferAsked { request, .. }
        | Event::Confirmed { request, .. } => Ok(Step::not_done(here(), request, cause())),
        Event::Resolved { request, verdict, .. } => {
            let resolved = match verdict {
                Verdict::AskAgain => ask_again(&clerk.before, moment),
                Verdict::Stands { settlement, visit } => {
                    stands(&clerk.before, (settlement, visit.as_ref()), moment)
                }
                Verdict::DoesNotStand => does_not_stand(&clerk.before, moment),
            };
            Ok(match resolved {
                Some(step) => step.and_answer(request, Answer::Resolved),
                None => Step::not_done(here(), request, Cause::OtherSettlement),
            })
        }
        Event::StatementAsked { statement } => Ok(Step::stay(
            stated::asked(&here(), statement, moment).unwrap_or_else(here),
        )),
        Event::StatementTold { .. } => {
            let told = Told::of(event).and_then(|told| stated::clerk(clerk, told, moment));
            Ok(told.unwrap_or_else(|| Step::stay(here())))
        }
        Event::Answered { .. }
        | Event::NotSent { .. }
        | Event::Lost { .. }
        | Event::Woken
        | Event::ReplayDue
        | Event::Restarted => Ok(Step::stay(here())),
    }
}

/// Back into doubt with the clock of the doubt set anew; a bill without doubt takes up where it was.
fn ask_again(before: &State, moment: &Moment) -> Option<Step> {
    let anew = |doubt: &Doubt| {
        let mut doubt = doubt.clone();
        doubt.since = moment.now;
        doubt.due_now(moment);
        doubt
    };
    let next = match before {
        State::InDoubt(state) => State::InDoubt(InDoubt {
            doubt: anew(&state.doubt),
            query: None,
            search: Search::default(),
            ..state.clone()
        }),
        State::Reversing(state) => State::InDoubt(InDoubt {
            case: state.case.clone(),
            quote: state.quote.clone(),
            request: state.request.clone(),
            doubt: anew(&state.doubt),
            query: None,
            search: Search::default(),
        }),
        State::Cancelling(state) => {
            let Phase::InDoubt {
                doubt,
                standing_age_s,
                ..
            } = &state.phase
            else {
                return None;
            };
            let phase = Phase::InDoubt {
                doubt: anew(doubt),
                query: None,
                standing_age_s: *standing_age_s,
            };
            State::Cancelling(Cancelling {
                phase,
                ..state.clone()
            })
        }
        State::Settled(_) | State::Cancelled { .. } | State::Quoted(_) | State::Deferred(_) => {
            return Some(Step::stay(before.clone()).and_wake(moment.now));
        }
        State::Blank
        | State::Drafted(_)
        | State::Preparing(_)
        | State::Submitted(_)
        | State::Declined { .. }
        | State::Reversed { .. }
        | State::Abandoned { .. }
        | State::Undoing(_)
        | State::Renewing(_)
        | State::NeedsClerk(_) => return None,
    };
    Some(Step::stay(next).and_wake(moment.now))
}

/// The person saw the settlement at the centre, with the amounts of the quote.
pub(super) fn stands(
    before: &State,
    (settlement, visit): (&SettlementId, Option<&VisitId>),
    moment: &Moment,
) -> Option<Step> {
    let seen = |case: &Case, quote: &Quote, doubt: &Doubt| {
        let registered = case.progress.registered.as_ref();
        let of_stay = case.order.road.stay().map(|stay| &stay.visit_id);
        let visit_id = registered
            .map(|registered| &registered.visit_id)
            .or(of_stay)
            .or(visit)?
            .clone();
        let found = Settlement {
            id: settlement.clone(),
            visit_id,
            message_id: Some(doubt.subject.clone()),
            settled_at: beijing(doubt.sent_at),
            split: quote.trial.split.clone(),
            clearing: Clearing::default(),
            platform: PlatformWords::default(),
        };
        let from = (quote, doubt.subject.clone());
        Some(Settled::new(case.clone(), found, from, moment.now))
    };
    match before {
        State::InDoubt(state) => {
            seen(&state.case, &state.quote, &state.doubt).map(|settled| settled.reached(&state.request))
        }
        State::Reversing(state) => {
            seen(&state.case, &state.quote, &state.doubt).map(|settled| settled.reached(&state.request))
        }
        State::Cancelling(state) if state.settled.is(settlement) => {
            let next = State::Settled(state.settled.clone());
            Some(Step::not_done(
                next,
                state.request.as_ref(),
                Cause::RefundNeverExecuted,
            ))
        }
        State::Settled(settled) if settled.is(settlement) => Some(Step::stay(before.clone())),
        State::Cancelling(_)
        | State::Settled(_)
        | State::Blank
        | State::Drafted(_)
        | State::Preparing(_)
        | State::Quoted(_)
        | State::Deferred(_)
        | State::Submitted(_)
        | State::Declined { .. }
        | State::Reversed { .. }
        | State::Abandoned { .. }
        | State::Undoing(_)
        | State::Cancelled { .. }
        | State::Renewing(_)
        | State::NeedsClerk(_) => None,
    }
}

/// The person saw no settlement at the centre, or saw it refunded.
fn does_not_stand(before: &State, moment: &Moment) -> Option<Step> {
    match before {
        State::Renewing(state) => does_not_stand(&state.before, moment),
        State::Cancelling(state) => {
            let refunded_by = match &state.phase {
                Phase::Submitted { message_id, .. } => message_id.clone(),
                Phase::InDoubt { doubt, .. } => doubt.subject.clone(),
            };
            let next = State::Cancelled {
                settled: state.settled.clone(),
                refund: None,
                refunded_by,
            };
            Some(Step::answer(
                next,
                state.request.as_ref(),
                Answer::Cancelled(None),
            ))
        }
        State::Cancelled { .. } | State::Deferred(_) => Some(Step::stay(before.clone())),
        State::InDoubt(_) | State::Reversing(_) | State::Submitted(_) | State::Settled(_) => {
            let (why, case) = (Cause::ResolvedNotStanding, before.case()?.clone());
            if let Some(deferral) = case.replayed().cloned() {
                return Some(again(case, &deferral, &why, moment));
            }
            let next = State::Reversed {
                case,
                why: why.clone(),
            };
            Some(Step::not_done(next, before.open_request(), why))
        }
        State::Blank
        | State::Drafted(_)
        | State::Preparing(_)
        | State::Quoted(_)
        | State::Declined { .. }
        | State::Reversed { .. }
        | State::Abandoned { .. }
        | State::Undoing(_)
        | State::NeedsClerk(_) => {
            let case = before.case()?.clone();
            Some(Step::not_done(
                State::Drafted(case),
                before.open_request(),
                Cause::ResolvedNotStanding,
            ))
        }
    }
}
