//! A TLS server that does one scripted thing after each request, and remembers what it was sent.

use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What the server does with a request it has read whole.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// These bytes, and the connection stays.
    Reply(Vec<u8>),
    /// These bytes, then the connection is closed properly.
    ReplyAndClose(Vec<u8>),
    /// Nothing; the connection is dropped.
    Drop,
    /// Nothing; the connection stays open.
    Silence,
}

#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) connections: usize,
    /// Head and body of every request read whole.
    pub(super) requests: Vec<(String, Vec<u8>)>,
}

pub(super) struct Server {
    pub(super) url: String,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    /// Acts through the script, one act a request, over all connections; the last act is repeated.
    pub(super) async fn start(tls: Arc<ServerConfig>, script: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Seen::default()));
        let acceptor = TlsAcceptor::from(tls);
        let watched = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, seen, script) = (acceptor.clone(), Arc::clone(&watched), script.clone());
                tokio::spawn(async move { serve(acceptor, stream, seen, script).await });
            }
        });
        Self { url, seen }
    }

    pub(super) fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap())
    }
}

pub(super) fn reply(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, seen: Arc<Mutex<Seen>>, script: Vec<Act>) {
    let Ok(mut stream) = acceptor.accept(stream).await else {
        return;
    };
    seen.lock().unwrap().connections += 1;
    while let Some(request) = read_request(&mut stream).await {
        let act = {
            let mut seen = seen.lock().unwrap();
            let act = script.get(seen.requests.len()).or(script.last()).unwrap().clone();
            seen.requests.push(request);
            act
        };
        match act {
            Act::Reply(bytes) => {
                stream.write_all(&bytes).await.unwrap();
                stream.flush().await.unwrap();
            }
            Act::ReplyAndClose(bytes) => {
                stream.write_all(&bytes).await.unwrap();
                let _ = stream.shutdown().await;
                return;
            }
            Act::Drop => return,
            Act::Silence => {}
        }
    }
}

async fn read_request(stream: &mut TlsStream<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut buffer = [0_u8; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .unwrap_or("0");
            let length: usize = length.trim().parse().unwrap();
            if bytes.len() >= end + 4 + length {
                return Some((head, bytes[end + 4..end + 4 + length].to_vec()));
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}
