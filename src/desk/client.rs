//! The other end: used by the command line and by tests.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Mutex as AsyncMutex, broadcast, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Duration, timeout};

use crate::api::Hello;
use crate::frame::{Frame, LINE_BYTES_MAX, LineReader};
use crate::rpc::RpcError;

/// The user the installed agent runs as; trusted as owner of the socket besides root and oneself.
#[cfg(unix)]
pub const SERVICE_USER: &str = "zhijie";

/// How long the greeting may take: an agent that hangs is connected to all the same, by the system alone.
const HELLO_MAX: Duration = Duration::from_secs(10);
/// Notifications that may wait to be read; an older one is lost when more come.
const NOTIFICATIONS_MAX: usize = 1024;

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum ClientError {
    #[error("cannot connect to {path}")]
    Connect {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[cfg(unix)]
    #[error("the socket is served by user {uid}, who is not trusted")]
    Untrusted { uid: u32 },
    #[cfg(windows)]
    #[error("the pipe belongs to an account that is not trusted")]
    Untrusted {},
    /// The first line was no greeting, or did not come; an agent with too many connections says so here.
    #[error("the agent did not greet")]
    NoHello(#[source] Option<RpcError>),
    #[error("request is longer than a line may be")]
    TooLong,
    #[error("the agent answered with an error: {0}")]
    Rpc(RpcError),
    /// The request may or may not have run: ask with `visit.status`.
    #[error("the connection ended before the answer came")]
    Closed,
}

/// A notification as it came.
#[derive(Debug, Clone)]
pub struct Notification {
    pub method: String,
    pub params: Box<RawValue>,
}

/// A connection to the agent. Calls may run at the same time.
#[derive(Debug)]
pub struct Client {
    hello: Hello,
    output: AsyncMutex<Output>,
    waiting: Arc<Mutex<Waiting>>,
    reader: JoinHandle<()>,
}

type Answer = Result<Box<RawValue>, RpcError>;

/// Whoever waits for a line. Dropping a sender tells its receiver that the connection is gone.
#[derive(Debug)]
struct Waiting {
    calls: BTreeMap<u64, oneshot::Sender<Answer>>,
    /// `None` when the connection has ended.
    notifications: Option<broadcast::Sender<Notification>>,
}

struct Output {
    stream: Box<dyn AsyncWrite + Send + Unpin>,
    last_id: u64,
}

impl core::fmt::Debug for Output {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.debug_struct("Output")
            .field("last_id", &self.last_id)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Message {
    id: Option<u64>,
    method: Option<String>,
    params: Option<Box<RawValue>>,
    result: Option<Box<RawValue>>,
    error: Option<RpcError>,
}

impl Client {
    /// Connects to the agent's socket. The other end must be root, the caller's own user, or [`SERVICE_USER`].
    ///
    /// # Errors
    /// [`ClientError::Connect`], [`ClientError::Untrusted`], [`ClientError::NoHello`].
    #[cfg(unix)]
    pub async fn connect(path: &std::path::Path) -> Result<Self, ClientError> {
        Self::connect_trusting(path, SERVICE_USER).await
    }

    /// As [`Client::connect`], with another user to trust besides root and oneself.
    ///
    /// # Errors
    /// As [`Client::connect`].
    #[cfg(unix)]
    pub async fn connect_trusting(path: &std::path::Path, user: &str) -> Result<Self, ClientError> {
        let failed = |source| ClientError::Connect {
            path: PathBuf::from(path),
            source,
        };
        let stream = tokio::net::UnixStream::connect(path).await.map_err(failed)?;
        let uid = stream.peer_cred().map_err(failed)?.uid();
        let service = nix::unistd::User::from_name(user)
            .ok()
            .flatten()
            .map(|found| found.uid.as_raw());
        if uid != 0 && uid != nix::unistd::geteuid().as_raw() && Some(uid) != service {
            return Err(ClientError::Untrusted { uid });
        }
        let (input, output) = stream.into_split();
        Self::over(input, output).await
    }

    /// Connects to the agent's pipe. It must belong to the system, an administrator, a service or the caller's own account.
    ///
    /// # Errors
    /// [`ClientError::Connect`], [`ClientError::Untrusted`], [`ClientError::NoHello`].
    #[cfg(windows)]
    pub async fn connect(path: &std::path::Path) -> Result<Self, ClientError> {
        let failed = |source| ClientError::Connect {
            path: PathBuf::from(path),
            source,
        };
        let pipe = crate::pipe::connect(path).await.map_err(failed)?;
        if !crate::pipe::is_trusted(&pipe).map_err(failed)? {
            return Err(ClientError::Untrusted {});
        }
        let (input, output) = tokio::io::split(pipe);
        Self::over(input, output).await
    }

    /// Over any other transport whose other end has been checked.
    ///
    /// # Errors
    /// [`ClientError::NoHello`].
    pub async fn over<R, W>(input: R, output: W) -> Result<Self, ClientError>
    where
        R: AsyncRead + Send + Unpin + 'static,
        W: AsyncWrite + Send + Unpin + 'static,
    {
        let mut lines = LineReader::new(input);
        let hello = timeout(HELLO_MAX, read_hello(&mut lines)).await;
        let hello = hello.map_err(|_| ClientError::NoHello(None))??;
        let waiting = Arc::new(Mutex::new(Waiting {
            calls: BTreeMap::new(),
            notifications: Some(broadcast::channel(NOTIFICATIONS_MAX).0),
        }));
        let reader = tokio::spawn(read_answers(lines, Arc::clone(&waiting)));
        Ok(Self {
            hello,
            output: AsyncMutex::new(Output {
                stream: Box::new(output),
                last_id: 0,
            }),
            waiting,
            reader,
        })
    }

    #[must_use]
    pub const fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Notifications from now on. Ends with the connection.
    #[must_use]
    pub fn notifications(&self) -> broadcast::Receiver<Notification> {
        match &lock(&self.waiting).notifications {
            Some(sender) => sender.subscribe(),
            None => broadcast::channel(1).1,
        }
    }

    /// Asks and waits for the answer, however long it takes; the result is as it came, byte for byte. Dropped while
    /// the request is being written, the connection is of no use any more.
    ///
    /// # Errors
    /// [`ClientError::Rpc`] when the agent says so, [`ClientError::Closed`] when it says nothing any more.
    pub async fn call(&self, method: &str, params: &Value) -> Result<Box<RawValue>, ClientError> {
        let (sender, receiver) = oneshot::channel();
        {
            let mut output = self.output.lock().await;
            output.last_id += 1;
            let id = output.last_id;
            let request = serde_json::json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
            let mut line = request.to_string();
            if line.len() > LINE_BYTES_MAX {
                return Err(ClientError::TooLong);
            }
            line.push('\n');
            {
                let mut waiting = lock(&self.waiting);
                if waiting.notifications.is_none() {
                    return Err(ClientError::Closed);
                }
                waiting.calls.insert(id, sender);
            }
            output
                .stream
                .write_all(line.as_bytes())
                .await
                .map_err(|_| ClientError::Closed)?;
        }
        match receiver.await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(error)) => Err(ClientError::Rpc(error)),
            Err(_) => Err(ClientError::Closed),
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn read_hello<R: AsyncRead + Unpin>(lines: &mut LineReader<R>) -> Result<Hello, ClientError> {
    let Ok(Frame::Line(line)) = lines.next().await else {
        return Err(ClientError::NoHello(None));
    };
    let message: Message = serde_json::from_slice(&line).map_err(|_| ClientError::NoHello(None))?;
    match (message.method.as_deref(), message.params) {
        (Some("hello"), Some(params)) => {
            serde_json::from_str(params.get()).map_err(|_| ClientError::NoHello(None))
        }
        _ => Err(ClientError::NoHello(message.error)),
    }
}

fn lock(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn read_answers<R: AsyncRead + Unpin>(mut lines: LineReader<R>, waiting: Arc<Mutex<Waiting>>) {
    while let Ok(Frame::Line(line)) = lines.next().await {
        let Ok(message) = serde_json::from_slice::<Message>(&line) else {
            break;
        };
        match message {
            Message {
                method: Some(method),
                params: Some(params),
                ..
            } => {
                if let Some(sender) = &lock(&waiting).notifications {
                    let _ = sender.send(Notification { method, params });
                }
            }
            Message {
                id: Some(id),
                result,
                error,
                ..
            } => {
                let answer = match (result, error) {
                    (Some(result), None) => Ok(result),
                    (_, Some(error)) => Err(error),
                    (None, None) => Err(RpcError::internal()),
                };
                let caller = lock(&waiting).calls.remove(&id);
                if let Some(caller) = caller {
                    let _ = caller.send(answer);
                }
            }
            _ => {}
        }
    }
    let mut waiting = lock(&waiting);
    waiting.notifications = None;
    waiting.calls.clear();
}
