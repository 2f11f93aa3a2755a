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
use crate::rpc::{RpcError, answer_line};

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
    connections: JoinSet<()>,
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
            number: 0,
        }
    }

    /// Waits until somebody has gone; for ever when nobody is there.
    pub(crate) async fn one_ended(&mut self) {
        if self.connections.join_next().await.is_none() {
            core::future::pending::<()>().await;
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.connections.len() >= self.shared.limits.connections_max
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
        self.connections
            .spawn(serve_connection(input, output, id, Arc::clone(&self.shared)));
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

/// What somebody hears for whom there is no room.
pub(crate) fn full_line() -> String {
    answer_line(None, &Err(RpcError::busy("too many connections")))
}
