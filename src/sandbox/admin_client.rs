//! The command line's side of the admin listener.

use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

const ANSWER_BYTES_MAX: usize = 256 * 1024 * 1024;

/// One admin address.
#[derive(Debug)]
pub(crate) struct AdminClient {
    authority: String,
}

impl AdminClient {
    /// # Errors
    /// When `url` is not `http://HOST:PORT`.
    pub(crate) fn new(url: &str) -> anyhow::Result<Self> {
        let authority = url
            .strip_prefix("http://")
            .context("the admin address begins with http://")?;
        Ok(Self {
            authority: String::from(authority.trim_end_matches('/')),
        })
    }

    /// One request; `Null` for an empty answer.
    ///
    /// # Errors
    /// When the sandbox cannot be reached or refuses, with its text.
    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let stream = TcpStream::connect(&self.authority)
            .await
            .with_context(|| format!("cannot reach a sandbox at {}", self.authority))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let driving = tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.authority)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(
                body.map(Value::to_string).unwrap_or_default(),
            )))?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        let bytes = Limited::new(response.into_body(), ANSWER_BYTES_MAX)
            .collect()
            .await
            .map_err(|error| anyhow::anyhow!(error))?
            .to_bytes();
        driving.abort();
        if !status.is_success() {
            bail!(
                "the sandbox answered {status}: {}",
                String::from_utf8_lossy(&bytes)
            );
        }
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        Ok(serde_json::from_slice(&bytes)?)
    }
}
