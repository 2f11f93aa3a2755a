//! Stays in the loop: the same order of decide, commit, act as for bills, over records of their own. Their settlements
//! are bills; what one must know of the other is looked up here, within the same input.

mod apply;
mod bills;
mod guard;
mod record;
#[cfg(test)]
mod record_tests;
mod restart;

use std::sync::Arc;

use zhijie_model::{BillId, RequestId};
use zhijie_settlement::{Act, State, StayEvent, StayOrder, StayState, StayVerdict};

use super::{Core, Outside};

pub use bills::{StayBill, stands};
pub use record::{is_stay_kind, kind, read};
pub(super) use restart::is_open;

/// What the desk wants of a stay.
#[derive(Debug, Clone)]
pub enum StayAsked {
    Admit(Box<StayOrder>),
    Act(Box<Act>),
    Resolve {
        verdict: StayVerdict,
        person: String,
        reason: String,
    },
}

/// A stay with its settlements.
#[derive(Debug, Clone)]
pub struct FoundStay {
    pub stay: BillId,
    pub state: Arc<StayState>,
    /// In the order they were quoted.
    pub bills: Vec<StayBill>,
    /// The check that went with the admission.
    pub filing: Option<zhijie_filing::CheckReceipt>,
    /// With a request id as the key: what was answered to it.
    pub answer: Option<zhijie_ledger::StoredAnswer>,
}

impl<O: Outside> Core<O> {
    /// The desk's question becomes an event of the stay, with how its bills stand now.
    pub(super) fn ask_stay(&mut self, request: &RequestId, stay: &BillId, asked: StayAsked) {
        let event = match asked {
            StayAsked::Admit(order) => StayEvent::AdmitAsked {
                request: request.clone(),
                order,
            },
            StayAsked::Act(act) => {
                let Some(bills) = self.bills_of_stay(stay) else {
                    self.refuse(Some(request));
                    return;
                };
                StayEvent::Asked {
                    request: request.clone(),
                    act,
                    bills: stands(&bills),
                }
            }
            StayAsked::Resolve {
                verdict,
                person,
                reason,
            } => StayEvent::Resolved {
                request: request.clone(),
                verdict,
                person,
                reason,
            },
        };
        self.apply_stay(stay, &event, Some(request), None);
    }

    /// `None` when nothing of the stay is recorded; an error rules nothing out.
    pub(super) fn find_stay(&mut self, stay: &BillId) -> Result<Option<FoundStay>, super::Unreadable> {
        let state = self.stay_state(stay).ok_or(super::Unreadable)?;
        if matches!(*state, StayState::Blank) {
            return Ok(None);
        }
        let bills = self.bills_of_stay(stay).ok_or(super::Unreadable)?;
        let filing = self.checked(stay);
        Ok(Some(FoundStay {
            stay: stay.clone(),
            state,
            bills,
            filing,
            answer: None,
        }))
    }

    pub(super) fn stay_of_open_request(&self, request: &RequestId) -> Option<BillId> {
        let open = |(_, state): &(&BillId, &Arc<StayState>)| state.open_request() == Some(request);
        self.stays.iter().find(open).map(|(stay, _)| stay.clone())
    }
}

/// Whether anything of a bill is under way, in doubt, or waits for a person.
const fn is_busy(state: &State) -> bool {
    state.is_locked()
}
