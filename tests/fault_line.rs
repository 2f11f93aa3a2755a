//! One connection with one fault.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The two directions of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the agent to the platform.
    Request,
    /// From the platform to the agent.
    Answer,
}

/// A place in the bytes of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// So many bytes after the first.
    Start(usize),
    /// So many bytes after the platform's part of the handshake: on the request's side that is the agent's second
    /// flight, its certificate included where it sends one, with the request behind; on the answer's side the
    /// platform's first words after it has heard that flight.
    Handshake(usize),
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Pass,
    /// Taken and never read.
    NeverRead,
    /// Both sides are closed in good order. Before a cut in the request behind the handshake nothing of the answer
    /// passes, so that the agent never gains a session to resume.
    Cut(Way, At),
    /// Both sides are reset.
    Reset(Way, At),
    /// This direction ends in good order; the other one goes on.
    HalfClose(Way, At),
    /// This direction falls silent; nobody is told.
    Swallow(Way, At),
    /// The piece that arrives there is passed on twice.
    Repeat(Way, At),
    /// Every piece in this direction waits that long.
    Delay(Way, Duration),
    /// One byte at a time, with a pause after each.
    Trickle(Way, Duration),
}

/// How a connection went.
#[derive(Debug, Clone, Copy)]
pub struct Trace {
    pub fault: Fault,
    /// Whether the place of the fault was reached.
    pub struck: bool,
    /// Bytes that came from the agent, and how many of them after the platform's part of the handshake.
    pub request: (usize, usize),
    /// Bytes that came from the platform, and how many of them after the agent's second flight began.
    pub answer: (usize, usize),
}

/// How a connection goes on.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    On,
    Cut,
    Reset,
}

#[derive(Debug)]
pub(crate) struct Line {
    trace: Trace,
    request: Side,
    answer: Side,
}

/// What a direction still does.
#[derive(Debug, Default)]
struct Side {
    ended: bool,
    silent: bool,
}

impl Line {
    pub(crate) fn new(fault: Fault) -> Self {
        Self {
            trace: Trace {
                fault,
                struck: false,
                request: (0, 0),
                answer: (0, 0),
            },
            request: Side::default(),
            answer: Side::default(),
        }
    }

    /// Carries the connection to its end. A connection that is never read ends with the proxy.
    pub(crate) async fn carry(mut self, mut client: TcpStream, platform: SocketAddr) -> Trace {
        if self.trace.fault == Fault::NeverRead {
            self.trace.struck = true;
            std::future::pending::<()>().await;
        }
        if let Ok(mut server) = TcpStream::connect(platform).await {
            let _ = client.set_nodelay(true);
            let _ = server.set_nodelay(true);
            match self.pump(&mut client, &mut server).await {
                Ok(Next::Reset) => {
                    let _ = client.set_zero_linger();
                    let _ = server.set_zero_linger();
                }
                Ok(Next::Cut) => close(client, server).await,
                Ok(Next::On) | Err(_) => {}
            }
        }
        self.trace
    }

    async fn pump(&mut self, client: &mut TcpStream, server: &mut TcpStream) -> std::io::Result<Next> {
        let mut up = vec![0; 16 * 1024];
        let mut down = vec![0; 16 * 1024];
        while !(self.request.ended && self.answer.ended) {
            let next = tokio::select! {
                read = client.read(&mut up), if !self.request.ended => {
                    let piece = up.get(..read?).unwrap_or_default();
                    self.piece(Way::Request, piece, server).await?
                }
                read = server.read(&mut down), if !self.answer.ended => {
                    let piece = down.get(..read?).unwrap_or_default();
                    self.piece(Way::Answer, piece, client).await?
                }
            };
            if next != Next::On {
                return Ok(next);
            }
        }
        Ok(Next::On)
    }

    /// Passes a piece on, or what the fault leaves of it. An empty piece is the end of the direction.
    async fn piece(&mut self, way: Way, piece: &[u8], to: &mut TcpStream) -> std::io::Result<Next> {
        if piece.is_empty() {
            self.side(way).ended = true;
            let _ = to.shutdown().await;
            return Ok(Next::On);
        }
        let reached = self.count(way, piece.len());
        let held = way == Way::Answer
            && self.trace.request.1 > 0
            && matches!(self.trace.fault, Fault::Cut(Way::Request, At::Handshake(_)));
        if held || self.side(way).silent {
            return Ok(Next::On);
        }
        let (before, after) = match (self.trace.struck, reached) {
            (false, Some(at)) => piece.split_at(at.min(piece.len())),
            _ => (piece, [].as_slice()),
        };
        if reached.is_none() || self.trace.struck {
            self.pass(way, before, to).await?;
            return Ok(Next::On);
        }
        self.trace.struck = true;
        to.write_all(before).await?;
        match self.trace.fault {
            Fault::Cut(..) => return Ok(Next::Cut),
            Fault::Reset(..) => return Ok(Next::Reset),
            Fault::HalfClose(..) => {
                self.side(way).silent = true;
                let _ = to.shutdown().await;
            }
            Fault::Swallow(..) => self.side(way).silent = true,
            Fault::Repeat(..) => {
                to.write_all(after).await?;
                to.write_all(after).await?;
            }
            Fault::Pass | Fault::NeverRead | Fault::Delay(..) | Fault::Trickle(..) => {}
        }
        Ok(Next::On)
    }

    async fn pass(&mut self, way: Way, piece: &[u8], to: &mut TcpStream) -> std::io::Result<()> {
        match self.trace.fault {
            Fault::Delay(slow, by) if slow == way => {
                self.trace.struck = true;
                tokio::time::sleep(by).await;
                to.write_all(piece).await
            }
            Fault::Trickle(slow, pause) if slow == way => {
                self.trace.struck = true;
                for byte in piece {
                    to.write_all(&[*byte]).await?;
                    tokio::time::sleep(pause).await;
                }
                Ok(())
            }
            _ => to.write_all(piece).await,
        }
    }

    /// Counts a piece; gives the place of the fault inside it, when it lies there.
    fn count(&mut self, way: Way, length: usize) -> Option<usize> {
        let (before, shaken) = match way {
            Way::Request => {
                let shaken = self.trace.answer.0 > 0;
                let seen = &mut self.trace.request;
                (tally(seen, length, shaken), shaken)
            }
            Way::Answer => {
                let shaken = self.trace.request.1 > 0;
                let seen = &mut self.trace.answer;
                (tally(seen, length, shaken), shaken)
            }
        };
        let place = match self.trace.fault {
            Fault::Cut(of, at)
            | Fault::Reset(of, at)
            | Fault::HalfClose(of, at)
            | Fault::Swallow(of, at)
            | Fault::Repeat(of, at)
                if of == way =>
            {
                at
            }
            _ => return None,
        };
        let left = match place {
            At::Start(n) => n.checked_sub(before.0),
            At::Handshake(n) if shaken => n.checked_sub(before.1),
            At::Handshake(_) => None,
        };
        left.filter(|left| *left <= length)
    }

    const fn side(&mut self, way: Way) -> &mut Side {
        match way {
            Way::Request => &mut self.request,
            Way::Answer => &mut self.answer,
        }
    }
}

/// Adds a piece to what was seen; gives what was seen before.
const fn tally(seen: &mut (usize, usize), length: usize, shaken: bool) -> (usize, usize) {
    let before = *seen;
    seen.0 += length;
    if shaken {
        seen.1 += length;
    }
    before
}

/// Ends both directions to both sides, then reads until they have ended too: unread bytes would turn the end into a
/// reset.
async fn close(mut client: TcpStream, mut server: TcpStream) {
    let _ = client.shutdown().await;
    let _ = server.shutdown().await;
    let _ = tokio::join!(drain(client), drain(server));
}

async fn drain(mut stream: TcpStream) {
    let mut buffer = vec![0; 4096];
    while stream.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
}
