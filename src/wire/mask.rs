//! Messages made fit to be kept in a folder: whoever reads them learns what was asked and answered, not of whom.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::envelope::plain_text;

/// Members that name a person, prove who she is, or sign.
const MASKED: [&str; 27] = [
    "psn_no",
    "psn_name",
    "patn_id",
    "patn_name",
    "vola_cont",
    "coner_name",
    "fileContent",
    "certno",
    "mdtrt_cert_no",
    "card_sn",
    "card_token",
    "brdy",
    "tel",
    "addr",
    "mob",
    "cainfo",
    "dev_safe_info",
    "signData",
    "encData",
    "ecQrCode",
    "ecToken",
    "idNo",
    "userName",
    "authNo",
    "access_token",
    "in",
    "emp_name",
];

/// A JSON message with those members blacked out, members sorted by name; what is no JSON is told by its length.
#[must_use]
pub fn masked(body: &[u8]) -> String {
    let text = plain_text(body).ok().filter(|text| text.starts_with('{'));
    text.and_then(value)
        .unwrap_or_else(|| format!("\"{} bytes, no JSON object\"", body.len()))
}

fn value(json: &str) -> Option<String> {
    match json.as_bytes().first()? {
        b'{' => {
            let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).ok()?;
            let mut told = Vec::new();
            for (name, held) in &members {
                let shown = match held.get() {
                    empty @ ("null" | "\"\"") => String::from(empty),
                    _ if MASKED.contains(&name.as_str()) => String::from("\"***\""),
                    other => value(other)?,
                };
                told.push(format!("{}:{shown}", serde_json::to_string(name).ok()?));
            }
            Some(format!("{{{}}}", told.join(",")))
        }
        b'[' => {
            let items: Vec<Box<RawValue>> = serde_json::from_str(json).ok()?;
            let told: Option<Vec<String>> = items.iter().map(|item| value(item.get())).collect();
            Some(format!("[{}]", told?.join(",")))
        }
        _ => Some(String::from(json)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persons_and_proofs_are_blacked_out_at_every_depth() {
        let table = [
            (
                r#"{"input":{"data":[{"psn_no":"7","mdtrt_id":"V1","certno":""}]},"cainfo":"s","n":1.20}"#,
                r#"{"cainfo":"***","input":{"data":[{"certno":"","mdtrt_id":"V1","psn_no":"***"}]},"n":1.20}"#,
            ),
            (r#"{"psn_name":null}"#, r#"{"psn_name":null}"#),
            ("PK", "\"2 bytes, no JSON object\""),
            ("[1]", "\"3 bytes, no JSON object\""),
            ("{", "\"1 bytes, no JSON object\""),
        ];
        for (body, expected) in table {
            assert_eq!(masked(body.as_bytes()), expected);
        }
    }
}
