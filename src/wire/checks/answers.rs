//! Shapes of answers, refusals, and the answers of the preparing calls.

use serde_json::json;
use zhijie_model::{Call, Reply, SplitError};

use super::samples::*;
use crate::{ANSWER_BYTES_MAX, Unreadable, read_reply};

fn read(call: &Call, body: &[u8]) -> Result<Reply, Unreadable> {
    read_reply(call, &message_id(), body, &profile())
}

#[test]
fn what_is_no_answer_of_the_platform() {
    let deep = format!(
        "{{\"infcode\":0,\"output\":{}1{}}}",
        "[".repeat(70),
        "]".repeat(70)
    );
    let big = vec![b' '; ANSWER_BYTES_MAX + 1];
    let table: [(&[u8], Unreadable); 15] = [
        (b"", Unreadable::Empty),
        (b"\xEF\xBB\xBF \r\n", Unreadable::Empty),
        (b"<html><body>502 Bad Gateway</body></html>", Unreadable::Html),
        (b"<?xml version=\"1.0\"?>", Unreadable::Html),
        (b"Service Unavailable", Unreadable::NotJson),
        (b"{\"infcode\":0,\"output\":{", Unreadable::NotJson),
        (b"{\"infcode\":0} trailing", Unreadable::NotJson),
        (b"{\"infcode\":0,\"infcode\":-1}", Unreadable::NotJson),
        (b"\xC4\xE3\xBA\xC3", Unreadable::NotText),
        (b"[]", Unreadable::NoEnvelope),
        (b"0", Unreadable::NoEnvelope),
        (b"{\"code\":\"999\",\"msg\":\"x\"}", Unreadable::NoEnvelope),
        (b"{\"infcode\":null}", Unreadable::NoEnvelope),
        (deep.as_bytes(), Unreadable::TooDeep { max: 64 }),
        (
            &big,
            Unreadable::TooBig {
                max: ANSWER_BYTES_MAX,
            },
        ),
    ];
    for (body, expected) in table {
        for call in calls() {
            assert_eq!(read(&call, body), Err(expected.clone()));
        }
        assert!(!expected.is_from_platform());
        assert_eq!(expected.words(), None);
    }
}

#[test]
fn success_is_zero_as_number_or_text_wrapped_or_not() {
    for body in [
        "{\"infcode\":0}",
        "{\"infcode\":\"0\",\"err_msg\":\"success\",\"output\":null}",
        "\u{feff}{\"infcode\": 0 , \"new\":1}",
        "{\"code\":0,\"type\":\"success\",\"message\":\"\",\"data\":{\"infcode\":\"0\",\"output\":null}}",
        "{\"code\":0,\"data\":\"{\\\"infcode\\\":0}\"}",
    ] {
        assert_eq!(read(&reverse(), body.as_bytes()), Ok(Reply::Reversed), "{body}");
    }
}

#[test]
fn a_failure_is_a_refusal_only_when_that_is_certain() {
    let doubtful = ["FSI-调用参保地服务失败", "网络超时", "没见过的话", ""];
    let certain = ["FSI-参数校验失败:节点[data]为空", "操作员未签到,请先签到"];
    for call in calls() {
        let leaves_doubt = call.transaction().class().leaves_doubt();
        for text in doubtful.into_iter().chain(certain) {
            let body = json!({"type": "error", "infcode": -1, "err_msg": text}).to_string();
            match read(&call, body.as_bytes()) {
                Ok(Reply::Refused { refusal }) => {
                    assert!(!leaves_doubt || certain.contains(&text), "{text}");
                    assert_eq!(refusal.code, "-1");
                    assert_eq!(refusal.sign_in_lost, text.contains("签到"));
                    assert_eq!(refusal.platform.text.as_deref().unwrap_or_default(), text);
                }
                Err(unknown) => {
                    assert!(leaves_doubt && doubtful.contains(&text), "{text}");
                    assert_eq!(unknown.words().unwrap().text.as_deref().unwrap_or_default(), text);
                    assert!(unknown.is_from_platform());
                    let shown = format!("{unknown} {unknown:?}");
                    assert!(text.is_empty() || !shown.contains(text), "{shown}");
                }
                Ok(other) => panic!("no failure: {other:?}"),
            }
        }
    }
}

#[test]
fn error_texts_repeat_nothing_of_the_answer() {
    let body = json!({"infcode": "王秀英", "err_msg": "王秀英"}).to_string();
    let unknown = read(&settle(), body.as_bytes()).unwrap_err();
    assert!(!format!("{unknown} {unknown:?}").contains("王秀英"));
}

#[test]
fn a_registration_names_the_visit() {
    let answer = |data: serde_json::Value| json!({"infcode": 0, "output": {"data": data}}).to_string();
    let whole = answer(json!({"mdtrt_id": VISIT, "psn_no": PERSON, "ipt_otp_no": "MZ20261122001"}));
    assert_eq!(
        read(&register(), whole.as_bytes()),
        Ok(Reply::Registered { visit_id: visit_id() })
    );
    let node = "data";
    let table = [
        (
            json!({"psn_no": PERSON}),
            Unreadable::MissingMember {
                node,
                field: "mdtrt_id",
            },
        ),
        (
            json!({"mdtrt_id": VISIT, "psn_no": "1"}),
            Unreadable::OtherPersons {
                node,
                field: "psn_no",
            },
        ),
        (
            json!({"mdtrt_id": VISIT, "ipt_otp_no": "X"}),
            Unreadable::OtherPersons {
                node,
                field: "ipt_otp_no",
            },
        ),
        (json!(null), Unreadable::NodeMissing { node }),
    ];
    for (data, expected) in table {
        assert_eq!(read(&register(), answer(data).as_bytes()), Err(expected));
    }
}

#[test]
fn uploaded_lines_come_back_cut() {
    let row = |serial: &str, amount: &str, class: &str| {
        json!({"feedetl_sn": serial, "det_item_fee_sumamt": amount, "cnt": 1, "pric": 1, "pric_uplmt_amt":
            "99999999.000000", "selfpay_prop": "0.1", "fulamt_ownpay_amt": 0, "overlmt_amt": null,
            "preselfpay_amt": 2.5, "inscp_scp_amt": 22.5, "chrgitm_lv": class, "lmt_used_flag": "0"})
    };
    let answer = |rows: serde_json::Value| json!({"infcode": 0, "output": {"result": rows}}).to_string();
    let body = answer(json!([row("L0001", "25.00", "2"), row("L0002", "75", "01")]));
    let Ok(Reply::Uploaded { cuts }) = read(&upload(), body.as_bytes()) else {
        panic!("cuts")
    };
    let classes: Vec<_> = cuts.iter().map(|cut| cut.class.as_str()).collect();
    assert_eq!(classes, ["02", "01"]);
    assert_eq!(cuts.first().unwrap().first_own, fen(250));
    let single = answer(row("L0001", "25.00", "1"));
    assert!(matches!(read(&upload(), single.as_bytes()), Ok(Reply::Uploaded { cuts }) if cuts.len() == 1));
    let node = "result";
    for (rows, expected) in [
        (
            json!([row("L9999", "25.00", "1")]),
            Unreadable::OtherPersons {
                node,
                field: "feedetl_sn",
            },
        ),
        (
            json!([row("L0001", "26.00", "1")]),
            Unreadable::DoesNotAddUp(SplitError::OtherTotal),
        ),
        (
            json!([row("", "25.00", "1")]),
            Unreadable::MissingMember {
                node,
                field: "feedetl_sn",
            },
        ),
        (
            json!([row("L0001", "25.00", "1"), row("L0001", "25.00", "1")]),
            Unreadable::Malformed { node },
        ),
        (json!([]), Unreadable::NodeMissing { node }),
        (json!([null]), Unreadable::NodeMissing { node }),
        (json!(""), Unreadable::NodeMissing { node }),
        (json!(null), Unreadable::NodeMissing { node }),
    ] {
        assert_eq!(read(&upload(), answer(rows).as_bytes()), Err(expected));
    }
}

#[test]
fn calls_without_output_are_done_by_their_code() {
    for call in calls() {
        let done = read(&call, b"{\"infcode\":0,\"output\":null}");
        let needs_node = matches!(
            call,
            Call::Register { .. }
                | Call::Upload { .. }
                | Call::Trial { .. }
                | Call::Settle { .. }
                | Call::Cancel { .. }
                | Call::Admit { .. }
                | Call::ChargeStay { .. }
                | Call::TryStay { .. }
                | Call::SettleStay { .. }
                | Call::CancelStay { .. }
        );
        assert_eq!(
            matches!(done, Err(Unreadable::NodeMissing { .. })),
            needs_node,
            "{:?}",
            call.transaction()
        );
    }
}
