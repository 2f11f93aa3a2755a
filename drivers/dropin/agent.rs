//! One question to the agent, blocking, on the caller's thread.

use std::io::{BufRead, BufReader, Read};
use std::time::Duration;

use serde_json::{Value, json};
use zhijie_ports::BasicFields;

use crate::codes::{PARAMETER, Refusal};
use crate::line::Line;

/// Of the desk interface.
const LINE_BYTES_MAX: u64 = 1_048_576;
/// What reading a card may take on top of the wait for one, with a slow vendor's library behind it.
const READING_MAX_S: u64 = 75;

pub(crate) struct Agent {
    lines: BufReader<Line>,
}

impl Agent {
    /// Connects and takes the greeting.
    pub(crate) fn connect() -> Result<Self, Refusal> {
        let limit = Duration::from_secs(wait_s()?.saturating_add(READING_MAX_S));
        let mut agent = Self {
            lines: BufReader::new(Line::connect(limit)?),
        };
        let hello = agent.line()?;
        match hello.get("method").and_then(Value::as_str) {
            Some("hello") => Ok(agent),
            _ => Err(hello
                .pointer("/error/data")
                .map_or_else(Refusal::no_agent, Refusal::of)),
        }
    }

    /// What the card in the reader holds.
    pub(crate) fn card_fields(mut self) -> Result<BasicFields, Refusal> {
        let params = json!({ "source": "card", "card_fields": true, "timeout_s": wait_s()? });
        let mut request =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "identity.read", "params": params }).to_string();
        request.push('\n');
        self.lines.get_ref().say(request.as_bytes())?;
        let answer = loop {
            let line = self.line()?;
            if line.get("id").is_some() {
                break line;
            }
        };
        if let Some(fault) = answer.pointer("/error/data") {
            return Err(Refusal::of(fault));
        }
        let fields = answer
            .pointer("/result/card/fields")
            .ok_or_else(Refusal::no_agent)?;
        let text =
            |member: &str| String::from(fields.get(member).and_then(Value::as_str).unwrap_or_default());
        Ok(BasicFields {
            region: text("region"),
            number: text("number"),
            card_number: text("card_number"),
            identification: text("identification"),
            name: text("name"),
            reset_info: text("reset_info"),
            version: text("version"),
            issued: text("issued"),
            valid_until: text("valid_until"),
            terminal: text("terminal"),
            device: text("device"),
        })
    }

    fn line(&mut self) -> Result<Value, Refusal> {
        let mut line = Vec::new();
        let read = (&mut self.lines)
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut line);
        match read {
            Ok(1..) => serde_json::from_slice(&line).map_err(|_| Refusal::no_agent()),
            Ok(0) | Err(_) => Err(Refusal::no_agent()),
        }
    }
}

/// How long a card may take to be put in.
fn wait_s() -> Result<u64, Refusal> {
    match std::env::var("ZHIJIE_CARD_WAIT_S") {
        Err(_) => Ok(3),
        Ok(text) => text
            .parse()
            .ok()
            .filter(|seconds| (1..=300).contains(seconds))
            .ok_or_else(|| Refusal::new(PARAMETER, "ZHIJIE_CARD_WAIT_S 应为 1 到 300")),
    }
}
