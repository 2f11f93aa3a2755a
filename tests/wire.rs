//! A desk program that writes exactly what it likes.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

/// One connection to the agent, line by line.
#[derive(Debug)]
pub struct Wire {
    input: BufReader<OwnedReadHalf>,
    output: OwnedWriteHalf,
}

impl Wire {
    /// Connects and takes the greeting.
    ///
    /// # Errors
    /// When nobody listens or the first line is no greeting.
    pub async fn open(socket: &Path) -> anyhow::Result<Self> {
        let (input, output) = UnixStream::connect(socket).await?.into_split();
        let mut wire = Self {
            input: BufReader::new(input),
            output,
        };
        let hello = wire.hear().await?.context("no greeting")?;
        anyhow::ensure!(hello["method"] == "hello", "no greeting but {hello}");
        Ok(wire)
    }

    /// A request of this method with these parameters, which may be no JSON.
    #[must_use]
    pub fn request(method: &str, params: &str) -> Vec<u8> {
        let method = json!(method);
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":{method},"params":{params}}}"#).into_bytes()
    }

    /// Writes a line.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn say(&mut self, line: &[u8]) -> anyhow::Result<()> {
        self.output.write_all(line).await?;
        Ok(self.output.write_all(b"\n").await?)
    }

    /// The next line; `None` when the agent has closed the connection.
    ///
    /// # Errors
    /// When the line is no JSON, or the connection broke.
    pub async fn hear(&mut self) -> anyhow::Result<Option<Value>> {
        match self.line().await? {
            Some(line) => Ok(Some(serde_json::from_str(&line)?)),
            None => Ok(None),
        }
    }

    /// Writes a line and reads one.
    ///
    /// # Errors
    /// When the connection ends instead.
    pub async fn ask(&mut self, line: &[u8]) -> anyhow::Result<Value> {
        self.say(line).await?;
        self.hear().await?.context("the connection ended")
    }

    /// Calls a method and gives the result as it came, byte for byte.
    ///
    /// # Errors
    /// When there is no result.
    pub async fn result(&mut self, method: &str, params: &str) -> anyhow::Result<String> {
        self.say(&Self::request(method, params)).await?;
        let line = self.line().await?.context("the connection ended")?;
        let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&line)?;
        let result = members
            .get("result")
            .with_context(|| format!("no result: {line}"))?;
        Ok(String::from(result.get()))
    }

    async fn line(&mut self) -> anyhow::Result<Option<String>> {
        let mut line = String::new();
        let length = self.input.read_line(&mut line).await?;
        Ok((length > 0).then_some(line))
    }
}
