//! One connection, whatever carries it.

use core::time::Duration;
use std::sync::Arc;

use serde_json::value::RawValue;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::api::Hello;
use crate::frame::{Frame, LineReader};
use crate::method::Method;
use crate::peer::{Gone, Out, Peer, PeerId};
use crate::rpc::{Incoming, RpcError, answer_line, notification_line, read_request};
use crate::seats::Seat;

/// How long somebody who has to go may take to read why.
const FAREWELL_MAX: Duration = Duration::from_secs(1);

/// Whoever answers the methods.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request. Several run at the same time, also of one connection. A call once begun runs to its end
    /// even when the connection goes away; one that waits for a person watches [`Peer::hung_up`].
    ///
    /// The result goes out byte for byte; it must be a single line.
    fn call(
        &self,
        peer: Arc<Peer>,
        method: Method,
        params: Box<RawValue>,
    ) -> impl Future<Output = Result<Box<RawValue>, RpcError>> + Send;
}

/// How much one desk program may ask for.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at the same time. For a further one the oldest that has never asked anything is closed; where all have,
    /// the further one is told `AGENT-BUSY` and closed.
    pub connections_max: usize,
    /// The same for the connections of one process.
    pub of_one_program_max: usize,
    /// Requests of one connection that run at the same time; further ones are answered `AGENT-BUSY`.
    pub in_flight_max: usize,
    /// Lines waiting to be read by the other end.
    pub outgoing_max: usize,
    /// How long one line may take to be read by the other end before the connection is closed.
    pub write_timeout: Duration,
    /// How long calls may take to end when the agent stops.
    pub drain_timeout: Duration,
}

impl Limits {
    pub const DEFAULT: Self = Self {
        connections_max: 64,
        of_one_program_max: 32,
        in_flight_max: 16,
        outgoing_max: 256,
        write_timeout: Duration::from_secs(10),
        drain_timeout: Duration::from_secs(10),
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What a connection needs from its server.
pub(crate) struct Shared<H> {
    pub(crate) handler: Arc<H>,
    pub(crate) hello: Hello,
    pub(crate) limits: Limits,
    pub(crate) stop: CancellationToken,
}

/// Serves one connection until the other end closes, breaks the rules, stops reading, its place is needed, or the server
/// stops.
pub(crate) async fn serve_connection<R, W, H>(
    input: R,
    output: W,
    id: PeerId,
    seat: Arc<Seat>,
    shared: Arc<Shared<H>>,
) where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
    H: Handler,
{
    let limits = shared.limits;
    let (sender, receiver) = mpsc::channel(limits.outgoing_max.max(1));
    let peer = Arc::new(Peer::new(id, sender));
    let writer = tokio::spawn(write_lines(
        output,
        receiver,
        Arc::clone(&peer),
        limits.write_timeout,
    ));
    if let Some(hello) = notification_line("hello", &shared.hello) {
        let _ = peer.send(Out::Line(hello)).await;
    }
    let (running, mut all_ended) = mpsc::channel(1);
    let calls = Calls {
        peer: Arc::clone(&peer),
        seat: Arc::clone(&seat),
        shared: Arc::clone(&shared),
        in_flight: Arc::new(Semaphore::new(limits.in_flight_max)),
        running,
    };
    tokio::select! {
        () = read_lines(input, &calls) => {}
        () = shared.stop.cancelled() => {}
        () = peer.closed() => {}
        () = seat.taken_away() => say_farewell(&peer),
    }
    peer.hang_up();
    drop(calls);
    tokio::select! {
        _ = all_ended.recv() => {}
        () = peer.closed() => {}
    }
    let _ = peer.send(Out::End).await;
    let _ = writer.await;
    peer.close();
}

/// Whoever has to go is told why, and not waited for if it does not read that.
fn say_farewell(peer: &Arc<Peer>) {
    peer.try_say(full_line(
        "nothing was ever asked on this connection and its place was needed",
    ));
    let peer = Arc::clone(peer);
    tokio::spawn(async move {
        if timeout(FAREWELL_MAX, peer.closed()).await.is_err() {
            peer.close();
        }
    });
}

/// What somebody hears for whom there is no room.
pub(crate) fn full_line(why: &str) -> String {
    answer_line(None, &Err(RpcError::busy(why)))
}

/// The calls of one connection.
struct Calls<H> {
    peer: Arc<Peer>,
    seat: Arc<Seat>,
    shared: Arc<Shared<H>>,
    in_flight: Arc<Semaphore>,
    /// Every call holds a clone; nothing is ever sent.
    running: mpsc::Sender<()>,
}

async fn read_lines<R: AsyncRead + Unpin, H: Handler>(input: R, calls: &Calls<H>) {
    let mut lines = LineReader::new(input);
    loop {
        let taken = match lines.next().await {
            Ok(Frame::Line(line)) => calls.take(&line).await,
            Ok(Frame::TooLong) => {
                let error =
                    RpcError::invalid_request("the line is longer than 1 MiB; the connection is closed");
                let _ = calls.peer.send(Out::Line(answer_line(None, &Err(error)))).await;
                let _ = timeout(calls.shared.limits.write_timeout, lines.skip_line()).await;
                return;
            }
            Ok(Frame::End) | Err(_) => return,
        };
        if taken.is_err() {
            return;
        }
    }
}

impl<H: Handler> Calls<H> {
    async fn take(&self, line: &[u8]) -> Result<(), Gone> {
        let (id, error) = match read_request(line) {
            Incoming::Nothing => return Ok(()),
            Incoming::Refused { id, error } => (id, error),
            Incoming::Request { id, method, params } => match Arc::clone(&self.in_flight).try_acquire_owned()
            {
                Ok(permit) => {
                    self.seat.has_asked();
                    self.begin(permit, id, method, params);
                    return Ok(());
                }
                Err(_) => (
                    Some(id),
                    RpcError::busy("too many requests run on this connection"),
                ),
            },
        };
        self.peer
            .send(Out::Line(answer_line(id.as_deref(), &Err(error))))
            .await
    }

    fn begin(&self, permit: OwnedSemaphorePermit, id: Box<RawValue>, method: Method, params: Box<RawValue>) {
        let (peer, handler) = (Arc::clone(&self.peer), Arc::clone(&self.shared.handler));
        let running = self.running.clone();
        tokio::spawn(async move {
            let called = tokio::spawn({
                let peer = Arc::clone(&peer);
                async move { handler.call(peer, method, params).await }
            });
            let answer = called.await.unwrap_or_else(|_| {
                tracing::error!(method = method.name(), "A call broke off");
                Err(RpcError::internal())
            });
            let line = answer_line(Some(&id), &answer);
            if let Ok(room) = peer.room().await {
                // Free before the answer can be read: whoever has read it may ask again.
                drop(permit);
                room.send(Out::Line(line));
            }
            drop(running);
        });
    }
}

async fn write_lines<W: AsyncWrite + Unpin>(
    mut output: W,
    mut lines: mpsc::Receiver<Out>,
    peer: Arc<Peer>,
    write_timeout: Duration,
) {
    loop {
        let line = tokio::select! {
            biased;
            () = peer.closed() => break,
            line = lines.recv() => match line {
                Some(Out::Line(line)) => line,
                Some(Out::End) | None => break,
            },
        };
        let written = tokio::select! {
            biased;
            () = peer.closed() => break,
            written = timeout(write_timeout, output.write_all(line.as_bytes())) => written,
        };
        match written {
            Ok(Ok(())) => {}
            Ok(Err(_)) => break,
            Err(_) => {
                tracing::warn!(
                    connection = peer.id().connection,
                    "Disconnected a desk program that does not read its answers"
                );
                break;
            }
        }
    }
    peer.close();
    let _ = timeout(write_timeout, output.shutdown()).await;
}
