//! JSON-RPC 2.0: reading a request, writing an answer, and errors that never repeat a value.

mod error;
mod params;
mod request;

pub use error::RpcError;
pub use params::parse_params;
pub(crate) use request::{Incoming, read_request};

use serde::Serialize;
use serde_json::value::RawValue;

/// How deep objects and lists may lie in each other.
pub const DEPTH_MAX: usize = 32;

/// A result from its type.
///
/// # Errors
/// An internal error when the value cannot be written as JSON.
pub fn result(value: &impl Serialize) -> Result<Box<RawValue>, RpcError> {
    serde_json::value::to_raw_value(value).map_err(|_| RpcError::internal())
}

/// One line, its end included. A result that is no single line becomes an internal error.
pub(crate) fn answer_line(id: Option<&RawValue>, answer: &Result<Box<RawValue>, RpcError>) -> String {
    let id = id.map_or("null", RawValue::get);
    let error = match answer {
        Ok(result) if fits(result.get()) => {
            return format!(
                "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{}}}\n",
                result.get()
            );
        }
        Ok(_) => {
            tracing::error!("A result does not fit on a line and was withheld");
            &RpcError::internal()
        }
        Err(error) => error,
    };
    let error = serde_json::to_string(error)
        .unwrap_or_else(|_| String::from("{\"code\":-32603,\"message\":\"Internal error\"}"));
    format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{error}}}\n")
}

/// One line, its end included; `None` when the value is no JSON.
pub(crate) fn notification_line(method: &str, params: &impl Serialize) -> Option<String> {
    let params = serde_json::to_string(params).ok()?;
    Some(format!(
        "{{\"jsonrpc\":\"2.0\",\"method\":\"{method}\",\"params\":{params}}}\n"
    ))
}

fn fits(text: &str) -> bool {
    // Room for the envelope around it.
    text.len() + 512 <= crate::frame::LINE_BYTES_MAX && !text.contains(['\n', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(String::from(text)).unwrap()
    }

    #[test]
    fn a_result_goes_out_byte_for_byte() {
        let stored = r#"{"b": 1.50,  "a":"\u00e4"}"#;
        assert_eq!(
            answer_line(Some(&raw("7")), &Ok(raw(stored))),
            format!("{{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{stored}}}\n")
        );
    }

    #[test]
    fn a_result_that_is_no_line_is_withheld() {
        for result in [raw("{\n}"), raw(&format!("\"{}\"", "x".repeat(1024 * 1024)))] {
            let line = answer_line(None, &Ok(result));
            assert!(
                line.contains("-32603") && line.contains("\"id\":null"),
                "{}",
                line.len()
            );
        }
    }
}
