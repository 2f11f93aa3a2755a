//! What a platform tells about a person's filings: the records that decide whether and at what share she settles away
//! from home.
//!
//! No transaction returns "the filing". What there is comes from several registers, each with members of its own, and
//! none of them is the verdict: that is the trial's. All dates are civil dates of Beijing, both ends included.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use crate::area::Area;
use crate::ids::{FilingNumber, InstitutionCode, InsuranceType, VisitType};
use crate::private::Private;
use crate::visit::Disease;

/// Why a person is treated away from home, as filed (policy of 2022: three long-term kinds, three temporary ones).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilingKind {
    /// 异地安置退休人员
    ResettledRetiree,
    /// 异地长期居住人员
    LongTermResident,
    /// 常驻异地工作人员
    PostedWorker,
    /// 异地转诊人员
    Referral,
    /// 异地急诊抢救人员; counts as filed without being asked for.
    Emergency,
    /// 其他临时外出就医人员
    OtherTemporary,
    /// The register does not say.
    NotStated,
    /// A code the profile does not name.
    Unknown(String),
}

/// How long a kind of filing is meant to last; temporary kinds may be paid at a lower share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilingTerm {
    LongTerm,
    Temporary,
}

/// An institution as a register names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedInstitution {
    pub code: InstitutionCode,
    /// May be empty.
    pub name: String,
}

/// Which register of fixed places is asked (5302).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixedPointKind {
    /// 门诊慢特病登记
    Chronic,
    /// 就医定点医疗机构登记
    Institution,
    /// 异地安置登记: where a filing for treatment elsewhere shows up.
    Elsewhere,
}

/// One row of a register of fixed places (5302).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixedPoint {
    /// The register that was asked; rows do not repeat it.
    pub register: FixedPointKind,
    /// The insured region's number of the record, where the row carries it.
    pub number: Option<FilingNumber>,
    /// [`FilingKind::NotStated`] where the row carries no kind.
    pub kind: FilingKind,
    pub insurance: Option<InsuranceType>,
    /// A single institution; `None` where the row names an area or nothing.
    pub institution: Option<NamedInstitution>,
    /// The area the record holds for: named by the row, or in place of an institution.
    pub area: Option<Area>,
    pub from: Option<Date>,
    /// `None`: no end stated.
    pub until: Option<Date>,
    /// Free text of the office.
    pub memo: Option<Private>,
}

/// One referral (5304).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    /// Where the row carries it.
    pub number: Option<FilingNumber>,
    pub insurance: Option<InsuranceType>,
    pub source: FilingSource,
    pub insured_area: Option<Area>,
    pub diagnosis: Option<Disease>,
    /// Where the patient is referred to.
    pub to: Option<NamedInstitution>,
    /// Area of the target, where the row carries it.
    pub area: Option<Area>,
    /// Whether the referral leaves the insured region; `None` where not stated.
    pub leaves_region: Option<bool>,
    /// Whether the referring hospital agreed; `None` where not stated.
    pub agreed: Option<bool>,
    pub referred_on: Option<Date>,
    pub reason: Option<Private>,
    pub from: Option<Date>,
    pub until: Option<Date>,
    /// When the record was made; Beijing wall clock.
    pub recorded_at: Option<DateTime>,
}

/// Who made a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilingSource {
    Institution,
    Office,
    Website,
    App,
    Kiosk,
    Other,
    NotStated,
    Unknown(String),
}

/// One chronic or special disease the person is registered for (5301).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChronicEntry {
    pub disease: Disease,
    pub from: Option<Date>,
    pub until: Option<Date>,
}

/// One approval (5360, Jiangsu).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub insurance: Option<InsuranceType>,
    pub kind: Option<VisitType>,
    pub disease: Option<Disease>,
    pub from: Option<Date>,
    pub until: Option<Date>,
    /// The province's extension text, unchanged.
    pub extension: Option<Private>,
}

impl FilingKind {
    /// `None` where the kind is not known.
    #[must_use]
    pub const fn term(&self) -> Option<FilingTerm> {
        match self {
            Self::ResettledRetiree | Self::LongTermResident | Self::PostedWorker => {
                Some(FilingTerm::LongTerm)
            }
            Self::Referral | Self::Emergency | Self::OtherTemporary => Some(FilingTerm::Temporary),
            Self::NotStated | Self::Unknown(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_nobody_knows_has_no_term() {
        assert_eq!(FilingKind::PostedWorker.term(), Some(FilingTerm::LongTerm));
        assert_eq!(FilingKind::Emergency.term(), Some(FilingTerm::Temporary));
        assert_eq!(FilingKind::Unknown(String::from("08")).term(), None);
    }

    #[test]
    fn free_text_prints_masked() {
        let point = FixedPoint {
            register: FixedPointKind::Elsewhere,
            number: None,
            kind: FilingKind::NotStated,
            insurance: None,
            institution: None,
            area: None,
            from: None,
            until: None,
            memo: Some(Private::new("张三之子")),
        };
        assert!(!format!("{point:?}").contains("张三"));
    }
}
