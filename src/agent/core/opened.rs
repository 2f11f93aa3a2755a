//! Several charge batches of one visit: it is registered once.

use zhijie_model::{BillId, PersonNumber, Road, Visit, VisitType};
use zhijie_settlement::{Registered, State};

use super::{Core, Outside};

/// Bills that are looked at for one of the same visit.
const BILLS_LOOKED_AT: u32 = 200;

impl<O: Outside> Core<O> {
    /// The visit as a settled bill of it opened and described it. While the outcome of one of its bills is open nothing
    /// joins it: a query of the visit could show the newcomer's settlement in place of the one that is searched. A
    /// registration fee, of one of the kinds `fees`, opens the visit for what follows it, which describes it anew.
    pub(super) fn opened(
        &mut self,
        bill: &BillId,
        visit: &Visit,
        person: &PersonNumber,
        fees: &[VisitType],
    ) -> Option<Registered> {
        let (of_visit, _) = bill.as_str().rsplit_once('/')?;
        let same_visit = |other: &BillId| {
            let other = other.as_str().rsplit_once('/');
            other.is_some_and(|(other, _)| other == of_visit)
        };
        let is_fee = |visit: &Visit| fees.contains(&visit.kind);
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
            if order.payer.number != *person || order.road != Road::Outpatient {
                continue;
            }
            let registered = settled.case.progress.registered.clone();
            if order.visit == *visit {
                let described = settled.case.progress.described;
                found = registered.filter(|_| described).or(found);
            } else if found.is_none() && is_fee(&order.visit) != is_fee(visit) {
                found = registered.map(|registered| Registered {
                    described_otherwise: true,
                    ..registered
                });
            }
        }
        found
    }
}
