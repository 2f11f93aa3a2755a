//! What the end of a call proves about its routes. Pure.

use zhijie_model::{PlatformWords, Reply};
use zhijie_settlement::{Event, NotSent, Silence};
use zhijie_wire::{InquiryReply, Patterns};

use super::board::Heard;
use super::closed::Blame;
use crate::platform::Trouble;

impl Heard {
    /// Of a call of a bill, by the event it became.
    #[must_use]
    pub fn of_event(event: &Event, patterns: &Patterns) -> Self {
        match event {
            Event::Answered { reply, .. } => match &**reply {
                Reply::Refused { refusal } => of_words(&refusal.platform, patterns),
                _ => Self::Answered,
            },
            Event::Lost { silence, .. } => match silence {
                Silence::UnclassifiedRefusal { words } => of_words(words, patterns),
                Silence::Unreadable { .. } => Self::NoAnswer(Blame::Unreadable),
                Silence::TimedOut | Silence::ConnectionLost { .. } => Self::NoAnswer(Blame::Silent),
                Silence::AgentStopped => Self::Nothing,
            },
            Event::NotSent { reason, .. } => of_not_sent(reason),
            Event::QuoteAsked { .. }
            | Event::SettleAsked { .. }
            | Event::CancelAsked { .. }
            | Event::Confirmed { .. }
            | Event::Resolved { .. }
            | Event::Woken
            | Event::Restarted => Self::Nothing,
        }
    }

    /// Of an inquiry.
    #[must_use]
    pub fn of_inquiry(result: &Result<InquiryReply, Trouble>, patterns: &Patterns) -> Self {
        match result {
            Ok(InquiryReply::Refused(refusal)) | Err(Trouble::Refused(refusal)) => {
                of_words(&refusal.platform, patterns)
            }
            Ok(_) | Err(Trouble::OtherAnswer) => Self::Answered,
            Err(Trouble::NotSent(reason)) => of_not_sent(reason),
            Err(Trouble::Lost(_)) => Self::NoAnswer(Blame::Silent),
            Err(Trouble::Unreadable(unreadable)) => unreadable
                .words()
                .map_or(Self::NoAnswer(Blame::Unreadable), |words| {
                    of_words(words, patterns)
                }),
        }
    }
}

fn of_words(words: &PlatformWords, patterns: &Patterns) -> Heard {
    if words
        .text
        .as_deref()
        .is_some_and(|text| patterns.says_region_down(text))
    {
        Heard::RegionDown
    } else {
        Heard::Answered
    }
}

const fn of_not_sent(reason: &NotSent) -> Heard {
    match reason {
        NotSent::Unreachable { .. } => Heard::NotReached(Blame::Unreachable),
        NotSent::Handshake { .. } => Heard::NotReached(Blame::Handshake),
        NotSent::CredentialGone
        | NotSent::NotEncodable { .. }
        | NotSent::NoSignIn { .. }
        | NotSent::Stopping => Heard::Nothing,
    }
}
