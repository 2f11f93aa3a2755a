//! Which doubts a statement may end, and where in the centre's statement each would stand. Pure.

use jiff::Timestamp;
use jiff::civil::Date;
use zhijie_model::{Area, BillId, Clearing, MessageId, Road, SettlementId};
use zhijie_settlement::{Cancelling, ClerkReason, InDoubt, Order, Phase, State};
use zhijie_wire::StatementRules;

/// A settlement or refund of which nobody knows whether it was executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubtful {
    pub bill: BillId,
    /// The message in doubt.
    pub subject: MessageId,
    /// Since when it is in doubt, by the PC's clock.
    pub since: Timestamp,
    /// The settlement it would refund, where it is a refund.
    pub refunds: Option<Refunds>,
    /// The trial it was settled from: its answer came before the message left.
    pub trial: MessageId,
    pub road: Road,
    pub whose: Whose,
}

/// The settlement a refund in doubt is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunds {
    pub settlement: SettlementId,
    pub message: MessageId,
    pub group: Option<Group>,
}

/// What decides by whom and how a settlement is cleared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whose {
    pub insured: Area,
    pub insurance: String,
    pub road: &'static str,
    /// Code of the visit kind: visits of chronic diseases, say, may be cleared apart from ordinary ones.
    pub visit_kind: String,
}

/// One group of a statement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    pub office: String,
    pub kind: String,
}

/// Whether a doubt's settlement stands in this group for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sure {
    Yes,
    No,
}

impl Doubtful {
    /// The doubt of a bill, while neither a question nor a call is out and a statement may still decide.
    #[must_use]
    pub fn of(bill: &BillId, state: &State) -> Option<Self> {
        match state {
            State::InDoubt(state) if state.query.is_none() => Some(of_settlement(bill, state)),
            State::Cancelling(state) => of_refund(bill, state),
            State::NeedsClerk(clerk) => match (&clerk.reason, &*clerk.before) {
                (
                    ClerkReason::NoFence | ClerkReason::SilentTooLong | ClerkReason::ListedOtherwise { .. },
                    before @ (State::InDoubt(_) | State::Cancelling(_)),
                ) => Self::of(bill, before),
                _ => None,
            },
            _ => None,
        }
    }

    /// The group it would stand in: of its settlement where there is one, as other settlements of the same people were
    /// cleared, or by the profile's rule.
    #[must_use]
    pub fn group(
        &self,
        seen: &[(Whose, Group)],
        rules: &StatementRules,
        care: Area,
    ) -> Option<(Group, Sure)> {
        if let Some(group) = self.refunds.as_ref().and_then(|refunds| refunds.group.clone()) {
            return Some((group, Sure::Yes));
        }
        let mut alike = seen
            .iter()
            .filter(|(whose, _)| *whose == self.whose)
            .map(|(_, group)| group);
        if let Some(first) = alike.next() {
            let sure = if alike.all(|other| other == first) {
                Sure::Yes
            } else {
                Sure::No
            };
            return Some((first.clone(), sure));
        }
        let group = Group {
            office: rules.office(self.whose.insured, care)?,
            kind: String::from(rules.kind(&self.road)),
        };
        let sure = if rules.office_is_certain {
            Sure::Yes
        } else {
            Sure::No
        };
        Some((group, sure))
    }
}

/// A doubt's group with the first day it may have been executed on, by the centre's clock, where that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub doubtful: Doubtful,
    pub group: Group,
    pub sure: Sure,
    pub from: Option<Date>,
}

fn of_settlement(bill: &BillId, state: &InDoubt) -> Doubtful {
    let order = &state.case.order;
    Doubtful {
        bill: bill.clone(),
        subject: state.doubt.subject.clone(),
        since: state.doubt.since,
        refunds: None,
        trial: state.quote.id.clone(),
        road: order.road.clone(),
        whose: Whose::of(order),
    }
}

fn of_refund(bill: &BillId, state: &Cancelling) -> Option<Doubtful> {
    let Phase::InDoubt {
        doubt, query: None, ..
    } = &state.phase
    else {
        return None;
    };
    let order = &state.settled.case.order;
    let clearing = &state.settled.settlement.clearing;
    Some(Doubtful {
        bill: bill.clone(),
        subject: doubt.subject.clone(),
        since: doubt.since,
        refunds: Some(Refunds {
            settlement: state.settled.settlement.id.clone(),
            message: state.settled.message_id.clone(),
            group: group_of(clearing),
        }),
        trial: state.settled.quote.clone(),
        road: order.road.clone(),
        whose: Whose::of(order),
    })
}

/// The group an answer told.
pub(super) fn group_of(clearing: &Clearing) -> Option<Group> {
    Some(Group {
        office: clearing.office.clone()?,
        kind: clearing.kind.clone()?,
    })
}

impl Whose {
    pub(super) fn of(order: &Order) -> Self {
        Self {
            insured: order.payer.area,
            insurance: String::from(order.payer.insurance.as_str()),
            road: match order.road {
                Road::Outpatient | Road::Slip => "outpatient",
                Road::Pharmacy => "pharmacy",
                Road::Stay(_) => "stay",
            },
            visit_kind: String::from(order.visit.kind.as_str()),
        }
    }
}
