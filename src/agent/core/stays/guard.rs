//! What a stay has to say when one of its bills is asked for something. The check and the bill's decision are one input
//! of the loop, so nothing can come between them.

use zhijie_model::{BillId, RequestId};
use zhijie_settlement::{Event, Order, State, StayCause, StayState};

use super::bills::{StayBill, stands};
use crate::core::input::More;
use crate::core::{Core, Outside};
use crate::{faults, render};

impl<O: Outside> Core<O> {
    /// Whether the stay of this bill forbids the event; then the request is answered and the bill is not touched.
    pub(in crate::core) fn stay_forbids(
        &mut self,
        request: &RequestId,
        bill: &BillId,
        event: &Event,
    ) -> bool {
        let Some((stay, _)) = bill.stay() else {
            return false;
        };
        let Some(cause) = self.refusal_of_stay(&stay, bill, event) else {
            return false;
        };
        let Some(asked) = self.asked.get(request) else {
            return true;
        };
        let fault = faults::of_stay_cause(&cause, request.as_str());
        let answer = render::not_done(asked.method, Some(bill), fault);
        let bill = Some(bill.clone());
        self.finish(request, bill, "not_done", answer, More::default());
        true
    }

    fn refusal_of_stay(&mut self, stay: &BillId, bill: &BillId, event: &Event) -> Option<StayCause> {
        let state = self.state(bill)?;
        let order = match (event, &*state) {
            (Event::QuoteAsked { order, .. }, _) => Some((**order).clone()),
            (Event::SettleAsked { .. }, State::Quoted(quoted)) => Some(quoted.case.order.clone()),
            (Event::CancelAsked { .. }, State::Settled(_)) => None,
            // In every other state the bill answers for itself, and sends nothing.
            (_, _) => return None,
        };
        let stay_state = self.stay_state(stay)?;
        let admitted = match &*stay_state {
            StayState::Admitted(admitted) => admitted,
            StayState::Blank | StayState::NotAdmitted(_) => return Some(StayCause::NotAdmitted),
            StayState::Admitting(_)
            | StayState::AdmissionInDoubt(_)
            | StayState::ReversingAdmission(_)
            | StayState::Working(_)
            | StayState::Renewing(_)
            | StayState::StepInDoubt(_)
            | StayState::NeedsClerk(_) => return Some(StayCause::Locked),
        };
        let others: Vec<StayBill> = self.bills_of_stay(stay)?;
        match order {
            Some(order) => outdated(admitted, &order, &others, bill),
            None => later_stands(&others, bill),
        }
    }
}

/// Whether what the bill was made for is still what lies at the centre.
fn outdated(
    stay: &zhijie_settlement::Stay,
    order: &Order,
    bills: &[StayBill],
    bill: &BillId,
) -> Option<StayCause> {
    let others: Vec<StayBill> = bills
        .iter()
        .filter(|other| other.bill != *bill)
        .cloned()
        .collect();
    let Some(road) = order.road.stay() else {
        return Some(StayCause::QuoteOutdated);
    };
    let (part, stands) = (&road.part, stands(&others));
    match stay.to_settle(part.interim, part.total, &stands) {
        Err(StayCause::ChargesDiffer { .. }) => Some(StayCause::QuoteOutdated),
        Err(cause) => Some(cause),
        Ok(unsettled) => {
            let same = road.revision == stay.revision
                && road.visit_id == stay.visit_id
                && unsettled.amounts == part.cuts;
            (!same).then_some(StayCause::QuoteOutdated)
        }
    }
}

/// Settlements of a stay are refunded the latest first.
fn later_stands(bills: &[StayBill], bill: &BillId) -> Option<StayCause> {
    let others: Vec<StayBill> = bills
        .iter()
        .filter(|other| other.bill != *bill)
        .cloned()
        .collect();
    let others = stands(&others);
    if others.busy {
        return Some(StayCause::SettlementBusy);
    }
    let ours = bills.iter().find(|other| other.bill == *bill)?.road()?.revision;
    let later = others.settled_through.is_some_and(|through| through > ours);
    later.then_some(StayCause::LaterSettlementStands)
}
