//! `pharmacy.quote`, `pharmacy.settle`, `pharmacy.cancel`: purchases, on a road of their own through the one saga.

use serde_json::value::RawValue;
use zhijie_desk::api::{
    BillParamsError, PharmacyQuoteParams, SettleMode, VisitCancelParams, VisitSettleParams, account_use,
    typed,
};
use zhijie_desk::{Method, RpcError, parse_params};
use zhijie_model::{AccountUse, BillId, Fault, Road};

use super::Services;
use super::ask::Plan;
use super::quote::Wanted;
use super::settle::{plan_cancel, plan_settle};
use crate::faults::{self, DESK_025, DESK_026, DESK_027};

impl Services {
    pub(super) async fn quote_purchase(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        let asked: PharmacyQuoteParams = parse_params(params)?;
        let visit = asked.purchase.to_visit()?;
        if let Err(BillParamsError::Param(problem)) =
            asked.bill.to_bill(&self.config.institution.code, &visit)
        {
            return Err(RpcError::from(problem));
        }
        self.once(
            Method::PharmacyQuote,
            params,
            |asked: &PharmacyQuoteParams| &asked.request_id,
            plan_quote,
        )
        .await
    }

    pub(super) async fn settle_purchase(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::PharmacySettle,
            params,
            |asked: &VisitSettleParams| &asked.request_id,
            plan_settle_purchase,
        )
        .await
    }

    pub(super) async fn cancel_purchase(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::PharmacyCancel,
            params,
            |asked: &VisitCancelParams| &asked.request_id,
            plan_cancel_purchase,
        )
        .await
    }

    /// A bill keeps the road it was first quoted by. One nobody knows yet may take any.
    pub(super) async fn other_road(&self, bill: &BillId, road: &Road, marker: &str) -> Option<Box<Fault>> {
        let found = self.core.find(crate::core::Key::Bill(bill.clone())).await;
        let state = found.ok().flatten()?.state;
        let taken = &state.case()?.order.road;
        ((*taken == Road::Pharmacy) != (*road == Road::Pharmacy)).then(|| {
            let evidence = format!("the bill is settled by {:?}", taken.settle());
            Box::new(faults::fault(&DESK_025, &evidence, None, marker))
        })
    }
}

async fn plan_quote(services: Services, asked: PharmacyQuoteParams) -> Plan {
    let marker = asked.request_id.clone();
    if !services.platform.profile().pharmacy {
        let fault = Box::new(faults::fault(&DESK_026, "", None, &marker));
        return Plan::NotDone { bill: None, fault };
    }
    let Ok(visit) = asked.purchase.to_visit() else {
        let fault = faults::fault(&faults::AGENT_004, "the request changed under way", None, &marker);
        return Plan::NotDone {
            bill: None,
            fault: Box::new(fault),
        };
    };
    let wanted = Wanted {
        request_id: &asked.request_id,
        identity_id: &asked.identity_id,
        operator: asked.operator.as_ref(),
        insurance: asked.insurance.as_ref(),
        account: account_use(asked.account, asked.account_fen).unwrap_or(AccountUse::Keep),
        bill: &asked.bill,
        visit,
        road: Road::Pharmacy,
    };
    services.plan_order(wanted).await
}

async fn plan_settle_purchase(services: Services, asked: VisitSettleParams) -> Plan {
    let bill = typed::<BillId>("bill_id", &asked.bill_id).ok();
    if asked.mode != SettleMode::Online {
        let fault = Box::new(faults::fault(&DESK_027, "", None, &asked.request_id));
        return Plan::NotDone { bill, fault };
    }
    if let Some(bill) = bill
        && let Some(fault) = services
            .other_road(&bill, &Road::Pharmacy, &asked.request_id)
            .await
    {
        return Plan::NotDone {
            bill: Some(bill),
            fault,
        };
    }
    plan_settle(services, asked).await
}

async fn plan_cancel_purchase(services: Services, asked: VisitCancelParams) -> Plan {
    if let Ok(bill) = typed::<BillId>("bill_id", &asked.bill_id)
        && let Some(fault) = services
            .other_road(&bill, &Road::Pharmacy, &asked.request_id)
            .await
    {
        return Plan::NotDone {
            bill: Some(bill),
            fault,
        };
    }
    plan_cancel(services, asked).await
}
