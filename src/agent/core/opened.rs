//! Several charge batches of one visit: it is registered once.

use zhijie_model::{BillId, PersonNumber, Road, Visit};
use zhijie_settlement::{Registered, State};

use super::{Core, Outside};

/// Bills that are looked at for one of the same visit.
const BILLS_LOOKED_AT: u32 = 200;

impl<O: Outside> Core<O> {
    /// The visit as a settled bill of it opened and described it. While the outcome of one of its bills is open nothing
    /// joins it: a query of the visit could show the newcomer's settlement in place of the one that is searched.
    pub(super) fn opened(
        &mut self,
        bill: &BillId,
        visit: &Visit,
        person: &PersonNumber,
    ) -> Option<Registered> {
        let (of_visit, _) = bill.as_str().rsplit_once('/')?;
        let same_visit = |other: &BillId| {
            let other = other.as_str().rsplit_once('/');
            other.is_some_and(|(other, _)| other == of_visit)
        };
        let rows = self.ledger.bills(BILLS_LOOKED_AT).unwrap_or_default();
        let mut found = None;
        for row in rows
            .into_iter()
            .filter(|row| row.bill != *bill && same_visit(&row.bill))
        {
            let state = self.state(&row.bill)?;
            if state.is_locked() {
                return None;
            }
            let State::Settled(settled) = &*state else {
                continue;
            };
            let order = &settled.case.order;
            let same = order.visit == *visit && order.payer.number == *person;
            if same && order.road == Road::Outpatient && settled.case.progress.described {
                found = settled.case.progress.registered.clone().or(found);
            }
        }
        found
    }
}
