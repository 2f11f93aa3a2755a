//! Filings for treatment away from home, and the other registers a person stands in.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zhijie_model::Area;

/// Kind of a filing. The value list of `out_fil_type` was not found: the codes are the sandbox's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum FilingKind {
    ResettledRetiree,
    /// `long_term` is how older stores call it.
    #[serde(alias = "long_term")]
    LongTermResident,
    PostedWorker,
    Referral,
    /// `temporary` is how older stores call it.
    #[serde(alias = "temporary")]
    OtherTemporary,
    /// Counts as filed without being asked for; its own reduction.
    Emergency,
}

/// A filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filing {
    pub kind: FilingKind,
    /// Where to: a pool or anything in it (`310000`, `320300`), or a whole province (`320000`).
    pub target: Area,
    /// First day, inclusive.
    pub from: Date,
    /// Last day, inclusive.
    pub until: Date,
    /// Insured region that holds it; left out, that of the person's active insurance.
    #[serde(default)]
    pub region: Option<Area>,
    /// `dcla_souc`: 01 institution, 02 office.
    #[serde(default = "office")]
    pub source: String,
    /// What a referral says besides.
    #[serde(default)]
    pub referral: Option<Referred>,
}

/// The rest of a referral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Referred {
    pub diagnosis_code: String,
    pub diagnosis_name: String,
    pub institution_code: String,
    pub institution_name: String,
    pub date: Date,
    pub reason: String,
}

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Register {
    /// A chronic or special disease (2503, 5301).
    Disease,
    /// A fixed institution for it (`biz_appy_type` 01).
    DiseasePlace,
    /// A fixed institution (`biz_appy_type` 03).
    Institution,
}

/// An entry of a person in a register that is no filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub register: Register,
    /// Of the disease or the institution.
    pub code: String,
    pub name: String,
    pub from: Date,
    #[serde(default)]
    pub until: Option<Date>,
    #[serde(default)]
    pub region: Option<Area>,
}

fn office() -> String {
    String::from("02")
}

impl FilingKind {
    /// `out_fil_type`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ResettledRetiree => "11",
            Self::LongTermResident => "12",
            Self::PostedWorker => "13",
            Self::Referral => "21",
            Self::OtherTemporary => "22",
            Self::Emergency => "23",
        }
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ResettledRetiree => "异地安置退休人员",
            Self::LongTermResident => "异地长期居住人员",
            Self::PostedWorker => "常驻异地工作人员",
            Self::Referral => "异地转诊就医人员",
            Self::OtherTemporary => "其他临时外出就医人员",
            Self::Emergency => "异地急诊抢救人员",
        }
    }
}

impl Filing {
    /// Whether it holds for treatment in `area` on `day`.
    #[must_use]
    pub fn covers(&self, area: Area, day: Date) -> bool {
        reaches(self.target, area) && self.from <= day && day <= self.until
    }

    /// Whether it was made for an insurance held in `insured`.
    #[must_use]
    pub fn is_of(&self, insured: Area) -> bool {
        self.region.is_none_or(|region| region.city() == insured.city())
    }
}

/// Whether `area` lies in the pool of `target`, or in the province where `target` is one.
pub(crate) fn reaches(target: Area, area: Area) -> bool {
    let province = target.to_string().ends_with("0000");
    target.city() == area.city() || (province && target.province() == area.province())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn filing(target: &str) -> Filing {
        Filing {
            kind: FilingKind::OtherTemporary,
            target: Area::new(target).unwrap(),
            from: date(2026, 1, 1),
            until: date(2026, 12, 31),
            region: Area::new("341200").ok(),
            source: office(),
            referral: None,
        }
    }

    #[test]
    fn filings_hold_for_a_pool_and_a_range() {
        let table = [
            ("310000", "310115", date(2026, 1, 1), true),
            ("310115", "310000", date(2026, 1, 1), true),
            ("310000", "310000", date(2026, 12, 31), true),
            ("310000", "310000", date(2027, 1, 1), false),
            ("320300", "320311", date(2026, 6, 1), true),
            ("320311", "320300", date(2026, 6, 1), true),
            ("320300", "320100", date(2026, 6, 1), false),
            ("320000", "320100", date(2026, 6, 1), true),
        ];
        for (target, area, day, covers) in table {
            assert_eq!(
                filing(target).covers(Area::new(area).unwrap(), day),
                covers,
                "{target} {area} {day}"
            );
        }
        assert!(filing("310000").is_of(Area::new("341225").unwrap()));
        assert!(!filing("310000").is_of(Area::new("340100").unwrap()));
    }

    #[test]
    fn names_of_older_stores_are_read() {
        let old = r#"{"kind":"long_term","target":"310000","from":"2026-01-01","until":"2026-12-31"}"#;
        let read: Filing = serde_json::from_str(old).unwrap();
        assert_eq!((read.kind, read.region), (FilingKind::LongTermResident, None));
    }
}
