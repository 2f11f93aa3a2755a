//! A filing made or taken back at the desk (2501 to 2506), from the decision to its end. Pure: the same events give the
//! same act. A lost answer is doubt; doubt ends by what a register shows, or at a person, and never by sending again.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use zhijie_model::{
    FilingCall, FilingNumber, FilingReply, MessageId, OperatorCode, PlatformWords, Refusal, RequestId,
};

use crate::target::{Sight, Target};

/// The first look after an answer was lost; every further one waits longer.
const LOOK_FIRST_S: u32 = 5;
const LOOK_LAST_S: u32 = 300;

/// What the desk wants done, as it is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAct {
    pub request: RequestId,
    pub operator: OperatorCode,
    pub operator_name: String,
    pub call: FilingCall,
    /// What a register is searched for; `None` where the province has none that would show it.
    pub target: Option<Target>,
    pub limits: ActLimits,
}

/// How long doubt may last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActLimits {
    /// Seconds after sending from which a register that does not show it proves that it was never done.
    pub absence_counts_after_s: u32,
    /// Seconds of doubt after which a person must look.
    pub doubt_max_s: u32,
}

/// One thing that happened to an act. Journaled as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ActEvent {
    Asked {
        act: Box<NewAct>,
    },
    Answered {
        reply: Box<FilingReply>,
    },
    /// Proof that no byte left.
    NotSent {
        evidence: String,
    },
    Lost {
        evidence: String,
    },
    /// A register was asked.
    Looked {
        sight: Sight,
    },
    /// A person looked.
    Resolved {
        verdict: ActVerdict,
        person: OperatorCode,
        reason: String,
    },
}

/// What a person found out about an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActVerdict {
    AskAgain,
    Carried { number: Option<FilingNumber> },
    NotCarried,
}

/// An act and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub new: NewAct,
    pub message_id: MessageId,
    pub sent_at: Timestamp,
    pub stage: Stage,
}

/// Where an act stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    Sent,
    InDoubt {
        since: Timestamp,
        looked: u32,
        next: Timestamp,
    },
    NeedsClerk {
        since: Timestamp,
    },
    /// The record stands, or is taken back, as was asked. The number where one is known.
    Carried {
        number: Option<FilingNumber>,
        words: PlatformWords,
    },
    Refused {
        refusal: Refusal,
    },
    NotSent {
        evidence: String,
    },
    /// Doubt has ended: it was never done.
    NeverDone,
}

impl Act {
    /// The act as it begins: about to be sent under `message_id`.
    #[must_use]
    pub const fn begun(new: NewAct, message_id: MessageId, at: Timestamp) -> Self {
        Self {
            new,
            message_id,
            sent_at: at,
            stage: Stage::Sent,
        }
    }

    /// The stage after `event`; `None` when the event has no place there and changes nothing.
    #[must_use]
    pub fn after(&self, event: &ActEvent, at: Timestamp) -> Option<Stage> {
        match (&self.stage, event) {
            (Stage::Sent | Stage::InDoubt { .. }, ActEvent::Answered { reply }) => Some(answered(reply)),
            (Stage::Sent, ActEvent::NotSent { evidence }) => Some(Stage::NotSent {
                evidence: evidence.clone(),
            }),
            (Stage::Sent, ActEvent::Lost { .. }) if self.new.target.is_none() => {
                Some(Stage::NeedsClerk { since: at })
            }
            (Stage::Sent, ActEvent::Lost { .. }) => Some(doubt(at, 0, at)),
            (Stage::InDoubt { since, looked, .. }, ActEvent::Looked { sight }) => {
                Some(self.looked(sight, (*since, *looked), at))
            }
            (Stage::NeedsClerk { .. }, ActEvent::Resolved { verdict, .. }) => Some(match verdict {
                ActVerdict::AskAgain if self.new.target.is_none() => Stage::NeedsClerk { since: at },
                ActVerdict::AskAgain => doubt(at, 0, at),
                ActVerdict::Carried { number } => Stage::Carried {
                    number: number.clone(),
                    words: PlatformWords::default(),
                },
                ActVerdict::NotCarried => Stage::NeverDone,
            }),
            (
                Stage::Sent
                | Stage::InDoubt { .. }
                | Stage::NeedsClerk { .. }
                | Stage::Carried { .. }
                | Stage::Refused { .. }
                | Stage::NotSent { .. }
                | Stage::NeverDone,
                ActEvent::Asked { .. }
                | ActEvent::Answered { .. }
                | ActEvent::NotSent { .. }
                | ActEvent::Lost { .. }
                | ActEvent::Looked { .. }
                | ActEvent::Resolved { .. },
            ) => None,
        }
    }

    fn looked(&self, sight: &Sight, (since, looked): (Timestamp, u32), at: Timestamp) -> Stage {
        let waits = || {
            let limit = i64::from(self.new.limits.doubt_max_s);
            if at.as_second().saturating_sub(since.as_second()) >= limit {
                Stage::NeedsClerk { since: at }
            } else {
                doubt(since, looked.saturating_add(1), at)
            }
        };
        let wanted_there = !matches!(self.new.call, FilingCall::Withdraw { .. });
        let late = at.as_second().saturating_sub(self.sent_at.as_second());
        let absence_counts = late >= i64::from(self.new.limits.absence_counts_after_s);
        match sight {
            Sight::There { number } if wanted_there => Stage::Carried {
                number: number.clone(),
                words: PlatformWords::default(),
            },
            Sight::Gone if !wanted_there => Stage::Carried {
                number: None,
                words: PlatformWords::default(),
            },
            // Not as wanted: it may still come, until the time is over.
            Sight::There { .. } | Sight::Gone if absence_counts => Stage::NeverDone,
            Sight::There { .. } | Sight::Gone | Sight::Nothing => waits(),
            Sight::Unclear => Stage::NeedsClerk { since: at },
        }
    }

    /// Whether somebody still has to find out or decide.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(
            self.stage,
            Stage::Sent | Stage::InDoubt { .. } | Stage::NeedsClerk { .. }
        )
    }

    /// When a register is to be asked next.
    #[must_use]
    pub const fn look_at(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::InDoubt { next, .. } => Some(next),
            Stage::Sent
            | Stage::NeedsClerk { .. }
            | Stage::Carried { .. }
            | Stage::Refused { .. }
            | Stage::NotSent { .. }
            | Stage::NeverDone => None,
        }
    }

    /// Whether `other` would change the same records of the same person while this one is open.
    #[must_use]
    pub fn blocks(&self, other: &NewAct) -> bool {
        let (mine, theirs) = (&self.new.call, &other.call);
        self.is_open()
            && mine.payer().number == theirs.payer().number
            && mine.transaction() == theirs.transaction()
    }
}

impl Stage {
    /// The word for the log and the ledger.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::InDoubt { .. } => "in_doubt",
            Self::NeedsClerk { .. } => "needs_clerk",
            Self::Carried { .. } => "carried",
            Self::Refused { .. } => "refused",
            Self::NotSent { .. } => "not_sent",
            Self::NeverDone => "never_done",
        }
    }
}

fn answered(reply: &FilingReply) -> Stage {
    match reply {
        FilingReply::Filed { number, platform } => Stage::Carried {
            number: Some(number.clone()),
            words: platform.clone(),
        },
        FilingReply::Withdrawn { platform } => Stage::Carried {
            number: None,
            words: platform.clone(),
        },
        FilingReply::Refused { refusal } => Stage::Refused {
            refusal: refusal.clone(),
        },
    }
}

fn doubt(since: Timestamp, looked: u32, at: Timestamp) -> Stage {
    let pause = LOOK_FIRST_S
        .saturating_mul(2_u32.saturating_pow(looked))
        .min(LOOK_LAST_S);
    let pause = SignedDuration::from_secs(i64::from(pause));
    Stage::InDoubt {
        since,
        looked,
        next: at.saturating_add(pause).unwrap_or(Timestamp::MAX),
    }
}
