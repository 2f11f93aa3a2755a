//! A desk program that sees the lines as they are.

use std::collections::VecDeque;
use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

pub struct Desk {
    lines: Lines<BufReader<OwnedReadHalf>>,
    output: OwnedWriteHalf,
    last_id: u64,
    hello: String,
    news: VecDeque<String>,
    raw: String,
}

impl Desk {
    pub async fn connect(socket: &Path) -> anyhow::Result<Self> {
        let (input, output) = UnixStream::connect(socket).await?.into_split();
        let mut desk = Self {
            lines: BufReader::new(input).lines(),
            output,
            last_id: 0,
            hello: String::new(),
            news: VecDeque::new(),
            raw: String::new(),
        };
        let greeting = desk.line().await?;
        ensure!(
            greeting["method"] == "hello" && greeting["jsonrpc"] == "2.0",
            "{greeting}"
        );
        desk.hello = desk.raw();
        Ok(desk)
    }

    /// The first line of the connection.
    pub fn hello(&self) -> &str {
        &self.hello
    }

    /// The line that was read last.
    pub fn raw(&self) -> String {
        self.raw.clone()
    }

    async fn line(&mut self) -> anyhow::Result<Value> {
        self.raw = self.lines.next_line().await?.context("the agent hung up")?;
        Ok(serde_json::from_str(&self.raw)?)
    }

    /// One line as it is, and the next line that is no notification.
    pub async fn say(&mut self, line: &str) -> anyhow::Result<Value> {
        self.output.write_all(line.as_bytes()).await?;
        self.output.write_all(b"\n").await?;
        loop {
            let answer = self.line().await?;
            if answer.get("method").is_none() {
                return Ok(answer);
            }
            self.news.push_back(self.raw());
        }
    }

    /// The result, or the error object.
    pub async fn call(&mut self, method: &str, params: &Value) -> anyhow::Result<Result<Value, Value>> {
        self.last_id += 1;
        let request = json!({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params});
        let mut answer = self.say(&request.to_string()).await?;
        ensure!(answer["id"] == json!(self.last_id), "{answer}");
        if answer.get("error").is_some() {
            return Ok(Err(answer["error"].take()));
        }
        Ok(Ok(answer["result"].take()))
    }

    /// The result; an error is told as one.
    pub async fn done(&mut self, method: &str, params: &Value) -> anyhow::Result<Value> {
        self.call(method, params)
            .await?
            .map_err(|error| anyhow::anyhow!("{method}: {error}"))
    }

    /// The next event for which `wanted` holds; those before it are read past.
    pub async fn event(&mut self, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        loop {
            let mut line = match self.news.pop_front() {
                Some(raw) => {
                    self.raw = raw;
                    serde_json::from_str(&self.raw)?
                }
                None => self.line().await?,
            };
            ensure!(line["method"] == "event", "{line}");
            let event = line["params"].take();
            if wanted(&event) {
                return Ok(event);
            }
        }
    }
}
