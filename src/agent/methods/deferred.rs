//! `visit.settle` for a bill that can only be settled later: whether the offline policy allows it, and on which terms.
//! Nothing is sent here.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use zhijie_desk::api::{DeferredParams, SettleMode, VisitSettleParams};
use zhijie_model::{
    AccountUse, Bill, BillId, Credential, CredentialKind, Fault, Fen, IdentityId, InsuranceChoice, Payer,
    Private, RequestId, Visit,
};
use zhijie_ports::citizen_number_is_sound;
use zhijie_settlement::{Event, Later, Operator, Order, Terms};

use super::Services;
use super::ask::Plan;
use super::deferred_deposit::{deposit_rule, wanted_deposit};
use crate::faults::{self, DESK_007, DESK_017, DESK_023, PLAT_011};
use crate::identities::{Identity, Looked};

impl Services {
    /// What a settlement at the desk falls back on, when the desk wants that and the offline policy allows it.
    pub(super) async fn later(
        &self,
        request: &RequestId,
        bill: &BillId,
        asked: &VisitSettleParams,
    ) -> Option<Box<Later>> {
        if asked.mode == SettleMode::Online {
            return None;
        }
        let (order, terms) = self.deferral(request, bill, asked, true).await.ok()?;
        let credential = order.credential;
        Some(Box::new(Later { terms, credential }))
    }

    /// The plan of a request for later.
    pub(super) async fn plan_deferred(
        &self,
        request: RequestId,
        bill: BillId,
        asked: &VisitSettleParams,
    ) -> Plan {
        match self.deferral(&request, &bill, asked, false).await {
            Ok((order, terms)) => Plan::Happen {
                bill,
                event: Box::new(Event::DeferAsked {
                    request,
                    order: Box::new(order),
                    terms: Box::new(terms),
                }),
            },
            Err(fault) => Plan::NotDone {
                bill: Some(bill),
                fault,
            },
        }
    }

    async fn deferral(
        &self,
        request: &RequestId,
        bill_id: &BillId,
        asked: &VisitSettleParams,
        quoted: bool,
    ) -> Result<(Order, Terms), Box<Fault>> {
        let marker = request.as_str();
        let policy = &self.config.deferred;
        let Some(deferred) = asked.deferred.as_ref().filter(|_| policy.allowed) else {
            return Err(Box::new(faults::fault(&DESK_017, "", None, marker)));
        };
        let visit = deferred
            .visit
            .to_visit()
            .map_err(|_| refused("就诊信息不完整", "the visit is not complete", marker))?;
        let bill = self.whole_bill(deferred, &visit, marker)?;
        let named = bill.id() == bill_id && Ok(bill.total()) == Fen::new(asked.total_fen);
        if !named {
            return Err(refused(
                "单据号或总额与单据内容不一致",
                "bill id or total differ from the bill",
                marker,
            ));
        }
        let now = self.clock.now();
        let identity_id = IdentityId::new(deferred.identity_id.clone())
            .map_err(|_| refused("读卡或扫码结果无效", "the identity is not known", marker))?;
        let identity = self
            .identities
            .for_bill(&identity_id, &bill_id.clone(), now)
            .map_err(|unfit| Box::new(super::identity::unfit_fault(unfit, marker)))?;
        let (credential, kind) = self.kept(&identity);
        let operator = self.operator_of(asked);
        // A bill with a quote tries the road by itself.
        let person = if quoted {
            identity.person.clone()
        } else {
            self.person_while_closed(&identity_id, &identity, &operator)
                .await?
        };
        let payer = self.payer_known(deferred, person.as_deref(), kind, marker, now)?;
        let closed = self.platform.route_open(payer.area, now);
        if closed.is_some_and(|closed| !closed.deferral_allowed) {
            return Err(refused(
                "停机公告不允许这段时间以后结算",
                "the announced outage does not allow deferring",
                marker,
            ));
        }
        let road = self.visit_road(bill.id(), &visit).await;
        let estimate = self.estimate(&payer, bill.total()).await;
        let limits = self.limits(&identity, &payer, &bill, now).await;
        limits
            .and(self.known_well_enough(&payer, &visit, now).await)
            .map_err(|why| refused(&why.zh, why.en, marker))?;
        let deposit = Fen::new(deferred.deposit_fen)
            .map_err(|_| refused("押金金额不正确", "the deposit is no amount", marker))?;
        let rule = deposit_rule(&policy.deposit);
        let wanted = wanted_deposit(rule, bill.total(), estimate.as_ref()).ok_or_else(|| {
            refused(
                "没有可供估算的以往结算，请收全额押金",
                "nothing to estimate from",
                marker,
            )
        })?;
        if deposit < wanted {
            let zh = format!("押金不足，应收{wanted}元");
            return Err(refused(&zh, "the deposit is less than the policy wants", marker));
        }
        if !deferred.consent {
            return Err(refused(
                "患者没有同意以后结算",
                "the patient did not agree",
                marker,
            ));
        }
        let keep = SignedDuration::from_hours(24_i64.saturating_mul(i64::from(policy.keep_days)));
        let terms = Terms {
            deposit,
            rule,
            estimate,
            risk: policy.bears_loss,
            consent: deferred.consent,
            deadline: now.saturating_add(keep).unwrap_or(Timestamp::MAX),
            words_zh: policy.words_zh.clone(),
            words_en: policy.words_en.clone(),
        };
        let order = Order {
            policy: self.policy(&payer, &road),
            road,
            payer,
            identity: identity_id,
            visit,
            bill,
            account: AccountUse::from(deferred.account),
            operator,
            opened: None,
            checked: None,
            credential,
        };
        Ok((order, terms))
    }

    fn whole_bill(&self, deferred: &DeferredParams, visit: &Visit, marker: &str) -> Result<Bill, Box<Fault>> {
        deferred
            .bill
            .to_bill(&self.config.institution.code, visit)
            .map_err(|error| super::quote::bill_fault(&error, marker))
    }

    fn operator_of(&self, asked: &VisitSettleParams) -> Operator {
        let given = asked.operator.as_ref();
        self.operator(given.and_then(|operator| operator.to_operator("operator").ok()))
    }

    /// What may be kept of the credential: of card and number everything, of an e-voucher the identity number it
    /// belongs to, where the province takes that, and never the token.
    fn kept(&self, identity: &Identity) -> (Option<Credential>, CredentialKind) {
        let credential = &identity.credential;
        match credential.kind {
            CredentialKind::Card | CredentialKind::IdNumber | CredentialKind::Papers => {
                (Some(credential.clone()), credential.kind)
            }
            CredentialKind::Voucher => {
                let takes_number = self.platform.profile().id_number_allowed;
                // A masked number, or one of other papers, is none to ask with.
                let is_number = |number: &Private| citizen_number_is_sound(number.reveal());
                match credential
                    .certificate
                    .clone()
                    .filter(|number| takes_number && is_number(number))
                {
                    Some(number) => {
                        let by_number = Credential {
                            kind: CredentialKind::IdNumber,
                            papers: None,
                            number: number.clone(),
                            card_identification: None,
                            certificate: Some(number),
                            name: credential.name.clone(),
                        };
                        (Some(by_number), CredentialKind::IdNumber)
                    }
                    None => (None, CredentialKind::Voucher),
                }
            }
        }
    }

    /// The person as last known, once a question about her shows that the road is closed. An answer refuses the
    /// deferral: what can be asked can be settled.
    async fn person_while_closed(
        &self,
        id: &IdentityId,
        identity: &Identity,
        operator: &Operator,
    ) -> Result<Option<Arc<Looked>>, Box<Fault>> {
        let known = identity.person.clone();
        let anew = Identity {
            person: None,
            ..identity.clone()
        };
        match self.ask_who(id, anew, operator).await {
            Ok(_) => Err(refused(
                "现在可以联网，请先试算再结算",
                "the road is open: quote and settle",
                id.as_str(),
            )),
            Err(nobody) if nobody.silent => Ok(match known {
                Some(known) => Some(known),
                None => self.person_from_disk(identity).await.map(Arc::new),
            }),
            Err(nobody) => Err(Box::new(nobody.fault)),
        }
    }

    fn payer_known(
        &self,
        deferred: &DeferredParams,
        person: Option<&Looked>,
        kind: CredentialKind,
        marker: &str,
        now: Timestamp,
    ) -> Result<Payer, Box<Fault>> {
        let unknown = || {
            refused(
                "本机没有这位患者的参保信息，联网查询过才能以后结算",
                "the person was never looked up here, or too long ago",
                marker,
            )
        };
        let looked = person.ok_or_else(unknown)?;
        let age_s = now.as_second().saturating_sub(looked.at.as_second());
        if age_s > i64::from(self.config.deferred.person_age_max_s) {
            return Err(unknown());
        }
        let wanted = deferred
            .insurance
            .as_ref()
            .and_then(|choice| choice.to_choice().ok())
            .unwrap_or((None, None));
        match looked.person.choose_insurance(wanted.0.as_ref(), wanted.1) {
            InsuranceChoice::One(row) => Ok(Payer::new(&looked.person, &row, kind)),
            InsuranceChoice::Several(_) => Err(Box::new(faults::fault(&DESK_007, "", None, marker))),
            InsuranceChoice::None => Err(Box::new(faults::fault(&PLAT_011, "", None, marker))),
        }
    }
}

fn refused(zh: &str, en: &'static str, marker: &str) -> Box<Fault> {
    let mut fault = faults::fault(&DESK_023, en, None, marker);
    fault.cashier = format!("不能以后结算，没有受理：{zh}");
    Box::new(fault)
}
