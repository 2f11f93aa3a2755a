//! `catalog.map`: an own item told to the centre (3301), or taken back (3302). Sent once; a lost answer is looked up.

use serde_json::value::RawValue;
use zhijie_desk::api::CatalogMapParams;
use zhijie_desk::{Method, RpcError};
use zhijie_model::{CatalogueList, Fault, MappingCall, OwnMapping, business_day};
use zhijie_settlement::Operator;
use zhijie_wire::{Inquiry, InquiryReply, own_page};

use super::Services;
use super::ask::Plan;
use super::person::trouble_fault;
use crate::core::More;
use crate::faults::{self, AGENT_004, CATL_010, CATL_011};
use crate::platform::Trouble;
use crate::render;

/// Pages of mappings looked through after a lost answer.
const PAGES_MAX: u32 = 200;

impl Services {
    pub(super) async fn map_item(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::CatalogMap,
            params,
            |asked: &CatalogMapParams| &asked.request_id,
            plan,
        )
        .await
    }

    async fn carry_mapping_out(&self, asked: &CatalogMapParams) -> Result<(), Box<Fault>> {
        let marker = asked.request_id.as_str();
        let changed = || {
            Box::new(faults::fault(
                &AGENT_004,
                "the request changed under way",
                None,
                marker,
            ))
        };
        let list = asked.to_list().map_err(|_| changed())?;
        let (from, until) = asked.to_days().map_err(|_| changed())?;
        let given = asked
            .operator
            .as_ref()
            .map(|operator| operator.to_operator("operator"));
        let operator = self.operator(given.transpose().map_err(|_| changed())?);
        self.sign_in(&operator, marker).await?;
        let withdrawal = |national_code: &str| MappingCall::Withdraw {
            own_code: asked.own_code.clone(),
            list,
            national_code: String::from(national_code),
        };
        if asked.withdraw {
            return self
                .one_mapping(&withdrawal(&asked.national_code), asked, &operator)
                .await;
        }
        if self.platform.profile().catalogue.withdraw_before_mapping
            && let Some(held) = self.mapped_to(asked, &operator).await.ok().flatten()
            && held != asked.national_code
        {
            self.one_mapping(&withdrawal(&held), asked, &operator).await?;
        }
        let mapping = OwnMapping {
            own_code: asked.own_code.clone(),
            own_name: asked.own_name.clone(),
            list,
            national_code: asked.national_code.clone(),
            from: from.unwrap_or_else(|| business_day(self.clock.now())),
            until,
            spec: asked.spec.clone(),
            unit: asked.unit.clone(),
        };
        self.one_mapping(&MappingCall::Map { mapping }, asked, &operator)
            .await
    }

    /// Sends one change. A lost answer is not repeated: the mappings are asked whether it was done.
    async fn one_mapping(
        &self,
        call: &MappingCall,
        asked: &CatalogMapParams,
        operator: &Operator,
    ) -> Result<(), Box<Fault>> {
        let marker = asked.request_id.as_str();
        let message_id = self.core.new_message_id().await.map_err(super::core_fault)?;
        let trouble = match self.platform.map(call, operator, message_id).await {
            Ok(()) => return Ok(()),
            Err(trouble) => trouble,
        };
        match &trouble {
            Trouble::Refused(_) => {
                let made = faults::fault(&CATL_010, &trouble.to_string(), trouble.words(), marker);
                Err(Box::new(made))
            }
            Trouble::NotSent(_) => Err(Box::new(trouble_fault(&trouble, marker))),
            Trouble::Lost(_)
            | Trouble::TurnedAway(_)
            | Trouble::TlsAlert
            | Trouble::Unreadable(_)
            | Trouble::OtherAnswer => {
                let held = self.mapped_to(asked, operator).await;
                let done = match call {
                    MappingCall::Map { mapping } => {
                        matches!(&held, Ok(Some(national)) if *national == mapping.national_code)
                    }
                    // Absence proves nothing by itself: the withdrawal may come late.
                    MappingCall::Withdraw { .. } => false,
                };
                if done {
                    return Ok(());
                }
                Err(Box::new(faults::fault(
                    &CATL_011,
                    &trouble.to_string(),
                    trouble.words(),
                    marker,
                )))
            }
        }
    }

    /// What the platform holds the own code to be mapped to.
    async fn mapped_to(
        &self,
        asked: &CatalogMapParams,
        operator: &Operator,
    ) -> Result<Option<String>, Trouble> {
        for page in 1..=PAGES_MAX {
            let Ok(message_id) = self.core.new_message_id().await else {
                return Ok(None);
            };
            let inquiry = Inquiry::CataloguePage {
                list: CatalogueList::Mappings,
                changed_since: None,
                page,
            };
            let reply = self
                .platform
                .inquire(&inquiry, self.care_area(), operator, message_id)
                .await?;
            let InquiryReply::CataloguePage(told) = reply else {
                return Err(Trouble::OtherAnswer);
            };
            let told = own_page(told, self.platform.institution()).map_err(Trouble::Unreadable)?;
            let mut rows = told.rows.into_iter();
            if let Some(row) = rows.find(|row| row.valid && row.code == asked.own_code) {
                return Ok(row.points_to);
            }
            if told.last || told.number != page {
                break;
            }
        }
        Ok(None)
    }
}

async fn plan(services: Services, asked: CatalogMapParams) -> Plan {
    match services.carry_mapping_out(&asked).await {
        Ok(()) => Plan::Done {
            answer: render::mapped(),
            more: More::default(),
        },
        Err(fault) if fault.code == CATL_011.code => Plan::Told {
            outcome: "not_known",
            answer: render::mapping_not_known(*fault),
        },
        Err(fault) => Plan::NotDone { bill: None, fault },
    }
}
