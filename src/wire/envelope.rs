//! The envelope of answers (interface reference, response envelope).

use jiff::civil::DateTime;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use zhijie_model::{PlatformMessageId, PlatformWords, Refusal, Transaction};

use crate::patterns::{Patterns, Verdict};
use crate::scalar::{Scalar, Text, at};
use crate::unreadable::Unreadable;

/// Largest answer that is read, in bytes.
pub const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
const DEPTH_MAX: usize = 64;
const FAILURE_CODE_CHARS_MAX: usize = 20;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Raw {
    infcode: Scalar,    // 交易状态码
    inf_refmsgid: Text, // 接收方报文ID
    respond_time: Text, // 响应报文时间
    err_msg: Text,      // 错误信息
    warn_msg: Text,     // 提示信息
    output: Option<Box<RawValue>>,
    data: Option<Box<RawValue>>,
}

/// When the platform answered: Beijing wall clock, as its own clock had it.
#[must_use]
pub fn responded_at(body: &[u8]) -> Option<DateTime> {
    let outer: Raw = object(plain_text(body).ok()?).ok()?;
    let raw = if outer.infcode == Scalar::Absent {
        wrapped(outer).ok()?
    } else {
        outer
    };
    let told = raw.respond_time.get(at("envelope", "respond_time")).ok()??;
    // Milliseconds follow.
    DateTime::strptime("%Y%m%d%H%M%S", told.get(..14)?).ok()
}

/// An answer of the platform with its code told.
pub(crate) enum Answer {
    Done(Output),
    Failed(Failure),
}

pub(crate) struct Output {
    pub(crate) words: PlatformWords,
    node: Option<Box<RawValue>>,
}

pub(crate) struct Failure {
    code: String,
    words: PlatformWords,
}

/// Takes the envelope off.
pub(crate) fn open(body: &[u8]) -> Result<Answer, Unreadable> {
    let text = plain_text(body)?;
    let outer: Raw = object(text)?;
    let raw = if outer.infcode == Scalar::Absent {
        wrapped(outer)?
    } else {
        outer
    };
    let code = raw
        .infcode
        .get(at("envelope", "infcode"))
        .map_err(|_| Unreadable::NoEnvelope)?;
    let code = code.ok_or(Unreadable::NoEnvelope)?.to_owned();
    let done = code.parse::<i64>().is_ok_and(|value| value == 0);
    let said = if done { &raw.warn_msg } else { &raw.err_msg };
    let words = PlatformWords {
        message_id: raw
            .inf_refmsgid
            .id(at("envelope", "inf_refmsgid"), PlatformMessageId::new)
            .unwrap_or(None),
        text: said.owned(at("envelope", "err_msg")).unwrap_or(None),
    };
    if done {
        Ok(Answer::Done(Output {
            words,
            node: raw.output,
        }))
    } else {
        let plain = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '-';
        let code = code.chars().filter(plain).take(FAILURE_CODE_CHARS_MAX).collect();
        Ok(Answer::Failed(Failure { code, words }))
    }
}

/// The envelope inside `data` of a gateway's own wrapper, as object or as JSON text.
fn wrapped(outer: Raw) -> Result<Raw, Unreadable> {
    let data = outer.data.ok_or(Unreadable::NoEnvelope)?;
    let text = match serde_json::from_str::<String>(data.get()) {
        Ok(inner) => inner,
        Err(_) => data.get().to_owned(),
    };
    guard_depth(&text)?;
    object(&text).map_err(|_| Unreadable::NoEnvelope)
}

pub(crate) fn plain_text(body: &[u8]) -> Result<&str, Unreadable> {
    if body.len() > ANSWER_BYTES_MAX {
        return Err(Unreadable::TooBig {
            max: ANSWER_BYTES_MAX,
        });
    }
    let text = core::str::from_utf8(body).map_err(|_| Unreadable::NotText)?;
    let text = text.trim_start_matches('\u{feff}').trim();
    match text.as_bytes().first() {
        None => Err(Unreadable::Empty),
        Some(b'<') => Err(Unreadable::Html),
        Some(_) => {
            guard_depth(text)?;
            Ok(text)
        }
    }
}

/// Refuses nesting before any parser recurses into it.
fn guard_depth(text: &str) -> Result<(), Unreadable> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in text.bytes() {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Err(Unreadable::TooDeep { max: DEPTH_MAX });
        }
    }
    Ok(())
}

fn object(text: &str) -> Result<Raw, Unreadable> {
    if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|_| Unreadable::NotJson)
    } else if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
        Err(Unreadable::NoEnvelope)
    } else {
        Err(Unreadable::NotJson)
    }
}

impl Output {
    /// Reads the output nodes of one transaction; `node` is the one that must be there and names the error.
    pub(crate) fn read<T: DeserializeOwned>(&self, node: &'static str) -> Result<T, Unreadable> {
        let json = self.json().ok_or(Unreadable::NodeMissing { node })?;
        parse(json, node)
    }

    /// As [`Output::read`], an output without content being an empty one.
    pub(crate) fn read_or_empty<T: DeserializeOwned + Default>(
        &self,
        node: &'static str,
    ) -> Result<T, Unreadable> {
        self.json()
            .map_or_else(|| Ok(T::default()), |json| parse(json, node))
    }

    /// The output as JSON text, when it has content.
    pub(crate) fn json(&self) -> Option<&str> {
        self.node
            .as_deref()
            .map(RawValue::get)
            .filter(|json| !matches!(*json, "null" | "\"\"" | "[]"))
    }
}

fn parse<T: DeserializeOwned>(json: &str, node: &'static str) -> Result<T, Unreadable> {
    if !json.starts_with('{') {
        return Err(Unreadable::Malformed { node });
    }
    serde_json::from_str(json).map_err(|_| Unreadable::Malformed { node })
}

impl Failure {
    pub(crate) const fn new(code: String, words: PlatformWords) -> Self {
        Self { code, words }
    }

    /// A refusal, when that is certain; otherwise what keeps it from being one. Calls that leave no doubt behind are
    /// always refused: repeating them does no harm.
    pub(crate) fn weigh(self, transaction: Transaction, patterns: &Patterns) -> Result<Refusal, Unreadable> {
        let leaves_doubt = transaction.class().leaves_doubt();
        let text = self.words.text.clone().unwrap_or_default();
        let verdict = patterns.weigh(transaction, &self.code, &text);
        match verdict {
            Verdict::Doubt | Verdict::Unrecognised if leaves_doubt => Err(Unreadable::UnclassifiedRefusal {
                code: self.code,
                words: self.words,
            }),
            Verdict::SignInLost | Verdict::Refused | Verdict::Doubt | Verdict::Unrecognised => Ok(Refusal {
                code: self.code,
                sign_in_lost: verdict == Verdict::SignInLost,
                unavailable: verdict == Verdict::Doubt || patterns.speaks_of_unavailability(&text),
                in_hospital: patterns.in_hospital(&text),
                platform: self.words,
            }),
        }
    }
}
