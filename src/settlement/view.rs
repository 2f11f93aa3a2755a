//! What can be asked of a state, whatever it is.

use jiff::Timestamp;
use zhijie_model::{MessageId, RequestId};

use crate::doubt::Doubt;
use crate::state::{Cancelling, Case, Phase, Settled, State};

impl State {
    #[must_use]
    pub fn case(&self) -> Option<&Case> {
        match self {
            Self::Blank => None,
            Self::Drafted(case)
            | Self::Deferred(case)
            | Self::Declined { case, .. }
            | Self::Reversed { case, .. }
            | Self::Abandoned { case } => Some(case),
            Self::Preparing(state) => Some(&state.case),
            Self::Quoted(state) => Some(&state.case),
            Self::Submitted(state) => Some(&state.case),
            Self::Settled(state) | Self::Cancelled { settled: state, .. } => Some(&state.case),
            Self::InDoubt(state) => Some(&state.case),
            Self::Reversing(state) => Some(&state.case),
            Self::Cancelling(state) => Some(&state.settled.case),
            Self::Undoing(state) => Some(&state.case),
            Self::Renewing(state) => state.before.case(),
            Self::NeedsClerk(state) => state.before.case(),
        }
    }

    /// The call that is out, if any.
    #[must_use]
    pub fn open_message(&self) -> Option<&MessageId> {
        match self {
            Self::Preparing(state) => Some(&state.open),
            Self::Submitted(state) => Some(&state.message_id),
            Self::InDoubt(state) => state.query.as_ref(),
            Self::Reversing(state) => Some(&state.reversal),
            Self::Undoing(state) => Some(&state.open),
            Self::Cancelling(state) => match &state.phase {
                Phase::Submitted { message_id, .. } => Some(message_id),
                Phase::InDoubt { query, .. } => query.as_ref(),
            },
            Self::Blank
            | Self::Drafted(_)
            | Self::Quoted(_)
            | Self::Deferred(_)
            | Self::Settled(_)
            | Self::Declined { .. }
            | Self::Reversed { .. }
            | Self::Abandoned { .. }
            | Self::Cancelled { .. }
            | Self::Renewing(_)
            | Self::NeedsClerk(_) => None,
        }
    }

    /// The request that is not finally answered yet.
    #[must_use]
    pub fn open_request(&self) -> Option<&RequestId> {
        match self {
            Self::Preparing(state) => Some(&state.request),
            Self::Submitted(state) => Some(&state.request),
            Self::InDoubt(state) => Some(&state.request),
            Self::Reversing(state) => Some(&state.request),
            Self::Cancelling(state) => state.request.as_ref(),
            Self::Renewing(state) => state.before.open_request(),
            Self::NeedsClerk(state) => state.before.open_request(),
            Self::Blank
            | Self::Drafted(_)
            | Self::Quoted(_)
            | Self::Deferred(_)
            | Self::Settled(_)
            | Self::Declined { .. }
            | Self::Reversed { .. }
            | Self::Undoing(_)
            | Self::Abandoned { .. }
            | Self::Cancelled { .. } => None,
        }
    }

    /// What is in doubt and since when.
    #[must_use]
    pub fn doubt(&self) -> Option<&Doubt> {
        match self {
            Self::InDoubt(state) => Some(&state.doubt),
            Self::Reversing(state) => Some(&state.doubt),
            Self::Cancelling(Cancelling {
                phase: Phase::InDoubt { doubt, .. },
                ..
            }) => Some(doubt),
            Self::NeedsClerk(state) => state.before.doubt(),
            Self::Cancelling(Cancelling {
                phase: Phase::Submitted { .. },
                ..
            })
            | Self::Blank
            | Self::Drafted(_)
            | Self::Preparing(_)
            | Self::Quoted(_)
            | Self::Deferred(_)
            | Self::Submitted(_)
            | Self::Settled(_)
            | Self::Declined { .. }
            | Self::Reversed { .. }
            | Self::Undoing(_)
            | Self::Abandoned { .. }
            | Self::Renewing(_)
            | Self::Cancelled { .. } => None,
        }
    }

    /// The settlement as last known to stand, or refunded.
    #[must_use]
    pub fn settled(&self) -> Option<&Settled> {
        match self {
            Self::Settled(settled) | Self::Cancelled { settled, .. } => Some(settled),
            Self::Cancelling(state) => Some(&state.settled),
            Self::Renewing(state) => state.before.settled(),
            Self::NeedsClerk(state) => state.before.settled(),
            Self::Blank
            | Self::Drafted(_)
            | Self::Preparing(_)
            | Self::Quoted(_)
            | Self::Deferred(_)
            | Self::Submitted(_)
            | Self::Declined { .. }
            | Self::InDoubt(_)
            | Self::Reversing(_)
            | Self::Reversed { .. }
            | Self::Undoing(_)
            | Self::Abandoned { .. } => None,
        }
    }

    /// Whether no other settlement or refund of this bill may begin.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        match self {
            Self::Preparing(_)
            | Self::Submitted(_)
            | Self::InDoubt(_)
            | Self::Reversing(_)
            | Self::Undoing(_)
            | Self::Cancelling(_)
            | Self::Renewing(_)
            | Self::NeedsClerk(_) => true,
            Self::Blank
            | Self::Drafted(_)
            | Self::Quoted(_)
            | Self::Deferred(_)
            | Self::Settled(_)
            | Self::Declined { .. }
            | Self::Reversed { .. }
            | Self::Abandoned { .. }
            | Self::Cancelled { .. } => false,
        }
    }

    /// When what lies at the centre unused is due to be taken back; `None` while something is under way, stands, or
    /// nothing lies there.
    #[must_use]
    pub fn undo_at(&self) -> Option<Timestamp> {
        match self {
            Self::Drafted(case)
            | Self::Declined { case, .. }
            | Self::Reversed { case, .. }
            | Self::Abandoned { case } => case.undo_at(),
            Self::Quoted(quoted) => quoted.case.undo_at(),
            Self::Blank
            | Self::Deferred(_)
            | Self::Preparing(_)
            | Self::Submitted(_)
            | Self::Settled(_)
            | Self::InDoubt(_)
            | Self::Reversing(_)
            | Self::Cancelling(_)
            | Self::Cancelled { .. }
            | Self::Undoing(_)
            | Self::Renewing(_)
            | Self::NeedsClerk(_) => None,
        }
    }

    /// The name people see.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Drafted(_) => "drafted",
            Self::Preparing(_) => "preparing",
            Self::Quoted(_) => "quoted",
            Self::Deferred(_) => "deferred",
            Self::Submitted(_) => "submitted",
            Self::Settled(_) => "settled",
            Self::Declined { .. } => "declined",
            Self::InDoubt(_) => "in_doubt",
            Self::Reversing(_) => "reversing",
            Self::Reversed { .. } => "reversed",
            Self::Abandoned { .. } => "abandoned",
            Self::Cancelling(_) => "cancelling",
            Self::Cancelled { .. } => "cancelled",
            Self::Undoing(_) => "undoing",
            Self::Renewing(_) => "renewing",
            Self::NeedsClerk(_) => "needs_clerk",
        }
    }
}
