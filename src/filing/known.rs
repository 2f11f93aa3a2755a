//! Who a person is, from what was seen: all a bill needs of her while nobody can be asked.

use jiff::Timestamp;
use zhijie_model::{Insurance, InsuranceStatus, Person, Sex};

use crate::observation::{InsuredPerson, InsuredRow, Observation, Said};

/// The person of the newest lookup whose details are still there, and when it was made. Sex and birthday are not kept,
/// and no balance or employer: they say nothing about a bill, or are old the day after.
#[must_use]
pub fn known_person(seen: &[Observation]) -> Option<(Person, Timestamp)> {
    let told = seen.iter().filter_map(|seen| match seen.said.as_ref()? {
        Said::Insured {
            person: Some(person),
            rows,
        } => Some((seen, person, rows)),
        Said::Insured { person: None, .. }
        | Said::Benefit { .. }
        | Said::Filings { .. }
        | Said::Entries { .. }
        | Said::Made { .. }
        | Said::Registered { .. }
        | Said::Withdrawn { .. }
        | Said::Accepted { .. }
        | Said::Refused { .. }
        | Said::Paper { .. }
        | Said::Vanished { .. } => None,
    });
    let (seen, person, rows) =
        told.max_by(|(one, ..), (other, ..)| (one.at, &one.digest).cmp(&(other.at, &other.digest)))?;
    Some((rebuilt(person, rows), seen.at))
}

fn rebuilt(person: &InsuredPerson, rows: &[InsuredRow]) -> Person {
    Person {
        number: person.number.clone(),
        name: person.name.clone(),
        certificate_kind: person.certificate_kind.clone(),
        certificate: person.certificate.clone(),
        sex: Sex::NotStated,
        born: None,
        insurances: rows.iter().map(insurance).collect(),
    }
}

fn insurance(row: &InsuredRow) -> Insurance {
    let told = if row.active {
        InsuranceStatus::Active
    } else {
        InsuranceStatus::NotStated
    };
    Insurance {
        kind: row.insurance.clone(),
        status: row.status.clone().unwrap_or(told),
        area: row.area,
        category: row.category.clone(),
        civil_servant: row.civil_servant,
        employer: None,
        balance: None,
    }
}

#[cfg(test)]
mod tests {
    use zhijie_model::{InsuranceChoice, InsuranceType, PersonNumber, Private};

    use super::*;
    use crate::Source;
    use crate::kit::{ago, area, erased, seen};

    fn lookup(age_s: i64, category: &str) -> Observation {
        let person = InsuredPerson {
            number: PersonNumber::new("3412000001").unwrap(),
            name: Private::new("某"),
            certificate_kind: String::from("01"),
            certificate: Private::new("341200195803120026"),
        };
        let row = InsuredRow {
            insurance: InsuranceType::new("390").unwrap(),
            area: area("341200"),
            active: true,
            status: Some(InsuranceStatus::Active),
            category: String::from(category),
            civil_servant: false,
        };
        let said = Said::Insured {
            person: Some(person),
            rows: vec![row],
        };
        seen(Source::Insurances, age_s, said)
    }

    #[test]
    fn the_newest_lookup_that_was_not_erased_tells() {
        let all = [lookup(90, "11"), lookup(60, "12"), erased(lookup(30, "13"))];
        let (person, at) = known_person(&all).unwrap();
        assert_eq!(at, ago(60));
        let InsuranceChoice::One(row) = person.choose_insurance(None, None) else {
            panic!("{person:?}")
        };
        assert_eq!((row.category.as_str(), row.area), ("12", area("341200")));
        assert!(known_person(&[erased(lookup(1, "11"))]).is_none());
    }

    #[test]
    fn what_was_recorded_before_persons_were_kept_is_read_and_tells_nobody() {
        let old = r#"{"said":"insured","rows":[{"insurance":"390","area":"341200","active":true}]}"#;
        let said: Said = serde_json::from_str(old).unwrap();
        assert!(known_person(&[seen(Source::Insurances, 1, said)]).is_none());
    }

    #[test]
    fn nothing_personal_is_printed() {
        let text = format!("{:?}", lookup(1, "11"));
        assert!(!text.contains('某') && !text.contains("1958"), "{text}");
        assert!(!text.contains("3412000001"), "{text}");
    }
}
