//! The admission is out. Three things can come back; a fourth does not exist.

use zhijie_model::{MessageId, Reply, RequestId, Transaction, VisitId};

use super::renewing::{is_due, renew};
use crate::cause::{Cause, Silence};
use crate::doubt::Doubt;
use crate::event::Moment;
use crate::stay::calls;
use crate::stay::cause::StayCause;
use crate::stay::effect::{StayAnswer, StayStep};
use crate::stay::event::StayEvent;
use crate::stay::order::StayOrder;
use crate::stay::state::{AdmissionInDoubt, Admitting, NotAdmitted, Stay, StayState};
use crate::transition::{Impossible, expect_open};

/// Sends the admission. `gone`, `again`: what is known of earlier ones under this number.
pub(super) fn admit(
    order: &StayOrder,
    request: &RequestId,
    (gone, again): (Vec<VisitId>, bool),
    moment: &Moment,
) -> StayStep {
    let next = StayState::Admitting(Admitting {
        order: order.clone(),
        request: request.clone(),
        message_id: moment.message_id.clone(),
        sent_at: moment.now,
        gone,
        again,
        renewed: false,
    });
    StayStep::send(next, calls::admit(order))
}

pub(super) fn on(state: &Admitting, event: &StayEvent, moment: &Moment) -> Result<StayStep, Impossible> {
    let here = || StayState::Admitting(state.clone());
    match event {
        StayEvent::AdmitAsked { request, order } if is_same(&state.order, order) => {
            let answer = StayAnswer::NotKnown {
                cause: StayCause::Locked,
                subject: state.message_id.clone(),
            };
            Ok(StayStep::answer(here(), request, answer))
        }
        StayEvent::AdmitAsked { request, .. } | StayEvent::Asked { request, .. } => {
            Ok(StayStep::not_done(here(), request, StayCause::Locked))
        }
        StayEvent::Resolved { request, .. } => {
            Ok(StayStep::not_done(here(), request, Cause::NothingToResolve))
        }
        StayEvent::Answered { message_id, reply } => {
            expect_open(&state.message_id, message_id)?;
            answered(state, reply, moment)
        }
        StayEvent::NotSent { message_id, reason } => {
            expect_open(&state.message_id, message_id)?;
            let cause = Cause::NotSent {
                transaction: Transaction::Admit,
                reason: reason.clone(),
            };
            Ok(not_admitted(state, cause))
        }
        StayEvent::Lost { message_id, silence } => {
            expect_open(&state.message_id, message_id)?;
            Ok(doubt(state, silence, moment, false))
        }
        StayEvent::Woken => Ok(StayStep::stay(here())),
        StayEvent::Restarted => Ok(doubt(state, &Silence::AgentStopped, moment, true)),
    }
}

/// Whether both ask for the same person to be admitted with the same papers.
pub(super) fn is_same(one: &StayOrder, other: &StayOrder) -> bool {
    one.payer == other.payer && one.admission == other.admission
}

fn answered(state: &Admitting, reply: &Reply, moment: &Moment) -> Result<StayStep, Impossible> {
    if let Reply::Admitted { visit_id } = reply {
        let by = (&state.message_id, state.gone.as_slice());
        return Ok(admitted((&state.order, &state.request), visit_id, by, moment));
    }
    if let Reply::Refused { refusal } = reply {
        if is_due(refusal, &state.order.policy, state.renewed) {
            let call = calls::admit(&state.order);
            return Ok(renew(StayState::Admitting(state.clone()), call, refusal, moment));
        }
        let cause = Cause::Refused {
            transaction: Transaction::Admit,
            refusal: refusal.clone(),
        };
        return Ok(not_admitted(state, cause));
    }
    Err(Impossible::OtherReply)
}

/// The patient is admitted: the desk is told.
pub(super) fn admitted(
    (order, request): (&StayOrder, &RequestId),
    visit_id: &VisitId,
    (message_id, gone): (&MessageId, &[VisitId]),
    moment: &Moment,
) -> StayStep {
    let next = StayState::Admitted(Stay {
        order: order.clone(),
        visit_id: visit_id.clone(),
        message_id: message_id.clone(),
        known_at: moment.now,
        revision: 0,
        lines: std::collections::BTreeMap::new(),
        uncertain: std::collections::BTreeSet::new(),
        discharge: None,
        gone: gone.to_vec(),
    });
    let visit_id = visit_id.clone();
    StayStep::answer(next, request, StayAnswer::Admitted { visit_id })
}

fn not_admitted(state: &Admitting, cause: Cause) -> StayStep {
    let next = StayState::NotAdmitted(NotAdmitted {
        order: state.order.clone(),
        why: Some(StayCause::from(cause.clone())),
        gone: state.gone.clone(),
    });
    StayStep::not_done(next, &state.request, cause)
}

fn doubt(state: &Admitting, silence: &Silence, moment: &Moment, at_once: bool) -> StayStep {
    let mut doubt = Doubt::new(
        state.message_id.clone(),
        state.sent_at,
        silence.clone(),
        moment.now,
    );
    if !at_once {
        doubt.wait(moment, false);
    }
    let wake = doubt.next_at;
    let next = AdmissionInDoubt {
        order: state.order.clone(),
        request: state.request.clone(),
        doubt,
        query: None,
        gone: state.gone.clone(),
        again: state.again,
    };
    let answer = super::admission_in_doubt::not_known(&next);
    StayStep::answer(StayState::AdmissionInDoubt(next), &state.request, answer).and_wake(wake)
}
