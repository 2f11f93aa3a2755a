//! What becomes of one message on the line: decided when it leaves, by the seed.

use jiff::Timestamp;
use zhijie_model::{Reply, beijing};
use zhijie_settlement::Event;
use zhijie_uplink::{Delivery, NotSent, Silence};
use zhijie_wire::Profile;

use crate::answers::Odd;
use crate::outside::Posted;
use crate::policy::{Plant, Rules};
use crate::rng::Rng;

/// After this the agent gives up waiting for an answer.
pub(crate) const TIMEOUT_MS: i64 = 60_000;

/// The fate of one message. Times are milliseconds after it left.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fate {
    /// When the centre has it; twice when the line delivers it twice.
    pub(crate) arrives: Vec<i64>,
    /// When the agent has the centre's answer to the first arrival.
    pub(crate) answered: Option<i64>,
    /// Otherwise: when the line gives up, and how.
    pub(crate) otherwise: Option<(i64, End)>,
    /// The agent dies before the message leaves, or right after.
    pub(crate) dies: Option<Death>,
    pub(crate) refused: bool,
    pub(crate) sign_in_lost: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    TimedOut,
    Cut,
    Odd(Odd),
    NotSent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    BeforeItLeaves,
    RightAfter,
    /// Milliseconds later.
    Later(i64),
}

impl Fate {
    /// All is well: there and back within two seconds.
    pub(crate) fn calm(rng: &mut Rng) -> Self {
        let arrives = rng.between(10, 900);
        Self {
            arrives: vec![arrives],
            answered: Some(arrives + rng.between(10, 900)),
            ..Self::default()
        }
    }

    /// There is no line.
    pub(crate) fn not_sent(rng: &mut Rng) -> Self {
        Self {
            otherwise: Some((rng.between(1, 10_000), End::NotSent)),
            ..Self::default()
        }
    }

    pub(crate) fn draw(rng: &mut Rng, rules: &Rules) -> Self {
        let faults = &rules.faults;
        let mut fate = Self::calm(rng);
        if rng.percent(faults.kill) {
            fate.dies = Some(match rng.below(3) {
                0 => Death::BeforeItLeaves,
                1 => Death::RightAfter,
                _ => Death::Later(rng.between(1, 70_000)),
            });
        }
        if rng.percent(faults.not_sent) {
            return Self {
                dies: fate.dies,
                otherwise: Some((rng.between(1, 10_000), End::NotSent)),
                ..Self::default()
            };
        }
        if rng.percent(faults.never_arrives) {
            let end = if rng.percent(50) { End::TimedOut } else { End::Cut };
            return Self {
                dies: fate.dies,
                otherwise: Some((end.when(rng), end)),
                ..Self::default()
            };
        }
        fate.refused = rng.percent(faults.refused);
        fate.sign_in_lost = rng.percent(faults.sign_in_lost);
        let late_max = (i64::from(rules.late_max_s) - 1) * 1000;
        if rng.percent(faults.late) {
            fate.arrives = vec![rng.between(1000, late_max)];
            fate.answered = Some(fate.arrives[0] + rng.between(10, 30_000));
        }
        if rng.percent(faults.twice) {
            fate.arrives
                .push(rng.between(fate.arrives[0], late_max.max(fate.arrives[0])));
        }
        let lost = rng.percent(faults.answer_lost);
        let unreadable = rng.percent(faults.unreadable);
        let in_time = fate.answered.is_some_and(|at| at < TIMEOUT_MS);
        if unreadable && in_time {
            let odd = Odd::draw(rng);
            fate.otherwise = fate.answered.take().map(|at| (at, End::Odd(odd)));
        } else if lost || !in_time {
            let end = if rng.percent(60) { End::TimedOut } else { End::Cut };
            fate.answered = None;
            fate.otherwise = Some((end.when(rng), end));
        }
        fate
    }
}

impl End {
    fn when(self, rng: &mut Rng) -> i64 {
        match self {
            Self::TimedOut => TIMEOUT_MS,
            Self::Cut | Self::Odd(_) | Self::NotSent => rng.between(1, TIMEOUT_MS),
        }
    }

    /// What the agent reads out of it.
    pub(crate) fn outcome(
        self,
        posted: &Posted,
        plant: Plant,
        profile: &Profile,
    ) -> (Event, Option<Vec<u8>>) {
        let delivery = match (self, plant) {
            (Self::NotSent, _) | (Self::TimedOut, Plant::TimeoutIsNotSent) => {
                Delivery::NotSent(NotSent::Unreachable)
            }
            (Self::Odd(_), Plant::UnreadableIsRefused) => {
                let event = answered(posted, crate::centre::refused("系统繁忙"));
                return (event, Some(b"<html>".to_vec()));
            }
            (Self::TimedOut, _) => Delivery::Unknown(Silence::TimedOut),
            (Self::Cut, _) => Delivery::Unknown(Silence::Reset),
            (Self::Odd(odd), _) => odd.delivery(&posted.call, &posted.message_id),
        };
        read(posted, delivery, profile)
    }
}

/// The centre's answer as the agent gets it. What it did is handed over as it is; a refusal comes in its own words.
/// The centre's clock is right.
pub(crate) fn reply(
    posted: &Posted,
    reply: Reply,
    now_ms: i64,
    profile: &Profile,
) -> (Event, Option<Vec<u8>>) {
    match reply {
        Reply::Refused { refusal } => read(posted, crate::answers::refused(&refusal), profile),
        done => {
            let at = beijing(Timestamp::from_millisecond(now_ms).unwrap());
            let at = at.strftime("%Y%m%d%H%M%S000");
            let to = &posted.message_id;
            let raw = format!("{{\"infcode\":0,\"respond_time\":\"{at}\",\"to\":\"{to}\"}}");
            (answered(posted, done), Some(raw.into_bytes()))
        }
    }
}

fn read(posted: &Posted, delivery: Delivery, profile: &Profile) -> (Event, Option<Vec<u8>>) {
    zhijie_agent::reading::outcome(&posted.call, posted.message_id.clone(), delivery, profile)
}

fn answered(posted: &Posted, reply: Reply) -> Event {
    Event::Answered {
        message_id: posted.message_id.clone(),
        reply: Box::new(reply),
    }
}
