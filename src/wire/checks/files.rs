//! Files sent and fetched.

use serde_json::{Value, json};

use super::samples::{head, profile};
use crate::*;

fn with(form: UploadForm) -> Profile {
    let mut profile = profile();
    profile.files.upload = form;
    profile
}

fn sent(form: UploadForm) -> Message {
    let draft = draft_upload("out.zip", b"PK\x00\xff", &head(), &with(form)).unwrap();
    draft.plain().unwrap()
}

#[test]
fn a_file_goes_out_in_three_forms() {
    let table = [
        (UploadForm::Numbers, json!([80, 75, 0, 255])),
        (UploadForm::Base64, json!("UEsA/w==")),
    ];
    for (form, content) in table {
        let message = sent(form);
        assert_eq!((message.number.as_str(), &message.boundary), ("9101", &None));
        let body: Value = serde_json::from_slice(&message.body).unwrap();
        let node = json!({ "in": content, "filename": "out.zip", "fixmedins_code": "H31010100001" });
        assert_eq!(body["input"]["fsUploadIn"], node);
    }
    let message = sent(UploadForm::Form);
    let boundary = message.boundary.clone().unwrap();
    let text = String::from_utf8_lossy(&message.body).into_owned();
    let parts: Vec<&str> = text.split(&format!("--{boundary}")).collect();
    assert_eq!(parts.len(), 4, "{text}");
    let (_, json) = parts[1].split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(json).unwrap();
    assert_eq!(
        body["input"]["fsUploadIn"],
        json!({ "filename": "out.zip", "fixmedins_code": "H31010100001" })
    );
    assert!(parts[2].contains("name=\"file\"; filename=\"out.zip\""), "{text}");
    assert!(message.body.windows(4).any(|bytes| bytes == b"PK\x00\xff"));
    assert_eq!(sent(UploadForm::Form), message, "same file, same bytes");
}

#[test]
fn a_file_that_cannot_be_sent_is_named() {
    let profile = profile();
    for name in ["", "a/b", "a\"b", "a\nb", &"长".repeat(201)] {
        let made = draft_upload(name, b"x", &head(), &profile);
        assert!(matches!(made, Err(EncodeError::FileName)), "{name}");
    }
    for bytes in [0, UPLOAD_BYTES_MAX + 1] {
        let made = draft_upload("a", &vec![255; bytes], &head(), &profile);
        assert!(matches!(made, Err(EncodeError::FileSize { bytes: told }) if told == bytes));
    }
    let most = vec![255; UPLOAD_BYTES_MAX];
    assert!(draft_upload("a", &most, &head(), &profile).is_ok());
}

#[test]
fn a_ticket_is_read_whatever_its_length() {
    let number = "M00/00/00/a-path-that-is-longer-than-thirty-characters.zip";
    for until in ["dld_endtime", "dld_end_time"] {
        let answer = json!({ "infcode": "0", "output": {
            "file_qury_no": number, "filename": "r.zip", until: "2026-11-29 00:00:00",
        }});
        let stored = read_upload(answer.to_string().as_bytes(), &profile()).unwrap();
        let expected = FileTicket {
            number: String::from(number),
            name: String::from("r.zip"),
            until: Some("2026-11-29T00:00:00".parse().unwrap()),
        };
        assert_eq!(stored, Stored::Ticket(expected));
    }
    let none = br#"{"infcode":0,"output":{"filename":"r.zip"}}"#;
    let missing = Unreadable::MissingMember {
        node: "output",
        field: "file_qury_no",
    };
    assert_eq!(read_upload(none, &profile()), Err(missing));
    let refused = read_upload(br#"{"infcode":-1,"err_msg":"x"}"#, &profile()).unwrap();
    assert!(matches!(refused, Stored::Refused(_)));
}

#[test]
fn a_fetch_names_the_file_as_the_province_wants_it() {
    let ticket = FileTicket {
        number: String::from("F1"),
        name: String::from("r.zip"),
        until: None,
    };
    let mut profile = profile();
    for (constant, named) in [(None, "r.zip"), (Some("plc"), "plc")] {
        profile.files.fetch_name = constant.map(String::from);
        let message = draft_fetch(&ticket, &head(), &profile).unwrap().plain().unwrap();
        let body: Value = serde_json::from_slice(&message.body).unwrap();
        let node = json!({ "file_qury_no": "F1", "filename": named, "fixmedins_code": "H31010100001" });
        assert_eq!(
            (message.number.as_str(), &body["input"]["fsDownloadIn"]),
            ("9102", &node)
        );
    }
    let nothing = FileTicket {
        number: String::new(),
        ..ticket
    };
    assert!(draft_fetch(&nothing, &head(), &profile).is_err());
}

#[test]
fn what_was_fetched_is_told_by_its_content_type() {
    const STREAM: Option<&str> = Some("application/octet-stream;charset=UTF-8");
    const JSON: Option<&str> = Some("application/json");
    let refusal: &[u8] = br#"{"infcode":-1,"err_msg":"x"}"#;
    type Check = fn(&Result<Fetched, Unreadable>) -> bool;
    let file: Check = |read| matches!(read, Ok(Fetched::File(_)));
    let refused: Check = |read| matches!(read, Ok(Fetched::Refused(_)));
    let broken: Check = Result::is_err;
    let table: [(u16, Option<&str>, &[u8], Check); 10] = [
        (200, STREAM, b"PK..", file),
        (200, STREAM, b"{}", file),
        (200, Some("Application/ZIP"), b"PK..", file),
        (200, None, b"PK..", file),
        (200, JSON, refusal, refused),
        (200, None, refusal, refused),
        (200, STREAM, b"", broken),
        (502, STREAM, b"PK..", broken),
        (200, JSON, br#"{"infcode":0}"#, broken),
        (200, Some("text/html"), b"<html>", broken),
    ];
    for (status, content_type, body, check) in table {
        let read = read_fetch(status, content_type, body.to_vec(), &profile());
        assert!(check(&read), "{status} {content_type:?} {read:?}");
    }
}
