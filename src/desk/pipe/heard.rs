//! Whose account asks: Windows tells once the first bytes have been read.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::windows::named_pipe::NamedPipeServer;

use super::handle::{PipeHandle, client_account};

/// What is needed to ask for the account of one connection.
#[derive(Debug)]
pub(super) struct Heard {
    pipe: PipeHandle,
    connection: u64,
}

impl Heard {
    pub(super) fn of(pipe: &NamedPipeServer, connection: u64) -> Self {
        Self {
            pipe: PipeHandle::of(pipe),
            connection,
        }
    }

    /// `input` must be the reading end of the pipe this was made of: it keeps the handle open.
    pub(super) const fn before<R>(self, input: R) -> Identified<R> {
        Identified {
            input,
            asks: Some(self),
        }
    }
}

/// Reads, and refuses to go on when the system does not say whose the first bytes are.
#[derive(Debug)]
pub(super) struct Identified<R> {
    input: R,
    asks: Option<Heard>,
}

impl<R: AsyncRead + Unpin> AsyncRead for Identified<R> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.input).poll_read(cx, buf))?;
        if buf.filled().len() > before
            && let Some(asks) = this.asks.take()
        {
            match client_account(&asks.pipe) {
                Ok(account) => {
                    tracing::debug!(
                        connection = asks.connection,
                        account,
                        "Desk program says its account"
                    );
                }
                Err(error) => {
                    tracing::warn!(%error, "Refused a connection that does not say whose it is");
                    return Poll::Ready(Err(error));
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}
