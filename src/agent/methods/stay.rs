//! `stay.admit`, `stay.change`, `stay.charge`, `stay.withdraw_charges`, `stay.discharge` and the two undos: everything is
//! checked here before the first byte leaves.

use std::sync::Arc;

use serde_json::value::RawValue;
use zhijie_desk::api::{
    LineDefaults, StayAdmitParams, StayChangeParams, StayChargeParams, StayDischargeParams, StayUndoParams,
    StayWithdrawParams,
};
use zhijie_desk::{Method, RpcError};
use zhijie_model::{BillId, Fault, IdentityId, RequestId, Road, Shared, Visit};
use zhijie_settlement::{Act, Stay, StayCause, StayOrder, StayRules, StayState};

use super::Services;
use super::ask::Plan;
use crate::core::{FoundStay, Key, StayAsked};
use crate::faults::{self, AGENT_004, of_stay_cause};

impl Services {
    pub(super) async fn admit(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::StayAdmit,
            params,
            |asked: &StayAdmitParams| &asked.request_id,
            plan_admit,
        )
        .await
    }

    pub(super) async fn change_stay(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::StayChange,
            params,
            |asked: &StayChangeParams| &asked.request_id,
            plan_change,
        )
        .await
    }

    pub(super) async fn charge_stay(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::StayCharge,
            params,
            |asked: &StayChargeParams| &asked.request_id,
            plan_charge,
        )
        .await
    }

    pub(super) async fn withdraw_charges(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::StayWithdrawCharges,
            params,
            |asked: &StayWithdrawParams| &asked.request_id,
            plan_withdraw,
        )
        .await
    }

    pub(super) async fn discharge(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::StayDischarge,
            params,
            |asked: &StayDischargeParams| &asked.request_id,
            plan_discharge,
        )
        .await
    }

    pub(super) async fn undo_discharge(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::StayUndoDischarge,
            params,
            |asked: &StayUndoParams| &asked.request_id,
            plan_undo_discharge,
        )
        .await
    }

    pub(super) async fn undo_admission(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::StayUndoAdmission,
            params,
            |asked: &StayUndoParams| &asked.request_id,
            plan_undo_admission,
        )
        .await
    }

    async fn stay_order(&self, asked: &StayAdmitParams) -> Result<(BillId, StayOrder), Box<Fault>> {
        let marker = asked.request_id.as_str();
        let malformed = || {
            let evidence = "the request changed under way";
            Box::new(faults::fault(&AGENT_004, evidence, None, marker))
        };
        let identity_id = IdentityId::new(asked.identity_id.clone()).map_err(|_| malformed())?;
        let admission = asked.stay.to_admission().map_err(|_| malformed())?;
        let institution = &self.config.institution.code;
        let stay = BillId::of_stay(institution, &admission.number).map_err(|_| malformed())?;
        let given = asked.operator.as_ref();
        let operator = self.operator(given.and_then(|given| given.to_operator("operator").ok()));
        let now = self.clock.now();
        let identity = self.identities.for_bill(&identity_id, &stay, now);
        let identity = identity.map_err(|unfit| Box::new(super::identity::unfit_fault(unfit, marker)))?;
        self.sign_in(&operator, marker).await.map_err(Box::new)?;
        let kind = identity.credential.kind;
        let looked = self.looked_up(&identity_id, identity, &operator).await;
        let looked = looked.map_err(Box::new)?;
        let payer = self.chosen_payer(asked.insurance.as_ref(), &looked, kind, marker)?;
        self.ask_registers_when_due(&payer, &operator).await;
        let policy = self.policy(&payer, &Road::Outpatient);
        let order = StayOrder {
            payer,
            identity: identity_id,
            admission,
            operator,
            policy,
            rules: self.stay_rules(),
        };
        Ok((stay, order))
    }

    fn stay_rules(&self) -> StayRules {
        let profile = self.platform.profile();
        let most = u16::try_from(profile.upload_lines_max).unwrap_or(u16::MAX);
        StayRules {
            settles_before_discharge: profile.stays.settles_before_discharge,
            settles_at_year_end: profile.stays.settles_at_year_end,
            lines_per_call: most.min(StayRules::LINES_PER_CALL_MAX),
        }
    }

    /// The stay of this id, admitted and at rest; where it is anywhere else, why nothing can be done with it now.
    pub(super) async fn resting_stay(
        &self,
        stay: &BillId,
        marker: &str,
    ) -> Result<(FoundStay, Stay), Box<Fault>> {
        let refuse = |cause| Box::new(of_stay_cause(&cause, marker));
        let found = self.core.find_stay(Key::Bill(stay.clone())).await;
        let found = found.map_err(|gone| Box::new(super::core_fault(gone)))?;
        let Some(found) = found else {
            return Err(refuse(StayCause::NotAdmitted));
        };
        match &*Arc::clone(&found.state) {
            StayState::Admitted(admitted) => Ok((found, admitted.clone())),
            StayState::Blank | StayState::NotAdmitted(_) => Err(refuse(StayCause::NotAdmitted)),
            StayState::Admitting(_)
            | StayState::AdmissionInDoubt(_)
            | StayState::ReversingAdmission(_)
            | StayState::Working(_)
            | StayState::Renewing(_)
            | StayState::StepInDoubt(_)
            | StayState::NeedsClerk(_) => Err(refuse(StayCause::Locked)),
        }
    }

    /// Hands an act to the loop, the stay's operator signed in. Whether it may be done the saga decides.
    async fn plan_act(&self, stay: &str, act: Act) -> Plan {
        let Ok(stay) = BillId::new(stay) else {
            return nothing("");
        };
        if let Ok(Some(found)) = self.core.find_stay(Key::Bill(stay.clone())).await
            && let Some(order) = found.state.order()
        {
            self.have_sign_in(&order.operator).await;
        }
        let asked = Box::new(StayAsked::Act(Box::new(act)));
        Plan::Stay { stay, asked }
    }
}

async fn plan_admit(services: Services, asked: StayAdmitParams) -> Plan {
    match services.stay_order(&asked).await {
        Ok((stay, order)) => {
            let asked = Box::new(StayAsked::Admit(Box::new(order)));
            Plan::Stay { stay, asked }
        }
        Err(fault) => Plan::NotDone { bill: None, fault },
    }
}

async fn plan_change(services: Services, asked: StayChangeParams) -> Plan {
    let Ok(admission) = asked.stay.to_admission() else {
        return nothing(&asked.request_id);
    };
    services
        .plan_act(
            &asked.stay_id,
            Act::Change {
                admission: Box::new(admission),
            },
        )
        .await
}

async fn plan_charge(services: Services, asked: StayChargeParams) -> Plan {
    let marker = &asked.request_id;
    let Ok(stay) = BillId::new(asked.stay_id.clone()) else {
        return nothing(marker);
    };
    let order = match services.core.find_stay(Key::Bill(stay.clone())).await {
        Ok(Some(found)) => found.state.order().cloned(),
        Ok(None) => None,
        Err(gone) => {
            let fault = Box::new(super::core_fault(gone));
            return Plan::NotDone { bill: None, fault };
        }
    };
    let Some(order) = order else {
        let fault = Box::new(of_stay_cause(&StayCause::NotAdmitted, marker));
        return Plan::NotDone {
            bill: Some(stay),
            fault,
        };
    };
    let defaults = LineDefaults {
        at: order.admission.began,
        department: &order.admission.department,
        doctor: &order.admission.doctor,
    };
    let Ok(lines) = asked.to_lines(&defaults) else {
        return nothing(marker);
    };
    let lines = lines.into_iter().map(Shared::new).collect();
    // The request as it came is not needed any more, and it may be long.
    let stay = asked.stay_id;
    services.plan_act(&stay, Act::Charge { lines }).await
}

async fn plan_withdraw(services: Services, asked: StayWithdrawParams) -> Plan {
    let Ok(serials) = asked.to_serials() else {
        return nothing(&asked.request_id);
    };
    services
        .plan_act(&asked.stay_id, Act::WithdrawCharges { serials })
        .await
}

async fn plan_discharge(services: Services, asked: StayDischargeParams) -> Plan {
    let Ok(discharge) = asked.to_discharge() else {
        return nothing(&asked.request_id);
    };
    services
        .plan_act(
            &asked.stay_id,
            Act::Discharge {
                discharge: Box::new(discharge),
            },
        )
        .await
}

async fn plan_undo_discharge(services: Services, asked: StayUndoParams) -> Plan {
    let reason = asked.reason;
    services
        .plan_act(&asked.stay_id, Act::UndoDischarge { reason })
        .await
}

async fn plan_undo_admission(services: Services, asked: StayUndoParams) -> Plan {
    let reason = asked.reason;
    services
        .plan_act(&asked.stay_id, Act::UndoAdmission { reason })
        .await
}

/// The stay as a visit, for what bills and lines take from one.
pub(super) fn visit_of(order: &StayOrder) -> Visit {
    let admission = &order.admission;
    Visit {
        number: admission.number.clone(),
        kind: admission.kind.clone(),
        began: admission.began,
        doctor: admission.doctor.clone(),
        department: admission.department.clone(),
        complaint: admission.complaint.clone(),
        disease: admission.disease.clone(),
        diagnoses: admission.diagnoses.clone(),
    }
}

/// What was checked before the request was claimed does not hold any more; a bug.
pub(super) fn nothing(marker: &str) -> Plan {
    let evidence = "the request changed under way";
    Plan::NotDone {
        bill: None,
        fault: Box::new(faults::fault(&AGENT_004, evidence, None, marker)),
    }
}

/// The request id of parameters that were checked.
pub(super) fn request_of(text: &str) -> Option<RequestId> {
    RequestId::new(text).ok()
}
