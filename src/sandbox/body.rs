//! Bodies of answers: whole, broken off half-way, or slow.

use core::future::Future as _;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

/// Bytes of a slow body between two pauses.
const SLOW_CHUNK: usize = 64;

/// How a body comes.
#[derive(Debug)]
pub(crate) enum Paced {
    Whole(Bytes),
    /// Announces `length` bytes, sends the first part and fails.
    Half {
        first: Bytes,
        length: u64,
        flushed: bool,
    },
    Slow {
        rest: Bytes,
        pause: Duration,
        sleep: Option<Pin<Box<Sleep>>>,
    },
}

impl Paced {
    pub(crate) fn whole(text: impl Into<Bytes>) -> Self {
        Self::Whole(text.into())
    }

    pub(crate) fn half(text: impl Into<Bytes>) -> Self {
        let mut first = text.into();
        let length = u64::try_from(first.len()).unwrap_or(u64::MAX);
        first.truncate(first.len() / 2);
        Self::Half {
            first,
            length,
            flushed: false,
        }
    }

    pub(crate) fn slow(text: String, pause: Duration) -> Self {
        Self::Slow {
            rest: Bytes::from(text),
            pause,
            sleep: None,
        }
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut *self {
            Self::Whole(text) if text.is_empty() => Poll::Ready(None),
            Self::Whole(text) => Poll::Ready(Some(Ok(Frame::data(core::mem::take(text))))),
            Self::Half { first, flushed, .. } => {
                if !first.is_empty() {
                    return Poll::Ready(Some(Ok(Frame::data(core::mem::take(first)))));
                }
                // The server writes out what it holds when a body is not ready, and drops it when a body fails.
                if !*flushed {
                    *flushed = true;
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
            }
            Self::Slow { rest, pause, sleep } => {
                if let Some(waiting) = sleep {
                    ready!(waiting.as_mut().poll(context));
                }
                if rest.is_empty() {
                    return Poll::Ready(None);
                }
                let chunk = rest.split_to(rest.len().min(SLOW_CHUNK));
                *sleep = Some(Box::pin(tokio::time::sleep(*pause)));
                Poll::Ready(Some(Ok(Frame::data(chunk))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(text) | Self::Slow { rest: text, .. } => text.is_empty(),
            Self::Half { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        let length = |text: &Bytes| SizeHint::with_exact(u64::try_from(text.len()).unwrap_or(u64::MAX));
        match self {
            Self::Whole(text) | Self::Slow { rest: text, .. } => length(text),
            Self::Half { length, .. } => SizeHint::with_exact(*length),
        }
    }
}
