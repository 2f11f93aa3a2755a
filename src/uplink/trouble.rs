//! What a broken exchange proves.

use std::error::Error;
use std::io;

use crate::delivery::{Delivery, NotSent, Silence};

/// Reads an error of the exchange. Only an error of building the request or of making its connection proves that
/// nothing left; a connection is made before the first byte of a request is written.
pub(crate) fn read(error: &reqwest::Error) -> Delivery {
    if error.is_builder() {
        return Delivery::NotSent(NotSent::Request);
    }
    let evidence = Evidence::of(error);
    if error.is_connect() {
        let timed_out = error.is_timeout() || evidence.kind == Some(io::ErrorKind::TimedOut);
        return Delivery::NotSent(match evidence {
            _ if error.is_dns() => NotSent::NameNotFound,
            _ if timed_out => NotSent::ConnectTimedOut,
            Evidence { untrusted: true, .. } => NotSent::UntrustedPeer,
            Evidence { tls: true, .. } => NotSent::Handshake,
            Evidence {
                kind: Some(io::ErrorKind::ConnectionRefused),
                ..
            } => NotSent::Refused,
            Evidence {
                kind:
                    Some(
                        io::ErrorKind::UnexpectedEof
                        | io::ErrorKind::ConnectionReset
                        | io::ErrorKind::BrokenPipe,
                    ),
                ..
            } => NotSent::Handshake,
            _ => NotSent::Unreachable,
        });
    }
    Delivery::Unknown(match evidence {
        _ if error.is_timeout() => Silence::TimedOut,
        Evidence { tls: true, .. } => Silence::TlsAlert,
        Evidence {
            kind:
                Some(
                    io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe,
                ),
            ..
        } => Silence::Reset,
        _ if error.is_body() || error.is_decode() => Silence::Truncated,
        Evidence { kind: Some(_), .. } | Evidence { closed: true, .. } => Silence::Closed,
        _ => Silence::NotHttp,
    })
}

/// What the chain of causes shows.
#[derive(Debug, Default, Clone, Copy)]
struct Evidence {
    tls: bool,
    untrusted: bool,
    closed: bool,
    kind: Option<io::ErrorKind>,
}

impl Evidence {
    fn of(error: &reqwest::Error) -> Self {
        let mut seen = Self::default();
        let mut next: Option<&(dyn Error + 'static)> = error.source();
        while let Some(cause) = next {
            seen.look_at(cause);
            // An I/O error hides the error inside it from its own chain of causes.
            let inside = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            next = match inside {
                Some(inner) => Some(inner),
                None => cause.source(),
            };
        }
        seen
    }

    fn look_at(&mut self, cause: &(dyn Error + 'static)) {
        if let Some(io) = cause.downcast_ref::<io::Error>()
            && io.kind() != io::ErrorKind::Other
        {
            self.kind = Some(io.kind());
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            self.tls = true;
            self.untrusted |= matches!(tls, rustls::Error::InvalidCertificate(_));
        }
        if let Some(http) = cause.downcast_ref::<hyper::Error>() {
            self.closed |= http.is_incomplete_message() || http.is_canceled() || http.is_closed();
        }
    }
}
