//! Which answers are verdicts of the insured region, and what they say: to a trial, a settlement, an admission.

use jiff::Timestamp;
use zhijie_filing::{Observation, Rules, Said, Source, Tried};
use zhijie_model::{Area, MessageId, Payer, PlatformWords, Private, Ratio, Reply, Road, Split, VisitType};
use zhijie_settlement::{Case, Event, State, StayEvent, StayOrder, StayState};

use super::{Person, Sighting};

/// Where a verdict is heard, and by which rules.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bench<'a> {
    pub(crate) at: Timestamp,
    pub(crate) care: Area,
    pub(crate) rules: &'a Rules,
    /// The answer as it came.
    pub(crate) raw: Option<&'a [u8]>,
}

/// Whose visit of which kind a decision or a verdict is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) payer: &'a Payer,
    pub(crate) visit_kind: &'a VisitType,
}

impl<'a> About<'a> {
    pub(crate) const fn bill(case: &'a Case) -> Self {
        Self {
            payer: &case.order.payer,
            visit_kind: &case.order.visit.kind,
        }
    }

    pub(crate) const fn stay(order: &'a StayOrder) -> Self {
        Self {
            payer: &order.payer,
            visit_kind: &order.admission.kind,
        }
    }

    pub(crate) fn person(&self) -> Person {
        Person {
            number: Some(self.payer.number.clone()),
            certificate: Some(self.payer.certificate.clone()),
        }
    }

    fn tried(&self, care: Area) -> Tried {
        Tried {
            insured: self.payer.area,
            care,
            insurance: self.payer.insurance.clone(),
            visit_kind: self.visit_kind.clone(),
        }
    }
}

/// Whether the event asks for a decision with which a check goes.
pub(crate) const fn is_asking(event: &Event) -> bool {
    matches!(event, Event::QuoteAsked { .. } | Event::SettleAsked { .. })
}

/// Whether the event of a stay asks for one.
pub(crate) const fn is_asking_of_stay(event: &StayEvent) -> bool {
    matches!(event, StayEvent::AdmitAsked { .. })
}

/// The verdict in an answer to a trial (2206, 2101, 2303) or a settlement (2207, 2102, 2304) that is out; `None` for
/// everything else.
pub(crate) fn verdict(state: &State, event: &Event, bench: Bench<'_>) -> Option<Sighting> {
    let Event::Answered { message_id, reply } = event else {
        return None;
    };
    let (about, source) = match state {
        State::Preparing(preparing) if preparing.call.transaction() == preparing.case.order.road.trial() => {
            (About::bill(&preparing.case), trial(&preparing.case.order.road))
        }
        State::Submitted(submitted) => (
            About::bill(&submitted.case),
            settlement(&submitted.case.order.road),
        ),
        _ => return None,
    };
    let heard = match (state, &**reply) {
        (State::Preparing(_), Reply::Tried { trial }) => accepted(Some(&trial.split), None),
        (State::Submitted(_), Reply::Settled { settlement }) => {
            accepted(Some(&settlement.split), Some(&settlement.platform))
        }
        (_, reply) => refused(reply)?,
    };
    Some(sighting(about, (source, message_id), heard, bench))
}

/// The verdict in the answer to an admission (2401) that is out; `None` for everything else.
pub(crate) fn stay_verdict(state: &StayState, event: &StayEvent, bench: Bench<'_>) -> Option<Sighting> {
    let (StayState::Admitting(admitting), StayEvent::Answered { message_id, reply }) = (state, event) else {
        return None;
    };
    let heard = match &**reply {
        Reply::Admitted { .. } => accepted(None, None),
        reply => refused(reply)?,
    };
    let about = About::stay(&admitting.order);
    Some(sighting(about, (Source::Admission, message_id), heard, bench))
}

const fn trial(road: &Road) -> Source {
    match road {
        Road::Outpatient | Road::Slip => Source::Trial,
        Road::Pharmacy => Source::PurchaseTrial,
        Road::Stay(_) => Source::StayTrial,
    }
}

const fn settlement(road: &Road) -> Source {
    match road {
        Road::Outpatient | Road::Slip => Source::Settlement,
        Road::Pharmacy => Source::Purchase,
        Road::Stay(_) => Source::StaySettlement,
    }
}

/// What was decided, with the platform's words beside it.
struct Heard<'a> {
    decided: Decided,
    words: Option<&'a PlatformWords>,
}

enum Decided {
    /// Taken; the pool's share where the answer tells one.
    Accepted(Option<Ratio>),
    Refused,
}

fn accepted<'a>(split: Option<&Split>, words: Option<&'a PlatformWords>) -> Heard<'a> {
    Heard {
        decided: Decided::Accepted(split.and_then(|split| split.parts().pool_ratio)),
        words,
    }
}

/// A lost sign-in is refused by the platform itself: the insured region never heard of the visit.
fn refused(reply: &Reply) -> Option<Heard<'_>> {
    match reply {
        Reply::Refused { refusal } if !refusal.sign_in_lost => Some(Heard {
            decided: Decided::Refused,
            words: Some(&refusal.platform),
        }),
        _ => None,
    }
}

fn sighting(
    about: About<'_>,
    (source, message_id): (Source, &MessageId),
    heard: Heard<'_>,
    bench: Bench<'_>,
) -> Sighting {
    let tried = about.tried(bench.care);
    let said = match heard.decided {
        Decided::Accepted(share) => Said::Accepted { tried, share },
        Decided::Refused => {
            let text = heard.words.and_then(|words| words.text.clone());
            let text = text.unwrap_or_default();
            Said::Refused {
                tried,
                class: bench.rules.words.classify(&text),
                words: Private::new(text),
            }
        }
    };
    Sighting {
        person: about.person(),
        observation: Observation {
            at: bench.at,
            source,
            message_id: Some(message_id.clone()),
            platform_message_id: heard.words.and_then(|words| words.message_id.clone()),
            digest: String::new(),
            answer_digest: bench.raw.map(|raw| hex::encode(zhijie_ledger::digest(raw))),
            said: Some(said),
        },
    }
}
