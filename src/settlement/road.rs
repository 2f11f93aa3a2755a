//! With which calls the saga of a bill is walked. Every decision stands in `transition`; here only the calls differ.

use jiff::{SignedDuration, Timestamp};
use zhijie_model::{Call, FoundVisit, MessageId, Road, SettlementId, Transaction, VisitId, beijing};

use crate::doubt::Doubt;
use crate::state::{Case, Quote, Settled};

/// The settlement of a quote; `None` where the road has not been walked up to it.
pub(crate) fn settle(case: &Case, quote: &Quote, invoice: Option<String>) -> Option<Call> {
    let order = &case.order;
    match &order.road {
        Road::Outpatient => Some(Call::Settle {
            payer: order.payer.clone(),
            visit_id: case.progress.registered.as_ref()?.visit_id.clone(),
            kind: order.visit.kind.clone(),
            batch: order.bill.batch().clone(),
            total: order.bill.total(),
            account: order.account,
            amounts: quote.trial.amounts,
            invoice,
            traces: order.bill.traces(),
        }),
        Road::Pharmacy => Some(Call::Purchase {
            payer: order.payer.clone(),
            visit: order.visit.clone(),
            bill: order.bill.clone(),
            account: order.account,
            invoice,
        }),
        Road::Slip => Some(Call::SettleSlip {
            payer: order.payer.clone(),
            visit: order.visit.clone(),
            bill: order.bill.clone(),
            invoice,
        }),
        Road::Stay(stay) => Some(Call::SettleStay {
            payer: order.payer.clone(),
            visit_id: stay.visit_id.clone(),
            part: stay.part.clone(),
            account: order.account,
            amounts: quote.trial.amounts,
            invoice,
        }),
    }
}

/// The refund of a settlement that stands.
pub(crate) fn cancel(settled: &Settled) -> Call {
    let payer = settled.case.order.payer.clone();
    let visit_id = settled.settlement.visit_id.clone();
    let settlement = settled.settlement.id.clone();
    match &settled.case.order.road {
        Road::Outpatient => Call::Cancel {
            payer,
            visit_id,
            settlement,
        },
        Road::Pharmacy => Call::CancelPurchase {
            payer,
            visit_id,
            settlement,
        },
        Road::Slip => Call::CancelSlip {
            payer,
            visit_id,
            settlement,
        },
        Road::Stay(_) => Call::CancelStay {
            payer,
            visit_id,
            settlement,
        },
    }
}

/// The reversal of the settlement in doubt. A refund is never reversed: that would restore what it refunded.
pub(crate) fn reverse(case: &Case, target: &MessageId) -> Call {
    Call::Reverse {
        payer: case.order.payer.clone(),
        target: target.clone(),
        transaction: case.order.road.settle(),
    }
}

/// The first question about a settlement in doubt: what stands of the visit, or, where the lost settlement would have
/// made the visit, which visits there are.
pub(crate) fn question(case: &Case, doubt: &Doubt) -> Option<Call> {
    if case.order.road.settlement_makes_visit() {
        let (from, until) = span(case, doubt);
        return Some(Call::QueryVisits {
            payer: case.order.payer.clone(),
            kind: case.order.visit.kind.clone(),
            from,
            until,
        });
    }
    let visit_id = match case.order.road.stay() {
        Some(stay) => stay.visit_id.clone(),
        None => case.progress.registered.as_ref()?.visit_id.clone(),
    };
    Some(about(case, visit_id, None))
}

/// What stands of one visit.
pub(crate) fn about(case: &Case, visit_id: VisitId, settlement: Option<SettlementId>) -> Call {
    Call::QuerySettlement {
        payer: case.order.payer.clone(),
        visit_id,
        settlement,
    }
}

/// The visits to ask about: those that began when ours did come first. The second value tells whether some were left
/// out.
pub(crate) fn candidates(case: &Case, found: &[FoundVisit]) -> (Vec<VisitId>, bool) {
    let began = beijing(case.order.visit.began);
    let is_ours = |visit: &&FoundVisit| {
        visit
            .began
            .is_some_and(|at| at.duration_since(began).abs() < SignedDuration::from_secs(1))
    };
    let (first, then): (Vec<_>, Vec<_>) = found.iter().partition(is_ours);
    let mut visits: Vec<VisitId> = Vec::new();
    for visit in first.into_iter().chain(then) {
        if !visits.contains(&visit.visit_id) {
            visits.push(visit.visit_id.clone());
        }
    }
    let cut = visits.len() > VISITS_ASKED_MAX;
    visits.truncate(VISITS_ASKED_MAX);
    (visits, cut)
}

/// Visits of one person that are asked about in one round.
const VISITS_ASKED_MAX: usize = 20;

/// From the day before the visit to the day after it could have been made, whichever clock the centre goes by.
fn span(case: &Case, doubt: &Doubt) -> (Timestamp, Timestamp) {
    let day = SignedDuration::from_hours(24);
    let began = case.order.visit.began.min(doubt.sent_at);
    let ended = case.order.visit.began.max(doubt.sent_at);
    (
        began.saturating_sub(day).unwrap_or(Timestamp::MIN),
        ended.saturating_add(day).unwrap_or(Timestamp::MAX),
    )
}

/// Which transaction a bill's settlement in doubt is.
pub(crate) const fn settling(case: &Case) -> Transaction {
    case.order.road.settle()
}
