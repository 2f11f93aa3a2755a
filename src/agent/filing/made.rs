//! What a filing made or taken back here is for the filing ledger.

use jiff::Timestamp;
use zhijie_filing::{Act, Declared, Filing, FilingKind, Observation, Said, Source, Stage, Target};
use zhijie_model::{
    Area, FilingCall, FilingNumber, FilingRecord, FixedPointKind, NewFixedPlace, NewReferral, Private,
};

use super::{Person, Sighting};

/// The observation of an act that was carried out. `answer`: digest of the answer that told it, where one did.
pub(crate) fn carried(act: &Act, at: Timestamp, answer: Option<String>) -> Option<Sighting> {
    let Stage::Carried { number, words } = &act.stage else {
        return None;
    };
    let payer = act.new.call.payer();
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
            said: Some(said(&act.new.call, act.new.target.as_ref(), number.as_ref())),
        },
    })
}

/// A withdrawal that was sent and whose end nobody knows yet: what it takes back may be gone already.
pub(crate) fn under_way(act: &Act) -> Option<Observation> {
    let call = &act.new.call;
    let withdraws = matches!(call, FilingCall::Withdraw { .. });
    (withdraws && act.is_open()).then(|| Observation {
        at: act.sent_at,
        source: Source::Declaration,
        message_id: Some(act.message_id.clone()),
        platform_message_id: None,
        digest: String::new(),
        answer_digest: None,
        said: Some(said(call, act.new.target.as_ref(), None)),
    })
}

fn said(call: &FilingCall, target: Option<&Target>, number: Option<&FilingNumber>) -> Said {
    let number = number.map(|number| Private::new(number.as_str()));
    match call {
        FilingCall::Refer { payer, referral } => Said::Made {
            insured: payer.area,
            filing: referred(referral, number),
        },
        FilingCall::FixPlace { payer, place } if place.register == FixedPointKind::Elsewhere => Said::Made {
            insured: payer.area,
            filing: elsewhere(place, number),
        },
        FilingCall::FixPlace { place, .. } => Said::Registered {
            record: Declared::Place,
            number,
            code: Private::new(place.institution.code.as_str()),
            name: Private::new(&*place.institution.name),
            from: place.from,
            until: place.until,
        },
        FilingCall::RegisterChronic { entry, .. } => Said::Registered {
            record: Declared::Chronic,
            number,
            code: Private::new(&*entry.disease.code),
            name: Private::new(&*entry.disease.name),
            from: entry.from,
            until: entry.until,
        },
        FilingCall::Withdraw {
            what,
            register,
            number,
            ..
        } => Said::Withdrawn {
            number: Private::new(number.as_str()),
            record: taken_back(*what, register.or_else(|| register_of(target))),
        },
    }
}

/// `None` where an older program did not keep in which register the place stood.
const fn taken_back(what: FilingRecord, register: Option<FixedPointKind>) -> Option<Declared> {
    match (what, register) {
        (FilingRecord::Referral, _) => Some(Declared::Referral),
        (FilingRecord::Chronic, _) => Some(Declared::Chronic),
        (FilingRecord::FixedPlace, Some(FixedPointKind::Elsewhere)) => Some(Declared::Elsewhere),
        (FilingRecord::FixedPlace, Some(FixedPointKind::Chronic | FixedPointKind::Institution)) => {
            Some(Declared::Place)
        }
        (FilingRecord::FixedPlace, None) => None,
    }
}

const fn register_of(target: Option<&Target>) -> Option<FixedPointKind> {
    match target {
        Some(Target::Place { kind, .. }) => Some(*kind),
        Some(Target::Referral { .. } | Target::Disease { .. }) | None => None,
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
