//! What became of a call, read from what the line brought. The network and a simulated line go through this one door.
//!
//! "Not sent" needs the line's proof, "answered" needs an answer that [`zhijie_wire::read_reply`] believes, and
//! everything else is lost: whatever else came back proves nothing.

use std::borrow::Cow;

use zhijie_model::{Call, FilingCall, FilingReply, MessageId};
use zhijie_settlement::{Event, NotSent, Silence};
use zhijie_uplink::Delivery;
use zhijie_wire::{Profile, Unreadable, read_filing, read_reply};

/// How the call of a filing ended; the same three ways.
#[derive(Debug)]
pub enum FilingEnd {
    Answered(FilingReply),
    NotSent(NotSent),
    Lost(Silence),
}

/// As [`outcome_of`], of a filing made at the desk.
#[must_use]
pub fn filing_outcome(
    call: &FilingCall,
    message_id: &MessageId,
    delivery: Delivery,
    profile: &Profile,
    clear: impl FnOnce(&[u8]) -> Result<Cow<'_, [u8]>, Unreadable>,
) -> (FilingEnd, Option<Vec<u8>>) {
    let (status, body) = match delivery {
        Delivery::NotSent(reason) => return (FilingEnd::NotSent(not_sent(reason)), None),
        Delivery::Unknown(silence) => return (FilingEnd::Lost(lost(silence)), None),
        Delivery::Answered { status, body, .. } => (status, body),
    };
    let end = match clear(&body).and_then(|clear| read_filing(call, &clear, profile)) {
        Ok(reply) => FilingEnd::Answered(reply),
        Err(unreadable) => {
            tracing::warn!(%message_id, status, %unreadable, "Answer to a filing is not valid");
            FilingEnd::Lost(unbelieved(&unreadable, status))
        }
    };
    (end, Some(body))
}

use crate::faults::{NO_TOKEN, NOT_SEALED, TLS_ALERT, TURNED_AWAY, UNTRUSTED};

/// The event of a call that was sent as `message_id`, with the raw bytes when some came back. Sends nothing, waits for
/// nothing; its log lines name the message and never its content.
#[must_use]
pub fn outcome(
    call: &Call,
    message_id: MessageId,
    delivery: Delivery,
    profile: &Profile,
) -> (Event, Option<Vec<u8>>) {
    outcome_of(call, message_id, delivery, profile, |body| {
        Ok(Cow::Borrowed(body))
    })
}

/// As [`outcome`], with somebody who takes signature and encryption off an answer first. What comes back is the answer
/// as it came: the proof of what was signed.
pub fn outcome_of(
    call: &Call,
    message_id: MessageId,
    delivery: Delivery,
    profile: &Profile,
    clear: impl FnOnce(&[u8]) -> Result<Cow<'_, [u8]>, Unreadable>,
) -> (Event, Option<Vec<u8>>) {
    match delivery {
        Delivery::NotSent(reason) => {
            tracing::warn!(%message_id, call = ?call.transaction(), ?reason, "Not sent");
            let reason = not_sent(reason);
            (Event::NotSent { message_id, reason }, None)
        }
        Delivery::Unknown(silence) => {
            tracing::warn!(%message_id, call = ?call.transaction(), ?silence, "No answer");
            let silence = lost(silence);
            (Event::Lost { message_id, silence }, None)
        }
        Delivery::Answered { status, body, .. } => {
            let event = match clear(&body) {
                Ok(clear) => read(call, message_id, (status, &clear), profile),
                Err(unreadable) => {
                    tracing::warn!(%message_id, status, %unreadable, "Answer cannot be opened");
                    unread(message_id, status, &unreadable)
                }
            };
            (event, Some(body))
        }
    }
}

fn read(call: &Call, message_id: MessageId, (status, body): (u16, &[u8]), profile: &Profile) -> Event {
    let unreadable = match read_reply(call, &message_id, body, profile) {
        Ok(reply) => {
            let reply = Box::new(reply);
            return Event::Answered { message_id, reply };
        }
        Err(unreadable) => unreadable,
    };
    tracing::warn!(%message_id, status, %unreadable, "Answer is not valid");
    unread(message_id, status, &unreadable)
}

/// The event of an answer that proves nothing.
fn unread(message_id: MessageId, status: u16, unreadable: &Unreadable) -> Event {
    let silence = unbelieved(unreadable, status);
    Event::Lost { message_id, silence }
}

fn unbelieved(unreadable: &Unreadable, status: u16) -> Silence {
    match unreadable.words() {
        Some(words) => Silence::UnclassifiedRefusal { words: words.clone() },
        None if is_turned_away(status) => Silence::Unreadable {
            evidence: format!("{TURNED_AWAY}, status {status}"),
        },
        None if unreadable.is_about_the_seal() => Silence::Unreadable {
            evidence: format!("{NOT_SEALED}: {unreadable}"),
        },
        None => Silence::Unreadable {
            evidence: format!("{unreadable}, status {status}"),
        },
    }
}

/// Whether a status says that the gateway did not let the call in.
pub(crate) const fn is_turned_away(status: u16) -> bool {
    matches!(status, 401 | 403)
}

pub(crate) fn not_sent(reason: zhijie_uplink::NotSent) -> NotSent {
    use zhijie_uplink::NotSent as Proof;
    if let Proof::NoToken(none) = reason {
        return NotSent::Unreachable {
            evidence: format!("{NO_TOKEN}{none}"),
        };
    }
    let evidence = String::from(match reason {
        Proof::NameNotFound => "the platform's name has no address",
        Proof::Refused => "nobody listens at the platform's address",
        Proof::ConnectTimedOut => "connecting took too long",
        Proof::Unreachable => "no route to the platform",
        Proof::UntrustedPeer => UNTRUSTED,
        Proof::Handshake => "the handshake broke off",
        Proof::Request => "the request could not be written down",
        Proof::NoToken(_) => "there is no token",
    });
    match reason {
        Proof::UntrustedPeer | Proof::Handshake => NotSent::Handshake { evidence },
        Proof::Request => NotSent::NotEncodable { evidence },
        Proof::NameNotFound
        | Proof::Refused
        | Proof::ConnectTimedOut
        | Proof::Unreachable
        | Proof::NoToken(_) => NotSent::Unreachable { evidence },
    }
}

fn lost(silence: zhijie_uplink::Silence) -> Silence {
    use zhijie_uplink::Silence as Heard;
    let evidence = String::from(match silence {
        Heard::TimedOut => return Silence::TimedOut,
        Heard::Reset => "the connection was reset",
        Heard::Closed => "the connection was closed before an answer began",
        Heard::Truncated => "the answer broke off",
        Heard::TlsAlert => TLS_ALERT,
        Heard::TooBig => {
            return Silence::Unreadable {
                evidence: String::from("the answer is too long"),
            };
        }
        Heard::NotHttp => {
            return Silence::Unreadable {
                evidence: String::from("what came is no HTTP"),
            };
        }
    });
    Silence::ConnectionLost { evidence }
}
