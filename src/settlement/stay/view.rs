//! What can be asked of a stay, whatever its state.

use jiff::Timestamp;
use zhijie_model::{MessageId, RequestId, Transaction};

use super::event::Act;
use super::order::StayOrder;
use super::state::{Question, Stay, StayState, StepInDoubt, Task};
use crate::doubt::Doubt;

impl StayState {
    #[must_use]
    pub fn order(&self) -> Option<&StayOrder> {
        match self {
            Self::Blank => None,
            Self::Admitting(state) => Some(&state.order),
            Self::AdmissionInDoubt(state) => Some(&state.order),
            Self::ReversingAdmission(state) => Some(&state.order),
            Self::NotAdmitted(state) => Some(&state.order),
            Self::Admitted(stay) => Some(&stay.order),
            Self::Working(state) => Some(&state.stay.order),
            Self::StepInDoubt(state) => Some(&state.stay.order),
            Self::Renewing(state) => state.before.order(),
            Self::NeedsClerk(state) => state.before.order(),
        }
    }

    /// The stay at the centre as last known to be admitted.
    #[must_use]
    pub fn stay(&self) -> Option<&Stay> {
        match self {
            Self::Admitted(stay) => Some(stay),
            Self::Working(state) => Some(&state.stay),
            Self::StepInDoubt(state) => Some(&state.stay),
            Self::Renewing(state) => state.before.stay(),
            Self::NeedsClerk(state) => state.before.stay(),
            Self::Blank
            | Self::Admitting(_)
            | Self::AdmissionInDoubt(_)
            | Self::ReversingAdmission(_)
            | Self::NotAdmitted(_) => None,
        }
    }

    /// The call that is out, if any.
    #[must_use]
    pub fn open_message(&self) -> Option<&MessageId> {
        match self {
            Self::Admitting(state) => Some(&state.message_id),
            Self::AdmissionInDoubt(state) => state.query.as_ref().map(Question::message_id),
            Self::ReversingAdmission(state) => Some(&state.reversal),
            Self::Working(state) => Some(&state.open),
            Self::StepInDoubt(state) => state.query.as_ref(),
            Self::Blank
            | Self::NotAdmitted(_)
            | Self::Admitted(_)
            | Self::Renewing(_)
            | Self::NeedsClerk(_) => None,
        }
    }

    /// The request that is not finally answered yet.
    #[must_use]
    pub fn open_request(&self) -> Option<&RequestId> {
        match self {
            Self::Admitting(state) => Some(&state.request),
            Self::AdmissionInDoubt(state) => Some(&state.request),
            Self::ReversingAdmission(state) => Some(&state.request),
            Self::Working(state) => Some(&state.request),
            Self::StepInDoubt(state) => Some(&state.request),
            Self::Renewing(state) => state.before.open_request(),
            Self::NeedsClerk(state) => state.before.open_request(),
            Self::Blank | Self::NotAdmitted(_) | Self::Admitted(_) => None,
        }
    }

    /// What is in doubt and since when.
    #[must_use]
    pub fn doubt(&self) -> Option<&Doubt> {
        match self {
            Self::AdmissionInDoubt(state) => Some(&state.doubt),
            Self::ReversingAdmission(state) => Some(&state.doubt),
            Self::StepInDoubt(state) => Some(&state.doubt),
            Self::NeedsClerk(state) => state.before.doubt(),
            Self::Blank
            | Self::Admitting(_)
            | Self::NotAdmitted(_)
            | Self::Admitted(_)
            | Self::Renewing(_)
            | Self::Working(_) => None,
        }
    }

    /// Whether nothing else of the stay may begin.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        match self {
            Self::Admitting(_)
            | Self::AdmissionInDoubt(_)
            | Self::ReversingAdmission(_)
            | Self::Working(_)
            | Self::StepInDoubt(_)
            | Self::Renewing(_)
            | Self::NeedsClerk(_) => true,
            Self::Blank | Self::NotAdmitted(_) | Self::Admitted(_) => false,
        }
    }

    /// When something was last certain to have changed; for lists.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Admitting(state) => Some(state.sent_at),
            Self::AdmissionInDoubt(state) => Some(state.doubt.since),
            Self::ReversingAdmission(state) => Some(state.doubt.since),
            Self::Admitted(stay) => Some(stay.known_at),
            Self::Working(state) => Some(state.sent_at),
            Self::StepInDoubt(state) => Some(state.doubt.since),
            Self::Renewing(state) => Some(state.since),
            Self::NeedsClerk(state) => Some(state.since),
            Self::Blank | Self::NotAdmitted(_) => None,
        }
    }

    /// The name people see.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Admitting(_) => "admitting",
            Self::AdmissionInDoubt(_) => "admission_in_doubt",
            Self::ReversingAdmission(_) => "reversing_admission",
            Self::NotAdmitted(_) => "not_admitted",
            Self::Admitted(stay) if stay.discharge.is_some() => "discharged",
            Self::Admitted(_) => "admitted",
            Self::Working(_) => "working",
            Self::StepInDoubt(_) => "step_in_doubt",
            Self::Renewing(_) => "renewing",
            Self::NeedsClerk(_) => "needs_clerk",
        }
    }
}

impl Question {
    #[must_use]
    pub const fn message_id(&self) -> &MessageId {
        match self {
            Self::InHospital { message_id } | Self::Visits { message_id } => message_id,
        }
    }
}

impl Stay {
    /// With the papers of a change the centre took.
    pub(crate) fn changed(&self, act: &Act) -> Self {
        let mut next = self.clone();
        if let Act::Change { admission } = act {
            next.order.admission = (**admission).clone();
        }
        next
    }
}

impl Task {
    #[must_use]
    pub const fn transaction(&self) -> Transaction {
        match self {
            Self::Change => Transaction::ChangeStay,
            Self::Upload { .. } => Transaction::ChargeStay,
            Self::Withdraw { .. } => Transaction::WithdrawCharges,
            Self::Discharge => Transaction::Discharge,
            Self::UndoDischarge => Transaction::WithdrawDischarge,
            Self::UndoAdmission => Transaction::WithdrawAdmission,
        }
    }
}

impl StepInDoubt {
    /// The transaction nobody knows the outcome of.
    #[must_use]
    pub const fn transaction(&self) -> Transaction {
        match self.act {
            Act::Change { .. } => Transaction::ChangeStay,
            Act::Charge { .. } => Transaction::ChargeStay,
            Act::WithdrawCharges { .. } => Transaction::WithdrawCharges,
            Act::Discharge { .. } => Transaction::Discharge,
            Act::UndoDischarge { .. } => Transaction::WithdrawDischarge,
            Act::UndoAdmission { .. } => Transaction::WithdrawAdmission,
        }
    }
}
