//! A line becomes a request, or the error that answers it.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{DEPTH_MAX, RpcError};
use crate::method::Method;

/// Longest `id` a request may carry, as it stands on the line.
const ID_BYTES_MAX: usize = 128;

/// What a line asks for.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A blank line or a notification.
    Nothing,
    Request {
        id: Box<RawValue>,
        method: Method,
        params: Box<RawValue>,
    },
    /// Answered with the error; the `id` is `null` where none could be read.
    Refused {
        id: Option<Box<RawValue>>,
        error: RpcError,
    },
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    jsonrpc: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    method: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    params: Option<&'a RawValue>,
}

/// Tells `null` from absence.
fn present<'de, D: Deserializer<'de>>(input: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(input).map(Some)
}

/// Reads one line. Never fails: what is no request is an answer already.
pub(crate) fn read_request(line: &[u8]) -> Incoming {
    let refused = |id: Option<&RawValue>, error| Incoming::Refused {
        id: id.map(ToOwned::to_owned),
        error,
    };
    let Ok(text) = core::str::from_utf8(line) else {
        return refused(None, RpcError::parse("the line is not UTF-8"));
    };
    if text.trim().is_empty() {
        return Incoming::Nothing;
    }
    if deeper_than(text, DEPTH_MAX) {
        return refused(
            None,
            RpcError::parse(&format!("nested deeper than {DEPTH_MAX} levels")),
        );
    }
    let message: &RawValue = match serde_json::from_str(text) {
        Ok(message) => message,
        Err(error) => {
            let problem = format!("the line is not JSON, see column {}", error.column());
            return refused(None, RpcError::parse(&problem));
        }
    };
    match message.get().bytes().next() {
        Some(b'{') => {}
        Some(b'[') => {
            let problem = "batches are not taken; send each request on a line of its own";
            return refused(None, RpcError::invalid_request(problem));
        }
        _ => return refused(None, RpcError::invalid_request("a request is an object")),
    }
    let Ok(envelope) = serde_json::from_str::<Envelope<'_>>(message.get()) else {
        return refused(
            None,
            RpcError::invalid_request("a member is given twice or is not well formed"),
        );
    };
    match read_envelope(&envelope) {
        Ok(incoming) => incoming,
        Err(error) => refused(envelope.id.filter(|id| id_is_good(id)), error),
    }
}

fn read_envelope(envelope: &Envelope<'_>) -> Result<Incoming, RpcError> {
    if envelope.id.is_some_and(|id| !id_is_good(id)) {
        return Err(RpcError::invalid_request(
            "id must be a text or a whole number of at most 128 bytes",
        ));
    }
    if envelope.jsonrpc.map(RawValue::get) != Some("\"2.0\"") {
        return Err(RpcError::invalid_request("jsonrpc must be \"2.0\""));
    }
    let method = envelope
        .method
        .and_then(|method| serde_json::from_str::<Cow<'_, str>>(method.get()).ok())
        .ok_or_else(|| RpcError::invalid_request("method must be a text"))?;
    let Some(id) = envelope.id else {
        return Ok(Incoming::Nothing);
    };
    let method = Method::parse(&method).ok_or_else(RpcError::method_not_found)?;
    let params = match envelope.params {
        Some(params) => params.to_owned(),
        None => RawValue::from_string(String::from("{}")).map_err(|_| RpcError::internal())?,
    };
    if !params.get().starts_with('{') {
        return Err(RpcError::invalid_params("", "wrong_type", "expected an object"));
    }
    Ok(Incoming::Request {
        id: id.to_owned(),
        method,
        params,
    })
}

fn id_is_good(id: &RawValue) -> bool {
    let text = id.get();
    let whole = text.strip_prefix('-').unwrap_or(text);
    text.len() <= ID_BYTES_MAX
        && (text.starts_with('"') || (!whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit())))
}

/// Counts brackets outside of texts; needs no stack of its own.
fn deeper_than(text: &str, levels: usize) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > levels {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refusal(line: &[u8]) -> Option<(String, i64)> {
        match read_request(line) {
            Incoming::Refused { id, error } => Some((
                id.map_or_else(|| String::from("null"), |id| String::from(id.get())),
                error.code,
            )),
            Incoming::Nothing | Incoming::Request { .. } => None,
        }
    }

    #[test]
    fn every_bad_line_has_its_error() {
        let deep = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"agent.info","params":{{"x":{}{}}}}}"#,
            "[".repeat(31),
            "]".repeat(31)
        );
        let table: [(&[u8], &str, i64); 21] = [
            (b"nonsense", "null", -32700),
            (b"{\"jsonrpc\":\"2.0\",", "null", -32700),
            (b"\xff\xfe{}", "null", -32700),
            (b"\xef\xbb\xbf{}", "null", -32700),
            (b"{} {}", "null", -32700),
            (deep.as_bytes(), "null", -32700),
            (b"[]", "null", -32600),
            (
                br#"[{"jsonrpc":"2.0","id":1,"method":"agent.info"}]"#,
                "null",
                -32600,
            ),
            (b"7", "null", -32600),
            (b"null", "null", -32600),
            (b"{}", "null", -32600),
            (br#"{"id":1,"id":2}"#, "null", -32600),
            (br#"{"id":1,"method":"agent.info"}"#, "1", -32600),
            (
                br#"{"jsonrpc":"1.0","id":"a","method":"agent.info"}"#,
                "\"a\"",
                -32600,
            ),
            (br#"{"jsonrpc":"2.0","id":1,"method":7}"#, "1", -32600),
            (br#"{"jsonrpc":"2.0","id":1,"result":{}}"#, "1", -32600),
            (
                br#"{"jsonrpc":"2.0","id":null,"method":"agent.info"}"#,
                "null",
                -32600,
            ),
            (
                br#"{"jsonrpc":"2.0","id":1.5,"method":"agent.info"}"#,
                "null",
                -32600,
            ),
            (
                br#"{"jsonrpc":"2.0","id":{},"method":"agent.info"}"#,
                "null",
                -32600,
            ),
            (br#"{"jsonrpc":"2.0","id":1,"method":"agent.nfo"}"#, "1", -32601),
            (
                br#"{"jsonrpc":"2.0","id":1,"method":"agent.info","params":[1]}"#,
                "1",
                -32602,
            ),
        ];
        for (line, id, code) in table {
            let shown = String::from_utf8_lossy(line);
            assert_eq!(refusal(line), Some((String::from(id), code)), "{shown}");
        }
    }

    #[test]
    fn notifications_and_blank_lines_ask_for_nothing() {
        for line in [
            "",
            "  ",
            r#"{"jsonrpc":"2.0","method":"agent.info"}"#,
            r#"{"jsonrpc":"2.0","method":"x"}"#,
        ] {
            assert!(
                matches!(read_request(line.as_bytes()), Incoming::Nothing),
                "{line}"
            );
        }
    }

    #[test]
    fn brackets_in_texts_have_no_depth() {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":"\"{}","method":"agent.info","params":{{"x":"{}\\"}}}}"#,
            "[".repeat(40),
            "{".repeat(40)
        );
        assert!(matches!(read_request(text.as_bytes()), Incoming::Request { .. }));
    }

    #[test]
    fn depth_counts_levels() {
        assert!(!deeper_than("[[]]", 2));
        assert!(deeper_than("[[[]]]", 2));
        assert!(!deeper_than("[][][]", 1));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(line in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read_request(&line);
        }

        #[test]
        fn no_damage_to_a_good_line_makes_it_panic(at in 0_usize..90, byte in any::<u8>(), cut in 0_usize..90) {
            let good = br#"{"jsonrpc":"2.0","id":1,"method":"visit.status","params":{"bill_id":"H31010100001/M/1"}}"#;
            let mut line = good.to_vec();
            if let Some(place) = line.get_mut(at) {
                *place = byte;
            }
            line.truncate(good.len().saturating_sub(cut));
            let _ = read_request(&line);
        }
    }
}
