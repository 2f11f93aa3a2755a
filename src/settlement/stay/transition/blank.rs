//! Nothing is recorded: only an admission begins a stay.

use super::admitting::admit;
use crate::cause::Cause;
use crate::event::Moment;
use crate::stay::cause::StayCause;
use crate::stay::effect::StayStep;
use crate::stay::event::StayEvent;
use crate::stay::state::StayState;
use crate::transition::Impossible;

pub(super) fn on(event: &StayEvent, moment: &Moment) -> Result<StayStep, Impossible> {
    match event {
        StayEvent::AdmitAsked { request, order } => Ok(admit(order, request, (Vec::new(), false), moment)),
        StayEvent::Asked { request, .. } => Ok(StayStep::not_done(
            StayState::Blank,
            request,
            StayCause::NotAdmitted,
        )),
        StayEvent::Resolved { request, .. } => Ok(StayStep::not_done(
            StayState::Blank,
            request,
            Cause::NothingToResolve,
        )),
        StayEvent::Answered { .. } | StayEvent::NotSent { .. } | StayEvent::Lost { .. } => {
            Err(Impossible::NotOpen)
        }
        StayEvent::Woken | StayEvent::Restarted => Ok(StayStep::stay(StayState::Blank)),
    }
}
