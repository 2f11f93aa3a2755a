//! Which answers of a bill's saga are verdicts of the insured region, and what they say.

use jiff::Timestamp;
use zhijie_filing::{Observation, Rules, Said, Source, Tried};
use zhijie_model::{Area, PlatformWords, Private, Ratio, Reply, Split};
use zhijie_settlement::{Case, Event, State};

use super::{Person, Sighting};

/// Whether the event asks for a decision with which a check goes.
pub(crate) const fn is_asking(event: &Event) -> bool {
    matches!(event, Event::QuoteAsked { .. } | Event::SettleAsked { .. })
}

/// The verdict in an answer to a trial (2206) or a settlement (2207) that is out; `None` for everything else.
pub(crate) fn verdict(
    state: &State,
    event: &Event,
    raw: Option<&[u8]>,
    at: Timestamp,
    care: Area,
    rules: &Rules,
) -> Option<Sighting> {
    let Event::Answered { message_id, reply } = event else {
        return None;
    };
    let (case, source) = asked(state)?;
    let order = &case.order;
    let tried = Tried {
        insured: order.payer.area,
        care,
        insurance: order.payer.insurance.clone(),
        visit_kind: order.visit.kind.clone(),
    };
    let (said, words) = match (source, &**reply) {
        (Source::Trial, Reply::Tried { trial }) => (accepted(tried, &trial.split), None),
        (Source::Settlement, Reply::Settled { settlement }) => {
            (accepted(tried, &settlement.split), Some(&settlement.platform))
        }
        (_, Reply::Refused { refusal }) if !refusal.sign_in_lost => {
            (refused(tried, &refusal.platform, rules), Some(&refusal.platform))
        }
        _ => return None,
    };
    Some(Sighting {
        person: Person {
            number: Some(order.payer.number.clone()),
            certificate: Some(order.payer.certificate.clone()),
        },
        observation: Observation {
            at,
            source,
            message_id: Some(message_id.clone()),
            platform_message_id: words.and_then(|words| words.message_id.clone()),
            digest: String::new(),
            answer_digest: raw.map(|raw| hex::encode(zhijie_ledger::digest(raw))),
            said: Some(said),
        },
    })
}

/// The call that is out, when its answer is a verdict.
fn asked(state: &State) -> Option<(&Case, Source)> {
    match state {
        State::Preparing(preparing) if preparing.call.transaction() == preparing.case.order.road.trial() => {
            Some((&preparing.case, Source::Trial))
        }
        State::Submitted(submitted) => Some((&submitted.case, Source::Settlement)),
        _ => None,
    }
}

fn accepted(tried: Tried, split: &Split) -> Said {
    let share: Option<Ratio> = split.parts().pool_ratio;
    Said::Accepted { tried, share }
}

fn refused(tried: Tried, words: &PlatformWords, rules: &Rules) -> Said {
    let text = words.text.clone().unwrap_or_default();
    Said::Refused {
        tried,
        class: rules.words.classify(&text),
        words: Private::new(text),
    }
}
