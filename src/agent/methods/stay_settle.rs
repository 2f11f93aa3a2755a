//! `stay.quote`, `stay.settle`, `stay.cancel`: a settlement of a stay is a bill; here it is made from what lies at the
//! centre.

use jiff::Timestamp;
use serde_json::value::RawValue;
use zhijie_desk::api::{StayCancelParams, StayQuoteParams, StaySettleParams};
use zhijie_desk::{Method, RpcError};
use zhijie_model::{
    AccountUse, Bill, BillId, Fault, Fen, IdentityId, MessageId, Road, SettlementId, StayPart, StayRoad,
    beijing,
};
use zhijie_settlement::{Event, Order, Policy, State, Stay, StayCause, Unsettled};

use super::Services;
use super::ask::Plan;
use super::stay::{nothing, request_of, visit_of};
use crate::core::{FoundStay, Key, StayBill, stands};
use crate::faults::of_stay_cause;

impl Services {
    pub(super) async fn quote_stay(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::StayQuote,
            params,
            |asked: &StayQuoteParams| &asked.request_id,
            plan_quote,
        )
        .await
    }

    pub(super) async fn settle_stay(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::StaySettle,
            params,
            |asked: &StaySettleParams| &asked.request_id,
            plan_settle,
        )
        .await
    }

    pub(super) async fn cancel_stay(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::StayCancel,
            params,
            |asked: &StayCancelParams| &asked.request_id,
            plan_cancel,
        )
        .await
    }

    async fn stay_bill(&self, asked: &StayQuoteParams) -> Result<Order, Box<Fault>> {
        let marker = asked.request_id.as_str();
        let refuse = |cause: StayCause| Box::new(of_stay_cause(&cause, marker));
        let malformed = |_| refuse(StayCause::NotAdmitted);
        let stay_id = BillId::new(asked.stay_id.clone()).map_err(malformed)?;
        let identity_id = IdentityId::new(asked.identity_id.clone()).map_err(malformed)?;
        let given = Fen::new(asked.total_fen).map_err(|_| refuse(StayCause::NothingToSettle))?;
        let (found, stay) = self.resting_stay(&stay_id, marker).await?;
        let unsettled = stay.to_settle(asked.interim, given, &stands(&found.bills));
        let unsettled = unsettled.map_err(refuse)?;
        let bill = Bill::of_stay(&stay_id, next_number(&found), unsettled.total).map_err(malformed)?;
        let operator = match asked.operator.as_ref() {
            Some(given) => self.operator(given.to_operator("operator").ok()),
            None => stay.order.operator.clone(),
        };
        let identity = self
            .identities
            .for_bill(&identity_id, bill.id(), self.clock.now());
        let identity = identity.map_err(|unfit| Box::new(super::identity::unfit_fault(unfit, marker)))?;
        self.sign_in(&operator, marker).await.map_err(Box::new)?;
        let kind = identity.credential.kind;
        let looked = self.looked_up(&identity_id, identity, &operator).await;
        let looked = looked.map_err(Box::new)?;
        if looked.person.number != stay.order.payer.number {
            return Err(refuse(StayCause::AlreadyAdmitted));
        }
        let mut payer = stay.order.payer.clone();
        payer.credential = kind;
        let policy = Policy {
            // Nothing is prepared for a quote of a stay, so nothing is taken back.
            undo_after_s: 0,
            ..self.policy(&payer, &Road::Outpatient)
        };
        Ok(Order {
            opened: None,
            checked: None,
            road: road(&stay, &unsettled, asked.interim),
            payer,
            identity: identity_id,
            visit: visit_of(&stay.order),
            bill,
            account: AccountUse::from(asked.account),
            operator,
            policy,
            credential: None,
        })
    }
}

fn road(stay: &Stay, unsettled: &Unsettled, interim: bool) -> Road {
    let day = |at: Timestamp| beijing(at).date();
    Road::Stay(Box::new(StayRoad {
        visit_id: stay.visit_id.clone(),
        revision: stay.revision,
        part: StayPart {
            kind: stay.order.admission.kind.clone(),
            total: unsettled.total,
            cuts: unsettled.amounts,
            interim,
            discharged_on: stay.discharge.as_ref().map(|discharge| day(discharge.ended)),
        },
    }))
}

/// The number of the bill a quote makes: a new one, or that of the last, where nothing stands or stood of it.
fn next_number(found: &FoundStay) -> u32 {
    let count = u32::try_from(found.bills.len()).unwrap_or(u32::MAX);
    match found.bills.last() {
        Some(last) if may_be_quoted_again(&last.state) => count,
        Some(_) | None => count.saturating_add(1),
    }
}

fn may_be_quoted_again(state: &State) -> bool {
    match state {
        State::Renewing(renewing) => may_be_quoted_again(&renewing.before),
        State::Blank
        | State::Drafted(_)
        | State::Preparing(_)
        | State::Quoted(_)
        | State::Declined { .. }
        | State::Reversed { .. }
        | State::Abandoned { .. } => true,
        State::Submitted(_)
        | State::Settled(_)
        | State::InDoubt(_)
        | State::Reversing(_)
        | State::Cancelling(_)
        | State::Cancelled { .. }
        | State::Deferred(_)
        | State::Undoing(_)
        | State::NeedsClerk(_) => false,
    }
}

async fn plan_quote(services: Services, asked: StayQuoteParams) -> Plan {
    let Some(request) = request_of(&asked.request_id) else {
        return nothing("");
    };
    match services.stay_bill(&asked).await {
        Ok(order) => {
            let bill = order.bill.id().clone();
            let order = Box::new(order);
            let event = Box::new(Event::QuoteAsked { request, order });
            Plan::Happen { bill, event }
        }
        Err(fault) => Plan::NotDone { bill: None, fault },
    }
}

async fn plan_settle(services: Services, asked: StaySettleParams) -> Plan {
    let (Some(request), Ok(bill)) = (request_of(&asked.request_id), BillId::new(asked.bill_id)) else {
        return nothing("");
    };
    let amounts = (Fen::new(asked.total_fen), Fen::new(asked.cash_fen));
    let (Ok(quote), (Ok(total), Ok(cash))) = (MessageId::new(asked.quote_id), amounts) else {
        return nothing(request.as_str());
    };
    let refused = match services.is_interim(&bill).await {
        Some(interim) if interim != asked.interim => {
            Some(of_stay_cause(&StayCause::OtherSort, request.as_str()))
        }
        Some(_) | None => services.stopped_by_route(&bill, request.as_str()).await,
    };
    if let Some(fault) = refused {
        let fault = Box::new(fault);
        return Plan::NotDone {
            bill: Some(bill),
            fault,
        };
    }
    services.have_sign_in_for(&bill).await;
    let event = Event::SettleAsked {
        request,
        quote,
        total,
        cash,
        invoice: asked.invoice,
        overruled: None,
        later: None,
    };
    Plan::Happen {
        bill,
        event: Box::new(event),
    }
}

impl Services {
    /// Whether the bill settles a stay that goes on; `None` for a bill nobody quoted.
    async fn is_interim(&self, bill: &BillId) -> Option<bool> {
        let found = self.core.find(Key::Bill(bill.clone())).await.ok()??;
        let (bill, state) = (found.bill, found.state);
        StayBill { bill, state }.road().map(|road| road.part.interim)
    }
}

async fn plan_cancel(services: Services, asked: StayCancelParams) -> Plan {
    let ids = (
        request_of(&asked.request_id),
        BillId::new(asked.bill_id),
        SettlementId::new(asked.settlement_id),
    );
    let (Some(request), Ok(bill), Ok(settlement)) = ids else {
        return nothing("");
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
