//! Who is at the other end of a connection, and the way to tell it something.

use core::fmt;

use serde::Serialize;
use thiserror::Error;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio_util::sync::CancellationToken;

use crate::rpc::notification_line;

/// The connection is gone or about to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("connection is gone")]
pub struct Gone;

/// Who connected, as the operating system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerId {
    /// Number of the connection in this run of the agent.
    pub connection: u64,
    /// User and process; `None` where the transport does not tell.
    pub uid: Option<u32>,
    pub pid: Option<i32>,
}

/// What the writer of a connection is given.
#[derive(Debug)]
pub(crate) enum Out {
    Line(String),
    /// Nothing follows.
    End,
}

/// One connected desk program.
pub struct Peer {
    id: PeerId,
    outgoing: mpsc::Sender<Out>,
    /// The connection is to be torn down.
    closed: CancellationToken,
    /// Nobody asks here any more.
    hung_up: CancellationToken,
}

impl Peer {
    pub(crate) fn new(id: PeerId, outgoing: mpsc::Sender<Out>) -> Self {
        Self {
            id,
            outgoing,
            closed: CancellationToken::new(),
            hung_up: CancellationToken::new(),
        }
    }

    #[must_use]
    pub const fn id(&self) -> PeerId {
        self.id
    }

    /// Sends a notification; does not wait. A peer whose queue is full has stopped reading: it is disconnected rather
    /// than left with a gap it does not know of.
    ///
    /// # Errors
    /// [`Gone`], also to come when called again.
    pub fn notify(&self, method: &str, params: &impl Serialize) -> Result<(), Gone> {
        if self.closed.is_cancelled() {
            return Err(Gone);
        }
        let line = notification_line(method, params).ok_or(Gone)?;
        self.outgoing.try_send(Out::Line(line)).map_err(|error| {
            if let TrySendError::Full(_) = error {
                tracing::warn!(
                    connection = self.id.connection,
                    "Disconnected a desk program that does not read its events"
                );
            }
            self.close();
            Gone
        })
    }

    /// Waits until nobody asks at the other end any more: it closed its side, a write failed, or the agent stops.
    /// A call that only waits for somebody (a card, a code) ends then; a call that moves money does not care.
    pub async fn hung_up(&self) {
        self.hung_up.cancelled().await;
    }

    /// Whether nothing can be told any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.closed.is_cancelled()
    }

    /// Queues a line, waiting for room.
    pub(crate) async fn send(&self, out: Out) -> Result<(), Gone> {
        self.room().await?.send(out);
        Ok(())
    }

    /// Queues a line if there is room for it.
    pub(crate) fn try_say(&self, line: String) {
        // Whoever has left its answers unread so far would not read this one either.
        let _ = self.outgoing.try_send(Out::Line(line));
    }

    /// Waits for room for one line.
    pub(crate) async fn room(&self) -> Result<mpsc::Permit<'_, Out>, Gone> {
        tokio::select! {
            biased;
            () = self.closed.cancelled() => Err(Gone),
            room = self.outgoing.reserve() => room.map_err(|_| Gone),
        }
    }

    pub(crate) fn close(&self) {
        self.closed.cancel();
        self.hung_up.cancel();
    }

    pub(crate) fn hang_up(&self) {
        self.hung_up.cancel();
    }

    pub(crate) async fn closed(&self) {
        self.closed.cancelled().await;
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Peer")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
