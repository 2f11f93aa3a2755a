//! Values for tests of this crate: a person of Fuyang (341200) treated in Shanghai (310000).

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use zhijie_model::{Area, InsuranceType, Private, Ratio, VisitType};

use crate::{Declared, Filing, FilingKind, Observation, Question, RefusalClass, Said, Source, Tried};

pub(crate) const DAY_S: i64 = 86_400;

/// 2026-11-22 10:00 in Beijing.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T02:00:00Z".parse().unwrap()
}

pub(crate) fn ago(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

pub(crate) fn area(code: &str) -> Area {
    Area::new(code).unwrap()
}

pub(crate) fn question() -> Question {
    Question {
        now: now(),
        insured: area("341225"),
        care: area("310000"),
        visit_kind: VisitType::new("11").unwrap(),
    }
}

pub(crate) fn tried(kind: &str) -> Tried {
    Tried {
        insured: area("341200"),
        care: area("310000"),
        insurance: InsuranceType::new("390").unwrap(),
        visit_kind: VisitType::new(kind).unwrap(),
    }
}

pub(crate) fn filing(from: Date, until: Option<Date>) -> Filing {
    Filing {
        kind: FilingKind::LongTermResident,
        number: None,
        from,
        until,
        area: Some(area("310000")),
    }
}

/// Runs since the year began, without an end.
pub(crate) fn running() -> Filing {
    filing(date(2026, 1, 1), None)
}

pub(crate) fn ended(until: Date) -> Filing {
    filing(date(2025, 1, 1), Some(until))
}

pub(crate) fn seen(source: Source, age_s: i64, said: Said) -> Observation {
    Observation {
        at: ago(age_s),
        source,
        message_id: None,
        platform_message_id: None,
        digest: format!("{:?}{age_s}", source.word()),
        answer_digest: None,
        said: Some(said),
    }
}

pub(crate) fn accepted(age_s: i64) -> Observation {
    let said = Said::Accepted {
        tried: tried("11"),
        share: Some(Ratio::parse("0.55").unwrap()),
    };
    seen(Source::Trial, age_s, said)
}

pub(crate) fn refused(age_s: i64, class: RefusalClass) -> Observation {
    let said = Said::Refused {
        tried: tried("11"),
        class,
        words: Private::new("未备案"),
    };
    seen(Source::Trial, age_s, said)
}

pub(crate) fn listed(age_s: i64, filings: Vec<Filing>) -> Observation {
    let said = Said::Filings {
        insured: area("341200"),
        filings,
        complete: true,
    };
    seen(Source::FixedInstitutions, age_s, said)
}

pub(crate) fn benefit(age_s: i64, enjoyed: bool, class: RefusalClass) -> Observation {
    let said = Said::Benefit {
        tried: tried("11"),
        enjoyed,
        class,
        words: Vec::new(),
    };
    seen(Source::Benefits, age_s, said)
}

pub(crate) fn paper(age_s: i64, filing: Filing) -> Observation {
    let said = Said::Paper {
        filing,
        seen_by: String::from("收费员"),
    };
    seen(Source::Paper, age_s, said)
}

pub(crate) fn numbered(number: &str) -> Filing {
    Filing {
        number: Some(Private::new(number)),
        ..running()
    }
}

/// Made here.
pub(crate) fn made(age_s: i64, filing: Filing) -> Observation {
    let insured = area("341200");
    seen(Source::Declaration, age_s, Said::Made { insured, filing })
}

/// Taken back here.
pub(crate) fn taken(age_s: i64, number: &str, record: Option<Declared>) -> Observation {
    let number = Private::new(number);
    seen(Source::Declaration, age_s, Said::Withdrawn { number, record })
}

pub(crate) fn erased(mut observation: Observation) -> Observation {
    observation.said = None;
    observation
}
