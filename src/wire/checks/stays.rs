//! Stays: who is told what, how lines are cut into calls, and what answers are believed.

use serde_json::{Value, json};
use zhijie_model::{Area, Call, CallClass, InHospital, Reply, SplitError};

use super::samples::*;
use super::settlements::{changed, read};
use crate::{EncodeError, Message, Profile, Unreadable, encode, read_reply, stay_chunk};

fn input(message: &Message) -> Value {
    let body: Value = serde_json::from_slice(&message.body).unwrap();
    body["input"].clone()
}

fn sent(call: &Call, profile: &Profile) -> Value {
    input(&encode(call, Some(&card()), &head(), profile).unwrap())
}

/// The call of a patient insured in `area`.
fn of_area(mut call: Call, area: &str) -> Call {
    let area = Area::new(area).unwrap();
    match &mut call {
        Call::Admit { payer, .. } | Call::ChangeStay { payer, .. } | Call::SettleStay { payer, .. } => {
            payer.area = area;
        }
        other => panic!("{other:?}"),
    }
    call
}

#[test]
fn visitors_alone_are_asked_what_visitors_are_asked() {
    let mut plain = profile();
    plain.fields.identity_everywhere = false;
    plain.fields.card_identification_everywhere = false;
    // Own city, other city of the province, other province: care is in 310000, then in 340100.
    for (care, asked, identified) in [
        ("341200", false, false),
        ("340100", true, false),
        ("310000", true, true),
    ] {
        let mut head = head();
        head.care_area = Area::new(care).unwrap();
        let admitted = encode(&admit(), Some(&card()), &head, &plain).unwrap();
        let node = &input(&admitted)["mdtrtinfo"];
        for (member, there) in [
            ("trum_flag", asked),
            ("rel_ttp_flag", asked),
            ("mdtrt_grp_type", asked),
            ("certno", identified),
            ("psn_cert_type", identified),
            ("card_sn", identified),
        ] {
            assert_eq!(node.get(member).is_some(), there, "{care} {member}");
        }
    }
}

#[test]
fn what_was_not_said_of_an_injury_is_not_sent() {
    let mut call = of_area(admit(), "341200");
    let Call::Admit { admission, .. } = &mut call else {
        panic!("an admission")
    };
    admission.injury = None;
    admission.extras = zhijie_model::StayExtras::default();
    let node = &sent(&call, &profile())["mdtrtinfo"];
    assert!(
        node.get("trum_flag").is_none() && node["rel_ttp_flag"] == "0",
        "{node}"
    );
    assert!(node.get("geso_val").is_none() && node.get("oprn_oprt_code").is_none());
}

#[test]
fn a_card_from_far_away_needs_its_identification_code() {
    let mut bare = card();
    bare.card_identification = None;
    let mut plain = profile();
    plain.fields.card_identification_everywhere = false;
    let refused = encode(&settle_stay(false), Some(&bare), &head(), &plain);
    assert!(matches!(refused, Err(EncodeError::MemberEmpty("card_sn"))));
    let near = of_area(settle_stay(false), "310000");
    assert!(encode(&near, Some(&bare), &head(), &plain).is_ok());
}

#[test]
fn the_first_in_rank_is_the_main_diagnosis() {
    let mut call = admit();
    let Call::Admit { admission, .. } = &mut call else {
        panic!("an admission")
    };
    let mut other = admission.diagnoses[0].clone();
    other.rank = 2;
    other.code = String::from("I10.x00");
    admission.diagnoses.insert(0, other);
    let sent = sent(&call, &profile());
    assert_eq!(sent["mdtrtinfo"]["dscg_maindiag_code"], "J06.900");
    assert_eq!(sent["diseinfo"][0]["maindiag_flag"], "0");
    assert_eq!(sent["diseinfo"][1]["maindiag_flag"], "1");
    assert_eq!(sent["diseinfo"][1]["adm_cond"], "1");
    let Call::Admit { admission, .. } = &mut call else {
        panic!("an admission")
    };
    admission.diagnoses.clear();
    let refused = encode(&call, Some(&card()), &head(), &profile());
    assert!(matches!(refused, Err(EncodeError::MemberEmpty("diseinfo"))));
}

#[test]
fn a_profile_says_what_goes_with_the_settlement() {
    let mut bare = profile();
    bare.stays.settlement_repeats_trial = false;
    let mut full = profile();
    full.stays.discharge_day = true;
    full.stays.kind_with_settlement = true;
    for (profile, repeats, day, kind) in [
        (profile(), true, false, false),
        (bare, false, false, false),
        (full, true, true, true),
    ] {
        let node = &sent(&settle_stay(false), &profile)["data"];
        assert_eq!(node.get("inscp_scp_amt").is_some(), repeats);
        assert_eq!(node.get("dscg_time").is_some(), day);
        assert_eq!(node.get("med_type").is_some(), kind);
        assert_eq!(node["mid_setl_flag"], "0");
        let interim = &sent(&settle_stay(true), &profile)["data"];
        assert_eq!(interim["mid_setl_flag"], "1");
        assert!(interim.get("dscg_time").is_none(), "nobody leaves");
    }
}

#[test]
fn variants_of_trial_and_settlement_have_their_own_numbers_and_paths() {
    let mut real = real_profile();
    for (variant, number, path) in [
        (crate::Variant::Plain, "2304", "/fsi/api/hospSettService/settV2"),
        (crate::Variant::A, "2304A", "/fsi/api/hospSettService/settA"),
    ] {
        real.variants.settle_stay = variant;
        let message = encode(&settle_stay(false), Some(&card()), &head(), &real).unwrap();
        assert_eq!((message.number.as_str(), message.path.as_str()), (number, path));
    }
}

#[test]
fn three_thousand_lines_go_in_calls_of_their_size() {
    let mut roomy = profile();
    roomy.upload_lines_max = 1000;
    let lines: Vec<_> = (1..=3000)
        .map(|number| stay_line(number, "1", "1", 100, None))
        .collect();
    let mut rest = lines.as_slice();
    let mut calls = 0;
    let mut seen = Vec::new();
    while !rest.is_empty() {
        let taken = stay_chunk(rest, &roomy);
        let body = sent(&charge(rest.to_vec()), &roomy);
        let rows = body["feedetail"].as_array().unwrap();
        assert_eq!(rows.len(), taken);
        assert!(body.to_string().chars().count() <= crate::INPUT_CHARS_MAX);
        seen.extend(
            rows.iter()
                .map(|row| row["feedetl_sn"].as_str().unwrap().to_owned()),
        );
        rest = &rest[taken..];
        calls += 1;
    }
    let wanted: Vec<_> = lines
        .iter()
        .map(|line| line.charge.serial.as_str().to_owned())
        .collect();
    assert_eq!(seen, wanted);
    assert!(
        calls > 3,
        "{calls} calls: the limit of characters cuts before that of lines"
    );
    roomy.upload_lines_max = 10;
    assert_eq!(stay_chunk(&lines, &roomy), 10);
    assert_eq!(stay_chunk(&[], &profile()), 0);
    let nothing = encode(&charge(Vec::new()), None, &head(), &profile());
    assert!(matches!(nothing, Err(EncodeError::NothingToUpload { first: 0 })));
}

#[test]
fn a_refund_line_is_negative_and_names_its_original() {
    let body = sent(
        &charge(vec![stay_line(2, "-1", "12.5", -1250, Some(1))]),
        &profile(),
    );
    let text = body.to_string();
    assert!(
        text.contains("\"cnt\":-1") && text.contains("\"det_item_fee_sumamt\":-12.5"),
        "{text}"
    );
    assert_eq!(
        body["feedetail"][0]["init_feedetl_sn"],
        stay_line(1, "1", "1", 100, None).charge.serial.as_str()
    );
    assert_eq!(body["feedetail"][0]["drord_no"], "YZ1");
}

#[test]
fn lines_are_taken_back_by_name_or_all_at_once() {
    let withdraw = |serials| Call::WithdrawCharges {
        payer: payer(),
        visit_id: visit_id(),
        serials,
    };
    assert_eq!(sent(&withdraw(None), &profile())["data"][0]["feedetl_sn"], "0000");
    let named = vec![
        stay_line(1, "1", "1", 100, None).charge.serial,
        stay_line(2, "1", "1", 100, None).charge.serial,
    ];
    assert_eq!(
        sent(&withdraw(Some(named)), &profile())["data"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let none = encode(&withdraw(Some(Vec::new())), None, &head(), &profile());
    assert!(matches!(none, Err(EncodeError::MemberEmpty("data"))));
}

fn done(output: &Value) -> String {
    json!({"infcode": 0, "inf_refmsgid": "R1", "output": output}).to_string()
}

#[test]
fn an_admission_answers_the_platforms_id_or_proves_nothing() {
    let answered = read(&admit(), &done(&json!({"result": {"mdtrt_id": "V9"}})));
    assert!(matches!(answered, Ok(Reply::Admitted { visit_id }) if visit_id.as_str() == "V9"));
    for output in [
        json!(null),
        json!({}),
        json!({"result": null}),
        json!({"result": {"mdtrt_id": ""}}),
    ] {
        assert!(read(&admit(), &done(&output)).is_err(), "{output}");
    }
    assert_eq!(admit().transaction().class(), CallClass::MovesStay);
}

#[test]
fn refused_because_of_another_hospital_it_is_named() {
    let refused = |text: &str| {
        let body = json!({"infcode": -1, "inf_refmsgid": null, "err_msg": text}).to_string();
        read(&admit(), &body)
    };
    match refused("FSI-FMI返回：该人员已在[合肥市示例医院]住院,HospitalRegisterBO") {
        Ok(Reply::Refused { refusal }) => assert_eq!(
            refusal.in_hospital,
            Some(InHospital {
                institution: Some(String::from("合肥市示例医院"))
            })
        ),
        other => panic!("must be refused: {other:?}"),
    }
    for text in ["没见过的话", "调用参保地超时"] {
        assert!(
            matches!(refused(text), Err(Unreadable::UnclassifiedRefusal { .. })),
            "{text}"
        );
    }
}

#[test]
fn undos_and_changes_answer_without_output() {
    let replies: Vec<Reply> = stay_calls()
        .iter()
        .filter_map(|call| read(call, &done(&Value::Null)).ok())
        .collect();
    let wanted = [
        Reply::StayChanged,
        Reply::LinesWithdrawn,
        Reply::Discharged,
        Reply::DischargeWithdrawn,
        Reply::AdmissionWithdrawn,
        Reply::InHospital { stays: Vec::new() },
    ];
    assert_eq!(replies, wanted);
}

#[test]
fn a_stays_settlement_is_believed_as_a_bills_is() {
    let settled = read(&settle_stay(false), &changed(&json!({})));
    assert!(matches!(settled, Ok(Reply::Settled { settlement }) if settlement.split.total() == fen(10_000)));
    for (changes, why) in [
        (
            json!({"medfee_sumamt": 99.0}),
            Unreadable::DoesNotAddUp(SplitError::I1),
        ),
        (
            json!({"mdtrt_id": "V2"}),
            Unreadable::OtherPersons {
                node: "setlinfo",
                field: "mdtrt_id",
            },
        ),
    ] {
        let answer = changed(&changes);
        assert!(
            read(&settle_stay(false), &answer)
                .is_err_and(|error| error == why || matches!(why, Unreadable::DoesNotAddUp(_))),
            "{changes}"
        );
    }
}

#[test]
fn charged_lines_answer_for_themselves_alone() {
    let lines = vec![
        stay_line(1, "2", "12.5", 2500, None),
        stay_line(2, "-1", "12.5", -1250, Some(1)),
    ];
    let row = |number: usize, amount: &str| {
        let serial = stay_line(number, "1", "1", 100, None).charge.serial;
        json!({"feedetl_sn": serial.as_str(), "det_item_fee_sumamt": amount, "inscp_scp_amt": amount, "chrgitm_lv": "1"})
    };
    let read = |rows: Value| {
        let body = done(&json!({ "result": rows }));
        read_reply(&charge(lines.clone()), &message_id(), body.as_bytes(), &profile())
    };
    match read(json!([row(1, "25.00"), row(2, "-12.50")])) {
        Ok(Reply::Uploaded { cuts }) => assert_eq!(cuts[1].in_scope, fen(-1250)),
        other => panic!("must be uploaded: {other:?}"),
    }
    for rows in [
        json!([]),
        json!([row(3, "1.00")]),
        json!([row(1, "25.00"), row(1, "25.00")]),
        json!([row(2, "12.50")]),
    ] {
        assert!(read(rows.clone()).is_err(), "{rows}");
    }
}

#[test]
fn who_lies_in_hospital_is_read() {
    let query = stay_calls().pop().unwrap();
    let rows = json!({"data": [{"mdtrt_id": "V1", "psn_no": PERSON, "begndate": "2026-11-20", "ipt_otp_no": "ZY1", "out_flag": "1"}]});
    match read(&query, &done(&rows)) {
        Ok(Reply::InHospital { stays }) => {
            assert_eq!(stays[0].number.as_ref().unwrap().as_str(), "ZY1");
            assert_eq!(stays[0].began.unwrap().to_string(), "2026-11-20");
        }
        other => panic!("must be read: {other:?}"),
    }
    let others = json!({"data": [{"mdtrt_id": "V1", "psn_no": "X"}]});
    assert!(read(&query, &done(&others)).is_err());
}
