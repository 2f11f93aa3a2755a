//! `stay.status`, and what other lists say of stays: never more certain than the ledger.

use jiff::Timestamp;
use serde_json::value::RawValue;
use zhijie_desk::RpcError;
use zhijie_desk::api::{
    NextStep, Outcome, StayBillView, StayPhase, StayStatusParams, StayStatusResult, VisitStatusResult,
    WorkItem, WorkKind, typed,
};
use zhijie_model::{BillId, Fault, rfc3339_beijing};
use zhijie_settlement::{Cause, ClerkReason, StayCause, StayState};

use super::{Services, core_gone};
use crate::core::{FoundStay, Key, StayBill, stands};
use crate::faults::of_stay_cause;
use crate::filing::receipt_view;
use crate::render::bill_state;
use crate::render_stay::{charges, notices, phase, phase_as_bill};

impl Services {
    pub(super) async fn stay_status(&self, asked: StayStatusParams) -> Result<StayStatusResult, RpcError> {
        let stay: BillId = typed("stay_id", &asked.stay_id)?;
        let found = self.core.find_stay(Key::Bill(stay)).await.map_err(core_gone)?;
        let now = self.clock.now();
        Ok(found.map_or_else(|| unknown(asked.stay_id), |found| view(&found, now)))
    }
}

fn unknown(stay_id: String) -> StayStatusResult {
    StayStatusResult {
        stay_id,
        phase: StayPhase::NotFound,
        locked: false,
        visit_id: None,
        began: None,
        ended: None,
        charges: None,
        bills: Vec::new(),
        notices: Vec::new(),
        filing: None,
        ticket: None,
        next_step: words(
            "本机没有这次住院的记录",
            "nothing of this stay is recorded at this desk",
        ),
        next_check_at: None,
        fault: None,
    }
}

fn view(found: &FoundStay, now: Timestamp) -> StayStatusResult {
    let state = &*found.state;
    let there = state.stay();
    let standing = stands(&found.bills);
    let fault = fault(state);
    let doubt = state.doubt();
    StayStatusResult {
        stay_id: String::from(found.stay.as_str()),
        phase: phase(state),
        locked: state.is_locked() || standing.busy,
        visit_id: there.map(|stay| String::from(stay.visit_id.as_str())),
        began: state.order().map(|order| rfc3339_beijing(order.admission.began)),
        ended: there
            .and_then(|stay| stay.discharge.as_ref())
            .map(|discharge| rfc3339_beijing(discharge.ended)),
        charges: there.and_then(|stay| charges(stay, &standing)),
        bills: found.bills.iter().filter_map(bill).collect(),
        notices: there.map(|stay| notices(stay, now)).unwrap_or_default(),
        filing: found.filing.as_ref().map(receipt_view),
        ticket: doubt.map(|doubt| String::from(doubt.subject.as_str())),
        next_step: match &fault {
            Some(fault) => words(&fault.cashier, &fault.engineer),
            None => next_step(found),
        },
        next_check_at: doubt
            .filter(|_| !matches!(state, StayState::NeedsClerk(_)))
            .map(|doubt| rfc3339_beijing(doubt.next_at)),
        fault,
    }
}

fn bill(bill: &StayBill) -> Option<StayBillView> {
    let road = bill.road()?;
    Some(StayBillView {
        bill_id: String::from(bill.bill.as_str()),
        interim: road.part.interim,
        state: bill_state(&bill.state),
        total_fen: road.part.total.get(),
        settlement_id: bill
            .state
            .settled()
            .map(|settled| String::from(settled.settlement.id.as_str())),
    })
}

fn fault(state: &StayState) -> Option<Fault> {
    let (cause, marker) = match state {
        StayState::NeedsClerk(clerk) => {
            let reason = clerk.reason.clone();
            (StayCause::from(Cause::NeedsClerk { reason }), state.doubt())
        }
        StayState::NotAdmitted(not) => (not.why.clone()?, None),
        StayState::StepInDoubt(doubt) => (lost(doubt.transaction(), state)?, state.doubt()),
        _ => (lost(zhijie_model::Transaction::Admit, state)?, state.doubt()),
    };
    let marker = marker.map_or("journal", |doubt| doubt.subject.as_str());
    Some(of_stay_cause(&cause, marker))
}

fn lost(transaction: zhijie_model::Transaction, state: &StayState) -> Option<StayCause> {
    let silence = state.doubt()?.silence.clone();
    Some(StayCause::from(Cause::AnswerLost { transaction, silence }))
}

fn next_step(found: &FoundStay) -> NextStep {
    let standing = stands(&found.bills);
    if standing.busy {
        return words(
            "结算或退费正在办理或结果未知，请勿重复操作，请看这次结算的 visit.status",
            "a settlement is under way or in doubt; ask visit.status for its bill",
        );
    }
    let (zh, en) = match &*found.state {
        StayState::Admitted(stay) if !stay.uncertain.is_empty() => (
            "有费用明细上传结果未知，请重新上传或撤销费用明细，程序会先清理",
            "the fate of some lines is not known: charge or withdraw again",
        ),
        StayState::Admitted(_) if standing.final_stands => ("已出院结算", "settled in the end"),
        StayState::Admitted(stay) if stay.discharge.is_some() => {
            ("已出院，请试算后结算", "discharged: quote and settle")
        }
        StayState::Admitted(_) => (
            "在院，请每日上传费用；出院时先办理出院，再试算、结算",
            "in hospital: charge day by day, then discharge, quote, settle",
        ),
        StayState::NotAdmitted(_) => ("没有入院，可以重新办理入院", "not admitted; may be admitted"),
        StayState::Blank
        | StayState::Admitting(_)
        | StayState::AdmissionInDoubt(_)
        | StayState::ReversingAdmission(_)
        | StayState::Working(_)
        | StayState::Renewing(_)
        | StayState::StepInDoubt(_)
        | StayState::NeedsClerk(_) => ("正在办理，请勿重复操作，请等待结果", "a step is under way"),
    };
    words(zh, en)
}

/// What `visit.status` says where request or ticket lead to a stay.
pub(super) fn as_visit(found: &FoundStay, before: VisitStatusResult) -> VisitStatusResult {
    let state = &*found.state;
    let outcome = match found.answer.as_ref().map(|stored| stored.outcome.as_str()) {
        Some("done") => Outcome::Done,
        Some("not_done") => Outcome::NotDone,
        _ if state.open_message().is_some() || state.doubt().is_some() => Outcome::NotKnown,
        _ if matches!(state, StayState::Admitted(_)) => Outcome::Done,
        _ => Outcome::NotDone,
    };
    let fault = fault(state).filter(|_| outcome != Outcome::Done);
    VisitStatusResult {
        outcome,
        bill_id: Some(String::from(found.stay.as_str())),
        state: Some(phase_as_bill(state)),
        locked: state.is_locked(),
        ticket: state.doubt().map(|doubt| String::from(doubt.subject.as_str())),
        next_step: Some(match &fault {
            Some(fault) => words(&fault.cashier, &fault.engineer),
            None => next_step(found),
        }),
        next_check_at: state
            .doubt()
            .filter(|_| !matches!(state, StayState::NeedsClerk(_)))
            .map(|doubt| rfc3339_beijing(doubt.next_at)),
        answer: found
            .answer
            .as_ref()
            .and_then(|stored| RawValue::from_string(stored.answer.clone()).ok()),
        fault,
        ..before
    }
}

/// What a stay waits for, if it waits for anything anybody should know of.
pub(super) fn work_item(stay: &BillId, state: &StayState) -> Option<(Timestamp, WorkItem)> {
    let (kind, zh, en) = match state {
        StayState::NeedsClerk(clerk) if clerk.reason == ClerkReason::Impossible => (
            WorkKind::NeedsClerk,
            "这次住院的记录出现意外，请联系信息科核对，然后用 work.resolve 登记结论",
            "the journal of the stay names what cannot happen; look, then work.resolve",
        ),
        StayState::NeedsClerk(_) => (
            WorkKind::NeedsClerk,
            "请医保办到医保平台核对这次住院的登记，然后用 work.resolve 登记结论；核对前请勿重复办理",
            "look the stay up at the centre, then work.resolve with the verdict",
        ),
        StayState::AdmissionInDoubt(_) | StayState::ReversingAdmission(_) | StayState::StepInDoubt(_) => (
            WorkKind::InDoubt,
            "办理结果未知，程序正在自动查询，请勿重复办理",
            "the agent goes on asking by itself",
        ),
        StayState::Admitted(admitted) if !admitted.uncertain.is_empty() => (
            WorkKind::Leftover,
            "有住院费用明细上传结果未知，请重新上传或撤销费用明细，程序会先清理",
            "lines that may lie at the centre or not: charge or withdraw again",
        ),
        StayState::Blank
        | StayState::Admitting(_)
        | StayState::NotAdmitted(_)
        | StayState::Admitted(_)
        | StayState::Working(_)
        | StayState::Renewing(_) => return None,
    };
    let since = state.since()?;
    let item = WorkItem {
        bill_id: String::from(stay.as_str()),
        kind,
        state: phase_as_bill(state),
        since: rfc3339_beijing(since),
        next_step: words(zh, en),
        ticket: state.doubt().map(|doubt| String::from(doubt.subject.as_str())),
        settlement_id: None,
    };
    Some((since, item))
}

fn words(zh: &str, en: &str) -> NextStep {
    NextStep {
        cashier: String::from(zh),
        engineer: String::from(en),
    }
}
