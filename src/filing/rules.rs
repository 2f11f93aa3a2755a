//! What is asked, and the rules of the place it is asked at.

use jiff::Timestamp;
use jiff::civil::Date;
use zhijie_model::{Area, Distance, VisitType, business_day};

use crate::filing::Filing;
use crate::observation::{Source, Tried};
use crate::words::Words;

/// May a person insured in `insured` settle a visit of this kind in `care` now?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub now: Timestamp,
    pub insured: Area,
    pub care: Area,
    pub visit_kind: VisitType,
}

/// Rules of the province, and for how long answers count as fresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Whether people of this very pool need a filing here.
    pub needed_same_city: bool,
    /// Whether people of other cities of the same province do.
    pub needed_same_province: bool,
    /// Whether people of other provinces do.
    pub needed_other_province: bool,
    /// Beginnings of the visit kinds that are emergencies, which count as filed.
    pub emergency_kinds: Vec<String>,
    pub age: AgeLimits,
    pub words: Words,
}

/// Seconds after which an observation counts as old. Old ones still answer and say that they are old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeLimits {
    /// Verdicts: 2206, 2207, 2101, 2102, 2401, 2303, 2304.
    pub verdict_s: u32,
    /// Queries, benefits and declarations.
    pub query_s: u32,
    /// Filings told on paper.
    pub paper_s: u32,
}

impl Default for AgeLimits {
    fn default() -> Self {
        Self {
            verdict_s: 30 * 86_400,
            query_s: 86_400,
            paper_s: 180 * 86_400,
        }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            needed_same_city: false,
            needed_same_province: false,
            needed_other_province: true,
            emergency_kinds: vec![String::from("13")],
            age: AgeLimits::default(),
            words: Words::default(),
        }
    }
}

impl AgeLimits {
    /// Seconds for which what this source said counts as fresh.
    #[must_use]
    pub const fn of(&self, source: Source) -> u32 {
        match source {
            Source::Trial
            | Source::Settlement
            | Source::PurchaseTrial
            | Source::Purchase
            | Source::Admission
            | Source::StayTrial
            | Source::StaySettlement => self.verdict_s,
            Source::Insurances
            | Source::Benefits
            | Source::ChronicEntries
            | Source::FixedInstitutions
            | Source::Referrals
            | Source::Approvals
            | Source::Declaration => self.query_s,
            Source::Paper => self.paper_s,
        }
    }
}

impl Rules {
    /// Whether a visit of this kind is an emergency.
    #[must_use]
    pub fn is_emergency(&self, visit_kind: &VisitType) -> bool {
        self.emergency_kinds
            .iter()
            .any(|kind| visit_kind.as_str().starts_with(kind.as_str()))
    }

    /// Whether the rules ask for a filing at all.
    #[must_use]
    pub fn asks_for_filing(&self, question: &Question) -> bool {
        let by_distance = match question.insured.distance_to(question.care) {
            Distance::SameCity => self.needed_same_city,
            Distance::SameProvince => self.needed_same_province,
            Distance::OtherProvince => self.needed_other_province,
        };
        by_distance && !self.is_emergency(&question.visit_kind)
    }

    /// Whether a verdict about `tried` says something about the question: same insured region and place of treatment
    /// by prefix, and both an emergency or both none.
    pub(crate) fn bears_on(&self, tried: &Tried, question: &Question) -> bool {
        tried.insured.city() == question.insured.city()
            && tried.care.city() == question.care.city()
            && self.is_emergency(&tried.visit_kind) == self.is_emergency(&question.visit_kind)
    }
}

impl Question {
    /// The business day the question is about.
    #[must_use]
    pub fn day(&self) -> Date {
        business_day(self.now)
    }

    /// Whether both kinds begin with the same two digits; what follows them is a local form.
    pub(crate) fn is_of_group(&self, visit_kind: &VisitType) -> bool {
        let group = |kind: &VisitType| kind.as_str().get(..2).map(String::from);
        group(&self.visit_kind) == group(visit_kind)
    }

    pub(crate) fn is_met_by(&self, filing: &Filing) -> bool {
        filing.reaches(self.care) && filing.runs_on(self.day())
    }
}
