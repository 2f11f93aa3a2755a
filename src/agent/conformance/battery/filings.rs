//! Filings: each kind is made, found where the province has a register, and taken back.

use zhijie_model::{
    Disease, FilingCall, FilingNumber, FilingRecord, FilingReply, NamedInstitution, NewChronicEntry,
    NewReferral, Private,
};
use zhijie_wire::{draft_filing, read_filing};

use super::lists::none;
use super::*;

impl Run<'_> {
    pub(super) async fn file_disease(&mut self) -> Done {
        let Some(disease) = self.case.chronic_disease.as_ref() else {
            return Err(none("案例未写 chronic_disease not in the case"));
        };
        let disease = Disease {
            code: disease.code.clone(),
            name: disease.name.clone(),
        };
        let today = business_day(self.line.clock.now());
        let call = FilingCall::RegisterChronic {
            payer: self.payer()?,
            entry: NewChronicEntry {
                disease,
                attested_by: self.here(),
                attested_on: today,
                doctor: self.case.visit.doctor.clone(),
                from: today,
                until: None,
            },
        };
        let number = self.filed(&call).await?;
        self.taken_back(FilingRecord::Chronic, number).await
    }

    pub(super) async fn refer(&mut self) -> Done {
        let Some(kind) = self.case.referral_kind.clone() else {
            return Err(none("案例未写 referral_kind not in the case"));
        };
        let today = business_day(self.line.clock.now());
        let diagnosis = &self.case.visit.diagnosis;
        let visit_before = self.open.as_ref().map(|open| open.id.clone());
        let call = FilingCall::Refer {
            payer: self.payer()?,
            referral: NewReferral {
                diagnosis: Disease {
                    code: diagnosis.code.clone(),
                    name: diagnosis.name.clone(),
                },
                to: self.here(),
                area: self.line.sender.care_area,
                kind_code: kind,
                date: today,
                reason: Private::new("符合性测试"),
                opinion: Private::new("同意"),
                agreed: Some(true),
                from: Some(today),
                until: None,
                visit_before,
            },
        };
        let number = self.filed(&call).await?;
        self.taken_back(FilingRecord::Referral, number).await
    }

    fn here(&self) -> NamedInstitution {
        NamedInstitution {
            code: self.line.institution().clone(),
            name: self.line.sender.institution_name.clone(),
        }
    }

    async fn filed(&mut self, call: &FilingCall) -> Result<FilingNumber, Stop> {
        match self.file(call).await? {
            FilingReply::Filed { number, .. } => Ok(number),
            FilingReply::Withdrawn { .. } | FilingReply::Refused { .. } => Err(other()),
        }
    }

    async fn taken_back(&mut self, what: FilingRecord, number: FilingNumber) -> Done {
        let call = FilingCall::Withdraw {
            payer: self.payer()?,
            what,
            register: None,
            number,
            reason: Private::new("符合性测试"),
        };
        self.file(&call).await.map(|_| ())
    }

    async fn file(&mut self, call: &FilingCall) -> Result<FilingReply, Stop> {
        let head = self.line.head(call.payer().area)?;
        let drafted = draft_filing(call, &head, &self.line.profile);
        let heard = self.line.exchange(drafted).await?;
        match read_filing(call, &heard.body, &self.line.profile).map_err(unreadable)? {
            FilingReply::Refused { refusal } => Err(refused(&refusal)),
            reply => Ok(reply),
        }
    }
}
