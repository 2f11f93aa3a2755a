//! The connections of a server, whatever it listens on.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::api::Hello;
use crate::connection::{Handler, Limits, Shared, serve_connection};
use crate::peer::PeerId;
use crate::seats::{Full, Seat, Seats};

/// Why there is no socket, or no pipe.
#[derive(Debug, Error)]
pub enum ServerError {
    #[error("another agent listens on {0}")]
    InUse(PathBuf),
    #[error("{0} exists and is not a socket")]
    NotASocket(PathBuf),
    #[error("cannot make the socket {path}")]
    Bind {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// Everybody who is connected.
pub(crate) struct Serving<H> {
    shared: Arc<Shared<H>>,
    /// With those whose place was taken away and who have not gone yet.
    connections: JoinSet<()>,
    seats: Seats,
    number: u64,
}

impl<H: Handler> Serving<H> {
    pub(crate) fn new(handler: Arc<H>, hello: Hello, limits: Limits) -> Self {
        let shared = Arc::new(Shared {
            handler,
            hello,
            limits,
            stop: CancellationToken::new(),
        });
        Self {
            shared,
            connections: JoinSet::new(),
            seats: Seats::default(),
            number: 0,
        }
    }

    /// Waits until somebody has gone; for ever when nobody is there.
    pub(crate) async fn one_ended(&mut self) {
        if self.connections.join_next().await.is_none() {
            core::future::pending::<()>().await;
        }
    }

    /// Room for one more, which is to be taken at once.
    pub(crate) fn make_room(&mut self, id: PeerId) -> Result<(), Full> {
        let limits = self.shared.limits;
        if self.connections.len() >= limits.connections_max.saturating_mul(2) {
            return Err(Full::All);
        }
        self.seats.make_room(id, limits)
    }

    /// The number of the connection that is taken next.
    pub(crate) const fn next_number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    pub(crate) fn take<R, W>(&mut self, input: R, output: W, id: PeerId)
    where
        R: AsyncRead + Send + Unpin + 'static,
        W: AsyncWrite + Send + Unpin + 'static,
    {
        let seat = Arc::<Seat>::default();
        let serving = serve_connection(input, output, id, Arc::clone(&seat), Arc::clone(&self.shared));
        let connection = self.connections.spawn(serving);
        self.seats.take(id, seat, connection);
    }

    /// Takes no more requests and lets running calls end, for at most the drain timeout.
    pub(crate) async fn drain(mut self) {
        self.shared.stop.cancel();
        let all_ended = async { while self.connections.join_next().await.is_some() {} };
        if timeout(self.shared.limits.drain_timeout, all_ended)
            .await
            .is_err()
        {
            tracing::warn!("Stopped while calls of desk programs were still running");
        }
    }
}
