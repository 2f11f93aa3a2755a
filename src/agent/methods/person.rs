//! `person.lookup`, and the lookup every quote needs.

use std::sync::Arc;

use zhijie_desk::RpcError;
use zhijie_desk::api::{
    BenefitCaseParams, DiseaseParams, InsuranceParams, PersonLookupParams, PersonLookupResult, typed,
};
use zhijie_model::{
    Area, Benefit, Disease, Distance, Fault, IdentityId, InsuranceChoice, MessageId, Payer, VisitType,
};
use zhijie_settlement::{NotSent, Operator};
use zhijie_wire::{BenefitCase, CardReading, Inquiry, InquiryReply, LookupArea, Unreadable};

use super::person_view::{Asking, Origin, Told as Shown};
use super::{Services, core_fault, error};
use crate::faults::{self, GATE_006, GATE_014, PLAT_010, PLAT_012};
use crate::filing::{self, Place, of_answer};
use crate::identities::{Identity, Looked};
use crate::platform::{Told, Trouble};

/// A lookup that did not tell who it is.
pub(super) struct Nobody {
    pub fault: Fault,
    /// The platform answered, about another person than the one that was asked for.
    pub somebody_else: bool,
    /// The platform said nothing: it could not be reached, or its answer was lost.
    pub silent: bool,
}

impl From<Fault> for Nobody {
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            somebody_else: false,
            silent: false,
        }
    }
}

impl Nobody {
    pub(super) fn of_trouble(trouble: &Trouble, fault: Fault) -> Self {
        Self {
            fault,
            somebody_else: matches!(trouble, Trouble::Unreadable(Unreadable::OtherPersons { .. })),
            silent: is_silent(trouble),
        }
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
        let wanted = asked
            .insurance
            .as_ref()
            .map(InsuranceParams::to_choice)
            .transpose()?
            .unwrap_or((None, None));
        let case = match &asked.case {
            Some(told) => benefit_case(told)?,
            None => BenefitCase::default(),
        };
        let credential = identity.credential.kind;
        let asking = Asking { kind, wanted, now };
        let looked = match self.ask_who(&id, identity.clone(), &operator).await {
            Ok(looked) => looked,
            Err(nobody) if nobody.silent => {
                let known = self.person_from_disk(&identity).await;
                let known = known.ok_or_else(|| error(&nobody.fault))?;
                let from = Origin::Disk(nobody.fault);
                return Ok(self.person_view(&known, &asking, Shown::default(), from).await);
            }
            Err(nobody) => return Err(error(&nobody.fault)),
        };
        let InsuranceChoice::One(row) = asking.choice(&looked.person) else {
            let told = Shown::default();
            return Ok(self.person_view(&looked, &asking, told, Origin::Platform).await);
        };
        let payer = Payer::new(&looked.person, &row, credential);
        let benefits = self
            .benefits(payer.clone(), (asking.kind.clone(), case), &operator, marker)
            .await;
        let (told, from) = match benefits {
            Ok(benefits) => {
                self.ask_registers(&payer, &operator).await;
                if payer.area.distance_to(self.care_area()) == Distance::SameCity {
                    self.ask_chronic(&payer, &operator).await;
                }
                let totals = self.totals(&payer, &operator).await;
                (Shown { benefits, totals }, Origin::Platform)
            }
            Err(nobody) if nobody.silent => (Shown::default(), Origin::Memory(nobody.fault)),
            Err(nobody) => return Err(error(&nobody.fault)),
        };
        Ok(self.person_view(&looked, &asking, told, from).await)
    }

    /// Who it is as this desk last saw it, for when nobody can be asked. Never remembered with the identity, so that
    /// the next call asks the platform again. `None` when the identity does not tell a certificate, when this desk never
    /// looked the person up, when the details were erased, and when the ledger cannot be read.
    pub(super) async fn person_from_disk(&self, identity: &Identity) -> Option<Looked> {
        let known = identity.person.as_deref().map(|looked| &looked.person);
        let person = filing::Person {
            number: known.map(|person| person.number.clone()),
            certificate: known
                .map(|person| person.certificate.clone())
                .or_else(|| identity.credential.certificate.clone()),
        };
        if person.number.is_none() && person.certificate.is_none() {
            return None;
        }
        let (person, at) = self.core.known_person(person).await.ok()??;
        Some(Looked {
            person,
            platform: zhijie_model::PlatformWords::default(),
            at,
        })
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
        self.try_sign_in(operator, marker).await?;
        if let Some(looked) = identity.person {
            return Ok(looked);
        }
        let message_id = self.core.new_message_id().await.map_err(core_fault)?;
        let told = match self.platform.profile().person.lookup_area {
            LookupArea::Credential => identity.area_hint,
            LookupArea::Own => None,
        };
        let area = told.unwrap_or_else(|| self.care_area());
        let inquiry = Inquiry::Person {
            credential: identity.credential,
            reading: identity.card_proof.map(|proof| {
                Box::new(CardReading {
                    line: proof.line,
                    signature: proof.signature,
                })
            }),
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
            other => Err(nobody(other, marker)),
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
        let (message_id, told) = self.ask_signed_in(inquiry, area, operator, message_id).await?;
        let place = Place {
            care: self.filing.care,
            rules: &self.filing.rules,
            province: &self.platform.profile().filing,
        };
        if let Some(seen) = of_answer(inquiry, &message_id, &told, self.clock.now(), place)
            && self.core.observe(seen).await.is_err()
        {
            tracing::warn!("What a lookup showed was not recorded because the agent stops");
        }
        Ok(told.reply)
    }

    /// Asks. When the platform has forgotten the sign-in, signs in anew and asks exactly once more, under a new message id:
    /// what was refused for want of a sign-in was not executed. The id that brought the answer comes with it.
    pub(super) async fn ask_signed_in(
        &self,
        inquiry: &Inquiry,
        area: Area,
        operator: &Operator,
        message_id: MessageId,
    ) -> Result<(MessageId, Told), Trouble> {
        let told = self
            .platform
            .ask(inquiry, area, operator, message_id.clone())
            .await?;
        if !matches!(&told.reply, InquiryReply::Refused(refusal) if refusal.sign_in_lost) {
            return Ok((message_id, told));
        }
        let (Ok(sign), Ok(again)) = (self.core.new_message_id().await, self.core.new_message_id().await)
        else {
            return Ok((message_id, told));
        };
        if self.platform.sign_in(operator, sign).await.is_err() {
            return Ok((message_id, told));
        }
        tracing::info!(operator = %operator.code, "The sign-in had ended; asking once more");
        let told = self.platform.ask(inquiry, area, operator, again.clone()).await?;
        Ok((again, told))
    }

    async fn benefits(
        &self,
        payer: Payer,
        (kind, case): (VisitType, BenefitCase),
        operator: &Operator,
        marker: &str,
    ) -> Result<Vec<Benefit>, Nobody> {
        let message_id = self.core.new_message_id().await.map_err(core_fault)?;
        let area = payer.area;
        let inquiry = Inquiry::Benefits {
            payer,
            kind,
            began: self.clock.now(),
            case: Box::new(case),
        };
        match self.ask_and_observe(&inquiry, area, operator, message_id).await {
            Ok(InquiryReply::Benefits(benefits)) => Ok(benefits),
            other => Err(nobody(other, marker)),
        }
    }
}

/// What the desk told of the visit the benefits are asked for.
fn benefit_case(told: &BenefitCaseParams) -> Result<BenefitCase, RpcError> {
    let named = |given: &Option<DiseaseParams>| {
        given.as_ref().map(|given| Disease {
            code: given.code.clone(),
            name: given.name.clone(),
        })
    };
    Ok(BenefitCase {
        ended: told.ended()?,
        disease: named(&told.disease),
        operation: named(&told.operation),
        birth: told.birth_kind.clone(),
        control: told.birth_control_kind.clone(),
    })
}

pub(super) const fn is_silent(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::NotSent(reason) => match reason {
            NotSent::Unreachable { .. }
            | NotSent::Handshake { .. }
            | NotSent::NoSignIn { .. }
            | NotSent::Stopping => true,
            NotSent::CredentialGone | NotSent::NotEncodable { .. } => false,
        },
        Trouble::Lost(_) | Trouble::TurnedAway(_) | Trouble::TlsAlert => true,
        // A region that is upgraded answers nothing but that.
        Trouble::Refused(refusal) => refusal.unavailable,
        Trouble::Unreadable(_) | Trouble::OtherAnswer => false,
    }
}

fn nobody(reply: Result<InquiryReply, Trouble>, marker: &str) -> Nobody {
    match reply {
        Err(trouble) => {
            let fault = trouble_fault(&trouble, marker);
            Nobody::of_trouble(&trouble, fault)
        }
        Ok(InquiryReply::Refused(refusal)) => {
            let trouble = Trouble::Refused(refusal);
            let fault = trouble_fault(&trouble, marker);
            Nobody::of_trouble(&trouble, fault)
        }
        told @ Ok(_) => Nobody::from(not_that(told, marker)),
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
            | InquiryReply::Totals(_)
            | InquiryReply::ChronicEntries(_)
            | InquiryReply::FixedPoints(_)
            | InquiryReply::Referrals(_)
            | InquiryReply::Approvals(_)
            | InquiryReply::Institutions(_)
            | InquiryReply::Dictionary(_)
            | InquiryReply::Diagnoses(_)
            | InquiryReply::Lines(_)
            | InquiryReply::Dispensed(_)
            | InquiryReply::Sheet(_)
            | InquiryReply::Violations(_)
            | InquiryReply::CheckAnswered
            | InquiryReply::CatalogueFile(_)
            | InquiryReply::CataloguePage(_),
        ) => trouble_fault(&Trouble::OtherAnswer, marker),
        Err(trouble) => trouble_fault(&trouble, marker),
    }
}

/// The fault of an inquiry; no money moves in one.
pub(crate) fn trouble_fault(trouble: &Trouble, marker: &str) -> Fault {
    use zhijie_settlement::Cause;
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
        Trouble::Refused(refusal) => {
            let text = refusal.platform.text.as_deref().unwrap_or_default();
            let wrong_address = faults::says_wrong_address(text);
            let entry = if wrong_address { &GATE_006 } else { &PLAT_012 };
            faults::fault(entry, &trouble.to_string(), trouble.words(), marker)
        }
        Trouble::Unreadable(unreadable) if unreadable.is_about_the_seal() => {
            faults::fault(&GATE_014, &unreadable.to_string(), None, marker)
        }
        Trouble::Lost(_)
        | Trouble::TurnedAway(_)
        | Trouble::TlsAlert
        | Trouble::Unreadable(_)
        | Trouble::OtherAnswer => {
            let evidence = trouble.to_string();
            let entry = faults::harmless(&evidence).unwrap_or(&PLAT_010);
            faults::fault(entry, &evidence, trouble.words(), marker)
        }
    }
}
