//! A filing, and when two of them are the same.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zhijie_model::{Area, Private};

/// A filing as seen or told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filing {
    pub kind: FilingKind,
    pub number: Option<Private>,
    /// First day, Beijing calendar.
    pub from: Date,
    /// Last day, inclusive; `None`: open-ended.
    pub until: Option<Date>,
    /// Where treatment was filed for; `None` where the source does not say.
    pub area: Option<Area>,
}

/// Kinds of filings. Source: NHSA notice 2022 No. 22.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilingKind {
    /// 异地安置退休人员.
    ResettledRetiree,
    /// 异地长期居住人员.
    LongTermResident,
    /// 常驻异地工作人员.
    PostedWorker,
    /// 异地转诊就医.
    Referral,
    /// 异地急诊抢救.
    Emergency,
    /// 其他临时外出就医.
    OtherTemporary,
    /// The source does not say which.
    NotStated,
}

impl Filing {
    /// Whether it was made for treatment in `care`: the same city by prefix, or the whole province. Where the source
    /// does not say for which area, it cannot be told.
    #[must_use]
    pub fn reaches(&self, care: Area) -> bool {
        self.area.is_some_and(|area| {
            let whole_province = area.to_string().ends_with("0000") && area.province() == care.province();
            area.city() == care.city() || whole_province
        })
    }

    /// Whether it runs on `day`; both ends belong to it.
    #[must_use]
    pub fn runs_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    /// Whether `other` is the same filing, perhaps spelled anew: regions that were upgraded told other kind codes, other
    /// numbers or a county for its city, and nobody had filed anything. Under one number it is the same unless place and
    /// first day both changed; else place and first day must fit, kinds must not contradict, and where the numbers
    /// differ the last day must fit too. A place or kind that is not told contradicts nothing.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let one_number = match (&self.number, &other.number) {
            (Some(one), Some(another)) => Some(one == another),
            (Some(_), None) | (None, Some(_)) | (None, None) => None,
        };
        let place = match (self.area, other.area) {
            (Some(one), Some(another)) => one.city() == another.city(),
            (Some(_), None) | (None, Some(_)) | (None, None) => true,
        };
        let begins = self.from == other.from;
        let stated = |kind| kind != FilingKind::NotStated;
        let kinds = self.kind == other.kind || !stated(self.kind) || !stated(other.kind);
        match one_number {
            Some(true) => place || begins,
            Some(false) => place && begins && kinds && self.until == other.until,
            None => place && begins && kinds,
        }
    }
}
