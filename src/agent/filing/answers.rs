//! From answers of the platform to observations: the one place where an inquiry's answer becomes something seen.
//! The registers (5301, 5302, 5304, 5360) are read in [`super::registers`]; filings made here (2501 to 2506) become
//! observations in [`super::made`].

use jiff::Timestamp;
use zhijie_filing::{InsuredPerson, InsuredRow, Observation, RefusalClass, Rules, Said, Source, Tried};
use zhijie_model::{Area, Benefit, FixedPointKind, InsuranceStatus, MessageId, Payer, Private};
use zhijie_wire::{FilingQuery, FilingRules, Inquiry, InquiryReply};

use super::registers::{approved, chronic, fixed, referred};
use super::{Person, Sighting};
use crate::platform::Told;

/// Where and by which rules an answer is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) care: Area,
    pub(crate) rules: &'a Rules,
    pub(crate) province: &'a FilingRules,
}

/// What the answer to an inquiry shows of a person's insurance or filing; `None` when it shows nothing of that.
pub(crate) fn of_answer(
    inquiry: &Inquiry,
    message_id: &MessageId,
    told: &Told,
    at: Timestamp,
    place: Place<'_>,
) -> Option<Sighting> {
    let (person, source, said) = said(inquiry, &told.reply, place)?;
    Some(Sighting {
        person,
        observation: Observation {
            at,
            source,
            message_id: Some(message_id.clone()),
            platform_message_id: None,
            digest: String::new(),
            answer_digest: Some(told.digest.clone()),
            said: Some(said),
        },
    })
}

fn said(inquiry: &Inquiry, reply: &InquiryReply, place: Place<'_>) -> Option<(Person, Source, Said)> {
    let Place {
        care,
        rules,
        province,
    } = place;
    let complete = |query| province.complete.contains(&query);
    match (inquiry, reply) {
        (Inquiry::Person { .. }, InquiryReply::Person(person)) => {
            let rows = person.insurances.iter().map(|row| InsuredRow {
                insurance: row.kind.clone(),
                area: row.area,
                active: row.status == InsuranceStatus::Active,
                status: Some(row.status.clone()),
                category: row.category.clone(),
                civil_servant: row.civil_servant,
            });
            let said = Said::Insured {
                person: Some(InsuredPerson {
                    number: person.number.clone(),
                    name: person.name.clone(),
                    certificate_kind: person.certificate_kind.clone(),
                    certificate: person.certificate.clone(),
                }),
                rows: rows.collect(),
            };
            let who = Person {
                number: Some(person.number.clone()),
                certificate: Some(person.certificate.clone()),
            };
            Some((who, Source::Insurances, said))
        }
        (Inquiry::Benefits { payer, kind, .. }, InquiryReply::Benefits(benefits)) => {
            let tried = Tried {
                insured: payer.area,
                care,
                insurance: payer.insurance.clone(),
                visit_kind: kind.clone(),
            };
            let who = of_payer(payer);
            (!benefits.is_empty()).then(|| (who, Source::Benefits, benefit(tried, benefits, rules)))
        }
        (
            Inquiry::FixedPoints {
                payer,
                register: FixedPointKind::Elsewhere,
            },
            InquiryReply::FixedPoints(points),
        ) => fixed(payer.area, points, complete(FilingQuery::FixedPoints))
            .map(|said| (of_payer(payer), Source::FixedInstitutions, said)),
        (Inquiry::Referrals { payer, .. }, InquiryReply::Referrals(referrals)) => {
            referred(payer.area, referrals, complete(FilingQuery::Referrals))
                .map(|said| (of_payer(payer), Source::Referrals, said))
        }
        (Inquiry::ChronicEntries { payer }, InquiryReply::ChronicEntries(entries)) => {
            Some((of_payer(payer), Source::ChronicEntries, chronic(entries)))
        }
        (Inquiry::Approvals { payer, .. }, InquiryReply::Approvals(approvals)) => {
            Some((of_payer(payer), Source::Approvals, approved(approvals)))
        }
        (
            Inquiry::SignIn { .. }
            | Inquiry::SignOut { .. }
            | Inquiry::Person { .. }
            | Inquiry::Benefits { .. }
            | Inquiry::DecodeVoucher { .. }
            | Inquiry::Visits { .. }
            | Inquiry::Totals { .. }
            | Inquiry::ChronicEntries { .. }
            | Inquiry::FixedPoints { .. }
            | Inquiry::Referrals { .. }
            | Inquiry::Approvals { .. }
            | Inquiry::Institutions { .. }
            | Inquiry::Dictionary { .. }
            | Inquiry::Diagnoses { .. }
            | Inquiry::Lines { .. }
            | Inquiry::Dispensed { .. }
            | Inquiry::Sheet { .. }
            | Inquiry::CheckBill { .. }
            | Inquiry::AnswerCheck { .. }
            | Inquiry::CatalogueFile { .. }
            | Inquiry::CataloguePage { .. },
            _,
        ) => None,
    }
}

fn of_payer(payer: &Payer) -> Person {
    Person {
        number: Some(payer.number.clone()),
        certificate: Some(payer.certificate.clone()),
    }
}

/// One fund that is enjoyed is a hint that the visit will be taken. The words are weighed all the same: a region may take
/// people without a filing at a lower share, and says so.
fn benefit(tried: Tried, benefits: &[Benefit], rules: &Rules) -> Said {
    let enjoyed = benefits.iter().any(|row| row.enjoyed);
    let words: Vec<&str> = benefits.iter().filter_map(|row| row.reason.as_deref()).collect();
    let classes = words.iter().map(|text| rules.words.classify(text));
    let class = classes
        .into_iter()
        .find(|class| *class != RefusalClass::Other)
        .unwrap_or(RefusalClass::Other);
    Said::Benefit {
        tried,
        enjoyed,
        class,
        words: words.into_iter().map(Private::new).collect(),
    }
}
