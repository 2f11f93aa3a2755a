//! `visit.settle`, `visit.confirm`, `visit.cancel`.

use serde_json::value::RawValue;
use zhijie_desk::api::{SettleMode, VisitCancelParams, VisitConfirmParams, VisitSettleParams, typed};
use zhijie_desk::{Method, RpcError};
use zhijie_model::{BillId, Fault, Fen, MessageId, RequestId, Road, SettlementId};
use zhijie_settlement::{Event, Operator, State};

use super::Services;
use super::ask::Plan;
use crate::faults::{self, DESK_009, DESK_016};

impl Services {
    pub(super) async fn settle(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::VisitSettle,
            params,
            |asked: &VisitSettleParams| &asked.request_id,
            plan_settle_visit,
        )
        .await
    }

    pub(super) async fn confirm(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::VisitConfirm,
            params,
            |asked: &VisitConfirmParams| &asked.request_id,
            plan_confirm,
        )
        .await
    }

    pub(super) async fn cancel(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::VisitCancel,
            params,
            |asked: &VisitCancelParams| &asked.request_id,
            plan_cancel_visit,
        )
        .await
    }

    /// Signs the bill's operator in if need be. A failure is told by the call itself, which then cannot be built.
    pub(super) async fn have_sign_in(&self, operator: &Operator) {
        if self.platform.signed_in(&operator.code, self.clock.now()) {
            return;
        }
        let Ok(message_id) = self.core.new_message_id().await else {
            return;
        };
        if let Err(trouble) = self.platform.sign_in(operator, message_id).await {
            tracing::warn!(%trouble, "Cannot sign in");
        }
    }

    /// What keeps a quoted bill from being sent now. Told without touching the bill, so that its quote may still be
    /// settled when the route is open again; a bill in any other state is the saga's to answer for.
    pub(super) async fn stopped_by_route(&self, bill: &BillId, marker: &str) -> Option<Fault> {
        let found = self.core.find(crate::core::Key::Bill(bill.clone())).await;
        let state = found.ok().flatten()?.state;
        let (State::Quoted(_), Some(case)) = (&*state, state.case()) else {
            return None;
        };
        let closed = self
            .platform
            .route_open(case.order.payer.area, self.clock.now())?;
        Some(faults::of_closed(&closed, marker))
    }

    /// The operator who quoted the bill; its later calls go under the same sign-in.
    pub(super) async fn have_sign_in_for(&self, bill: &BillId) {
        let found = self.core.find(crate::core::Key::Bill(bill.clone())).await;
        if let Ok(Some(found)) = found
            && let Some(case) = found.state.case()
        {
            self.have_sign_in(&case.order.operator).await;
        }
    }
}

async fn plan_settle_visit(services: Services, asked: VisitSettleParams) -> Plan {
    match on_other_road(&services, &asked.bill_id, &asked.request_id).await {
        Some(plan) => plan,
        None => plan_settle(services, asked).await,
    }
}

async fn plan_cancel_visit(services: Services, asked: VisitCancelParams) -> Plan {
    match on_other_road(&services, &asked.bill_id, &asked.request_id).await {
        Some(plan) => plan,
        None => plan_cancel(services, asked).await,
    }
}

/// A pharmacy's bill is settled and refunded by its own methods.
async fn on_other_road(services: &Services, bill: &str, marker: &str) -> Option<Plan> {
    let bill = typed::<BillId>("bill_id", bill).ok()?;
    let fault = services.other_road(&bill, &Road::Outpatient, marker).await?;
    Some(Plan::NotDone {
        bill: Some(bill),
        fault,
    })
}

pub(super) async fn plan_settle(services: Services, asked: VisitSettleParams) -> Plan {
    let (Ok(request), Ok(bill)) = (
        RequestId::new(asked.request_id.clone()),
        typed::<BillId>("bill_id", &asked.bill_id),
    ) else {
        return nothing(None, &DESK_009, "");
    };
    if asked.quote_id.is_none() || asked.mode == SettleMode::Deferred {
        return services.plan_deferred(request, bill, &asked).await;
    }
    let later = services.later(&request, &bill, &asked).await;
    let (quote, cash) = (
        asked.quote_id.unwrap_or_default(),
        asked.cash_fen.unwrap_or_default(),
    );
    let amounts = (Fen::new(asked.total_fen), Fen::new(cash));
    let (Ok(quote), (Ok(total), Ok(cash))) = (MessageId::new(quote), amounts) else {
        return nothing(Some(bill), &DESK_009, request.as_str());
    };
    if let Some(fault) = services.stopped_by_route(&bill, request.as_str()).await {
        return Plan::NotDone {
            bill: Some(bill),
            fault: Box::new(fault),
        };
    }
    services.have_sign_in_for(&bill).await;
    if let Err(fault) = services.have_medium_for(&bill, request.as_str()).await {
        return Plan::NotDone {
            bill: Some(bill),
            fault,
        };
    }
    services
        .tell_overruled(&bill, asked.override_reason.as_deref())
        .await;
    let event = Event::SettleAsked {
        request,
        quote,
        total,
        cash,
        invoice: asked.invoice,
        overruled: asked.override_reason,
        later,
    };
    Plan::Happen {
        bill,
        event: Box::new(event),
    }
}

async fn plan_confirm(_services: Services, asked: VisitConfirmParams) -> Plan {
    let ids = (
        RequestId::new(asked.request_id),
        BillId::new(asked.bill_id),
        SettlementId::new(asked.settlement_id),
    );
    let (Ok(request), Ok(bill), Ok(settlement)) = ids else {
        return nothing(None, &DESK_016, "");
    };
    Plan::Happen {
        bill,
        event: Box::new(Event::Confirmed { request, settlement }),
    }
}

pub(super) async fn plan_cancel(services: Services, asked: VisitCancelParams) -> Plan {
    let ids = (
        RequestId::new(asked.request_id),
        BillId::new(asked.bill_id),
        SettlementId::new(asked.settlement_id),
    );
    let (Ok(request), Ok(bill), Ok(settlement)) = ids else {
        return nothing(None, &DESK_016, "");
    };
    services.have_sign_in_for(&bill).await;
    let second_person = asked.second_person.map(|person| person.code);
    let event = Event::CancelAsked {
        request,
        settlement,
        reason: asked.reason,
        second_person,
    };
    Plan::Happen {
        bill,
        event: Box::new(event),
    }
}

fn nothing(bill: Option<BillId>, entry: &faults::Entry, marker: &str) -> Plan {
    Plan::NotDone {
        bill,
        fault: Box::new(faults::fault(entry, "", None, marker)),
    }
}
