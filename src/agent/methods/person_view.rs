//! The answer of `person.lookup`, and where it comes from.

use zhijie_desk::api::{
    BenefitView, ChosenInsurance, InsuranceView, LookupSource, Notice, PersonLookupResult,
};
use zhijie_model::{Benefit, Fault, InsuranceChoice, PlatformMessageId, rfc3339_beijing};

use super::Services;
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
            Self::Memory(fault) => ("参保信息是刚才查到的，没有查到待遇和备案", fault),
            Self::Disk(fault) => ("以下是本机以前查到的参保信息，没有查到余额、待遇和备案", fault),
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

impl Services {
    /// The answer of `person.lookup`.
    pub(super) fn person_view(
        &self,
        looked: &Looked,
        benefits: &[Benefit],
        from: Origin,
    ) -> PersonLookupResult {
        let age = self.clock.now().as_second().saturating_sub(looked.at.as_second());
        let chosen = match looked.person.choose_insurance(None, None) {
            InsuranceChoice::One(row) => Some(ChosenInsurance::from(&row)),
            InsuranceChoice::Several(_) | InsuranceChoice::None => None,
        };
        PersonLookupResult {
            name: looked.person.name.clone(),
            insurances: looked.person.insurances.iter().map(InsuranceView::from).collect(),
            chosen,
            benefits: benefits.iter().map(BenefitView::from).collect(),
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
