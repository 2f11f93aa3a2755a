//! `person.lookup`, and the lookup every quote needs.

use std::sync::Arc;

use zhijie_desk::RpcError;
use zhijie_desk::api::{
    BenefitView, ChosenInsurance, InsuranceView, LookupSource, PersonLookupParams, PersonLookupResult, typed,
};
use zhijie_model::{
    Area, Benefit, Fault, IdentityId, Insurance, InsuranceChoice, MessageId, Payer, PlatformMessageId,
    VisitType, rfc3339_beijing,
};
use zhijie_settlement::Operator;
use zhijie_wire::{Inquiry, InquiryReply, Unreadable};

use super::{Services, core_fault, error};
use crate::faults::{self, PLAT_010, PLAT_012};
use crate::filing::of_answer;
use crate::identities::{Identity, Looked};
use crate::platform::Trouble;

/// A lookup that did not tell who it is.
pub(super) struct Nobody {
    pub fault: Fault,
    /// The platform answered, about another person than the one that was asked for.
    pub somebody_else: bool,
}

impl From<Fault> for Nobody {
    fn from(fault: Fault) -> Self {
        let somebody_else = false;
        Self { fault, somebody_else }
    }
}

impl Services {
    pub(super) async fn look_person_up(
        &self,
        asked: PersonLookupParams,
    ) -> Result<PersonLookupResult, RpcError> {
        let id: IdentityId = typed("identity_id", &asked.identity_id)?;
        let kind: VisitType = typed("visit_kind", &asked.visit_kind)?;
        let given = asked
            .operator
            .as_ref()
            .map(|operator| operator.to_operator("operator"))
            .transpose()?;
        let operator = self.operator(given);
        let marker = asked.identity_id.as_str();
        let now = self.clock.now();
        let identity = self
            .identities
            .get(&id, now)
            .map_err(|unfit| error(&super::identity::unfit_fault(unfit, marker)))?;
        let credential = identity.credential.kind;
        let looked = self
            .looked_up(&id, identity, &operator)
            .await
            .map_err(|fault| error(&fault))?;
        let chosen = match looked.person.choose_insurance(None, None) {
            InsuranceChoice::One(row) => Some(row),
            InsuranceChoice::Several(_) | InsuranceChoice::None => None,
        };
        let benefits = match &chosen {
            Some(row) => {
                let payer = Payer::new(&looked.person, row, credential);
                self.benefits(payer, kind, &operator, marker)
                    .await
                    .map_err(|fault| error(&fault))?
            }
            None => Vec::new(),
        };
        Ok(self.view(&looked, chosen.as_ref(), &benefits))
    }

    fn view(&self, looked: &Looked, chosen: Option<&Insurance>, benefits: &[Benefit]) -> PersonLookupResult {
        let age = self.clock.now().as_second().saturating_sub(looked.at.as_second());
        PersonLookupResult {
            name: looked.person.name.clone(),
            insurances: looked.person.insurances.iter().map(InsuranceView::from).collect(),
            chosen: chosen.map(ChosenInsurance::from),
            benefits: benefits.iter().map(BenefitView::from).collect(),
            source: LookupSource {
                transaction: String::from("1101"),
                platform_message_id: looked.platform.message_id.clone().map(PlatformMessageId::into),
            },
            asked_at: rfc3339_beijing(looked.at),
            age_s: u64::try_from(age).unwrap_or_default(),
        }
    }

    /// The person behind an identity, asked once per reading. Afterwards `operator` is signed in.
    ///
    /// # Errors
    /// The fault to show.
    pub(super) async fn looked_up(
        &self,
        id: &IdentityId,
        identity: Identity,
        operator: &Operator,
    ) -> Result<Arc<Looked>, Fault> {
        let asked = self.ask_who(id, identity, operator).await;
        asked.map_err(|nobody| nobody.fault)
    }

    /// As [`Services::looked_up`], with more about a failure.
    pub(super) async fn ask_who(
        &self,
        id: &IdentityId,
        identity: Identity,
        operator: &Operator,
    ) -> Result<Arc<Looked>, Nobody> {
        let marker = id.as_str();
        self.sign_in(operator, marker).await?;
        if let Some(looked) = identity.person {
            return Ok(looked);
        }
        let message_id = self.core.new_message_id().await.map_err(core_fault)?;
        let area = identity.area_hint.unwrap_or_else(|| self.care_area());
        let inquiry = Inquiry::Person {
            credential: identity.credential,
        };
        let reply = self.ask_and_observe(&inquiry, area, operator, message_id).await;
        match reply {
            Ok(InquiryReply::Person(person)) => {
                let looked = Arc::new(Looked {
                    person,
                    platform: zhijie_model::PlatformWords::default(),
                    at: self.clock.now(),
                });
                self.identities.looked(id, Arc::clone(&looked));
                Ok(looked)
            }
            other => Err(Nobody {
                somebody_else: matches!(other, Err(Trouble::Unreadable(Unreadable::OtherPersons { .. }))),
                fault: not_that(other, marker),
            }),
        }
    }

    /// Asks, and records what the answer shows of a filing. Not being able to record it does not undo the answer.
    pub(super) async fn ask_and_observe(
        &self,
        inquiry: &Inquiry,
        area: Area,
        operator: &Operator,
        message_id: MessageId,
    ) -> Result<InquiryReply, Trouble> {
        let told = self
            .platform
            .ask(inquiry, area, operator, message_id.clone())
            .await?;
        let (now, policy) = (self.clock.now(), &self.filing);
        if let Some(seen) = of_answer(inquiry, &message_id, &told, now, policy.care, &policy.rules)
            && self.core.observe(seen).await.is_err()
        {
            tracing::warn!("What a lookup showed was not recorded because the agent stops");
        }
        Ok(told.reply)
    }

    async fn benefits(
        &self,
        payer: Payer,
        kind: VisitType,
        operator: &Operator,
        marker: &str,
    ) -> Result<Vec<Benefit>, Fault> {
        let message_id = self.core.new_message_id().await.map_err(core_fault)?;
        let area = payer.area;
        let inquiry = Inquiry::Benefits {
            payer,
            kind,
            began: self.clock.now(),
            disease: None,
        };
        match self.ask_and_observe(&inquiry, area, operator, message_id).await {
            Ok(InquiryReply::Benefits(benefits)) => Ok(benefits),
            other => Err(not_that(other, marker)),
        }
    }
}

/// The fault of an inquiry that did not bring what was asked for.
pub(super) fn not_that(reply: Result<InquiryReply, Trouble>, marker: &str) -> Fault {
    match reply {
        Ok(InquiryReply::Refused(refusal)) => trouble_fault(&Trouble::Refused(refusal), marker),
        Ok(
            InquiryReply::SignedIn(_)
            | InquiryReply::SignedOut
            | InquiryReply::Person(_)
            | InquiryReply::Benefits(_)
            | InquiryReply::Voucher(_)
            | InquiryReply::Visits(_)
            | InquiryReply::ChronicEntries(_)
            | InquiryReply::FixedPoints(_)
            | InquiryReply::Referrals(_)
            | InquiryReply::Approvals(_),
        ) => trouble_fault(&Trouble::OtherAnswer, marker),
        Err(trouble) => trouble_fault(&trouble, marker),
    }
}

/// The fault of an inquiry; no money moves in one.
pub(super) fn trouble_fault(trouble: &Trouble, marker: &str) -> Fault {
    use zhijie_settlement::{Cause, NotSent};
    match trouble {
        Trouble::NotSent(reason) => {
            let cause = Cause::NotSent {
                transaction: zhijie_model::Transaction::PersonLookup,
                reason: match reason {
                    NotSent::CredentialGone => NotSent::CredentialGone,
                    other => other.clone(),
                },
            };
            faults::of_cause(&cause, marker)
        }
        Trouble::Refused(_) => faults::fault(&PLAT_012, &trouble.to_string(), trouble.words(), marker),
        Trouble::Lost(_) | Trouble::Unreadable(_) | Trouble::OtherAnswer => {
            faults::fault(&PLAT_010, &trouble.to_string(), trouble.words(), marker)
        }
    }
}
