//! `visit.quote`: everything is checked here before the first byte leaves.

use std::sync::Arc;

use serde_json::value::RawValue;
use zhijie_desk::api::{
    BillParams, BillParamsError, InsuranceParams, OperatorParams, VisitQuoteParams, account_use,
};
use zhijie_desk::{Method, RpcError, parse_params};
use zhijie_model::{
    AccountUse, Bill, BillError, BillId, Fault, IdentityId, InsuranceChoice, LineSerial, Payer, RequestId,
    Road, Visit,
};
use zhijie_settlement::{Event, Operator, Order, Policy, Registered};
use zhijie_wire::{AccountAmount, TraceRule};

use super::Services;
use super::ask::Plan;
use super::person::Nobody;
use crate::faults::{self, DESK_007, DESK_070, DESK_071, PLAT_011, of_problems};
use crate::identities::Looked;

/// A quote as either road asks for it.
pub(super) struct Wanted<'a> {
    pub request_id: &'a str,
    pub identity_id: &'a str,
    pub operator: Option<&'a OperatorParams>,
    pub insurance: Option<&'a InsuranceParams>,
    pub account: AccountUse,
    pub bill: &'a BillParams,
    pub visit: Visit,
    pub road: Road,
}

impl Services {
    pub(super) async fn quote(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        // What can be said about the request itself is said before its id is claimed.
        let asked: VisitQuoteParams = parse_params(params)?;
        let visit = asked.visit.to_visit()?;
        if let Err(BillParamsError::Param(problem)) =
            asked.bill.to_bill(&self.config.institution.code, &visit)
        {
            return Err(RpcError::from(problem));
        }
        self.once(
            Method::VisitQuote,
            params,
            |asked: &VisitQuoteParams| &asked.request_id,
            plan,
        )
        .await
    }

    async fn order(&self, asked: &Wanted<'_>, marker: &str) -> Result<(RequestId, Order), Box<Fault>> {
        let fault = |entry, evidence: &str| Box::new(faults::fault(entry, evidence, None, marker));
        let malformed = |_| fault(&faults::AGENT_004, "the request changed under way");
        let request = RequestId::new(asked.request_id).map_err(|_| malformed(()))?;
        let identity_id = IdentityId::new(asked.identity_id).map_err(|_| malformed(()))?;
        let visit = asked.visit.clone();
        let bill = self.bill(asked, marker)?;
        if let Some(fault) = self.other_road(bill.id(), &asked.road, marker).await {
            return Err(fault);
        }
        let asked = &Wanted {
            road: match &asked.road {
                Road::Outpatient | Road::Slip => self.visit_road(bill.id(), &visit).await,
                road => road.clone(),
            },
            visit: asked.visit.clone(),
            ..*asked
        };
        let given = asked
            .operator
            .and_then(|operator| operator.to_operator("operator").ok());
        let operator = self.operator(given);
        let now = self.clock.now();
        let identity = self
            .identities
            .for_bill(&identity_id, bill.id(), now)
            .map_err(|unfit| Box::new(super::identity::unfit_fault(unfit, marker)))?;
        self.sign_in(&operator, marker).await.map_err(Box::new)?;
        let kind = identity.credential.kind;
        let looked = self
            .looked_up(&identity_id, identity, &operator)
            .await
            .map_err(Box::new)?;
        let payer = self.chosen_payer(asked.insurance, &looked, kind, marker)?;
        self.registered_disease(&payer, &visit, &operator, marker).await?;
        self.ask_registers_when_due(&payer, &operator).await;
        let policy = self.policy(&payer, &asked.road);
        let opened = self.opened(&bill, &visit, &payer, &asked.road).await;
        let account = asked.account;
        self.fits_province(&bill, account, &asked.road, marker)?;
        let checked = self
            .checked(
                (&looked.person, &payer),
                (&visit, &bill, asked.road == Road::Pharmacy),
                &operator,
                marker,
            )
            .await?;
        Ok((
            request,
            Order {
                road: asked.road.clone(),
                payer,
                identity: identity_id,
                visit,
                bill,
                account,
                operator,
                policy,
                opened,
                checked,
                credential: None,
            },
        ))
    }

    /// What this province cannot be asked, or wants to be told.
    fn fits_province(
        &self,
        bill: &Bill,
        account: AccountUse,
        road: &Road,
        marker: &str,
    ) -> Result<(), Box<Fault>> {
        let rules = &self.platform.profile().settlement;
        let fault = |entry, evidence: &str| Box::new(faults::fault(entry, evidence, None, marker));
        let slip = *road == Road::Slip;
        let unsaid = slip || rules.account_amount == AccountAmount::None;
        if matches!(account, AccountUse::UpTo(_)) && unsaid {
            return Err(fault(&DESK_071, ""));
        }
        let untraced = match rules.traces {
            TraceRule::Required if !slip => bill.untraced(),
            TraceRule::Required | TraceRule::None | TraceRule::Optional => Vec::new(),
        };
        if untraced.is_empty() {
            return Ok(());
        }
        let lines: Vec<&str> = untraced.iter().map(LineSerial::as_str).collect();
        Err(fault(&DESK_070, &format!("lines {}", lines.join(", "))))
    }

    /// The visit of an earlier bill, where this one is of the same.
    async fn opened(&self, bill: &Bill, visit: &Visit, payer: &Payer, road: &Road) -> Option<Registered> {
        if !road.is_outpatient() {
            return None;
        }
        let visit = Box::new(visit.clone());
        let fees = self.platform.profile().settlement.fees_within_visit();
        let found = self
            .core
            .opened(bill.id().clone(), visit, payer.number.clone(), fees);
        found.await.ok().flatten()
    }

    pub(super) async fn plan_order(&self, wanted: Wanted<'_>) -> Plan {
        match self.order(&wanted, wanted.request_id).await {
            Ok((request, order)) => Plan::Happen {
                bill: order.bill.id().clone(),
                event: Box::new(Event::QuoteAsked {
                    request,
                    order: Box::new(order),
                }),
            },
            Err(fault) => Plan::NotDone { bill: None, fault },
        }
    }

    fn bill(&self, asked: &Wanted<'_>, marker: &str) -> Result<Bill, Box<Fault>> {
        asked
            .bill
            .to_bill(&self.config.institution.code, &asked.visit)
            .map_err(|error| bill_fault(&error, marker))
    }

    /// The person with the insurance the desk chose, or her only one.
    pub(super) fn chosen_payer(
        &self,
        insurance: Option<&InsuranceParams>,
        looked: &Arc<Looked>,
        credential: zhijie_model::CredentialKind,
        marker: &str,
    ) -> Result<Payer, Box<Fault>> {
        let wanted = insurance
            .and_then(|choice| choice.to_choice().ok())
            .unwrap_or((None, None));
        match looked.person.choose_insurance(wanted.0.as_ref(), wanted.1) {
            InsuranceChoice::One(insurance) => Ok(Payer::new(&looked.person, &insurance, credential)),
            InsuranceChoice::Several(rows) => {
                let rows: Vec<String> = rows
                    .iter()
                    .map(|row| format!("{}/{}", row.area, row.kind))
                    .collect();
                let evidence = format!("area/insurance: {}", rows.join(", "));
                Err(Box::new(faults::fault(&DESK_007, &evidence, None, marker)))
            }
            InsuranceChoice::None => Err(Box::new(faults::fault(
                &PLAT_011,
                "",
                Some(&looked.platform),
                marker,
            ))),
        }
    }

    /// The road of a visit's bill: the one it was first quoted by, else as the province settles visits of that kind.
    pub(super) async fn visit_road(&self, bill: &BillId, visit: &Visit) -> Road {
        let found = self.core.find(crate::core::Key::Bill(bill.clone())).await;
        let state = found.ok().flatten().map(|found| found.state);
        let taken = state.as_ref().and_then(|state| state.case());
        match taken.map(|case| &case.order.road) {
            Some(Road::Slip) => Road::Slip,
            Some(Road::Outpatient | Road::Pharmacy | Road::Stay(_)) => Road::Outpatient,
            None if self.platform.profile().slips.takes(&visit.kind) => Road::Slip,
            None => Road::Outpatient,
        }
    }

    pub(super) fn policy(&self, payer: &Payer, road: &Road) -> Policy {
        let doubt = self.platform.profile().doubt;
        Policy {
            quote_valid_s: self.config.settlement.quote_valid_s,
            late_execution_max_s: doubt.late_execution_max_s,
            query_lag_max_s: doubt.query_lag_max_s,
            reversal_is_tombstone: doubt.reversal_is_tombstone,
            query_may_miss_visitors: doubt.query_may_miss_visitors,
            distance: payer.area.distance_to(self.care_area()),
            doubt_max_s: self.config.settlement.doubt_max_s,
            confirm_within_s: self.config.settlement.confirm_within_s,
            undo_after_s: self.config.settlement.undo_after_s,
            unconfirmed: self.config.settlement.unconfirmed,
            repeats_after_sign_in: self.platform.profile().repeats_after_sign_in,
            irreversible: *road == Road::Slip && !self.platform.profile().slips.reversible,
        }
    }

    /// Signs `operator` in unless that is done.
    ///
    /// # Errors
    /// The fault to show.
    pub(super) async fn sign_in(&self, operator: &Operator, marker: &str) -> Result<(), Fault> {
        let signed = self.try_sign_in(operator, marker).await;
        signed.map_err(|nobody| nobody.fault)
    }

    /// As [`Services::sign_in`], with more about a failure.
    pub(super) async fn try_sign_in(&self, operator: &Operator, marker: &str) -> Result<(), Nobody> {
        if self.platform.signed_in(&operator.code, self.clock.now()) {
            return Ok(());
        }
        let message_id = self.core.new_message_id().await.map_err(super::core_fault)?;
        self.platform
            .sign_in(operator, message_id)
            .await
            .map_err(|trouble| {
                let mut fault = super::person::trouble_fault(&trouble, marker);
                if matches!(trouble, crate::platform::Trouble::Refused(_)) {
                    fault = faults::fault(&faults::GATE_003, &trouble.to_string(), trouble.words(), marker);
                }
                Nobody::of_trouble(&trouble, fault)
            })
    }
}

/// The fault of a bill that is none.
pub(super) fn bill_fault(error: &BillParamsError, marker: &str) -> Box<Fault> {
    Box::new(match error {
        BillParamsError::Bill(BillError::DoesNotAddUp(problems)) => of_problems(problems, marker),
        BillParamsError::Bill(BillError::Id(_)) | BillParamsError::Param(_) => {
            faults::fault(&faults::AGENT_004, "bill cannot be built", None, marker)
        }
    })
}

async fn plan(services: Services, asked: VisitQuoteParams) -> Plan {
    let Ok(visit) = asked.visit.to_visit() else {
        let marker = &asked.request_id;
        let fault = faults::fault(&faults::AGENT_004, "the request changed under way", None, marker);
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
        road: Road::Outpatient,
    };
    services.plan_order(wanted).await
}
