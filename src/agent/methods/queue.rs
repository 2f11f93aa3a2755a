//! `queue.list` and `queue.run`: the bills that are settled later, and what became of them.

use jiff::Timestamp;
use zhijie_desk::RpcError;
use zhijie_desk::api::{
    EmptyParams, NextStep, QueueItem, QueueListResult, QueuePlace, QueueRunParams, QueueRunResult,
};
use zhijie_model::{BillId, Fault, Fen, Transaction, rfc3339_beijing};
use zhijie_settlement::{Cause, Deferral, Place, State};

use super::{Services, core_gone};
use crate::faults;

impl Services {
    pub(super) async fn queue(&self, _asked: EmptyParams) -> Result<QueueListResult, RpcError> {
        let open = self.core.open().await.map_err(core_gone)?;
        let mut items: Vec<(Timestamp, QueueItem)> = open
            .iter()
            .filter_map(|(bill, state)| Some((deferral(state)?.since, item(bill, state)?)))
            .collect();
        items.sort_by(|(since, item), (other, than)| since.cmp(other).then(item.bill_id.cmp(&than.bill_id)));
        Ok(QueueListResult {
            items: items.into_iter().map(|(_, item)| item).collect(),
        })
    }

    pub(super) async fn run_queue(&self, asked: QueueRunParams) -> Result<QueueRunResult, RpcError> {
        let bill = asked.bill_id.and_then(|bill| BillId::new(bill).ok());
        let due = self.core.run_queue(bill).await.map_err(core_gone)?;
        Ok(QueueRunResult { due })
    }
}

fn deferral(state: &State) -> Option<&Deferral> {
    state.case()?.deferral.as_ref()
}

fn item(bill: &BillId, state: &State) -> Option<QueueItem> {
    let deferral = deferral(state)?;
    let place = place(state, deferral);
    let settled = state.settled().filter(|_| place == QueuePlace::Settled);
    let to_pay_back = settled.map(|settled| deferral.to_pay_back(settled.settlement.split.cash()));
    let queued = place == QueuePlace::Queued;
    Some(QueueItem {
        bill_id: String::from(bill.as_str()),
        place,
        since: rfc3339_beijing(deferral.since),
        deadline: rfc3339_beijing(deferral.terms.deadline),
        tries: deferral.tries,
        deposit_fen: deferral.terms.deposit.get(),
        next_at: queued.then(|| rfc3339_beijing(deferral.next_at)),
        to_pay_back_fen: to_pay_back.map(Fen::get),
        settlement_id: settled.map(|settled| String::from(settled.settlement.id.as_str())),
        next_step: next_step(place, to_pay_back),
        fault: fault(deferral),
    })
}

fn place(state: &State, deferral: &Deferral) -> QueuePlace {
    if matches!(
        state,
        State::Settled(_) | State::Cancelled { .. } | State::Cancelling(_)
    ) {
        return QueuePlace::Settled;
    }
    match deferral.place {
        Place::Queued => QueuePlace::Queued,
        Place::Replayed => QueuePlace::UnderWay,
        Place::NeedsPatient => QueuePlace::NeedsPatient,
        Place::Refused { .. } => QueuePlace::Refused,
        Place::Parked => QueuePlace::Parked,
        Place::AtTheDesk => QueuePlace::AtTheDesk,
        Place::Closed => QueuePlace::Closed,
    }
}

fn fault(deferral: &Deferral) -> Option<Fault> {
    let Place::Refused { refusal } = &deferral.place else {
        return None;
    };
    let cause = Cause::Refused {
        transaction: Transaction::Settle,
        refusal: refusal.clone(),
    };
    Some(faults::of_cause(&cause, deferral.request.as_str()))
}

/// What the desk does now with a bill that was deferred: while it waits, and until its settlement is booked.
pub(super) fn step_of(state: &State) -> Option<NextStep> {
    let deferral = deferral(state)?;
    match state {
        State::Deferred(_) => Some(next_step(place(state, deferral), None)),
        State::Settled(settled) if settled.confirmed_at.is_none() => {
            let difference = deferral.to_pay_back(settled.settlement.split.cash());
            Some(next_step(QueuePlace::Settled, Some(difference)))
        }
        _ => None,
    }
}

/// What the desk does now; amounts in yuan.
pub(super) fn next_step(place: QueuePlace, to_pay_back: Option<Fen>) -> NextStep {
    let (cashier, engineer) = match (place, to_pay_back) {
        (QueuePlace::Settled, Some(fen)) if fen > Fen::ZERO => (
            format!("已结算，请退还患者{fen}元，然后确认入账"),
            format!("settled; pay {fen} yuan back, then visit.confirm"),
        ),
        (QueuePlace::Settled, Some(fen)) if fen < Fen::ZERO => {
            let owed = fen.negated();
            (
                format!("已结算，请向患者补收{owed}元，然后确认入账"),
                format!("settled; collect {owed} yuan, then visit.confirm"),
            )
        }
        (QueuePlace::Settled, _) => (
            String::from("已结算，押金与个人现金相等，请确认入账"),
            String::from("settled; the deposit is the own share; visit.confirm"),
        ),
        (QueuePlace::Queued, _) => (
            String::from("尚未结算，线路恢复后自动结算，请勿重复办理"),
            String::from("waits for its turn; nothing is settled"),
        ),
        (QueuePlace::UnderWay, _) => (
            String::from("正在补结算，请等待结果"),
            String::from("being settled, or in doubt"),
        ),
        (QueuePlace::NeedsPatient, _) => (
            String::from("尚未结算，需要患者带卡或医保码回来：请电话通知患者，来后重新读卡、试算、结算"),
            String::from("the patient has to come back: read card or code, visit.quote, visit.settle"),
        ),
        (QueuePlace::Refused, _) => (
            String::from("平台拒绝，没有结算：请告知患者原因；可改正后重新试算，或按自费处理押金"),
            String::from("refused; tell the patient; quote again after correction, or bill privately"),
        ),
        (QueuePlace::Parked, _) => (
            String::from("已超过期限，没有结算：请医保办决定，重新试算或按自费处理"),
            String::from("past its deadline; a person decides: quote again, or bill privately"),
        ),
        (QueuePlace::Closed, _) => (
            String::from("已由人工了结，没有医保结算"),
            String::from("closed by a person without a settlement"),
        ),
        (QueuePlace::AtTheDesk, _) => (
            String::from("正在窗口重新办理"),
            String::from("taken up again at the desk"),
        ),
    };
    NextStep { cashier, engineer }
}
