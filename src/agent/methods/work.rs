//! `work.list` and `work.resolve`: what waits, and the verdict of the person who looked.

use jiff::Timestamp;
use serde_json::value::RawValue;
use zhijie_desk::api::{
    EmptyParams, NextStep, OperatorParams, QueuePlace, WorkItem, WorkKind, WorkListResult, WorkResolveParams,
    WorkVerdict,
};
use zhijie_desk::{Method, RpcError};
use zhijie_filing::{Act, ActEvent, ActVerdict, Stage};
use zhijie_model::{BillId, FilingNumber, OperatorCode, RequestId, SettlementId, VisitId, rfc3339_beijing};
use zhijie_settlement::{Case, Event, Place, State, Verdict};

use super::ask::Plan;
use super::queue::next_step;
use super::stay_status::work_item;
use super::{Services, core_gone};
use crate::core::is_act;
use crate::faults::{self, DESK_016, DESK_028};
use crate::render::bill_state;
use crate::render_act;

impl Services {
    pub(super) async fn work(&self, _asked: EmptyParams) -> Result<WorkListResult, RpcError> {
        let open = self.core.open().await.map_err(core_gone)?;
        let mut items: Vec<(Timestamp, WorkItem)> = open
            .iter()
            .filter_map(|(bill, state)| item(bill, state))
            .collect();
        let stays = self.core.open_stays().await.map_err(core_gone)?;
        items.extend(stays.iter().filter_map(|(stay, state)| work_item(stay, state)));
        let acts = self.core.open_acts().await.map_err(core_gone)?;
        items.extend(acts.iter().filter_map(|(id, act)| filing(id, act)));
        items.sort_by(|(since, item), (other, than)| since.cmp(other).then(item.bill_id.cmp(&than.bill_id)));
        Ok(WorkListResult {
            items: items.into_iter().map(|(_, item)| item).collect(),
        })
    }

    /// Whether a settlement in doubt would have made its visit, so that only a person can name it.
    async fn lacks_visit(&self, bill: &BillId) -> bool {
        let found = self.core.find(crate::core::Key::Bill(bill.clone())).await;
        let Some(state) = found.ok().flatten().map(|found| found.state) else {
            return false;
        };
        let road = state
            .case()
            .map(|case| case.order.road.clone())
            .unwrap_or_default();
        road.settlement_makes_visit() && state.settled().is_none() && state.doubt().is_some()
    }

    pub(super) async fn resolve(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::WorkResolve,
            params,
            |asked: &WorkResolveParams| &asked.request_id,
            plan,
        )
        .await
    }
}

async fn plan(services: Services, asked: WorkResolveParams) -> Plan {
    let marker = asked.request_id.clone();
    let settlement = asked.settlement_id.map(SettlementId::new).transpose();
    let visit = asked.visit_id.map(VisitId::new).transpose();
    let ids = (
        RequestId::new(asked.request_id),
        BillId::new(asked.bill_id),
        (settlement, visit),
    );
    let (Ok(request), Ok(bill), (Ok(settlement), Ok(visit))) = ids else {
        return refused();
    };
    if is_act(&bill) {
        return act_verdict(
            bill,
            asked.verdict,
            settlement.as_ref(),
            &asked.operator,
            asked.reason,
        );
    }
    let verdict = match (asked.verdict, settlement) {
        (WorkVerdict::AskAgain, _) => Verdict::AskAgain,
        (WorkVerdict::DoesNotStand, _) => Verdict::DoesNotStand,
        (WorkVerdict::Stands, Some(settlement)) => Verdict::Stands { settlement, visit },
        (WorkVerdict::Stands, None) => return refused(),
    };
    if let Verdict::Stands { visit: None, .. } = &verdict
        && services.lacks_visit(&bill).await
    {
        let fault = Box::new(faults::fault(&DESK_028, "", None, &marker));
        return Plan::NotDone {
            bill: Some(bill),
            fault,
        };
    }
    let event = Event::Resolved {
        request,
        verdict,
        person: asked.operator.code,
        reason: asked.reason,
    };
    Plan::Happen {
        bill,
        event: Box::new(event),
    }
}

fn act_verdict(
    act: BillId,
    verdict: WorkVerdict,
    number: Option<&SettlementId>,
    operator: &OperatorParams,
    reason: String,
) -> Plan {
    let Ok(person) = OperatorCode::new(&*operator.code) else {
        return refused();
    };
    let verdict = match verdict {
        WorkVerdict::AskAgain => ActVerdict::AskAgain,
        WorkVerdict::DoesNotStand => ActVerdict::NotCarried,
        WorkVerdict::Stands => ActVerdict::Carried {
            number: number.and_then(|number| FilingNumber::new(number.as_str()).ok()),
        },
    };
    let event = Box::new(ActEvent::Resolved {
        verdict,
        person,
        reason,
    });
    Plan::ResolveAct { act, event }
}

/// What a filing made at the desk waits for.
fn filing(id: &BillId, act: &Act) -> Option<(Timestamp, WorkItem)> {
    let (kind, since, cashier, engineer) = match act.stage {
        Stage::InDoubt { since, .. } => (
            WorkKind::FilingInDoubt,
            since,
            "备案结果未知，程序正在自动查询，请勿重复办理",
            "the agent goes on asking the register by itself",
        ),
        Stage::NeedsClerk { since } => (
            WorkKind::FilingNeedsClerk,
            since,
            "请医保办到医保平台核对这项备案是否办成，然后用 work.resolve 登记结论；核对前请勿重复办理",
            "look the record up at the insured region, then work.resolve with the verdict",
        ),
        _ => return None,
    };
    let item = WorkItem {
        bill_id: String::from(id.as_str()),
        kind,
        state: render_act::state(act),
        since: rfc3339_beijing(since),
        next_step: NextStep {
            cashier: String::from(cashier),
            engineer: String::from(engineer),
        },
        ticket: None,
        settlement_id: None,
    };
    Some((since, item))
}

fn refused() -> Plan {
    Plan::NotDone {
        bill: None,
        fault: Box::new(faults::fault(&DESK_016, "", None, "work.resolve")),
    }
}

/// A deferred bill that the queue has handed to people.
fn handed_back(case: &Case) -> Option<(WorkKind, Timestamp, NextStep)> {
    let deferral = case.deferral.as_ref()?;
    let (kind, place) = match deferral.place {
        Place::NeedsPatient => (WorkKind::NeedsPatient, QueuePlace::NeedsPatient),
        Place::Refused { .. } => (WorkKind::Refused, QueuePlace::Refused),
        Place::Parked => (WorkKind::Parked, QueuePlace::Parked),
        Place::Queued | Place::Replayed | Place::AtTheDesk | Place::Closed => return None,
    };
    Some((kind, deferral.since, next_step(place, None)))
}

/// What a bill waits for, if it waits for anything anybody should know of.
fn item(bill: &BillId, state: &State) -> Option<(Timestamp, WorkItem)> {
    let (kind, since, next_step) = match state {
        State::Deferred(case) => handed_back(case)?,
        _ => waiting(state)?,
    };
    let item = WorkItem {
        bill_id: String::from(bill.as_str()),
        kind,
        state: bill_state(state),
        since: rfc3339_beijing(since),
        next_step,
        ticket: state.doubt().map(|doubt| String::from(doubt.subject.as_str())),
        settlement_id: state
            .settled()
            .map(|settled| String::from(settled.settlement.id.as_str())),
    };
    Some((since, item))
}

fn waiting(state: &State) -> Option<(WorkKind, Timestamp, NextStep)> {
    let (kind, since, cashier, engineer) = match state {
        State::NeedsClerk(clerk) => (
            WorkKind::NeedsClerk,
            clerk.since,
            "请医保办到医保平台核对这笔结算，然后用 work.resolve 登记结论；核对前请勿收款，请勿再次结算",
            "look the bill up at the centre, then work.resolve with the verdict",
        ),
        State::Settled(settled) if settled.overdue && settled.confirmed_at.is_none() => (
            WorkKind::Unconfirmed,
            settled.known_at,
            "已结算但收费软件没有确认入账，请核对收费记录，然后确认或退费",
            "settled but not booked: visit.confirm, or visit.cancel",
        ),
        _ => match (
            state.doubt(),
            state.case().filter(|case| Case::has_leftover(case)),
        ) {
            (Some(doubt), _) => (
                WorkKind::InDoubt,
                doubt.since,
                "结果未知，程序正在自动查询。请勿收款，请勿再次结算",
                "the agent goes on asking by itself",
            ),
            (None, Some(case)) => (
                WorkKind::Leftover,
                case.touched_at,
                "平台上留有没有结算的登记或明细，程序无法撤销，请医保办在平台上处理",
                "a visit or its lines could not be taken back; clear them at the centre",
            ),
            (None, None) => return None,
        },
    };
    let next_step = NextStep {
        cashier: String::from(cashier),
        engineer: String::from(engineer),
    };
    Some((kind, since, next_step))
}
