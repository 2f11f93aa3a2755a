//! Parameters from their text, with the path of what is wrong.

use serde_json::Value;
use serde_json::value::RawValue;

use super::RpcError;
use crate::api::Params;

/// The parameters of a method, checked.
///
/// # Errors
/// Invalid params, naming path and kind of the problem and never the value.
pub fn parse_params<T: Params>(params: &RawValue) -> Result<T, RpcError> {
    if !params.get().starts_with('{') {
        return Err(RpcError::invalid_params("", "wrong_type", "expected an object"));
    }
    let mut input = serde_json::Deserializer::from_str(params.get());
    let parsed: T = serde_path_to_error::deserialize(&mut input).map_err(|error| {
        let path = match error.path().to_string() {
            root if root == "." => String::new(),
            path => path,
        };
        told(path, error.inner())
    })?;
    objects_are_objects(&parsed, params)?;
    parsed.check()?;
    Ok(parsed)
}

/// A list in the place of an object would be read member by member; that is nobody's intention.
fn objects_are_objects(parsed: &impl serde::Serialize, params: &RawValue) -> Result<(), RpcError> {
    let (Ok(meant), Ok(given)) = (
        serde_json::to_value(parsed),
        serde_json::from_str::<Value>(params.get()),
    ) else {
        return Err(RpcError::invalid_params(
            "",
            "wrong_type",
            "a number or a text is not well formed",
        ));
    };
    match list_for_object(&meant, &given, "") {
        None => Ok(()),
        Some(path) => Err(RpcError::invalid_params(
            &path,
            "wrong_type",
            "expected an object, found a list",
        )),
    }
}

fn list_for_object(meant: &Value, given: &Value, path: &str) -> Option<String> {
    match (meant, given) {
        (Value::Object(_), Value::Array(_)) => Some(String::from(path)),
        (Value::Object(meant), Value::Object(given)) => meant.iter().find_map(|(name, member)| {
            let path = joined(path, name);
            list_for_object(member, given.get(name)?, &path)
        }),
        (Value::Array(meant), Value::Array(given)) => meant
            .iter()
            .zip(given)
            .enumerate()
            .find_map(|(at, (meant, given))| list_for_object(meant, given, &format!("{path}[{at}]"))),
        _ => None,
    }
}

fn joined(path: &str, member: &str) -> String {
    if path.is_empty() {
        String::from(member)
    } else {
        format!("{path}.{member}")
    }
}

/// Rebuilds the reader's message without the value in it.
fn told(path: String, error: &serde_json::Error) -> RpcError {
    let message = error.to_string();
    if let Some(member) = between(&message, "missing field `") {
        return RpcError::invalid_params(&joined(&path, member), "missing", "required");
    }
    if let Some(member) = between(&message, "duplicate field `") {
        return RpcError::invalid_params(&joined(&path, member), "duplicate", "given twice");
    }
    let expected = message
        .rsplit_once(", expected ")
        .map(|(_, tail)| tail.rsplit_once(" at line ").map_or(tail, |(head, _)| head));
    match expected {
        Some(expected) => RpcError::invalid_params(
            &path,
            "wrong_type",
            &format!("expected {}, found {}", in_json_words(expected), found(&message)),
        ),
        None => RpcError::invalid_params(&path, "wrong_type", "not well formed"),
    }
}

fn between<'a>(message: &'a str, before: &str) -> Option<&'a str> {
    message
        .strip_prefix(before)?
        .split_once('`')
        .map(|(name, _)| name)
}

fn in_json_words(expected: &str) -> String {
    match expected {
        "i64" => String::from("a whole number"),
        "u8" | "u16" | "u32" | "u64" => String::from("a whole number that is not negative and not too large"),
        "a boolean" => String::from("true or false"),
        "a sequence" => String::from("a list"),
        _ if expected.starts_with("struct ") => String::from("an object"),
        _ if expected.contains("enum ") => String::from("a text from the list of values"),
        _ => String::from(expected),
    }
}

fn found(message: &str) -> &'static str {
    let table = [
        ("invalid type: string", "a text"),
        ("invalid value: string", "a text"),
        ("invalid type: integer", "a whole number"),
        ("invalid value: integer", "a whole number out of range"),
        ("invalid type: floating point", "a number with a fraction"),
        ("invalid type: boolean", "true or false"),
        ("invalid type: null", "null"),
        ("invalid type: sequence", "a list"),
        ("invalid length", "a list"),
        ("invalid type: map", "an object"),
        ("unknown variant", "another text"),
    ];
    table
        .iter()
        .find(|(start, _)| message.starts_with(start))
        .map_or("something else", |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{IdentityReadParams, VisitQuoteParams, VisitSettleParams, VisitStatusParams};
    use serde_json::json;

    fn raw(value: &Value) -> Box<RawValue> {
        RawValue::from_string(value.to_string()).unwrap()
    }

    fn quote() -> Value {
        json!({
            "request_id": "r1", "identity_id": "i1", "unknown": {"members": ["are ignored"]},
            "visit": {
                "number": "MZ1", "kind": "11", "began": "2026-11-22T09:00:00+08:00",
                "doctor": {"code": "D1", "name": "周医生"},
                "department": {"code": "1", "name": "内科", "category": "A03"},
                "diagnoses": [{"code": "K29.500", "name": "慢性胃炎"}]
            },
            "bill": {"batch": "B1", "total_fen": 100, "lines": [
                {"serial": "1", "national_code": "X", "own_code": "A", "name": "药", "quantity": "1",
                 "unit_price": "1", "amount_fen": 100}
            ]}
        })
    }

    #[test]
    fn what_is_good_passes() {
        parse_params::<VisitQuoteParams>(&raw(&quote())).unwrap();
    }

    #[test]
    fn path_and_kind_are_told_and_the_value_is_not() {
        let secret = "341200199001011234, expected `secret`";
        let table = [
            (
                "/bill/lines/0/amount_fen",
                json!(secret),
                "bill.lines[0].amount_fen",
                "wrong_type",
            ),
            (
                "/bill/lines/0/amount_fen",
                json!(1.5),
                "bill.lines[0].amount_fen",
                "wrong_type",
            ),
            (
                "/bill/lines/0/amount_fen",
                json!(u64::MAX),
                "bill.lines[0].amount_fen",
                "wrong_type",
            ),
            ("/bill/lines/0", json!({}), "bill.lines[0].serial", "missing"),
            ("/bill/lines", json!(secret), "bill.lines", "wrong_type"),
            ("/bill", json!(null), "bill", "wrong_type"),
            (
                "/visit/doctor",
                json!(["D1", "周医生"]),
                "visit.doctor",
                "wrong_type",
            ),
            (
                "/visit/diagnoses/0",
                json!([]),
                "visit.diagnoses[0]",
                "wrong_type",
            ),
            (
                "/visit/number",
                json!(341_200_199_001_i64),
                "visit.number",
                "wrong_type",
            ),
            ("/visit", json!({}), "visit.number", "missing"),
            ("/request_id", json!(""), "request_id", "not_allowed"),
            ("/request_id", json!("a\nb"), "request_id", "not_allowed"),
        ];
        for (pointer, value, path, kind) in table {
            let mut params = quote();
            *params.pointer_mut(pointer).unwrap() = value;
            let error = parse_params::<VisitQuoteParams>(&raw(&params)).unwrap_err();
            let text = serde_json::to_string(&error).unwrap();
            assert_eq!(error.code, RpcError::INVALID_PARAMS);
            let data = error.data.unwrap();
            assert_eq!(
                (&data["path"], &data["kind"]),
                (&json!(path), &json!(kind)),
                "{text}"
            );
            assert!(!text.contains("341200") && !text.contains("secret"), "{text}");
        }
    }

    #[test]
    fn enums_duplicates_surrogates_and_lists_are_told() {
        let table = [
            (r#"{"source":"341200199001011234"}"#, "source", "wrong_type"),
            (r#"{"source":"any","source":"card"}"#, "source", "duplicate"),
            (r#"{"source":"any","timeout_s":0}"#, "timeout_s", "not_allowed"),
            (r#"{"source":"any","timeout_s":-1}"#, "timeout_s", "wrong_type"),
            (r#"{"source":"any","id_number":"1"}"#, "id_number", "not_allowed"),
            (r#"{"source":"id_number"}"#, "id_number", "not_allowed"),
            (
                r#"{"source":"id_number","id_number":"\ud800"}"#,
                "id_number",
                "wrong_type",
            ),
            (r#"["any"]"#, "", "wrong_type"),
            (r#""any""#, "", "wrong_type"),
            (r#"{}"#, "source", "missing"),
        ];
        for (text, path, kind) in table {
            let params = RawValue::from_string(String::from(text)).unwrap();
            let error = parse_params::<IdentityReadParams>(&params).unwrap_err();
            let shown = serde_json::to_string(&error).unwrap();
            let data = error.data.unwrap();
            assert_eq!(
                (&data["path"], &data["kind"]),
                (&json!(path), &json!(kind)),
                "{shown}"
            );
            assert!(!shown.contains("341200"), "{shown}");
        }
    }

    #[test]
    fn defaults_are_filled_in() {
        let settle: VisitSettleParams = parse_params(&raw(&json!({
            "request_id": "r", "bill_id": "b", "quote_id": "q", "cash_fen": 1, "total_fen": 2
        })))
        .unwrap();
        assert_eq!(settle.mode, crate::api::SettleMode::Online);
        assert!(parse_params::<VisitStatusParams>(&raw(&json!({}))).is_err());
    }
}
