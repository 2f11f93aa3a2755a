//! From the answers of a stay's saga to the text the desk gets. What is rendered here is stored and repeated byte for
//! byte.

use jiff::Timestamp;
use zhijie_desk::Method;
use zhijie_desk::api::{ChargesView, Notice, Outcome, QuoteLine, StayPhase, StayResult};
use zhijie_filing::CheckReceipt;
use zhijie_model::{BillId, LineCut, RequestId, beijing};
use zhijie_settlement::{Bills, Stay, StayAnswer, StayState};

use crate::faults::{self, AGENT_003, AGENT_007, of_stay_cause};
use crate::filing::receipt_view;
use crate::render::{self, json};

/// Outcome word for the ledger, and the answer text.
#[must_use]
pub(crate) fn answer(
    method: Method,
    (stay, request): (&BillId, &RequestId),
    answer: &StayAnswer,
    state: &StayState,
    (bills, now, filing): (&Bills, Timestamp, Option<&CheckReceipt>),
) -> (&'static str, String) {
    let (outcome, lines, fault, ticket): (_, &[LineCut], _, _) = match answer {
        StayAnswer::Charged { cuts } => (Outcome::Done, cuts, None, None),
        StayAnswer::Admitted { .. } | StayAnswer::Done | StayAnswer::Resolved => {
            (Outcome::Done, &[], None, None)
        }
        StayAnswer::NotDone(cause) => {
            let marker = state.open_message().map_or(request.as_str(), |id| id.as_str());
            (Outcome::NotDone, &[], Some(of_stay_cause(cause, marker)), None)
        }
        StayAnswer::NotKnown { cause, subject } => {
            let fault = of_stay_cause(cause, subject.as_str());
            let ticket = String::from(subject.as_str());
            (Outcome::NotKnown, &[], Some(fault), Some(ticket))
        }
    };
    let word = render::word(outcome);
    if method == Method::WorkResolve {
        let state = phase_as_bill(state);
        return (word, render::resolved(outcome, stay, state, fault));
    }
    let result = StayResult {
        lines: lines.iter().map(QuoteLine::from).collect(),
        filing: filing.map(receipt_view),
        fault,
        ticket,
        ..told(outcome, stay, state, (bills, now))
    };
    (word, json(&result))
}

/// The answer of the platform could not be recorded: the desk must not act on it.
#[must_use]
pub(crate) fn not_recorded(method: Method, stay: &BillId, request: &RequestId, state: &StayState) -> String {
    let open = state.open_message().map(|id| String::from(id.as_str()));
    let in_doubt = leaves_doubt(method);
    let (entry, outcome) = if in_doubt {
        (&AGENT_007, Outcome::NotKnown)
    } else {
        (&AGENT_003, Outcome::NotDone)
    };
    let marker = open.as_deref().unwrap_or(request.as_str());
    let fault = faults::fault(entry, "", None, marker);
    if method == Method::WorkResolve {
        return render::resolved(outcome, stay, phase_as_bill(state), Some(fault));
    }
    json(&StayResult {
        fault: Some(fault),
        ticket: open.clone().filter(|_| in_doubt),
        ..told(outcome, stay, state, (&Bills::default(), Timestamp::UNIX_EPOCH))
    })
}

/// Whether a lost answer to this method leaves it open whether the centre did it.
#[must_use]
pub(crate) const fn leaves_doubt(method: Method) -> bool {
    matches!(
        method,
        Method::StayAdmit
            | Method::StayDischarge
            | Method::StayUndoDischarge
            | Method::StayUndoAdmission
            | Method::StaySettle
            | Method::StayCancel
    )
}

fn told(outcome: Outcome, stay: &BillId, state: &StayState, (bills, now): (&Bills, Timestamp)) -> StayResult {
    let there = state.stay();
    StayResult {
        outcome,
        stay_id: String::from(stay.as_str()),
        phase: phase(state),
        visit_id: there.map(|stay| String::from(stay.visit_id.as_str())),
        lines: Vec::new(),
        charges: there.and_then(|stay| charges(stay, bills)),
        notices: there.map(|stay| notices(stay, now)).unwrap_or_default(),
        filing: None,
        ticket: None,
        fault: None,
    }
}

/// What lies at the centre.
#[must_use]
pub(crate) fn charges(stay: &Stay, bills: &Bills) -> Option<ChargesView> {
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let (all, open) = (stay.unsettled(None)?, stay.unsettled(bills.settled_through)?);
    Some(ChargesView {
        line_count: count(all.lines),
        total_fen: all.total.get(),
        unsettled_count: count(open.lines),
        unsettled_fen: open.total.get(),
        uncertain_count: count(stay.uncertain.len()),
    })
}

/// What the desk should know beside the answer: a stay that reaches into another year.
#[must_use]
pub(crate) fn notices(stay: &Stay, now: Timestamp) -> Vec<Notice> {
    let began = beijing(stay.order.admission.began).year();
    let ended = stay.discharge.as_ref().map_or(now, |discharge| discharge.ended);
    if beijing(ended).year() <= began {
        return Vec::new();
    }
    vec![Notice {
        code: String::from("STAY-OVER-NEW-YEAR"),
        text_zh: String::from(
            "这次住院跨了年度，年度累计已重新计算。当地要求年末中途结算的，请先做中途结算，再继续上传新年度的费用",
        ),
        text_en: String::from(
            "the stay reaches into another year, and the year's totals began anew; where the area asks for an interim \
             settlement at the turn of the year, make it before charging on",
        ),
    }]
}

/// The phase as the desk interface names it.
#[must_use]
pub(crate) fn phase(state: &StayState) -> StayPhase {
    match state {
        StayState::Blank => StayPhase::NotFound,
        StayState::Admitting(_) => StayPhase::Admitting,
        StayState::AdmissionInDoubt(_) | StayState::ReversingAdmission(_) => StayPhase::AdmissionInDoubt,
        StayState::NotAdmitted(_) => StayPhase::NotAdmitted,
        StayState::Admitted(stay) if stay.discharge.is_some() => StayPhase::Discharged,
        StayState::Admitted(_) => StayPhase::Admitted,
        StayState::Working(_) => StayPhase::Working,
        StayState::Renewing(renewing) => phase(&renewing.before),
        StayState::StepInDoubt(_) => StayPhase::StepInDoubt,
        StayState::NeedsClerk(_) => StayPhase::NeedsClerk,
    }
}

/// The nearest word for a bill, where one list shows both.
#[must_use]
pub(crate) const fn phase_as_bill(state: &StayState) -> zhijie_desk::api::BillState {
    use zhijie_desk::api::BillState;
    match state {
        StayState::Blank | StayState::Admitted(_) => BillState::Drafted,
        StayState::Admitting(_) | StayState::Working(_) | StayState::Renewing(_) => BillState::Submitted,
        StayState::AdmissionInDoubt(_) | StayState::StepInDoubt(_) => BillState::InDoubt,
        StayState::ReversingAdmission(_) => BillState::Reversing,
        StayState::NotAdmitted(_) => BillState::Abandoned,
        StayState::NeedsClerk(_) => BillState::NeedsClerk,
    }
}
