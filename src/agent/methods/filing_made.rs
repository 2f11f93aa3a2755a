//! `filing.refer`, `filing.register_chronic`, `filing.fix_place`, `filing.withdraw`. The register is asked first, so that
//! nothing is made that stands already; then the loop decides, records and sends.

use serde_json::value::RawValue;
use zhijie_desk::api::{
    DiseaseParams, FilingActParams, FilingFixPlaceParams, FilingRecordWord, FilingReferParams,
    FilingRegisterChronicParams, FilingWithdrawParams, InstitutionParams, ParamError, civil_day, term,
};
use zhijie_desk::{Method, RpcError};
use zhijie_filing::{ActLimits, NewAct, Sight, Target, Wanted};
use zhijie_model::{
    Area, Disease, Fault, FilingCall, FilingNumber, FilingRecord, IdentityId, NamedInstitution,
    NewChronicEntry, NewFixedPlace, NewReferral, Payer, RequestId, VisitId,
};
use zhijie_settlement::Operator;

use super::Services;
use super::ask::Plan;
use super::person::not_that;
use crate::faults::{self, AGENT_004, DESK_051, DESK_052};
use crate::filing::looking;

type Made = Result<(FilingCall, Target), ParamError>;

impl Services {
    pub(super) async fn refer(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::FilingRefer,
            params,
            |asked: &FilingReferParams| &asked.act.request_id,
            |services, asked| async move { services.act(&asked.act, |payer| referral(&asked, payer)).await },
        )
        .await
    }

    pub(super) async fn register_chronic(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        let method = Method::FilingRegisterChronic;
        self.once(
            method,
            params,
            |asked: &FilingRegisterChronicParams| &asked.act.request_id,
            |services, asked| async move {
                let own = services.own_institution();
                services
                    .act(&asked.act, |payer| chronic(&asked, payer, own))
                    .await
            },
        )
        .await
    }

    pub(super) async fn fix_place(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::FilingFixPlace,
            params,
            |asked: &FilingFixPlaceParams| &asked.act.request_id,
            |services, asked| async move {
                let own = services.own_institution();
                services.act(&asked.act, |payer| place(&asked, payer, own)).await
            },
        )
        .await
    }

    pub(super) async fn withdraw_filing(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(Method::FilingWithdraw, params, |asked: &FilingWithdrawParams| &asked.act.request_id, |services, asked| async move {
            services.act(&asked.act, |payer| withdrawal(&asked, payer)).await
        })
        .await
    }

    fn own_institution(&self) -> NamedInstitution {
        NamedInstitution {
            code: self.config.institution.code.clone(),
            name: self.config.institution.name.clone(),
        }
    }

    async fn act(&self, asked: &FilingActParams, make: impl FnOnce(Payer) -> Made) -> Plan {
        match self.new_act(asked, make).await {
            Ok(act) => Plan::File { act: Box::new(act) },
            Err(fault) => Plan::NotDone { bill: None, fault },
        }
    }

    async fn new_act(
        &self,
        asked: &FilingActParams,
        make: impl FnOnce(Payer) -> Made,
    ) -> Result<NewAct, Box<Fault>> {
        let marker = asked.request_id.as_str();
        let changed = || {
            Box::new(faults::fault(
                &AGENT_004,
                "the request changed under way",
                None,
                marker,
            ))
        };
        let request = RequestId::new(marker).map_err(|_| changed())?;
        let id = IdentityId::new(&*asked.identity_id).map_err(|_| changed())?;
        let given = asked
            .operator
            .as_ref()
            .and_then(|operator| operator.to_operator("operator").ok());
        let operator = self.operator(given);
        let identity = self.identities.get(&id, self.clock.now());
        let identity = identity.map_err(|unfit| Box::new(super::identity::unfit_fault(unfit, marker)))?;
        let credential = identity.credential.kind;
        let looked = self.looked_up(&id, identity, &operator).await.map_err(Box::new)?;
        let payer = self.chosen_payer(asked.insurance.as_ref(), &looked, credential, marker)?;
        let (call, target) = make(payer).map_err(|_| changed())?;
        let target = self.seen_before(&call, target, &operator, marker).await?;
        let doubt = self.platform.profile().doubt;
        Ok(NewAct {
            request,
            operator: operator.code,
            operator_name: operator.name,
            call,
            target,
            limits: ActLimits {
                absence_counts_after_s: doubt.late_execution_max_s.saturating_add(doubt.query_lag_max_s),
                doubt_max_s: self.config.settlement.doubt_max_s,
            },
        })
    }

    /// What the register shows now: nothing is made twice, and nothing taken back that is not there. Without a register
    /// that can tell, a lost answer will be for a person.
    async fn seen_before(
        &self,
        call: &FilingCall,
        target: Target,
        operator: &Operator,
        marker: &str,
    ) -> Result<Option<Target>, Box<Fault>> {
        let payer = call.payer();
        let inquiry = looking::question(payer, &target, self.clock.now());
        if !inquiry.is_offered(self.platform.profile()) {
            return Ok(None);
        }
        let message_id = self.core.new_message_id().await;
        let message_id = message_id.map_err(|gone| Box::new(super::core_fault(gone)))?;
        let told = self
            .ask_signed_in(&inquiry, payer.area, operator, message_id)
            .await
            .map(|(_, told)| told);
        let sight = looking::sight(&target, &told);
        let is_withdrawal = matches!(call, FilingCall::Withdraw { .. });
        match (sight, is_withdrawal) {
            (Sight::There { .. }, false) => Err(Box::new(faults::fault(&DESK_051, "", None, marker))),
            (Sight::Gone, true) => Err(Box::new(faults::fault(&DESK_052, "", None, marker))),
            (Sight::There { .. }, true) | (Sight::Gone, false) => Ok(Some(target)),
            (Sight::Unclear, _) => Ok(None),
            (Sight::Nothing, _) => Err(Box::new(not_that(told.map(|told| told.reply), marker))),
        }
    }
}

fn disease(given: &DiseaseParams) -> Disease {
    Disease {
        code: given.code.clone(),
        name: given.name.clone(),
    }
}

fn named(
    given: Option<&InstitutionParams>,
    path: &str,
    own: NamedInstitution,
) -> Result<NamedInstitution, ParamError> {
    given.map_or(Ok(own), |given| given.to_institution(path))
}

fn referral(asked: &FilingReferParams, payer: Payer) -> Made {
    let date = civil_day("date", &asked.date)?;
    let to = asked.to.to_institution("to")?;
    let target = Target::Referral {
        wanted: Wanted::Institution {
            code: to.code.clone(),
            from: date,
        },
    };
    let optional = |path, given: Option<&String>| given.map(|text| civil_day(path, text)).transpose();
    let before = asked.visit_before.as_ref().map(VisitId::new).transpose();
    let referral = NewReferral {
        diagnosis: disease(&asked.diagnosis),
        to,
        area: Area::new(&asked.area).map_err(|error| ParamError::new("area", error.to_string()))?,
        kind_code: asked.kind_code.clone(),
        date,
        reason: asked.reason.clone(),
        opinion: asked.opinion.clone(),
        agreed: asked.agreed,
        from: optional("from", asked.from.as_ref())?,
        until: optional("until", asked.until.as_ref())?,
        visit_before: before.map_err(|error| ParamError::new("visit_before", error.to_string()))?,
    };
    Ok((FilingCall::Refer { payer, referral }, target))
}

fn chronic(asked: &FilingRegisterChronicParams, payer: Payer, own: NamedInstitution) -> Made {
    let (from, until) = term(&asked.from, asked.until.as_deref())?;
    let target = Target::Disease {
        code: asked.disease.code.clone(),
        from: Some(from),
    };
    let entry = NewChronicEntry {
        disease: disease(&asked.disease),
        attested_by: named(asked.attested_by.as_ref(), "attested_by", own)?,
        attested_on: civil_day("attested_on", &asked.attested_on)?,
        doctor: asked.doctor.to_staff("doctor")?,
        from,
        until,
    };
    Ok((FilingCall::RegisterChronic { payer, entry }, target))
}

fn place(asked: &FilingFixPlaceParams, payer: Payer, own: NamedInstitution) -> Made {
    let (from, until) = term(&asked.from, asked.until.as_deref())?;
    let institution = named(asked.institution.as_ref(), "institution", own)?;
    let target = Target::Place {
        kind: asked.kind.into(),
        wanted: Wanted::Institution {
            code: institution.code.clone(),
            from,
        },
    };
    let place = NewFixedPlace {
        register: asked.kind.into(),
        rank: asked.rank,
        institution,
        from,
        until,
        memo: asked.memo.clone(),
    };
    Ok((FilingCall::FixPlace { payer, place }, target))
}

fn withdrawal(asked: &FilingWithdrawParams, payer: Payer) -> Made {
    let number = FilingNumber::new(asked.number.reveal());
    let number = number.map_err(|error| ParamError::new("number", error.to_string()))?;
    let wanted = Wanted::Number {
        number: number.clone(),
    };
    let (what, register, target) = match (asked.what, asked.kind) {
        (FilingRecordWord::Referral, _) => (FilingRecord::Referral, None, Target::Referral { wanted }),
        (FilingRecordWord::Chronic, _) => (
            FilingRecord::Chronic,
            None,
            Target::Disease {
                code: asked.disease_code.clone().unwrap_or_default(),
                from: None,
            },
        ),
        (FilingRecordWord::FixedPlace, kind) => {
            let kind = kind
                .ok_or_else(|| ParamError::new("kind", "required with fixed_place"))?
                .into();
            (
                FilingRecord::FixedPlace,
                Some(kind),
                Target::Place { kind, wanted },
            )
        }
    };
    let call = FilingCall::Withdraw {
        payer,
        what,
        register,
        number,
        reason: asked.reason.clone(),
    };
    Ok((call, target))
}
