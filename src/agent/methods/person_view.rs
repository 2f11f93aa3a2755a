//! The answer of `person.lookup`, and where it comes from.

use jiff::Timestamp;
use zhijie_desk::api::{
    BenefitView, ChosenInsurance, InsuranceView, LookupSource, Notice, PersonLookupResult, TotalsList,
};
use zhijie_filing::Observation;
use zhijie_model::{
    Area, Benefit, Fault, InsuranceChoice, InsuranceType, Person, PlatformMessageId, VisitType,
    rfc3339_beijing,
};

use super::Services;
use super::filing::Subject;
use super::person_more::chronic_list;
use crate::filing;
use crate::identities::Looked;

/// Where a lookup's answer comes from, when not all of it from the platform just now.
pub(super) enum Origin {
    Platform,
    /// Read before; the benefits could not be asked for.
    Memory(Fault),
    Disk(Fault),
}

impl Origin {
    fn notice(&self) -> Option<Notice> {
        let (what, fault) = match self {
            Self::Platform => return None,
            Self::Memory(fault) => (
                "参保信息是刚才查到的，没有查到待遇和年度累计，备案和慢特病是本机以前查到的",
                fault,
            ),
            Self::Disk(fault) => (
                "以下是本机以前查到的参保信息，没有查到余额、待遇和年度累计",
                fault,
            ),
        };
        Some(Notice {
            code: String::from("PLATFORM-SILENT"),
            text_zh: format!("联系不上平台：{what}，以平台答复为准"),
            text_en: format!(
                "the platform did not answer ({}); shown is what was asked earlier",
                fault.code
            ),
        })
    }
}

/// What the desk asked about the person.
pub(super) struct Asking {
    pub kind: VisitType,
    pub wanted: (Option<InsuranceType>, Option<Area>),
    /// When it asked: what was seen before is from disk.
    pub now: Timestamp,
}

impl Asking {
    pub(super) fn choice(&self, person: &Person) -> InsuranceChoice {
        person.choose_insurance(self.wanted.0.as_ref(), self.wanted.1)
    }
}

/// What the platform told of the person just now.
#[derive(Default)]
pub(super) struct Told {
    pub benefits: Vec<Benefit>,
    pub totals: Option<TotalsList>,
}

impl Services {
    /// The answer of `person.lookup`. Filing and chronic diseases are read from this desk's ledger, where what was asked just
    /// now is the newest.
    pub(super) async fn person_view(
        &self,
        looked: &Looked,
        asking: &Asking,
        told: Told,
        from: Origin,
    ) -> PersonLookupResult {
        let now = self.clock.now();
        let person = &looked.person;
        let age = now.as_second().saturating_sub(looked.at.as_second());
        let (chosen, choices) = match asking.choice(person) {
            InsuranceChoice::One(row) => (Some(row), Vec::new()),
            InsuranceChoice::Several(rows) => (None, rows),
            InsuranceChoice::None => (None, Vec::new()),
        };
        let subject = Subject {
            person: filing::Person {
                number: Some(person.number.clone()),
                certificate: Some(person.certificate.clone()),
            },
            name: None,
            insured: chosen.as_ref().map(|row| row.area),
            hint: None,
        };
        let past = self
            .past(&subject)
            .await
            .map(|(past, _)| past)
            .unwrap_or_default();
        let seen: Vec<Observation> = past
            .iter()
            .filter_map(|past| past.seen.observation.clone())
            .collect();
        let filing = chosen
            .as_ref()
            .map(|row| self.check_subject(&subject, &past, Some(row.area), asking.kind.clone()));
        PersonLookupResult {
            name: person.name.clone(),
            insurances: person.insurances.iter().map(InsuranceView::from).collect(),
            chosen: chosen.as_ref().map(ChosenInsurance::from),
            choices: choices.iter().map(ChosenInsurance::from).collect(),
            benefits: told.benefits.iter().map(BenefitView::from).collect(),
            filing,
            chronic: chronic_list(&seen, asking.now, now),
            totals: told.totals,
            source: LookupSource {
                transaction: String::from("1101"),
                platform_message_id: looked.platform.message_id.clone().map(PlatformMessageId::into),
                from_disk: matches!(from, Origin::Disk(_)),
            },
            asked_at: rfc3339_beijing(looked.at),
            age_s: u64::try_from(age).unwrap_or_default(),
            notices: from.notice().into_iter().collect(),
        }
    }
}
