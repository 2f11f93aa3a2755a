//! From the saga's answers to the text the desk gets. What is rendered here is stored and repeated byte for byte.

use serde::Serialize;
use zhijie_desk::Method;
use zhijie_desk::api::{
    BillState, CatalogMapResult, DeferredView, DepositRuleView, EstimateView, FilingDisputeResult,
    FilingForgetResult, FilingRecordResult, Outcome, QuoteLine, QuoteView, RefundView, RiskView,
    RuleCheckView, SettlementView, SplitView, StayPhase, StayResult, VisitCancelResult, VisitConfirmResult,
    VisitQuoteResult, VisitSettleResult, WorkResolveResult,
};
use zhijie_filing::CheckReceipt;
use zhijie_model::{BillId, Fault, MessageId, Refund, RequestId, Settlement, rfc3339_beijing};
use zhijie_settlement::{Answer, Deferral, DepositRule, Estimate, EstimateSource, Quote, Risk, State};

use crate::faults::{self, AGENT_003, AGENT_007, of_cause};
use crate::filing::receipt_view;
use crate::render_notices;

/// Outcome word for the ledger, and the answer text.
#[must_use]
pub(crate) fn answer(
    method: Method,
    (bill, request): (&BillId, &RequestId),
    answer: &Answer,
    state: &State,
    filing: Option<&CheckReceipt>,
) -> (&'static str, String) {
    let mut parts = Parts::default();
    let outcome = match answer {
        Answer::Quoted(quote) => {
            parts.quote = Some(quote_view(quote, state));
            Outcome::Done
        }
        Answer::Settled(settlement) => {
            parts.settlement = Some(settlement_view(settlement, state, filing));
            Outcome::Done
        }
        Answer::Confirmed | Answer::Resolved => Outcome::Done,
        Answer::Cancelled(refund) => {
            parts.refund = refund.as_ref().map(|refund| refund_view(refund, state));
            Outcome::Done
        }
        Answer::Deferred(deferral) => {
            parts.deferred = Some(deferred_view(deferral));
            Outcome::Deferred
        }
        Answer::NotDone(cause) => {
            parts.fault = Some(of_cause(cause, marker(request, state.open_message())));
            Outcome::NotDone
        }
        Answer::NotKnown { cause, subject } => {
            parts.fault = Some(of_cause(cause, subject.as_str()));
            parts.ticket = Some(String::from(subject.as_str()));
            Outcome::NotKnown
        }
    };
    (word(outcome), text(method, outcome, Some(bill), state, parts))
}

/// An answer of "not done" that touched no bill.
#[must_use]
pub(crate) fn not_done(method: Method, bill: Option<&BillId>, fault: Fault) -> String {
    let parts = Parts {
        fault: Some(fault),
        ..Parts::default()
    };
    text(method, Outcome::NotDone, bill, &State::Blank, parts)
}

/// An own item was mapped, or its mapping taken back.
#[must_use]
pub(crate) fn mapped() -> String {
    json(&CatalogMapResult {
        outcome: Outcome::Done,
        fault: None,
    })
}

/// Nobody knows whether a mapping was changed.
#[must_use]
pub(crate) fn mapping_not_known(fault: Fault) -> String {
    json(&CatalogMapResult {
        outcome: Outcome::NotKnown,
        fault: Some(fault),
    })
}

/// The ledger takes nothing: nothing was sent, nothing is pinned.
#[must_use]
pub(crate) fn ledger_down(method: Method, request: &RequestId) -> String {
    not_done(
        method,
        None,
        faults::fault(&AGENT_003, "", None, request.as_str()),
    )
}

/// The answer of the platform could not be recorded: the desk must not act on it.
#[must_use]
pub(crate) fn not_recorded(
    method: Method,
    bill: &BillId,
    request: &RequestId,
    state: &State,
) -> (&'static str, String) {
    let moves_money = method.moves_money();
    let entry = if moves_money { &AGENT_007 } else { &AGENT_003 };
    let outcome = if moves_money {
        Outcome::NotKnown
    } else {
        Outcome::NotDone
    };
    let parts = Parts {
        fault: Some(faults::fault(
            entry,
            "",
            None,
            marker(request, state.open_message()),
        )),
        ticket: state
            .open_message()
            .filter(|_| moves_money)
            .map(|id| String::from(id.as_str())),
        ..Parts::default()
    };
    (word(outcome), text(method, outcome, Some(bill), state, parts))
}

/// What may stand in an answer, whatever the method.
#[derive(Default)]
struct Parts {
    quote: Option<QuoteView>,
    settlement: Option<SettlementView>,
    refund: Option<RefundView>,
    deferred: Option<DeferredView>,
    ticket: Option<String>,
    fault: Option<Fault>,
}

fn text(method: Method, outcome: Outcome, bill: Option<&BillId>, state: &State, parts: Parts) -> String {
    let bill_id = bill.map(|bill| String::from(bill.as_str())).unwrap_or_default();
    let Parts {
        quote,
        settlement,
        refund,
        deferred,
        ticket,
        fault,
    } = parts;
    match method {
        Method::VisitSettle | Method::PharmacySettle | Method::StaySettle => json(&VisitSettleResult {
            outcome,
            bill_id,
            settlement,
            deferred,
            ticket,
            fault,
        }),
        Method::VisitCancel | Method::PharmacyCancel | Method::StayCancel => json(&VisitCancelResult {
            outcome,
            bill_id,
            refund,
            ticket,
            fault,
        }),
        Method::VisitConfirm => json(&VisitConfirmResult {
            outcome,
            bill_id,
            state: bill_state(state),
            fault,
        }),
        Method::WorkResolve => json(&WorkResolveResult {
            outcome,
            bill_id,
            state: bill_state(state),
            fault,
        }),
        Method::StayAdmit
        | Method::StayChange
        | Method::StayCharge
        | Method::StayWithdrawCharges
        | Method::StayDischarge
        | Method::StayUndoDischarge
        | Method::StayUndoAdmission => json(&StayResult {
            outcome,
            stay_id: bill_id,
            phase: StayPhase::NotFound,
            visit_id: None,
            lines: Vec::new(),
            charges: None,
            notices: Vec::new(),
            filing: None,
            ticket,
            fault,
        }),
        Method::FilingRecord => json(&FilingRecordResult { outcome, fault }),
        Method::CatalogMap => json(&CatalogMapResult { outcome, fault }),
        Method::FilingDispute => json(&FilingDisputeResult {
            outcome,
            html_path: None,
            json_path: None,
            digest: None,
            fault,
        }),
        Method::FilingRefer
        | Method::FilingRegisterChronic
        | Method::FilingFixPlace
        | Method::FilingWithdraw => crate::render_act::answer(outcome, None, None, fault),
        Method::FilingForget => json(&FilingForgetResult {
            outcome,
            erased: 0,
            fault,
        }),
        Method::VisitQuote
        | Method::PharmacyQuote
        | Method::StayQuote
        | Method::StayStatus
        | Method::FilingCheck
        | Method::FilingHistory
        | Method::AgentInfo
        | Method::AgentHealth
        | Method::IdentityRead
        | Method::IdentityCancel
        | Method::IdentityCompare
        | Method::CardPin
        | Method::PersonLookup
        | Method::CatalogSync
        | Method::CatalogStatus
        | Method::CatalogLookup
        | Method::CatalogCheck
        | Method::VisitCheck
        | Method::VisitDetails
        | Method::PersonMedicines
        | Method::ReceiptSheet
        | Method::InstitutionFind
        | Method::DictionaryList
        | Method::VisitStatus
        | Method::ReceiptGet
        | Method::QueueList
        | Method::QueueRun
        | Method::WorkList
        | Method::ReconcileDay
        | Method::ReconcileTotals
        | Method::EventsSubscribe => json(&VisitQuoteResult {
            outcome,
            bill_id,
            quote,
            fault,
        }),
    }
}

/// The answer of `filing.forget`.
#[must_use]
pub(crate) fn forgotten(erased: u64) -> String {
    json(&FilingForgetResult {
        outcome: Outcome::Done,
        erased,
        fault: None,
    })
}

/// JSON text of a result.
pub(crate) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| String::from("null"))
}

/// The answer of `work.resolve`.
#[must_use]
pub(crate) fn resolved(outcome: Outcome, bill: &BillId, state: BillState, fault: Option<Fault>) -> String {
    json(&WorkResolveResult {
        outcome,
        bill_id: String::from(bill.as_str()),
        state,
        fault,
    })
}

/// The word itself, of an outcome that was written as one.
#[must_use]
pub(crate) fn known_word(outcome: &str) -> &'static str {
    match outcome {
        "done" => "done",
        "not_known" => "not_known",
        "deferred" => "deferred",
        _ => "not_done",
    }
}

pub(crate) const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::NotDone => "not_done",
        Outcome::NotKnown => "not_known",
        Outcome::Deferred => "deferred",
    }
}

fn marker<'a>(request: &'a RequestId, open: Option<&'a MessageId>) -> &'a str {
    open.map_or(request.as_str(), MessageId::as_str)
}

fn quote_view(quote: &Quote, state: &State) -> QuoteView {
    let cuts = state
        .case()
        .map(|case| case.progress.cuts.as_slice())
        .unwrap_or_default();
    QuoteView {
        quote_id: String::from(quote.id.as_str()),
        split: SplitView::from(&quote.trial.split),
        lines: cuts.iter().map(QuoteLine::from).collect(),
        good_until: rfc3339_beijing(quote.good_until),
        rules: state
            .case()
            .and_then(|case| case.order.checked.as_ref())
            .map(RuleCheckView::from),
        notices: render_notices::of_quote(&quote.trial.split, state),
    }
}

/// The settlement with the message that made it, also where the centre does not echo it.
pub(crate) fn settlement_view(
    settlement: &Settlement,
    state: &State,
    filing: Option<&CheckReceipt>,
) -> SettlementView {
    let mut view = SettlementView::from(settlement);
    view.filing = filing.map(receipt_view);
    view.warnings
        .extend(render_notices::of_settlement(&settlement.split, state));
    if view.message_id.is_none() {
        view.message_id = state
            .settled()
            .map(|settled| String::from(settled.message_id.as_str()));
    }
    view
}

pub(crate) fn refund_view(refund: &Refund, state: &State) -> RefundView {
    RefundView {
        warnings: render_notices::of_refund(refund, state),
        ..RefundView::from(refund)
    }
}

/// The terms of a bill that is settled later.
pub(crate) fn deferred_view(deferral: &Deferral) -> DeferredView {
    let terms = &deferral.terms;
    DeferredView {
        since: rfc3339_beijing(deferral.since),
        deposit_fen: terms.deposit.get(),
        deposit_rule: match terms.rule {
            DepositRule::Full => DepositRuleView::Full,
            DepositRule::Estimate => DepositRuleView::Estimate,
            DepositRule::Percent(_) => DepositRuleView::Percent,
        },
        estimate: terms.estimate.as_ref().map(estimate_view),
        bears_loss: match terms.risk {
            Risk::Hospital => RiskView::Hospital,
            Risk::Patient => RiskView::Patient,
        },
        deadline: rfc3339_beijing(terms.deadline),
        words_zh: terms.words_zh.clone(),
        words_en: terms.words_en.clone(),
    }
}

fn estimate_view(estimate: &Estimate) -> EstimateView {
    let (message, region) = match &estimate.source {
        EstimateSource::Settlement(message) => (Some(String::from(message.as_str())), None),
        EstimateSource::Policy { region, .. } => (None, Some(region.to_string())),
    };
    EstimateView {
        cash_fen: estimate.cash.get(),
        source_message_id: message,
        source_region: region,
        seen_at: rfc3339_beijing(estimate.seen_at),
    }
}

/// The state as the desk interface names it.
#[must_use]
pub(crate) fn bill_state(state: &State) -> BillState {
    match state {
        State::Blank | State::Drafted(_) => BillState::Drafted,
        State::Preparing(_) => BillState::Preparing,
        State::Quoted(_) => BillState::Quoted,
        State::Deferred(_) => BillState::Deferred,
        State::Submitted(_) => BillState::Submitted,
        State::Settled(_) => BillState::Settled,
        State::Declined { .. } => BillState::Declined,
        State::InDoubt(_) => BillState::InDoubt,
        State::Reversing(_) => BillState::Reversing,
        State::Reversed { .. } => BillState::Reversed,
        State::Abandoned { .. } | State::Undoing(_) => BillState::Abandoned,
        State::Cancelling(_) => BillState::Cancelling,
        State::Cancelled { .. } => BillState::Cancelled,
        State::Renewing(renewing) => bill_state(&renewing.before),
        State::NeedsClerk(_) => BillState::NeedsClerk,
    }
}
