//! 2260 and 2261: one call in both spellings and both shapes, and what comes back.

use serde_json::{Value, json};
use zhijie_model::{Call, Disease, Reply};

use super::samples::*;
use super::settlements::changed;
use crate::{EncodeError, Profile, SlipNames, encode, read_reply};

fn trying() -> Call {
    Call::TrySlip {
        payer: payer(),
        visit: visit(),
        bill: bill(),
    }
}

fn settling() -> Call {
    Call::SettleSlip {
        payer: payer(),
        visit: visit(),
        bill: bill(),
        invoice: Some(String::from("F1")),
    }
}

fn written(names: SlipNames, rows_wrapped: bool) -> Profile {
    let mut profile = profile();
    profile.slips.names = names;
    profile.slips.rows_wrapped = rows_wrapped;
    profile
}

fn sent(call: &Call, profile: &Profile) -> Value {
    let message = encode(call, Some(&card()), &head(), profile).unwrap();
    serde_json::from_slice(&message.body).unwrap()
}

fn members(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn both_spellings_and_shapes_carry_the_whole_bill() {
    let shared = "adm_dept_name begntime clnc_flag dscg_maindiag_code dscg_maindiag_name insutype invono mdtrt_cert_no \
        mdtrt_cert_type med_type order_no psn_no setl_flag";
    let line = "bilg_dept_codg bilg_dept_name bilg_dr_codg bilg_dr_name cnt det_item_fee_sumamt feedetl_sn \
        hosp_appr_flag med_list_codg medins_list_name pric";
    let table = [
        (
            SlipNames::Early,
            "adm_dept_code ipt_op_no main_cond_desc dise_name dise_no",
            "dise_code dise_dept dise_dor_name dise_dor_no dise_name dise_srt_no dise_time dise_type",
            "fee_ocur_date medins_milist_codg rx_drord_no dise_no",
        ),
        (
            SlipNames::National,
            "adm_dept_codg ipt_otp_no main_cond_dscr dise_name dise_codg",
            "diag_code diag_dept diag_name diag_srt_no diag_time diag_type dise_dor_name dise_dor_no vali_flag",
            "fee_ocur_time medins_list_codg rxno dise_codg",
        ),
    ];
    let mut call = settling();
    if let Call::SettleSlip { visit, .. } = &mut call {
        visit.disease = Some(Disease {
            code: String::from("M03900"),
            name: String::from("高血压"),
        });
    }
    let sorted = |texts: &[&str]| {
        let mut names: Vec<String> = texts
            .iter()
            .flat_map(|text| text.split_whitespace())
            .map(String::from)
            .collect();
        names.sort();
        names
    };
    for (names, visit, diagnosis, spelled) in table {
        for wrapped in [true, false] {
            let body = sent(&call, &written(names, wrapped));
            assert_eq!(body["infno"], "2260");
            let input = &body["input"];
            let rows = |node: &str| {
                if wrapped {
                    assert_eq!(members(&input[node]), ["rows"], "{node}");
                    input[node]["rows"].clone()
                } else {
                    input[node].clone()
                }
            };
            let own: Vec<&str> = members(&input["mdtrtinfo"])
                .into_iter()
                .filter(|name| !["card_sn", "psn_cert_type", "certno", "psn_type", "psn_name"].contains(name))
                .collect();
            assert_eq!(sorted(&own), sorted(&[shared, visit]), "{names:?}");
            assert_eq!(members(&rows("diseinfo")[0]), sorted(&[diagnosis]), "{names:?}");
            let lines = rows("feedetail");
            assert_eq!(lines.as_array().unwrap().len(), 2);
            assert_eq!(members(&lines[0]), sorted(&[line, spelled]), "{names:?}");
        }
    }
}

#[test]
fn a_flag_tells_the_trial_from_the_settlement() {
    let profile = written(SlipNames::Early, true);
    let (trial, settled) = (sent(&trying(), &profile), sent(&settling(), &profile));
    assert_eq!(trial["input"]["mdtrtinfo"]["setl_flag"], "0");
    assert!(trial["input"]["mdtrtinfo"].get("invono").is_none());
    assert_eq!(settled["input"]["mdtrtinfo"]["setl_flag"], "1");
    assert_eq!(settled["input"]["mdtrtinfo"]["invono"], "F1");
    assert_eq!(settled["input"]["mdtrtinfo"]["order_no"], "B1");
    assert_eq!(settled["input"]["mdtrtinfo"]["dscg_maindiag_code"], "J06.900");
}

#[test]
fn a_slip_without_a_diagnosis_is_not_sent() {
    let mut call = trying();
    if let Call::TrySlip { visit, .. } = &mut call {
        visit.diagnoses.clear();
    }
    let made = encode(&call, Some(&card()), &head(), &profile());
    assert!(matches!(made, Err(EncodeError::MemberEmpty("diseinfo"))));
    let made = encode(&trying(), None, &head(), &profile());
    assert!(matches!(made, Err(EncodeError::CredentialMissing)));
}

#[test]
fn cuts_come_wrapped_plain_or_not_at_all() {
    let row = |serial: &str, amount: &str| {
        json!({
            "feedetl_sn": serial, "det_item_fee_sumamt": amount, "cnt": 1, "pric": amount,
            "inscp_scp_amt": amount, "chrgitm_lv": "01",
        })
    };
    let rows = json!([row("L0001", "25.00"), row("L0002", "75.00")]);
    for (node, count) in [
        (json!({ "rows": rows }), 2),
        (rows, 2),
        (json!({ "rows": [] }), 0),
        (Value::Null, 0),
    ] {
        let mut answer: Value = serde_json::from_str(&changed(&json!({}))).unwrap();
        answer["output"]["detlcutinfo"] = node;
        let body = answer.to_string();
        let reply = read_reply(&trying(), &message_id(), body.as_bytes(), &profile()).unwrap();
        let Reply::Tried { trial } = reply else {
            panic!("{reply:?}")
        };
        assert_eq!(trial.cuts.len(), count);
    }
}

#[test]
fn the_settlement_makes_the_visit() {
    let read = |body: String| read_reply(&settling(), &message_id(), body.as_bytes(), &profile());
    let reply = read(changed(&json!({}))).unwrap();
    let Reply::Settled { settlement } = reply else {
        panic!("{reply:?}")
    };
    assert_eq!(settlement.visit_id.as_str(), VISIT);
    assert!(read(changed(&json!({ "mdtrt_id": null }))).is_err());
}

#[test]
fn a_refund_says_what_2208_says() {
    let call = Call::CancelSlip {
        payer: payer(),
        visit_id: visit_id(),
        settlement: zhijie_model::SettlementId::new("S1").unwrap(),
    };
    let body = sent(&call, &profile());
    assert_eq!(body["infno"], "2261");
    assert_eq!(
        body["input"]["data"],
        json!({ "mdtrt_id": VISIT, "setl_id": "S1", "psn_no": PERSON })
    );
}

#[test]
fn kinds_are_told_by_the_beginning_of_their_code() {
    let mut rules = profile().slips;
    let kind = |code| zhijie_model::VisitType::new(code).unwrap();
    assert!(!rules.takes(&kind("11")));
    rules.visit_kinds = vec![String::from("11"), String::from("1401")];
    for (code, taken) in [
        ("11", true),
        ("1105", true),
        ("140104", true),
        ("14", false),
        ("12", false),
    ] {
        assert_eq!(rules.takes(&kind(code)), taken, "{code}");
    }
}
