//! What the end of a call proves about its routes. Pure.

use zhijie_model::{Call, FilingReply, PlatformWords, Reply};
use zhijie_settlement::{Event, NotSent, Silence};
use zhijie_wire::{InquiryReply, Patterns, Profile, read_reply};

use super::board::Heard;
use super::closed::Blame;
use crate::platform::Trouble;
use crate::reading::FilingEnd;

impl Heard {
    /// Of a call of a bill, by the event it became and what came back. The platform's envelope around something that
    /// cannot be believed is doubt for the bill, and proof that the platform answers.
    #[must_use]
    pub fn of_call(call: &Call, event: &Event, raw: Option<&[u8]>, profile: &Profile) -> Self {
        let heard = Self::of_event(event, &profile.words);
        let (Self::NoAnswer(Blame::Unreadable), Event::Lost { message_id, .. }, Some(raw)) =
            (heard, event, raw)
        else {
            return heard;
        };
        match read_reply(call, message_id, raw, profile) {
            Err(unreadable) if unreadable.is_from_platform() => Self::Answered,
            Ok(_) | Err(_) => heard,
        }
    }

    /// By the event alone.
    #[must_use]
    pub(super) fn of_event(event: &Event, patterns: &Patterns) -> Self {
        match event {
            Event::Answered { reply, .. } => match &**reply {
                Reply::Refused { refusal } => of_words(&refusal.platform, patterns),
                _ => Self::Answered,
            },
            Event::Lost { silence, .. } => of_silence(silence, patterns),
            Event::NotSent { reason, .. } => of_not_sent(reason),
            Event::QuoteAsked { .. }
            | Event::SettleAsked { .. }
            | Event::CancelAsked { .. }
            | Event::Confirmed { .. }
            | Event::DeferAsked { .. }
            | Event::ReplayDue
            | Event::Resolved { .. }
            | Event::StatementAsked { .. }
            | Event::StatementTold { .. }
            | Event::Woken
            | Event::Restarted => Self::Nothing,
        }
    }

    /// Of a filing made at the desk.
    #[must_use]
    pub fn of_filing(end: &FilingEnd, patterns: &Patterns) -> Self {
        match end {
            FilingEnd::Answered(FilingReply::Refused { refusal }) => of_words(&refusal.platform, patterns),
            FilingEnd::Answered(FilingReply::Filed { .. } | FilingReply::Withdrawn { .. }) => Self::Answered,
            FilingEnd::NotSent(reason) => of_not_sent(reason),
            FilingEnd::Lost(silence) => of_silence(silence, patterns),
        }
    }

    /// Of an inquiry.
    #[must_use]
    pub fn of_inquiry(result: Result<&InquiryReply, &Trouble>, patterns: &Patterns) -> Self {
        match result {
            Ok(InquiryReply::Refused(refusal)) => of_words(&refusal.platform, patterns),
            other => Self::of_read(other.map(|_| ()), patterns),
        }
    }

    /// Of a call that changes nothing, by whether it was answered.
    #[must_use]
    pub fn of_read(result: Result<(), &Trouble>, patterns: &Patterns) -> Self {
        match result {
            Err(Trouble::Refused(refusal)) => of_words(&refusal.platform, patterns),
            Ok(()) | Err(Trouble::OtherAnswer) => Self::Answered,
            Err(Trouble::NotSent(reason)) => of_not_sent(reason),
            Err(Trouble::Lost(_) | Trouble::TlsAlert) => Self::NoAnswer(Blame::Silent),
            Err(Trouble::TurnedAway(_)) => Self::NoAnswer(Blame::Unreadable),
            Err(Trouble::Unreadable(unreadable)) => match unreadable.words() {
                Some(words) => of_words(words, patterns),
                None if unreadable.is_from_platform() => Self::Answered,
                None => Self::NoAnswer(Blame::Unreadable),
            },
        }
    }
}

fn of_silence(silence: &Silence, patterns: &Patterns) -> Heard {
    match silence {
        Silence::UnclassifiedRefusal { words } => of_words(words, patterns),
        Silence::Unreadable { .. } => Heard::NoAnswer(Blame::Unreadable),
        Silence::TimedOut | Silence::ConnectionLost { .. } => Heard::NoAnswer(Blame::Silent),
        Silence::AgentStopped => Heard::Nothing,
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

#[cfg(test)]
mod tests {
    use super::*;
    use zhijie_model::{MessageId, Refusal};
    use zhijie_settlement::NotSent;

    fn patterns() -> Patterns {
        #[derive(serde::Deserialize)]
        struct Profile {
            words: Patterns,
        }
        let text = include_str!("../../../config/provinces/sandbox.toml");
        toml::from_str::<Profile>(text).unwrap().words
    }

    fn words(text: &str) -> PlatformWords {
        PlatformWords {
            message_id: None,
            text: Some(String::from(text)),
        }
    }

    fn refused(text: &str) -> Event {
        let refusal = Refusal {
            code: String::from("-1"),
            sign_in_lost: false,
            unavailable: false,
            in_hospital: None,
            platform: words(text),
        };
        Event::Answered {
            message_id: id(),
            reply: Box::new(Reply::Refused { refusal }),
        }
    }

    fn lost(silence: Silence) -> Event {
        Event::Lost {
            message_id: id(),
            silence,
        }
    }

    fn not_sent(reason: NotSent) -> Event {
        Event::NotSent {
            message_id: id(),
            reason,
        }
    }

    fn id() -> MessageId {
        MessageId::new("H31010100001202611220908350117").unwrap()
    }

    #[test]
    fn every_end_of_a_call_counts_where_it_belongs() {
        let evidence = String::new;
        let unclassified = |text| Silence::UnclassifiedRefusal { words: words(text) };
        let unreadable = Silence::Unreadable { evidence: evidence() };
        let broken = Silence::ConnectionLost { evidence: evidence() };
        let unreachable = NotSent::Unreachable { evidence: evidence() };
        let handshake = NotSent::Handshake { evidence: evidence() };
        let table = [
            (refused("FSI-FMI返回：个人账户余额不足"), Heard::Answered),
            (
                refused("FSI-FMI返回：参保地[阜阳市]返回:该人员未参保"),
                Heard::Answered,
            ),
            (
                refused("FSI-FMI返回：参保地[阜阳市]返回:系统升级中"),
                Heard::RegionDown,
            ),
            (
                lost(unclassified("FSI-调用[341200]参保地服务超时")),
                Heard::RegionDown,
            ),
            (lost(unclassified("FSI-就医地系统异常")), Heard::Answered),
            (lost(unreadable), Heard::NoAnswer(Blame::Unreadable)),
            (lost(Silence::TimedOut), Heard::NoAnswer(Blame::Silent)),
            (lost(broken), Heard::NoAnswer(Blame::Silent)),
            (not_sent(unreachable), Heard::NotReached(Blame::Unreachable)),
            (not_sent(handshake), Heard::NotReached(Blame::Handshake)),
            (not_sent(NotSent::CredentialGone), Heard::Nothing),
        ];
        for (event, heard) in table {
            assert_eq!(Heard::of_event(&event, &patterns()), heard, "{event:?}");
        }
    }
}
