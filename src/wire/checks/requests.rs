//! Every request against the table of its transaction.

use serde_json::Value;
use zhijie_model::{AccountUse, Call, CallClass};

use super::samples::*;
use super::tables::{TABLES, whole};
use crate::{EncodeError, INPUT_CHARS_MAX, Variant, chunk_end, encode};

#[test]
fn every_request_has_exactly_the_members_of_its_table() {
    for profile in [profile(), real_profile()] {
        for call in calls() {
            whole(&encode(&call, Some(&card()), &head(), &profile).unwrap(), &TABLES);
        }
    }
}

/// All seven that a reversal takes back, by the number they were sent under.
#[test]
fn a_reversal_names_its_target_with_the_letter_of_its_variant() {
    use zhijie_model::Transaction as T;
    let mut profile = profile();
    let table = [
        (T::Purchase, "2102", "2102"),
        (T::CancelPurchase, "2103", "2103"),
        (T::Settle, "2207", "2207A"),
        (T::Cancel, "2208", "2208"),
        (T::SettleStay, "2304", "2304A"),
        (T::CancelStay, "2305", "2305"),
        (T::Admit, "2401", "2401"),
        (T::SettleSlip, "2260", "2260"),
    ];
    for (target, plain, lettered) in table {
        for (variant, number) in [(Variant::Plain, plain), (Variant::A, lettered)] {
            (profile.variants.settle, profile.variants.settle_stay) = (variant, variant);
            let call = Call::Reverse {
                payer: payer(),
                target: message_id(),
                transaction: target,
            };
            let message = encode(&call, None, &head(), &profile).unwrap();
            let body: Value = serde_json::from_slice(&message.body).unwrap();
            assert_eq!(body["infno"], "2601");
            assert_eq!(body["input"]["data"]["oinfno"], number, "{target:?}");
            assert_eq!(body["input"]["data"]["omsgid"], MESSAGE);
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
