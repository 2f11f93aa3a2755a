//! What a filing made or taken back here is for the filing ledger.

use jiff::Timestamp;
use zhijie_filing::{Act, Entry, Filing, FilingKind, Observation, Said, Source, Stage, Target};
use zhijie_model::{
    Area, FilingCall, FilingNumber, FilingRecord, FixedPointKind, NewFixedPlace, NewReferral, Private,
};

use super::{Person, Sighting};

/// The observation of an act that was carried out; `None` for records the filing ledger does not weigh: their end stands
/// in the journal.
pub(crate) fn carried(act: &Act, at: Timestamp, answer: Option<String>) -> Option<Sighting> {
    let Stage::Carried { number, words } = &act.stage else {
        return None;
    };
    let payer = act.new.call.payer();
    let said = said(&act.new.call, act.new.target.as_ref(), number.as_ref())?;
    Some(Sighting {
        person: Person {
            number: Some(payer.number.clone()),
            certificate: Some(payer.certificate.clone()),
        },
        observation: Observation {
            at,
            source: Source::Declaration,
            message_id: Some(act.message_id.clone()),
            platform_message_id: words.message_id.clone(),
            digest: String::new(),
            answer_digest: answer,
            said: Some(said),
        },
    })
}

fn said(call: &FilingCall, target: Option<&Target>, number: Option<&FilingNumber>) -> Option<Said> {
    let number = || number.map(|number| Private::new(number.as_str()));
    match call {
        FilingCall::Refer { payer, referral } => Some(Said::Made {
            insured: payer.area,
            filing: referred(referral, number()),
        }),
        FilingCall::FixPlace { payer, place } if place.register == FixedPointKind::Elsewhere => {
            Some(Said::Made {
                insured: payer.area,
                filing: elsewhere(place, number()),
            })
        }
        FilingCall::FixPlace { .. } => None,
        FilingCall::RegisterChronic { entry, .. } => Some(Said::Entries {
            rows: vec![Entry {
                code: Some(Private::new(&*entry.disease.code)),
                name: Private::new(&*entry.disease.name),
                from: Some(entry.from),
                until: entry.until,
            }],
        }),
        FilingCall::Withdraw { what, number, .. } => {
            let counts = match what {
                FilingRecord::Referral => true,
                FilingRecord::FixedPlace => matches!(
                    target,
                    Some(Target::Place {
                        kind: FixedPointKind::Elsewhere,
                        ..
                    })
                ),
                FilingRecord::Chronic => false,
            };
            counts.then(|| Said::Withdrawn {
                number: Private::new(number.as_str()),
            })
        }
    }
}

fn referred(referral: &NewReferral, number: Option<Private>) -> Filing {
    Filing {
        kind: FilingKind::Referral,
        number,
        from: referral.from.unwrap_or(referral.date),
        until: referral.until,
        area: Some(referral.area),
    }
}

/// The message has no member for the kind: the register will tell it.
fn elsewhere(place: &NewFixedPlace, number: Option<Private>) -> Filing {
    let digits = place.institution.code.as_str().get(1..7);
    Filing {
        kind: FilingKind::NotStated,
        number,
        from: place.from,
        until: place.until,
        area: digits.and_then(|digits| Area::new(digits).ok()),
    }
}
