//! What the registers of filings show: fixed places (5302), referrals (5304), chronic diseases (5301), approvals (5360).

use zhijie_filing::{Entry, Filing, FilingKind, Said};
use zhijie_model::{
    Approval, Area, ChronicEntry, FilingKind as Told, FilingNumber, FixedPoint, NamedInstitution, Private,
    Referral,
};

/// The register of filings for treatment elsewhere. `None` when a row does not tell its first day: then nobody can say
/// which filing it is, and a list without it would read as its deletion.
pub(super) fn fixed(insured: Area, points: &[FixedPoint], complete: bool) -> Option<Said> {
    let filings = points.iter().map(|point| {
        Some(Filing {
            kind: kind(&point.kind),
            number: number(point.number.as_ref()),
            from: point.from?,
            until: point.until,
            area: point.area.or_else(|| stands_in(point.institution.as_ref())),
        })
    });
    Some(Said::Filings {
        insured,
        filings: filings.collect::<Option<_>>()?,
        complete,
    })
}

/// Referrals out of the region; one the hospital did not agree to, or within the region, is none. `None` as in [`fixed`].
pub(super) fn referred(insured: Area, referrals: &[Referral], complete: bool) -> Option<Said> {
    let counts = |row: &&Referral| row.agreed != Some(false) && row.leaves_region != Some(false);
    let filings = referrals.iter().filter(counts).map(|row| {
        Some(Filing {
            kind: FilingKind::Referral,
            number: number(row.number.as_ref()),
            from: row.from.or(row.referred_on)?,
            until: row.until,
            area: row.area.or_else(|| stands_in(row.to.as_ref())),
        })
    });
    Some(Said::Filings {
        insured,
        filings: filings.collect::<Option<_>>()?,
        complete,
    })
}

pub(super) fn chronic(entries: &[ChronicEntry]) -> Said {
    let rows = entries.iter().map(|entry| Entry {
        code: Some(Private::new(&*entry.disease.code)),
        name: Private::new(&*entry.disease.name),
        from: entry.from,
        until: entry.until,
    });
    Said::Entries { rows: rows.collect() }
}

pub(super) fn approved(approvals: &[Approval]) -> Said {
    let rows = approvals.iter().map(|approval| Entry {
        code: approval
            .disease
            .as_ref()
            .map(|disease| Private::new(&*disease.code)),
        name: Private::new(
            approval
                .disease
                .as_ref()
                .map_or("", |disease| disease.name.as_str()),
        ),
        from: approval.from,
        until: approval.until,
    });
    Said::Entries { rows: rows.collect() }
}

/// A code nobody knows says no more than no code: after an upgrade old kinds come under new codes.
const fn kind(told: &Told) -> FilingKind {
    match told {
        Told::ResettledRetiree => FilingKind::ResettledRetiree,
        Told::LongTermResident => FilingKind::LongTermResident,
        Told::PostedWorker => FilingKind::PostedWorker,
        Told::Referral => FilingKind::Referral,
        Told::Emergency => FilingKind::Emergency,
        Told::OtherTemporary => FilingKind::OtherTemporary,
        Told::NotStated | Told::Unknown(_) => FilingKind::NotStated,
    }
}

fn number(told: Option<&FilingNumber>) -> Option<Private> {
    told.map(|number| Private::new(number.as_str()))
}

/// The area in the code of an institution: a letter, then the six digits of the area, then its own five.
fn stands_in(institution: Option<&NamedInstitution>) -> Option<Area> {
    let code = institution?.code.as_str();
    Area::new(code.get(1..7)?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};
    use zhijie_model::{FilingSource, FixedPointKind, InstitutionCode};

    use super::*;

    fn area(code: &str) -> Area {
        Area::new(code).unwrap()
    }

    fn point(kind: Told, from: Option<Date>) -> FixedPoint {
        FixedPoint {
            register: FixedPointKind::Elsewhere,
            number: Some(FilingNumber::new("7").unwrap()),
            kind,
            insurance: None,
            institution: None,
            area: Some(area("310000")),
            from,
            until: None,
            memo: None,
        }
    }

    fn referral(agreed: Option<bool>) -> Referral {
        Referral {
            number: None,
            insurance: None,
            source: FilingSource::Institution,
            insured_area: None,
            diagnosis: None,
            to: Some(NamedInstitution {
                code: InstitutionCode::new("H31010100001").unwrap(),
                name: String::new(),
            }),
            area: None,
            leaves_region: None,
            agreed,
            referred_on: Some(date(2026, 11, 20)),
            reason: None,
            from: None,
            until: None,
            recorded_at: None,
        }
    }

    fn filings(said: Option<Said>) -> Vec<Filing> {
        match said {
            Some(Said::Filings { filings, .. }) => filings,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_code_nobody_knows_leaves_the_filing_the_same() {
        let from = Some(date(2026, 1, 1));
        let old = filings(fixed(area("341200"), &[point(Told::PostedWorker, from)], false));
        let unknown = Told::Unknown(String::from("0013"));
        let new = filings(fixed(area("341200"), &[point(unknown, from)], false));
        assert!(old[0] != new[0] && old[0].is(&new[0]));
    }

    #[test]
    fn a_row_without_a_first_day_is_no_list_without_that_filing() {
        let rows = [
            point(Told::PostedWorker, Some(date(2026, 1, 1))),
            point(Told::PostedWorker, None),
        ];
        assert!(fixed(area("341200"), &rows, true).is_none());
    }

    #[test]
    fn a_referral_counts_from_its_day_to_its_hospitals_area_unless_nobody_agreed() {
        let seen = filings(referred(
            area("230100"),
            &[referral(None), referral(Some(false))],
            false,
        ));
        let [only] = seen.as_slice() else {
            panic!("{seen:?}")
        };
        assert_eq!((only.from, only.area), (date(2026, 11, 20), Some(area("310101"))));
        assert!(only.reaches(area("310000")));
    }
}
