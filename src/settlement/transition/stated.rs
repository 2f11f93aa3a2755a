//! The day's statement ends what neither query nor reversal could. A row is ours by its message id alone; a missing row
//! proves something only where the profile says so, for the whole group, and once nothing can be executed late any more.

use zhijie_model::MessageId;

use super::in_doubt::reversed;
use super::needs_clerk::stands;
use crate::cause::{Cause, ClerkReason};
use crate::doubt::{Doubt, Fence};
use crate::effect::{Answer, Step};
use crate::event::{Event, Moment};
use crate::order::Policy;
use crate::state::{Cancelling, InDoubt, NeedsClerk, Phase, State};
use crate::statement::{Listed, Stated, are_those_of};

/// A statement with what it says of the message in doubt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    statement: &'a MessageId,
    /// How far behind the centre's books it may be, in seconds.
    behind_s: u32,
    stated: &'a Stated,
}

impl<'a> Told<'a> {
    pub(super) const fn of(event: &'a Event) -> Option<Self> {
        if let Event::StatementTold {
            statement,
            behind_s,
            stated,
        } = event
        {
            Some(Self {
                statement,
                behind_s: *behind_s,
                stated,
            })
        } else {
            None
        }
    }
}

/// A statement is being asked for; `None` while a question is out, whose answer goes first.
pub(super) fn asked(state: &State, statement: &MessageId, moment: &Moment) -> Option<State> {
    let mut next = state.clone();
    let (doubt, is_busy) = match &mut next {
        State::InDoubt(state) => (&mut state.doubt, state.query.is_some()),
        State::Cancelling(Cancelling {
            phase: Phase::InDoubt { doubt, query, .. },
            ..
        }) => (doubt, query.is_some()),
        State::NeedsClerk(clerk) if may_be_told(&clerk.reason) => {
            let before = asked(&clerk.before, statement, moment)?;
            *clerk.before = before;
            return Some(next);
        }
        State::Cancelling(_)
        | State::NeedsClerk(_)
        | State::Blank
        | State::Drafted(_)
        | State::Preparing(_)
        | State::Quoted(_)
        | State::Deferred(_)
        | State::Submitted(_)
        | State::Settled(_)
        | State::Declined { .. }
        | State::Reversing(_)
        | State::Renewing(_)
        | State::Reversed { .. }
        | State::Undoing(_)
        | State::Abandoned { .. }
        | State::Cancelled { .. } => return None,
    };
    if is_busy {
        return None;
    }
    doubt.ask_statement(statement, moment);
    Some(next)
}

/// A person waits because nobody could find out; a statement may.
pub(super) const fn may_be_told(reason: &ClerkReason) -> bool {
    match reason {
        ClerkReason::NoFence | ClerkReason::SilentTooLong | ClerkReason::ListedOtherwise { .. } => true,
        ClerkReason::ForeignSettlement | ClerkReason::Impossible => false,
    }
}

/// What a statement makes of a settlement in doubt; `None`: nothing.
pub(super) fn settlement(state: &InDoubt, told: Told<'_>, moment: &Moment) -> Option<Step> {
    let doubt = &state.doubt;
    let age_s = doubt
        .age_at_statement(told.statement)
        .filter(|_| state.query.is_none())?;
    match told.stated {
        Stated::Listed(listed) if listed.refunded => Some(reversed(state, Cause::Reversed, moment)),
        // What a reversal may still undo does not stand yet.
        Stated::Listed(_) if may_be_reversed(state, age_s, told.behind_s) => None,
        Stated::Listed(listed) => Some(adopted(state, listed, moment)),
        Stated::Unlisted { complete: false } => None,
        Stated::Unlisted { complete: true } => {
            let horizon_s = horizon_s(&state.case.order.policy, told.behind_s);
            let since = |since_s: u32| age_s.saturating_sub(since_s) >= horizon_s;
            match doubt.fence {
                // A reversal comes first, or its answer, where there is one.
                Fence::NotTried | Fence::Unknown if !state.case.order.policy.irreversible => None,
                Fence::Confirmed => since(0).then(|| reversed(state, Cause::Reversed, moment)),
                Fence::NotTried | Fence::Unknown | Fence::Refused => {
                    let absent_s = doubt.absent_age_s?;
                    since(absent_s).then(|| reversed(state, Cause::NeverExecuted, moment))
                }
            }
        }
    }
}

/// It stands with the amounts of the quote, as if a person had seen it; with others a person has to see it.
fn adopted(state: &InDoubt, listed: &Listed, moment: &Moment) -> Step {
    let registered = state.case.progress.registered.as_ref();
    let same_visit = registered
        .zip(listed.visit.as_ref())
        .is_none_or(|(known, told)| known.visit_id == *told);
    let same_amounts = listed
        .totals
        .is_some_and(|totals| are_those_of(&totals, &state.quote));
    let here = State::InDoubt(state.clone());
    let adopted = listed
        .settlement
        .as_ref()
        .filter(|_| same_visit && same_amounts)
        .and_then(|id| stands(&here, (id, listed.visit.as_ref()), moment));
    adopted.unwrap_or_else(|| {
        let reason = ClerkReason::ListedOtherwise {
            settlement: listed.settlement.clone(),
        };
        Step::stay(State::NeedsClerk(NeedsClerk {
            reason,
            before: Box::new(here),
            since: moment.now,
        }))
    })
}

/// What a statement makes of a refund in doubt. Its own row shows that it was executed; where it has none, the settlement
/// stands again under the same conditions as above.
pub(super) fn refund(state: &Cancelling, told: Told<'_>) -> Option<Step> {
    let Phase::InDoubt {
        doubt, query: None, ..
    } = &state.phase
    else {
        return None;
    };
    let age_s = doubt.age_at_statement(told.statement)?;
    match told.stated {
        Stated::Listed(listed) if is_refund(listed) => {
            let next = State::Cancelled {
                settled: state.settled.clone(),
                refund: None,
                refunded_by: doubt.subject.clone(),
            };
            Some(Step::answer(
                next,
                state.request.as_ref(),
                Answer::Cancelled(None),
            ))
        }
        Stated::Listed(_) | Stated::Unlisted { complete: false } => None,
        Stated::Unlisted { complete: true } => {
            let policy = &state.settled.case.order.policy;
            (age_s >= horizon_s(policy, told.behind_s)).then(|| {
                let next = State::Settled(state.settled.clone());
                Step::not_done(next, state.request.as_ref(), Cause::RefundNeverExecuted)
            })
        }
    }
}

/// What a statement makes of a bill that waits for a person because nobody could find out.
pub(super) fn clerk(clerk: &NeedsClerk, told: Told<'_>, moment: &Moment) -> Option<Step> {
    let missing = matches!(told.stated, Stated::Unlisted { .. });
    let was_listed = matches!(clerk.reason, ClerkReason::ListedOtherwise { .. });
    if !may_be_told(&clerk.reason) || (missing && was_listed) {
        return None;
    }
    let step = match &*clerk.before {
        State::InDoubt(state) => settlement(state, told, moment)?,
        State::Cancelling(state) => refund(state, told)?,
        State::Blank
        | State::Drafted(_)
        | State::Preparing(_)
        | State::Quoted(_)
        | State::Deferred(_)
        | State::Submitted(_)
        | State::Settled(_)
        | State::Declined { .. }
        | State::Reversing(_)
        | State::Renewing(_)
        | State::Reversed { .. }
        | State::Undoing(_)
        | State::Abandoned { .. }
        | State::Cancelled { .. }
        | State::NeedsClerk(_) => return None,
    };
    // The same reason once more is no news.
    let same = matches!(&step.next, State::NeedsClerk(next) if next.reason == clerk.reason);
    (!same).then_some(step)
}

fn is_refund(listed: &Listed) -> bool {
    listed.refunded || listed.totals.is_some_and(|totals| totals.total.is_negative())
}

/// Seconds after sending beyond which a statement that is so far behind shows what became of a message.
fn horizon_s(policy: &Policy, behind_s: u32) -> u32 {
    policy
        .late_execution_max_s
        .saturating_add(policy.query_lag_max_s.max(behind_s))
}

/// Whether a row that stands may be reversed all the same; as for a query, by the age of the statement.
fn may_be_reversed(state: &InDoubt, age_s: u32, behind_s: u32) -> bool {
    let (policy, doubt): (&Policy, &Doubt) = (&state.case.order.policy, &state.doubt);
    let within = |since_s: Option<u32>, seconds: u32| {
        since_s.is_some_and(|since_s| age_s.saturating_sub(since_s) < seconds)
    };
    within(doubt.reversal_lost_age_s, horizon_s(policy, behind_s))
        || within(doubt.reversal_taken_age_s, policy.query_lag_max_s.max(behind_s))
}
