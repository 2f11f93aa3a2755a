//! `visit.status`: where a bill stands, never more certain than the ledger.

use serde_json::value::RawValue;
use zhijie_desk::RpcError;
use zhijie_desk::api::{NextStep, Outcome, StatusKey, VisitStatusParams, VisitStatusResult};
use zhijie_ledger::StoredAnswer;
use zhijie_model::{Fault, rfc3339_beijing};
use zhijie_settlement::{Case, Cause, Deferral, State};

use super::stay_status::as_visit;
use super::{Services, core_gone};
use crate::core::{Found, Key, Trace, is_act};
use crate::faults::of_cause;
use crate::render::{bill_state, deferred_view, refund_view, settlement_view};

impl Services {
    pub(super) async fn status(&self, asked: VisitStatusParams) -> Result<VisitStatusResult, RpcError> {
        let key = match asked.key()? {
            StatusKey::Request(request) => Key::Request(request),
            StatusKey::Bill(bill) => Key::Bill(bill),
            StatusKey::Ticket(ticket) => Key::Ticket(ticket),
        };
        if let Some(found) = self.core.find(key.clone()).await.map_err(core_gone)? {
            return Ok(view(&found));
        }
        if let Some(found) = self.core.find_stay(key.clone()).await.map_err(core_gone)? {
            return Ok(as_visit(&found, unknown()));
        }
        let Key::Request(request) = key else {
            return Ok(unknown());
        };
        Ok(match self.core.trace(request).await.map_err(core_gone)? {
            Trace::Nothing => unknown(),
            Trace::Answered(stored) if stored.outcome == "not_done" => ended(&stored),
            Trace::Answered(stored)
                if stored.outcome == "done" && stored.bill.as_ref().is_none_or(is_act) =>
            {
                done(&stored)
            }
            // Answered otherwise since the first look: the next question finds its bill.
            Trace::UnderWay | Trace::Answered(_) => under_way(),
        })
    }
}

/// Taken, and nothing decided yet: it may still happen.
fn under_way() -> VisitStatusResult {
    VisitStatusResult {
        outcome: Outcome::NotKnown,
        next_step: Some(NextStep {
            cashier: String::from("正在处理，请勿重复操作，请等待结果"),
            engineer: String::from("the request is being worked on"),
        }),
        ..unknown()
    }
}

/// Ended before any bill was touched; only requests that were not done end like that.
fn ended(stored: &StoredAnswer) -> VisitStatusResult {
    #[derive(serde::Deserialize)]
    struct Told {
        fault: Option<Fault>,
    }
    let told: Option<Told> = serde_json::from_str(&stored.answer).ok();
    let fault = told.and_then(|told| told.fault);
    VisitStatusResult {
        next_step: fault.as_ref().map(|fault| NextStep {
            cashier: fault.cashier.clone(),
            engineer: fault.engineer.clone(),
        }),
        answer: RawValue::from_string(stored.answer.clone()).ok(),
        fault,
        ..unknown()
    }
}

/// Done without any bill: a filing recorded, disputed or forgotten.
fn done(stored: &StoredAnswer) -> VisitStatusResult {
    VisitStatusResult {
        outcome: Outcome::Done,
        next_step: None,
        answer: RawValue::from_string(stored.answer.clone()).ok(),
        ..unknown()
    }
}

/// Nothing is known by that key: nothing was ever sent under it by this desk.
fn unknown() -> VisitStatusResult {
    VisitStatusResult {
        outcome: Outcome::NotDone,
        bill_id: None,
        state: None,
        confirmed: false,
        locked: false,
        settlement: None,
        refund: None,
        deferred: None,
        ticket: None,
        next_step: Some(NextStep {
            cashier: String::from("本机账本里没有这个编号的记录"),
            engineer: String::from("nothing is recorded under this key at this desk"),
        }),
        next_check_at: None,
        answer: None,
        fault: None,
    }
}

fn view(found: &Found) -> VisitStatusResult {
    let state = &*found.state;
    let settled = state.settled();
    let doubt = state.doubt();
    let fault = fault(state);
    VisitStatusResult {
        outcome: outcome(state, found),
        bill_id: Some(String::from(found.bill.as_str())),
        state: Some(bill_state(state)),
        confirmed: settled.is_some_and(|settled| settled.confirmed_at.is_some()),
        locked: state.is_locked(),
        settlement: settled.map(|settled| settlement_view(&settled.settlement, state, found.filing.as_ref())),
        refund: match state {
            State::Cancelled { refund, .. } => refund.as_ref().map(|refund| refund_view(refund, state)),
            _ => None,
        },
        deferred: state
            .case()
            .and_then(|case| case.deferral.as_ref())
            .map(deferred_view),
        ticket: doubt.map(|doubt| String::from(doubt.subject.as_str())),
        next_step: next_step(state, fault.as_ref()),
        next_check_at: doubt
            .filter(|_| !matches!(state, State::NeedsClerk(_)))
            .map(|doubt| rfc3339_beijing(doubt.next_at)),
        answer: found
            .answer
            .as_ref()
            .and_then(|stored| RawValue::from_string(stored.answer.clone()).ok()),
        fault,
    }
}

/// By request: its final answer. By bill: whether a settlement stands.
fn outcome(state: &State, found: &Found) -> Outcome {
    match found.answer.as_ref().map(|stored| stored.outcome.as_str()) {
        Some("done") => return Outcome::Done,
        Some("not_done") => return Outcome::NotDone,
        Some("deferred") => {}
        Some(_) if matches!(state, State::Preparing(_)) => return Outcome::NotKnown,
        _ => {}
    }
    let replayed = |case: &&Case| case.deferral.as_ref().is_some_and(Deferral::is_replayed);
    if matches!(state, State::Preparing(_)) && state.case().filter(replayed).is_some() {
        return Outcome::Deferred;
    }
    match state {
        State::Settled(_) | State::Cancelled { .. } => Outcome::Done,
        State::Submitted(_) | State::InDoubt(_) | State::Reversing(_) | State::Cancelling(_) => {
            Outcome::NotKnown
        }
        State::Renewing(renewing) => outcome(&renewing.before, found),
        State::NeedsClerk(clerk) if clerk.before.doubt().is_some() => Outcome::NotKnown,
        State::Deferred(_) => Outcome::Deferred,
        State::Blank
        | State::Drafted(_)
        | State::Preparing(_)
        | State::Quoted(_)
        | State::Declined { .. }
        | State::Reversed { .. }
        | State::Abandoned { .. }
        | State::Undoing(_)
        | State::NeedsClerk(_) => Outcome::NotDone,
    }
}

fn fault(state: &State) -> Option<Fault> {
    let road = state
        .case()
        .map(|case| case.order.road.clone())
        .unwrap_or_default();
    let transaction = match state {
        State::Cancelling(_) => road.cancel(),
        _ => road.settle(),
    };
    match state {
        State::NeedsClerk(clerk) => {
            let marker = clerk
                .before
                .doubt()
                .map_or("journal", |doubt| doubt.subject.as_str());
            Some(of_cause(
                &Cause::NeedsClerk {
                    reason: clerk.reason.clone(),
                },
                marker,
            ))
        }
        State::Reversed { why, .. } => Some(of_cause(why, "journal")),
        State::Declined { refusal, .. } => Some(of_cause(
            &Cause::Refused {
                transaction,
                refusal: refusal.clone(),
            },
            "journal",
        )),
        _ => {
            let doubt = state.doubt()?;
            let cause = Cause::AnswerLost {
                transaction,
                silence: doubt.silence.clone(),
            };
            Some(of_cause(&cause, doubt.subject.as_str()))
        }
    }
}

fn next_step(state: &State, fault: Option<&Fault>) -> Option<NextStep> {
    if let Some(fault) = fault {
        return Some(NextStep {
            cashier: fault.cashier.clone(),
            engineer: fault.engineer.clone(),
        });
    }
    if let Some(step) = super::queue::step_of(state) {
        return Some(step);
    }
    let (cashier, engineer) = match state {
        State::Settled(settled) if settled.confirmed_at.is_none() => (
            "已结算，请收取个人现金部分并打印结算单",
            "settled; collect the cash share, then visit.confirm",
        ),
        State::Settled(_) => ("已结算并已入账", "settled and confirmed"),
        State::Cancelled { .. } => ("已退费，请按退费单退还现金", "refunded; pay the cash share back"),
        State::Quoted(_) => ("请核对试算金额后结算", "quoted; settle while the quote is good"),
        State::Submitted(_) | State::Preparing(_) | State::Cancelling(_) | State::Renewing(_) => {
            ("正在处理，请勿重复操作，请等待结果", "a call is under way")
        }
        State::Drafted(_) | State::Abandoned { .. } | State::Undoing(_) => {
            ("没有结算，请重新试算", "nothing stands; quote again")
        }
        State::Deferred(_) => (
            "尚未结算，线路恢复后自动结算；请看 queue.list",
            "deferred; queue.list tells where it stands",
        ),
        State::Blank
        | State::Declined { .. }
        | State::InDoubt(_)
        | State::Reversing(_)
        | State::Reversed { .. }
        | State::NeedsClerk(_) => return None,
    };
    Some(NextStep {
        cashier: String::from(cashier),
        engineer: String::from(engineer),
    })
}
