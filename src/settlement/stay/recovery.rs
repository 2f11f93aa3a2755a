//! What an agent that has just started owes to the stays it finds.

use super::state::StayState;
use crate::recovery::Due;

/// A plan for one stay; the same on every start, however often the start is interrupted.
#[must_use]
pub fn stay_plan(state: &StayState) -> Due {
    match state {
        StayState::AdmissionInDoubt(state) if state.query.is_none() => Due::WakeAt(state.doubt.next_at),
        StayState::StepInDoubt(state) if state.query.is_none() => Due::WakeAt(state.doubt.next_at),
        StayState::Admitting(_)
        | StayState::AdmissionInDoubt(_)
        | StayState::ReversingAdmission(_)
        | StayState::Working(_)
        | StayState::Renewing(_)
        | StayState::StepInDoubt(_) => Due::Restart,
        StayState::Blank | StayState::NotAdmitted(_) | StayState::Admitted(_) | StayState::NeedsClerk(_) => {
            Due::Nothing
        }
    }
}
