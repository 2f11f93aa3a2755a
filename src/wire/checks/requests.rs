//! Every request against the table of its transaction.

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use zhijie_model::{AccountUse, Call, CallClass};

use super::samples::*;
use crate::{EncodeError, INPUT_CHARS_MAX, Message, chunk_end, encode};

const ENVELOPE: &str = "infno* msgid* mdtrtarea_admvs* insuplc_admdvs* recer_sys_code* dev_no* dev_safe_info* cainfo* \
    signtype* infver* opter_type* opter* opter_name* inf_time* fixmedins_code* fixmedins_name* sign_no* input*";

/// Members of each node in the order of its table; a star marks a mandatory one. What the tables of provinces add
/// stands at the end.
const TABLES: [(&str, &str, &str); 11] = [
    (
        "2201",
        "data",
        "psn_no* insutype* begntime* mdtrt_cert_type* mdtrt_cert_no* ipt_otp_no* atddr_no* dr_name* \
        dept_code* dept_name* caty* card_sn psn_cert_type certno psn_type psn_name exp_content",
    ),
    ("2202", "data", "psn_no* mdtrt_id* ipt_otp_no* exp_content"),
    (
        "2203A",
        "mdtrtinfo",
        "mdtrt_id* psn_no* med_type* begntime* main_cond_dscr dise_codg dise_name birctrl_type \
        birctrl_matn_date matn_type geso_val exp_content",
    ),
    (
        "2203A",
        "diseinfo",
        "diag_type* diag_srt_no* diag_code* diag_name* diag_dept* dise_dor_no* dise_dor_name* \
        diag_time* vali_flag*",
    ),
    (
        "2204",
        "feedetail",
        "feedetl_sn* mdtrt_id* psn_no* chrg_bchno* dise_codg rxno rx_circ_flag* fee_ocur_time* \
        med_list_codg* medins_list_codg* det_item_fee_sumamt* cnt* pric* sin_dos_dscr used_frqu_dscr prd_days \
        medc_way_dscr bilg_dept_codg* bilg_dept_name* bilg_dr_codg* bilg_dr_name* acord_dept_codg acord_dept_name \
        orders_dr_code orders_dr_name hosp_appr_flag* tcmdrug_used_way etip_flag etip_hosp_code dscg_tkdrug_flag \
        matn_fee_flag exp_content",
    ),
    ("2205", "data", "mdtrt_id* chrg_bchno* psn_no* exp_content"),
    (
        "2206A",
        "data",
        "psn_no* mdtrt_cert_type* mdtrt_cert_no* med_type* medfee_sumamt* psn_setlway* mdtrt_id* \
        chrg_bchno* acct_used_flag* insutype* card_sn psn_cert_type certno psn_type psn_name exp_content",
    ),
    (
        "2207A",
        "data",
        "psn_no* mdtrt_cert_type* mdtrt_cert_no* med_type* medfee_sumamt* psn_setlway* mdtrt_id* \
        chrg_bchno* acct_used_flag* insutype* invono fulamt_ownpay_amt* overlmt_selfpay* preselfpay_amt* \
        inscp_scp_amt* card_sn psn_cert_type certno psn_type psn_name exp_content",
    ),
    ("2208", "data", "mdtrt_id* setl_id* psn_no* exp_content"),
    ("2601", "data", "psn_no* omsgid* oinfno* exp_content"),
    ("5203", "data", "psn_no* setl_id mdtrt_id* exp_content"),
];

/// An object with its members in the order they were written.
pub(super) struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Ordered;
        impl<'de> Visitor<'de> for Ordered {
            type Value = Members;
            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Ordered)
    }
}

impl Members {
    pub(super) fn of(json: &str) -> Self {
        serde_json::from_str(json).unwrap()
    }

    pub(super) fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(member, _)| member == name)
            .map(|(_, raw)| raw.get())
            .unwrap()
    }
}

/// Checks one object against a table: nothing unknown, nothing mandatory missing or null, order kept.
#[track_caller]
pub(super) fn follows(infno: &str, table: &str, json: &str) {
    let names: Vec<&str> = table.split_whitespace().collect();
    let object = Members::of(json);
    let mut last = None;
    for (member, _) in &object.0 {
        let place = names.iter().position(|name| name.trim_end_matches('*') == member);
        assert!(place.is_some(), "{infno}: {member} is not in the table");
        assert!(place > last, "{infno}: {member} is out of order");
        last = place;
    }
    for name in names.iter().filter_map(|name| name.strip_suffix('*')) {
        assert!(
            object
                .0
                .iter()
                .any(|(member, raw)| member == name && raw.get() != "null"),
            "{infno}: {name}"
        );
    }
}

/// Checks the whole message: envelope, exactly the nodes of the transaction, each row against its table.
#[track_caller]
pub(super) fn whole(message: &Message, tables: &[(&str, &str, &str)]) {
    let body = String::from_utf8(message.body.clone()).unwrap();
    follows("envelope", ENVELOPE, &body);
    let envelope = Members::of(&body);
    assert_eq!(envelope.get("infno"), format!("\"{}\"", message.number));
    let nodes: Vec<_> = tables
        .iter()
        .filter(|(infno, ..)| *infno == message.number)
        .collect();
    let input = Members::of(envelope.get("input"));
    assert_eq!(input.0.len(), nodes.len(), "{}", message.number);
    for (infno, node, table) in nodes {
        let json = input.get(node);
        let rows: Vec<Box<RawValue>> = if json.starts_with('[') {
            serde_json::from_str(json).unwrap()
        } else {
            vec![serde_json::from_str(json).unwrap()]
        };
        assert!(!rows.is_empty(), "{infno} {node}");
        rows.iter().for_each(|row| follows(infno, table, row.get()));
    }
}

#[test]
fn every_request_has_exactly_the_members_of_its_table() {
    for profile in [profile(), real_profile()] {
        for call in calls() {
            whole(&encode(&call, Some(&card()), &head(), &profile).unwrap(), &TABLES);
        }
    }
}

#[test]
fn the_envelope_says_who_and_when() {
    let message = encode(&settle(), Some(&card()), &head(), &real_profile()).unwrap();
    assert_eq!(message.path, "/fsi/api/outpatientSettleService/saveSettletment");
    let body: Value = serde_json::from_slice(&message.body).unwrap();
    for (member, text) in [
        ("infno", "2207A"),
        ("msgid", MESSAGE),
        ("mdtrtarea_admvs", "310000"),
        ("insuplc_admdvs", "341200"),
        ("recer_sys_code", "MBS_LOCAL"),
        ("infver", "V1.0"),
        ("inf_time", "2026-11-22 10:03:04"),
        ("fixmedins_code", "H31010100001"),
        ("sign_no", "310000202611220800000000000007"),
    ] {
        assert_eq!(body[member], text, "{member}");
    }
}

#[test]
fn amounts_leave_as_exact_numbers() {
    let mut big = settle();
    if let Call::Settle { total, .. } = &mut big {
        *total = fen(9_999_999_999_999_999);
    }
    let text = String::from_utf8(encode(&big, Some(&card()), &head(), &profile()).unwrap().body).unwrap();
    assert!(text.contains("\"medfee_sumamt\":99999999999999.99,"), "{text}");
    assert!(text.contains("\"preselfpay_amt\":5.00,"), "{text}");
    let upload = encode(&upload(), None, &head(), &profile()).unwrap();
    let text = String::from_utf8(upload.body).unwrap();
    assert!(
        text.contains("\"det_item_fee_sumamt\":25.00,\"cnt\":2,\"pric\":12.5,"),
        "{text}"
    );
}

#[test]
fn same_inputs_same_bytes() {
    for call in calls() {
        let make = || encode(&call, Some(&card()), &head(), &profile()).unwrap();
        assert_eq!(make(), make());
    }
}

#[test]
fn a_call_that_needs_the_credential_is_not_made_without_it() {
    for call in calls() {
        let made = encode(&call, None, &head(), &profile());
        assert_eq!(made.is_err(), call.needs_credential(), "{:?}", call.transaction());
        if call.needs_credential() {
            assert!(matches!(made, Err(EncodeError::CredentialMissing)));
        }
    }
}

#[test]
fn a_voucher_goes_without_card_members() {
    let message = encode(&trial(), Some(&voucher()), &head(), &profile()).unwrap();
    let body: Value = serde_json::from_slice(&message.body).unwrap();
    assert_eq!(body["input"]["data"]["mdtrt_cert_type"], "01");
    assert!(body["input"]["data"].get("card_sn").is_none());
    let mut unidentified = card();
    unidentified.card_identification = None;
    let made = encode(&trial(), Some(&unidentified), &head(), &profile());
    assert!(matches!(made, Err(EncodeError::MemberEmpty("card_sn"))));
}

#[test]
fn switches_switch() {
    let mut plain = profile();
    plain.fields.identity_everywhere = false;
    plain.fields.card_identification_everywhere = false;
    plain
        .visitor_visit_kinds
        .insert(String::from("11"), zhijie_model::VisitType::new("1105").unwrap());
    let body = |call: &Call, profile: &crate::Profile| -> Value {
        serde_json::from_slice(&encode(call, Some(&card()), &head(), profile).unwrap().body).unwrap()
    };
    let sent = body(&trial(), &plain);
    for member in ["card_sn", "certno", "psn_name", "psn_type", "psn_cert_type"] {
        assert!(sent["input"]["data"].get(member).is_none(), "{member}");
        assert!(
            body(&trial(), &profile())["input"]["data"].get(member).is_some(),
            "{member}"
        );
    }
    assert_eq!(sent["input"]["data"]["med_type"], "1105");
    let mut local = trial();
    if let Call::Trial { payer, account, .. } = &mut local {
        payer.area = zhijie_model::Area::new("310115").unwrap();
        *account = AccountUse::Keep;
    }
    let sent = body(&local, &plain);
    assert_eq!(sent["input"]["data"]["med_type"], "11");
    assert_eq!(sent["input"]["data"]["acct_used_flag"], "0");
    let uploaded = body(&upload(), &real_profile());
    assert_eq!(
        uploaded["input"]["feedetail"][1]["exp_content"],
        "{\"er_flag\":\"0\"}"
    );
    let mut camel = real_profile();
    camel.fields.extension = crate::ExtensionName::Camel;
    assert!(
        body(&upload(), &camel)["input"]["feedetail"][0]
            .get("expContent")
            .is_some()
    );
}

#[test]
fn large_bills_are_cut_by_count_and_by_length() {
    let lines = (0..250).map(|serial| line(serial, "1", "1", 100)).collect();
    let bill = bill_of(lines);
    for lines_max in [7, 100, 1000] {
        let mut profile = profile();
        profile.upload_lines_max = lines_max;
        let (mut first, mut calls, mut sent) = (0, 0, 0);
        while first < bill.lines().len() {
            let end = chunk_end(&bill, first, &profile);
            assert!(end > first && end - first <= lines_max);
            let call = Call::Upload {
                payer: payer(),
                visit_id: visit_id(),
                visit: visit(),
                bill: bill.clone(),
                first,
            };
            let message = encode(&call, None, &head(), &profile).unwrap();
            let body: Value = serde_json::from_slice(&message.body).unwrap();
            assert!(String::from_utf8_lossy(&message.body).chars().count() < INPUT_CHARS_MAX + 1000);
            sent += body["input"]["feedetail"].as_array().unwrap().len();
            first = end;
            calls += 1;
        }
        assert_eq!(sent, 250);
        assert!(calls >= 250_usize.div_ceil(lines_max));
        assert_eq!(chunk_end(&bill, first, &profile), first);
    }
}

#[test]
fn a_line_too_long_for_a_call_is_refused() {
    let mut long = line(1, "1", "1", 100);
    long.own_code = "x".repeat(INPUT_CHARS_MAX);
    let call = Call::Upload {
        payer: payer(),
        visit_id: visit_id(),
        visit: visit(),
        bill: bill_of(vec![long]),
        first: 0,
    };
    let made = encode(&call, None, &head(), &profile());
    assert!(matches!(made, Err(EncodeError::TooLong { chars }) if chars > INPUT_CHARS_MAX));
    let Call::Upload { bill, .. } = upload() else {
        panic!("an upload")
    };
    let beyond = Call::Upload {
        payer: payer(),
        visit_id: visit_id(),
        visit: visit(),
        first: bill.lines().len(),
        bill,
    };
    assert!(matches!(
        encode(&beyond, None, &head(), &profile()),
        Err(EncodeError::NothingToUpload { first: 2 })
    ));
}

#[test]
fn blank_mandatory_texts_are_named() {
    let mut call = register();
    if let Call::Register { visit, .. } = &mut call {
        visit.doctor.code = String::from(" ");
    }
    let made = encode(&call, Some(&card()), &head(), &profile());
    assert!(matches!(made, Err(EncodeError::MemberEmpty("atddr_no"))));
}

#[test]
fn messages_print_no_patient() {
    for call in calls() {
        let message = encode(&call, Some(&card()), &head(), &profile()).unwrap();
        let shown = format!("{message:?}");
        assert!(!shown.contains(PERSON) && !shown.contains("王秀英"), "{shown}");
        assert!(call.transaction().class() != CallClass::MovesMoney || shown.contains(MESSAGE));
    }
}
