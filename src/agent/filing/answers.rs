//! From answers of the platform to observations: the one place where an inquiry's answer becomes something seen.
//! A further query (5301, 5302, 5304, 5360, 2501 to 2506) is plugged in as a further arm of [`said`].

use jiff::Timestamp;
use zhijie_filing::{InsuredRow, Observation, RefusalClass, Rules, Said, Source, Tried};
use zhijie_model::{Area, Benefit, InsuranceStatus, MessageId, Private};
use zhijie_wire::{Inquiry, InquiryReply};

use super::{Person, Sighting};
use crate::platform::Told;

/// What the answer to an inquiry shows of a person's insurance or filing; `None` when it shows nothing of that.
pub(crate) fn of_answer(
    inquiry: &Inquiry,
    message_id: &MessageId,
    told: &Told,
    at: Timestamp,
    care: Area,
    rules: &Rules,
) -> Option<Sighting> {
    let (person, source, said) = said(inquiry, &told.reply, care, rules)?;
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

fn said(
    inquiry: &Inquiry,
    reply: &InquiryReply,
    care: Area,
    rules: &Rules,
) -> Option<(Person, Source, Said)> {
    match (inquiry, reply) {
        (Inquiry::Person { .. }, InquiryReply::Person(person)) => {
            let rows = person.insurances.iter().map(|row| InsuredRow {
                insurance: row.kind.clone(),
                area: row.area,
                active: row.status == InsuranceStatus::Active,
            });
            let who = Person {
                number: Some(person.number.clone()),
                certificate: Some(person.certificate.clone()),
            };
            Some((who, Source::Insurances, Said::Insured { rows: rows.collect() }))
        }
        (Inquiry::Benefits { payer, kind, .. }, InquiryReply::Benefits(benefits)) => {
            let tried = Tried {
                insured: payer.area,
                care,
                insurance: payer.insurance.clone(),
                visit_kind: kind.clone(),
            };
            let who = Person {
                number: Some(payer.number.clone()),
                certificate: Some(payer.certificate.clone()),
            };
            (!benefits.is_empty()).then(|| (who, Source::Benefits, benefit(tried, benefits, rules)))
        }
        (
            Inquiry::SignIn { .. }
            | Inquiry::SignOut { .. }
            | Inquiry::Person { .. }
            | Inquiry::Benefits { .. }
            | Inquiry::DecodeVoucher { .. }
            | Inquiry::Visits { .. }
            | Inquiry::ChronicEntries { .. }
            | Inquiry::FixedPoints { .. }
            | Inquiry::Referrals { .. }
            | Inquiry::Approvals { .. },
            _,
        ) => None,
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
