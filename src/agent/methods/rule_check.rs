//! `visit.check`, and the check that goes with a quote: what the rules of the insurance have against a bill.

use zhijie_desk::RpcError;
use zhijie_desk::api::{RuleCheckView, VisitCheckParams, typed};
use zhijie_model::{
    Area, Bill, BillId, CheckStage, Checked, Fault, IdentityId, Payer, Person, Severity, Visit,
};
use zhijie_settlement::{Operator, State};
use zhijie_wire::{BillToCheck, CheckAnswer, Inquiry, InquiryReply};

use super::person::not_that;
use super::quote::bill_fault;
use super::{Services, core_fault, error};
use crate::core::Key;
use crate::faults::{self, DESK_072, PLAT_042};

impl Services {
    pub(super) async fn check_visit(&self, asked: VisitCheckParams) -> Result<RuleCheckView, RpcError> {
        let marker = asked.identity_id.as_str();
        let id: IdentityId = typed("identity_id", &asked.identity_id)?;
        let visit = asked.visit.to_visit()?;
        let bill = asked.bill.to_bill(&self.config.institution.code, &visit);
        let bill = bill.map_err(|problem| error(&bill_fault(&problem, marker)))?;
        let stage = CheckStage::from(asked.stage);
        if !self.platform.profile().checks.offered.contains(&stage) {
            return Err(error(&faults::fault(&DESK_072, "", None, marker)));
        }
        let given = asked.operator.as_ref();
        let operator = self.operator(given.and_then(|operator| operator.to_operator("operator").ok()));
        let identity = self.identities.get(&id, self.clock.now());
        let identity = identity.map_err(|unfit| error(&super::identity::unfit_fault(unfit, marker)))?;
        let kind = identity.credential.kind;
        let looked = self.looked_up(&id, identity, &operator).await;
        let looked = looked.map_err(|fault| error(&fault))?;
        let payer = self.chosen_payer(asked.insurance.as_ref(), &looked, kind, marker);
        let asked = to_check(
            &looked.person,
            payer.map_err(|fault| error(&fault))?,
            (visit, bill),
            false,
        );
        let checked = self.ask_rules(stage, asked, &operator, marker).await;
        Ok(RuleCheckView::from(&checked.map_err(|fault| error(&fault))?))
    }

    /// The check that goes with a quote, where the province has one. What cannot be asked keeps nothing from being
    /// quoted, unless the province wants every bill checked.
    pub(super) async fn checked(
        &self,
        (person, payer): (&Person, &Payer),
        (visit, bill, purchase): (&Visit, &Bill, bool),
        operator: &Operator,
        marker: &str,
    ) -> Result<Option<Checked>, Box<Fault>> {
        let rules = &self.platform.profile().checks;
        let Some(stage) = rules.with_quote else {
            return Ok(None);
        };
        let asked = to_check(person, payer.clone(), (visit.clone(), bill.clone()), purchase);
        match self.ask_rules(stage, asked, operator, marker).await {
            Ok(checked) => Ok(Some(checked)),
            Err(fault) if rules.needed => {
                let evidence = format!("{}: {}", fault.code, fault.engineer);
                Err(Box::new(faults::fault(&PLAT_042, &evidence, None, marker)))
            }
            Err(fault) => {
                tracing::warn!(code = fault.code, "A bill was not checked against the rules");
                Ok(Some(Checked {
                    stage,
                    message_id: None,
                    violations: Vec::new(),
                }))
            }
        }
    }

    async fn ask_rules(
        &self,
        stage: CheckStage,
        asked: BillToCheck,
        operator: &Operator,
        marker: &str,
    ) -> Result<Checked, Fault> {
        let area = asked.payer.area;
        let inquiry = Inquiry::CheckBill {
            stage,
            asked: Box::new(asked),
        };
        let message_id = self.core.new_message_id().await.map_err(core_fault)?;
        let told = self.ask_signed_in(&inquiry, area, operator, message_id).await;
        match told.map(|(message_id, told)| (message_id, told.reply)) {
            Ok((message_id, InquiryReply::Violations(violations))) => Ok(Checked {
                stage,
                message_id: Some(message_id),
                violations,
            }),
            Ok((_, other)) => Err(not_that(Ok(other), marker)),
            Err(trouble) => Err(not_that(Err(trouble), marker)),
        }
    }

    /// Tells the platform, where it wants to know, that a bill is settled although rules are broken. It not hearing of it
    /// keeps nothing from being settled: the reason is in the ledger.
    pub(super) async fn tell_overruled(&self, bill: &BillId, reason: Option<&str>) {
        let Some(reason) = reason.filter(|_| self.platform.profile().checks.answered) else {
            return;
        };
        let found = self.core.find(Key::Bill(bill.clone())).await;
        let Some(state) = found.ok().flatten().map(|found| found.state) else {
            return;
        };
        let (State::Quoted(_), Some(case)) = (&*state, state.case()) else {
            return;
        };
        let Some(checked) = &case.order.checked else {
            return;
        };
        let asking = checked.violations.iter();
        let asking = asking.filter(|violation| violation.severity == Severity::Asks);
        let violations: Vec<String> = asking.map(|violation| violation.id.clone()).collect();
        if violations.is_empty() || checked.worst() == Some(Severity::Forbids) {
            return;
        }
        let answer = CheckAnswer {
            stage: checked.stage,
            violations,
            reason: String::from(reason),
        };
        self.send_answer(answer, case.order.payer.area, &case.order.operator)
            .await;
    }

    async fn send_answer(&self, answer: CheckAnswer, area: Area, operator: &Operator) {
        let inquiry = Inquiry::AnswerCheck { area, answer };
        let Ok(message_id) = self.core.new_message_id().await else {
            return;
        };
        match self.ask_signed_in(&inquiry, area, operator, message_id).await {
            Ok((_, told)) if told.reply == InquiryReply::CheckAnswered => {}
            Ok(_) => tracing::warn!("The platform did not take why a bill is settled all the same"),
            Err(trouble) => {
                tracing::warn!(%trouble, "The platform was not told why a bill is settled all the same");
            }
        }
    }
}

fn to_check(person: &Person, payer: Payer, (visit, bill): (Visit, Bill), purchase: bool) -> BillToCheck {
    BillToCheck {
        payer,
        sex: person.sex.clone(),
        born: person.born,
        visit,
        bill,
        purchase,
    }
}
