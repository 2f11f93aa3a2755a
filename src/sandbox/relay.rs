//! Carries desk pipes of this PC to a port of it, for desk programs that live on another system than the agent, as tests
//! do when the agent runs in Wine. The first line of a connection names the pipe.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader, copy};
use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient};
use tokio::net::{TcpListener, TcpStream};

/// Every instance of the pipe is taken for a moment; the agent makes another one at once.
const ERROR_PIPE_BUSY: i32 = 231;
const BUSY_PAUSE: Duration = Duration::from_millis(2);

/// Relays until the process is ended.
pub(crate) async fn relay(listen: SocketAddr) -> io::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            if let Err(error) = carry(stream).await {
                tracing::debug!(%error, "A relayed connection ended");
            }
        });
    }
}

async fn carry(stream: TcpStream) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut name = String::new();
    stream.read_line(&mut name).await?;
    let pipe = open(name.trim_end()).await?;
    let (mut from_desk, mut to_desk) = tokio::io::split(stream);
    let (mut from_agent, mut to_agent) = tokio::io::split(pipe);
    // A pipe has no half that could be closed: it goes when either side is done.
    tokio::select! {
        gone = copy(&mut from_desk, &mut to_agent) => gone?,
        gone = copy(&mut from_agent, &mut to_desk) => gone?,
    };
    Ok(())
}

async fn open(name: &str) -> io::Result<NamedPipeClient> {
    loop {
        match ClientOptions::new().open(name) {
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) => {
                tokio::time::sleep(BUSY_PAUSE).await;
            }
            other => return other,
        }
    }
}
