//! The settlements of a stay, and how they stand.

use std::sync::Arc;

use zhijie_model::{BillId, StayRoad};
use zhijie_settlement::{Bills, State};

use super::is_busy;
use crate::core::{Core, Outside};

/// Settlements of one stay that are looked for; no stay has more.
const BILLS_MAX: u32 = 500;

/// One settlement of a stay.
#[derive(Debug, Clone)]
pub struct StayBill {
    pub bill: BillId,
    pub state: Arc<State>,
}

impl StayBill {
    /// What it covers.
    #[must_use]
    pub fn road(&self) -> Option<&StayRoad> {
        self.state.case()?.order.road.stay()
    }
}

impl<O: Outside> Core<O> {
    /// Every settlement of a stay that was ever quoted, in order. They are numbered without gaps. `None` when the
    /// ledger cannot be read: then nothing is decided.
    pub(in crate::core) fn bills_of_stay(&mut self, stay: &BillId) -> Option<Vec<StayBill>> {
        let mut bills = Vec::new();
        for n in 1..=BILLS_MAX {
            let bill = BillId::of_stay_bill(stay, n).ok()?;
            let state = self.state(&bill)?;
            if matches!(*state, State::Blank) {
                break;
            }
            bills.push(StayBill { bill, state });
        }
        Some(bills)
    }
}

/// How the settlements stand, as the saga of the stay hears it.
#[must_use]
pub fn stands(bills: &[StayBill]) -> Bills {
    let mut told = Bills::default();
    for bill in bills {
        told.busy |= is_busy(&bill.state);
        if let (State::Settled(_), Some(road)) = (&*bill.state, bill.road()) {
            told.final_stands |= !road.part.interim;
            told.settled_through = told.settled_through.max(Some(road.revision));
        }
    }
    told
}
