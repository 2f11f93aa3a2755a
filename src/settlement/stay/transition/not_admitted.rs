//! Nothing of the stay lies at the centre: it may be admitted, again.

use super::admitting::admit;
use crate::cause::Cause;
use crate::event::Moment;
use crate::stay::cause::StayCause;
use crate::stay::effect::StayStep;
use crate::stay::event::StayEvent;
use crate::stay::state::{NotAdmitted, StayState};
use crate::transition::Impossible;

pub(super) fn on(state: &NotAdmitted, event: &StayEvent, moment: &Moment) -> Result<StayStep, Impossible> {
    let here = || StayState::NotAdmitted(state.clone());
    match event {
        StayEvent::AdmitAsked { request, order } => {
            Ok(admit(order, request, (state.gone.clone(), true), moment))
        }
        StayEvent::Asked { request, .. } => Ok(StayStep::not_done(here(), request, StayCause::NotAdmitted)),
        StayEvent::Resolved { request, .. } => {
            Ok(StayStep::not_done(here(), request, Cause::NothingToResolve))
        }
        StayEvent::Answered { .. } | StayEvent::NotSent { .. } | StayEvent::Lost { .. } => {
            Err(Impossible::NotOpen)
        }
        StayEvent::Woken | StayEvent::Restarted => Ok(StayStep::stay(here())),
    }
}
