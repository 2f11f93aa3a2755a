//! A reversal of the message in doubt is out. Where the province keeps it as a tombstone its confirmation is a fence;
//! elsewhere only a later query proves what it did.

use zhijie_model::Reply;

use super::in_doubt::{later, reversed};
use super::{Impossible, expect_open};
use crate::cause::Cause;
use crate::doubt::{Fence, Search};
use crate::effect::{Answer, Step};
use crate::event::{Event, Moment};
use crate::road::settling;
use crate::state::{InDoubt, Reversing, State};

pub(super) fn on(state: &Reversing, event: &Event, moment: &Moment) -> Result<Step, Impossible> {
    let here = || State::Reversing(state.clone());
    match event {
        Event::SettleAsked { request, .. } => {
            let silence = state.doubt.silence.clone();
            let cause = Cause::AnswerLost {
                transaction: settling(&state.case),
                silence,
            };
            let answer = Answer::NotKnown {
                cause,
                subject: state.doubt.subject.clone(),
            };
            Ok(Step::answer(here(), request, answer))
        }
        Event::QuoteAsked { request, .. }
        | Event::CancelAsked { request, .. }
        | Event::DeferAsked { request, .. }
        | Event::Confirmed { request, .. } => Ok(Step::not_done(here(), request, Cause::Locked)),
        Event::Resolved { request, .. } => Ok(Step::not_done(here(), request, Cause::NothingToResolve)),
        Event::Answered { message_id, reply } => {
            expect_open(&state.reversal, message_id)?;
            answered(state, reply, moment)
        }
        Event::NotSent { message_id, .. } => {
            expect_open(&state.reversal, message_id)?;
            Ok(back(state, state.doubt.fence, moment))
        }
        Event::Lost { message_id, .. } => {
            expect_open(&state.reversal, message_id)?;
            Ok(back(state, Fence::Unknown, moment))
        }
        Event::Woken | Event::ReplayDue | Event::StatementAsked { .. } | Event::StatementTold { .. } => {
            Ok(Step::stay(here()))
        }
        Event::Restarted => Ok(back(state, Fence::Unknown, moment)),
    }
}

fn answered(state: &Reversing, reply: &Reply, moment: &Moment) -> Result<Step, Impossible> {
    match reply {
        Reply::Reversed if state.case.order.policy.reversal_is_tombstone => {
            Ok(reversed(&doubt(state, Fence::Confirmed), Cause::Reversed, moment))
        }
        Reply::Reversed => Ok(back(state, Fence::Confirmed, moment)),
        // Refused for want of a sign-in: nothing is said about the message in doubt.
        Reply::Refused { refusal } if refusal.sign_in_lost => {
            Ok(later(&doubt(state, state.doubt.fence), moment, true))
        }
        Reply::Refused { .. } => Ok(back(state, Fence::Refused, moment)),
        Reply::Registered { .. }
        | Reply::Described
        | Reply::Uploaded { .. }
        | Reply::LinesWithdrawn
        | Reply::VisitWithdrawn
        | Reply::Tried { .. }
        | Reply::Settled { .. }
        | Reply::Cancelled { .. }
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

fn doubt(state: &Reversing, fence: Fence) -> InDoubt {
    let mut doubt = state.doubt.clone();
    doubt.fence = fence;
    InDoubt {
        case: state.case.clone(),
        quote: state.quote.clone(),
        request: state.request.clone(),
        doubt,
        query: None,
        search: Search::default(),
    }
}

fn back(state: &Reversing, fence: Fence, moment: &Moment) -> Step {
    let mut next = doubt(state, fence);
    // Counted from when it was given up, not from when it left.
    next.doubt.count_from(moment);
    match fence {
        Fence::Unknown => next.doubt.reversal_lost_age_s = Some(next.doubt.age_s),
        Fence::Confirmed => next.doubt.reversal_taken_age_s = Some(next.doubt.age_s),
        Fence::NotTried | Fence::Refused => {}
    }
    later(&next, moment, false)
}
