//! With which calls the saga of a stay is walked.

use jiff::{SignedDuration, Timestamp};
use zhijie_model::{Call, StayLine};

use super::event::Act;
use super::order::StayOrder;
use super::state::{Stay, Task};
use crate::doubt::Doubt;

pub(crate) fn admit(order: &StayOrder) -> Call {
    Call::Admit {
        payer: order.payer.clone(),
        admission: order.admission.clone(),
    }
}

/// Who is in hospital, around the time of an admission in doubt.
pub(crate) fn who_is_in_hospital(order: &StayOrder, doubt: &Doubt) -> Call {
    let (from, until) = span(order, doubt.sent_at);
    Call::QueryInHospital {
        payer: order.payer.clone(),
        from,
        until,
    }
}

/// Which stays of the person there are; `sent_at`: when the call that is asked about was sent.
pub(crate) fn which_visits(order: &StayOrder, sent_at: Timestamp) -> Call {
    let (from, until) = span(order, sent_at);
    Call::QueryVisits {
        payer: order.payer.clone(),
        kind: order.admission.kind.clone(),
        from,
        until,
    }
}

/// From the day before the admission to the day after the call in doubt was sent, whichever clock the centre goes by.
fn span(order: &StayOrder, sent_at: Timestamp) -> (Timestamp, Timestamp) {
    let day = SignedDuration::from_hours(24);
    let began = order.admission.began;
    (
        began.min(sent_at).saturating_sub(day).unwrap_or(Timestamp::MIN),
        began.max(sent_at).saturating_add(day).unwrap_or(Timestamp::MAX),
    )
}

/// The call of one task; `None` where the act does not bring what the task needs.
pub(crate) fn of_task(stay: &Stay, act: &Act, task: &Task) -> Option<Call> {
    let payer = stay.order.payer.clone();
    let visit_id = stay.visit_id.clone();
    match (task, act) {
        (Task::Change, Act::Change { admission }) => Some(Call::ChangeStay {
            payer,
            visit_id,
            admission: (**admission).clone(),
        }),
        (Task::Upload { lines }, _) => Some(Call::ChargeStay {
            payer,
            visit_id,
            kind: stay.order.admission.kind.clone(),
            lines: lines.iter().map(|line| StayLine::clone(line)).collect(),
        }),
        (Task::Withdraw { serials, all, .. }, _) => Some(Call::WithdrawCharges {
            payer,
            visit_id,
            serials: (!all).then(|| serials.iter().cloned().collect()),
        }),
        (Task::Discharge, Act::Discharge { discharge }) => Some(Call::Discharge {
            payer,
            visit_id,
            admission: stay.order.admission.clone(),
            discharge: (**discharge).clone(),
        }),
        (Task::UndoDischarge, _) => Some(Call::WithdrawDischarge { payer, visit_id }),
        (Task::UndoAdmission, _) => Some(Call::WithdrawAdmission { payer, visit_id }),
        (Task::Change | Task::Discharge, _) => None,
    }
}
