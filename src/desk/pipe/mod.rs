//! The named pipe on Windows: the first of its name or none, closed to other machines, open to the desk's people only.

mod access;
mod handle;
mod heard;
#[cfg(test)]
mod pipe_tests;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::AsyncWriteExt as _;
use tokio::net::windows::named_pipe::{NamedPipeClient, NamedPipeServer};
use tokio::time::{Duration, sleep};

use self::access::Access;
use self::heard::Heard;
use crate::api::Hello;
use crate::connection::{Handler, Limits, full_line};
use crate::peer::PeerId;
use crate::seats::Full;
use crate::serving::{ServerError, Serving};

/// What names of pipes begin with.
const PREFIX: &str = r"\\.\pipe\";
/// All instances of the pipe are taken by connections.
const ERROR_PIPE_BUSY: i32 = 231;

/// A pipe that listens. It goes when the server goes.
#[derive(Debug)]
pub struct Server {
    /// Waits for whoever connects next.
    next: NamedPipeServer,
    path: PathBuf,
    access: Access,
    limits: Limits,
}

impl Server {
    /// Whether [`Server::bind`] could use `path`: it is the name of a pipe and nobody listens there. Makes nothing.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn check(path: &Path) -> Result<(), ServerError> {
        let text = path.to_string_lossy();
        let named = text
            .get(..PREFIX.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(PREFIX));
        if !named || text.len() == PREFIX.len() {
            return Err(ServerError::NotASocket(PathBuf::from(path)));
        }
        match std::fs::OpenOptions::new().read(true).write(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) => {
                Err(ServerError::InUse(PathBuf::from(path)))
            }
            Ok(_) => Err(ServerError::InUse(PathBuf::from(path))),
            Err(source) => Err(ServerError::Bind {
                path: PathBuf::from(path),
                source,
            }),
        }
    }

    /// Listens on the pipe `path`. Administrators, the system and the agent's own account have all rights; `group`, a name or
    /// a security identifier, may connect, and where none is given everybody who is signed in at this PC. Must run
    /// inside a tokio runtime.
    ///
    /// # Errors
    /// [`ServerError`]; a pipe of that name that another program made is not joined.
    pub fn bind(path: &Path, group: Option<&str>) -> Result<Self, ServerError> {
        Self::check(path)?;
        let failed = |source| ServerError::Bind {
            path: PathBuf::from(path),
            source,
        };
        let access = Access::for_desk(group).map_err(failed)?;
        let next = access.first(path).map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => ServerError::InUse(PathBuf::from(path)),
            _ => failed(error),
        })?;
        Ok(Self {
            next,
            path: PathBuf::from(path),
            access,
            limits: Limits::DEFAULT,
        })
    }

    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Serves until `stop` is ready; then takes no more requests, lets running calls end (for at most the drain
    /// timeout) and returns.
    pub async fn serve<H: Handler>(
        self,
        handler: Arc<H>,
        hello: Hello,
        stop: impl Future<Output = ()> + Send,
    ) {
        let Self {
            mut next,
            path,
            access,
            limits,
        } = self;
        let mut serving = Serving::new(handler, hello, limits);
        tokio::pin!(stop);
        loop {
            let connected = tokio::select! {
                () = &mut stop => break,
                () = serving.one_ended() => continue,
                connected = next.connect() => connected,
            };
            // A new instance stands before this one is served, so that the name is never free.
            let fresh = loop {
                match access.another(&path) {
                    Ok(fresh) => break fresh,
                    Err(error) => {
                        tracing::warn!(%error, "There is no room for another connection");
                        sleep(Duration::from_millis(100)).await;
                    }
                }
            };
            let pipe = core::mem::replace(&mut next, fresh);
            if let Err(error) = connected {
                tracing::debug!(%error, "A desk program went before it was let in");
                continue;
            }
            let id = who(&pipe, serving.next_number());
            if let Err(full) = serving.make_room(id) {
                refuse(pipe, full).await;
                continue;
            }
            let heard = Heard::of(&pipe, id.connection);
            let (input, output) = tokio::io::split(pipe);
            serving.take(heard.before(input), output, id);
        }
        drop(next);
        serving.drain().await;
    }
}

/// The process at the other end; which account it runs under shows with its first line.
fn who(pipe: &NamedPipeServer, connection: u64) -> PeerId {
    let pid = handle::client_process(pipe);
    tracing::debug!(connection, ?pid, "Desk program connected");
    PeerId {
        connection,
        uid: None,
        pid,
    }
}

async fn refuse(mut pipe: NamedPipeServer, full: Full) {
    let line = full_line(full.words());
    let said = tokio::time::timeout(Duration::from_secs(1), pipe.write_all(line.as_bytes())).await;
    if !matches!(said, Ok(Ok(()))) {
        tracing::debug!("A refused desk program did not hear why");
    }
}

/// How often a client looks again while all instances are taken, and how many times.
const BUSY_PAUSE: Duration = Duration::from_millis(20);
const BUSY_LOOKS: u32 = 100;

/// The client's end, with exactly the rights a desk program has. The agent may learn who asks, not act for it.
pub(crate) async fn connect(path: &Path) -> io::Result<NamedPipeClient> {
    let mut looks = 0;
    loop {
        match handle::open_client(path, access::CONNECT_RIGHTS) {
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) && looks < BUSY_LOOKS => {
                looks += 1;
                sleep(BUSY_PAUSE).await;
            }
            other => return other,
        }
    }
}

/// Whether the pipe belongs to somebody who may be the agent.
pub(crate) fn is_trusted(pipe: &NamedPipeClient) -> io::Result<bool> {
    access::owner_is_trusted(pipe)
}
