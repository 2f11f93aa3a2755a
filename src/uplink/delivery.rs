//! How an outward call ended.

use core::fmt;

use crate::token::NoToken;

/// There is no fourth way, and a timeout is `Unknown`.
#[derive(Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Proven: no byte of the request left. Only this may be sent again, byte for byte.
    NotSent(NotSent),
    /// A whole HTTP answer of the verified peer. Whether it is the platform's is for the reader to say: a gateway's
    /// error page comes here too.
    Answered {
        status: u16,
        content_type: Option<String>,
        /// Personal data: never log it.
        body: Vec<u8>,
    },
    /// The request or a part of it may have left and no whole answer came.
    Unknown(Silence),
}

/// Proof that nothing left: the connection never stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSent {
    /// The host has no address.
    NameNotFound,
    /// Nobody listens there.
    Refused,
    /// Name lookup, connection and handshake together took too long.
    ConnectTimedOut,
    /// No route, network down and the like.
    Unreachable,
    /// The peer's certificate is not signed by the configured authority, is for another name, or is out of date.
    UntrustedPeer,
    /// The handshake broke off otherwise.
    Handshake,
    /// The request could not be written down; a path that is none.
    Request,
    /// The gateway wants a token, and there is none.
    NoToken(NoToken),
}

/// What was heard instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// No whole answer within the time of its class.
    TimedOut,
    /// The connection was reset.
    Reset,
    /// The connection was closed before an answer began.
    Closed,
    /// The answer broke off.
    Truncated,
    /// A TLS alert after the handshake; a rejected client certificate may look like this.
    TlsAlert,
    /// The answer is longer than allowed.
    TooBig,
    /// What came is no HTTP.
    NotHttp,
}

impl fmt::Debug for Delivery {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(why) => write!(out, "NotSent({why:?})"),
            Self::Answered {
                status,
                content_type,
                body,
            } => write!(out, "Answered({status}, {content_type:?}, {} bytes)", body.len()),
            Self::Unknown(why) => write!(out, "Unknown({why:?})"),
        }
    }
}
