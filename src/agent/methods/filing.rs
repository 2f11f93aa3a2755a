//! `filing.check` and `filing.history`: from disk alone, so they work without any network.

use zhijie_desk::RpcError;
use zhijie_desk::api::{
    FilingCheckParams, FilingCheckResult, FilingHistoryParams, FilingHistoryResult, Who, typed,
};
use zhijie_filing::{Observation, Question, Said, check};
use zhijie_model::{Area, BillId, Fault, InsuranceChoice, Payer, Private, VisitType};

use super::{Services, core_fault, error};
use crate::core::Key;
use crate::faults::{self, DESK_021};
use crate::filing::{Past, Person, check_view, entry_view, unknown_region};

/// A person as far as she is known without asking anybody.
pub(super) struct Subject {
    pub person: Person,
    pub name: Option<Private>,
    /// Where she is insured, by a lookup or a bill of this run.
    pub insured: Option<Area>,
    /// Where her card or code says, when nothing better is known.
    pub hint: Option<Area>,
}

impl Services {
    pub(super) async fn check_filing(&self, asked: FilingCheckParams) -> Result<FilingCheckResult, RpcError> {
        let who = asked.who.to_who()?;
        let kind: VisitType = typed("visit_kind", &asked.visit_kind)?;
        let given = asked.insured()?;
        let subject = self.subject(who).await.map_err(|fault| error(&fault))?;
        let past = self.past(&subject).await.map_err(|fault| error(&fault))?.0;
        Ok(self.check_subject(&subject, &past, given, kind))
    }

    pub(super) async fn filing_history(
        &self,
        asked: FilingHistoryParams,
    ) -> Result<FilingHistoryResult, RpcError> {
        let subject = self
            .subject(asked.who.to_who()?)
            .await
            .map_err(|fault| error(&fault))?;
        let (past, cut) = self.past(&subject).await.map_err(|fault| error(&fault))?;
        let now = self.clock.now();
        let limits = &self.filing.rules.age;
        let entries = past.iter().map(|past| entry_view(past, now, limits)).collect();
        Ok(FilingHistoryResult { entries, cut })
    }

    /// What is known, for a desk or a packet.
    pub(super) fn check_subject(
        &self,
        subject: &Subject,
        past: &[Past],
        given: Option<Area>,
        visit_kind: VisitType,
    ) -> FilingCheckResult {
        let seen: Vec<Observation> = past
            .iter()
            .filter_map(|past| past.seen.observation.clone())
            .collect();
        let now = self.clock.now();
        let insured = given
            .or(subject.insured)
            .or_else(|| last_insured(&seen))
            .or(subject.hint);
        let Some(insured) = insured else {
            return unknown_region(now, self.filing.care);
        };
        let question = Question {
            now,
            insured,
            care: self.filing.care,
            visit_kind,
        };
        check_view(&check(&seen, &question, &self.filing.rules), &question, &seen)
    }

    pub(super) async fn past(&self, subject: &Subject) -> Result<(Vec<Past>, bool), Fault> {
        let past = self.core.past(subject.person.clone()).await;
        past.map_err(core_fault)
    }

    /// Who it is, from memory and disk.
    pub(super) async fn subject(&self, who: Who) -> Result<Subject, Fault> {
        match who {
            Who::Certificate(number) => Ok(Subject {
                person: Person {
                    number: None,
                    certificate: Some(number),
                },
                name: None,
                insured: None,
                hint: None,
            }),
            Who::Identity(id) => {
                let marker = id.as_str();
                let identity = self
                    .identities
                    .get(&id, self.clock.now())
                    .map_err(|unfit| super::identity::unfit_fault(unfit, marker))?;
                let looked = identity.person.as_deref().map(|looked| &looked.person);
                let insured = looked.and_then(|person| match person.choose_insurance(None, None) {
                    InsuranceChoice::One(row) => Some(row.area),
                    InsuranceChoice::Several(_) | InsuranceChoice::None => None,
                });
                Ok(Subject {
                    person: Person {
                        number: looked.map(|person| person.number.clone()),
                        certificate: looked
                            .map(|person| person.certificate.clone())
                            .or(identity.credential.certificate),
                    },
                    name: looked
                        .map(|person| person.name.clone())
                        .or(identity.credential.name),
                    insured,
                    hint: identity.area_hint,
                })
            }
            Who::Bill(bill) => {
                let payer = self.payer_of(&bill).await?;
                let none = || faults::fault(&DESK_021, "", None, bill.as_str());
                let payer = payer.ok_or_else(none)?;
                Ok(Subject {
                    person: Person {
                        number: Some(payer.number.clone()),
                        certificate: Some(payer.certificate.clone()),
                    },
                    name: Some(payer.name.clone()),
                    insured: Some(payer.area),
                    hint: None,
                })
            }
        }
    }

    /// The patient of a bill or of a stay.
    async fn payer_of(&self, bill: &BillId) -> Result<Option<Payer>, Fault> {
        let key = Key::Bill(bill.clone());
        if bill.is_stay() {
            let found = self.core.find_stay(key).await.map_err(core_fault)?;
            return Ok(found.and_then(|found| Some(found.state.order()?.payer.clone())));
        }
        let found = self.core.find(key).await.map_err(core_fault)?;
        Ok(found.and_then(|found| Some(found.state.case()?.order.payer.clone())))
    }
}

/// The insured region of the latest lookup or verdict that names one only.
fn last_insured(seen: &[Observation]) -> Option<Area> {
    let told = seen.iter().filter_map(|seen| {
        let area = match seen.said.as_ref()? {
            Said::Insured { rows, .. } => {
                let mut active = rows.iter().filter(|row| row.active).map(|row| row.area);
                let first = active.next()?;
                active.all(|area| area == first).then_some(first)?
            }
            Said::Accepted { tried, .. } | Said::Refused { tried, .. } => tried.insured,
            _ => return None,
        };
        Some((seen.at, area))
    });
    told.max_by_key(|(at, _)| *at).map(|(_, area)| area)
}
