//! Filings: the registers they show up in, and the messages that change them.

use serde_json::{Value, json};
use zhijie_model::*;

use super::samples::*;
use super::tables::whole;
use crate::{EncodeError, Inquiry, InquiryReply, Unreadable, encode_inquiry, read_inquiry};

const TABLES: [(&str, &str, &str); 4] = [
    ("5301", "data", "psn_no* exp_content"),
    ("5302", "data", "psn_no* biz_appy_type* exp_content"),
    ("5304", "data", "psn_no* begntime* endtime* exp_content"),
    (
        "5360",
        "data",
        "psn_no* insutype* begntime* psn_name* exp_content",
    ),
];

fn fixed(register: FixedPointKind) -> Inquiry {
    Inquiry::FixedPoints {
        payer: payer(),
        register,
    }
}

fn elsewhere() -> Inquiry {
    fixed(FixedPointKind::Elsewhere)
}

fn chronic() -> Inquiry {
    Inquiry::ChronicEntries { payer: payer() }
}

fn referrals() -> Inquiry {
    Inquiry::Referrals {
        payer: payer(),
        began: now(),
        ended: now(),
    }
}

fn approvals() -> Inquiry {
    Inquiry::Approvals {
        payer: payer(),
        began: now(),
    }
}

/// Every query about filings.
pub(super) fn queries() -> [Inquiry; 4] {
    [chronic(), elsewhere(), referrals(), approvals()]
}

fn read(inquiry: &Inquiry, node: &str, rows: Value) -> Result<InquiryReply, Unreadable> {
    let body = json!({"infcode": 0, "output": {node: rows}}).to_string();
    read_inquiry(inquiry, body.as_bytes(), &profile())
}

fn points(rows: Value) -> Vec<FixedPoint> {
    match read(&elsewhere(), "psnfixmedin", rows) {
        Ok(InquiryReply::FixedPoints(points)) => points,
        other => panic!("{other:?}"),
    }
}

fn day(text: &str) -> Option<jiff::civil::Date> {
    Some(text.parse().unwrap())
}

#[test]
fn every_query_has_exactly_the_members_of_its_table() {
    for inquiry in queries() {
        let message = encode_inquiry(&inquiry, &head(), &profile()).unwrap();
        whole(&message, &TABLES);
        let body: Value = serde_json::from_slice(&message.body).unwrap();
        assert_eq!(body["insuplc_admdvs"], "341200");
        assert_eq!(message.transaction.class(), CallClass::Reads);
    }
}

#[test]
fn the_register_is_asked_with_the_provinces_code() {
    for (register, code) in [
        (FixedPointKind::Chronic, "01"),
        (FixedPointKind::Institution, "03"),
        (FixedPointKind::Elsewhere, "08"),
    ] {
        let message = encode_inquiry(&fixed(register), &head(), &profile()).unwrap();
        let body: Value = serde_json::from_slice(&message.body).unwrap();
        assert_eq!(body["input"]["data"]["biz_appy_type"], code);
    }
}

#[test]
fn what_a_province_does_not_have_is_not_asked() {
    let real = real_profile();
    for (inquiry, offered) in [
        (chronic(), true),
        (elsewhere(), false),
        (referrals(), false),
        (approvals(), false),
    ] {
        assert_eq!(inquiry.is_offered(&real), offered);
        let made = encode_inquiry(&inquiry, &head(), &real);
        assert_eq!(made.is_ok(), offered);
        assert!(offered || matches!(made, Err(EncodeError::NotOffered(_))));
    }
    let mut one = profile();
    one.filing.application_kinds.remove(&FixedPointKind::Chronic);
    assert!(elsewhere().is_offered(&one) && !fixed(FixedPointKind::Chronic).is_offered(&one));
}

#[test]
fn a_filing_names_an_area_in_an_institutions_place() {
    let row = json!({"psn_no": PERSON, "insutype": "390", "fix_srt_no": "1", "fixmedins_code": "310000",
        "fixmedins_name": "上海市", "begndate": "2026-01-01", "enddate": null, "memo": "异地长期居住人员"});
    let found = points(json!([row]));
    let point = found.first().unwrap();
    assert_eq!(
        (point.area, &point.institution),
        (Some(Area::new("310000").unwrap()), &None)
    );
    assert_eq!((point.from, point.until), (day("2026-01-01"), None));
    assert_eq!((&point.kind, &point.number), (&FilingKind::NotStated, &None));

    let mut strict = profile();
    strict.filing.area_as_institution = false;
    let body = json!({"infcode": 0, "output": {"psnfixmedin": row}}).to_string();
    let Ok(InquiryReply::FixedPoints(found)) = read_inquiry(&elsewhere(), body.as_bytes(), &strict) else {
        panic!("points")
    };
    let point = found.first().unwrap();
    let code = point.institution.as_ref().map(|it| it.code.as_str());
    assert_eq!((point.area, code), (None, Some("310000")));
}

#[test]
fn a_row_may_carry_number_area_and_kind_of_its_record() {
    let row = |kind: &str| {
        json!({"psn_no": PERSON, "fixmedins_code": "H31010100001", "fixmedins_name": "示例医院",
            "begndate": "2026-01-01 00:00:00", "enddate": "20261231", "trt_dcla_detl_sn": 3412000000000007_u64,
            "rloc_admdvs": "310100", "out_fil_type": kind, "rloc_rea": "02"})
    };
    let found = points(json!([row("13"), row("0013"), row("")]));
    let kinds: Vec<_> = found.iter().map(|point| point.kind.clone()).collect();
    assert_eq!(
        kinds,
        [
            FilingKind::PostedWorker,
            FilingKind::Unknown(String::from("0013")),
            FilingKind::Unknown(String::from("02")),
        ]
    );
    for point in &found {
        assert_eq!(point.number.as_ref().unwrap().as_str(), "3412000000000007");
        assert_eq!(point.area, Some(Area::new("310100").unwrap()));
        assert!(point.institution.is_some());
        assert_eq!((point.from, point.until), (day("2026-01-01"), day("2026-12-31")));
    }
}

#[test]
fn rows_of_somebody_else_and_dates_nobody_can_read_spoil_the_answer() {
    let row =
        |person: &str, until: &str| json!([{"psn_no": person, "begndate": "2026-01-01", "enddate": until}]);
    assert!(matches!(
        read(&elsewhere(), "psnfixmedin", row("7", "2026-12-31")),
        Err(Unreadable::OtherPersons { .. })
    ));
    assert_eq!(
        read(&elsewhere(), "psnfixmedin", row(PERSON, "长期")),
        Err(Unreadable::BadMember {
            node: "psnfixmedin",
            field: "enddate"
        })
    );
}

#[test]
fn nothing_found_is_an_answer() {
    let nothing = [
        (chronic(), InquiryReply::ChronicEntries(Vec::new())),
        (elsewhere(), InquiryReply::FixedPoints(Vec::new())),
        (referrals(), InquiryReply::Referrals(Vec::new())),
        (approvals(), InquiryReply::Approvals(Vec::new())),
    ];
    for (inquiry, empty) in nothing {
        for body in [
            "{\"infcode\":0,\"output\":null}",
            "{\"infcode\":\"0\",\"output\":{}}",
        ] {
            assert_eq!(
                read_inquiry(&inquiry, body.as_bytes(), &profile()),
                Ok(empty.clone())
            );
        }
        let refused = "{\"infcode\":-1,\"err_msg\":\"FSI-调用参保地服务失败:超时\"}";
        assert!(matches!(
            read_inquiry(&inquiry, refused.as_bytes(), &profile()),
            Ok(InquiryReply::Refused(_))
        ));
    }
}

#[test]
fn chronic_entries_come_from_the_node_of_the_fee_lines() {
    let rows = json!([
        {"opsp_dise_code": "M03900", "opsp_dise_name": "高血压", "begndate": "2025-01-01", "enddate": ""},
        {"opsp_dise_code": "M01600", "opsp_dise_name": null, "begndate": "2025-01-01", "enddate": "2026-12-31"},
    ]);
    let Ok(InquiryReply::ChronicEntries(found)) = read(&chronic(), "feedetail", rows) else {
        panic!("entries")
    };
    let codes: Vec<_> = found
        .iter()
        .map(|entry| (entry.disease.code.as_str(), entry.until))
        .collect();
    assert_eq!(codes, [("M03900", None), ("M01600", day("2026-12-31"))]);
    assert!(read(&chronic(), "feedetail", json!([{"opsp_dise_name": "高血压"}])).is_err());
}

/// One city asks for the same by 1160.
#[test]
fn chronic_diseases_stand_among_the_details_of_a_person_elsewhere() {
    let mut profile = profile();
    profile.variants.chronic = crate::ChronicQuery::Detail;
    let message = encode_inquiry(&chronic(), &head(), &profile).unwrap();
    assert_eq!(message.number, "1160");
    whole(
        &message,
        &[("1160", "data", "psn_no* begntime* med_type* exp_content")],
    );
    let body: Value = serde_json::from_slice(&message.body).unwrap();
    assert_eq!(body["input"]["data"]["med_type"], "14");
    let rows = json!([
        {"psn_trt_no": "1", "psn_trt_type": "1", "psn_trt_type_name": "门特", "dise_no": "M03900", "dise_name": "高血压",
         "begntime": "2025-01-01 00:00:00", "endtime": null},
        {"psn_trt_no": "2", "psn_trt_type": "3", "dise_no": null, "begntime": "2025-01-01 00:00:00", "endtime": ""},
    ]);
    let answer = json!({"infcode": 0, "output": {"spinfo": rows}}).to_string();
    let Ok(InquiryReply::ChronicEntries(found)) = read_inquiry(&chronic(), answer.as_bytes(), &profile)
    else {
        panic!("entries")
    };
    let [entry] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(entry.disease.code, "M03900");
    assert_eq!((entry.from, entry.until), (day("2025-01-01"), None));
    let none = read_inquiry(&chronic(), b"{\"infcode\":0,\"output\":null}", &profile);
    assert_eq!(none, Ok(InquiryReply::ChronicEntries(Vec::new())));
}

#[test]
fn a_referral_is_read_whole() {
    let row = json!({"insutype": "390", "dcla_souc": "01", "psn_no": PERSON, "psn_cert_type": "01",
        "certno": "341200195001011226", "psn_name": "王秀英", "gend": "2", "brdy": "1950-01-01", "tel": "13900000000",
        "addr": "", "insu_optins": "341200", "emp_name": null, "diag_code": "C34.900", "diag_name": "肺恶性肿瘤",
        "dise_cond_dscr": "", "reflin_medins_no": "H31010100001", "reflin_medins_name": "示例医院", "out_flag": "1",
        "refl_date": "2026-11-01", "refl_rea": "本地无条件", "begndate": "2026-11-01", "enddate": "2027-04-30",
        "hosp_agre_refl_flag": "1", "opter_id": "9", "opter_name": "张三", "opt_time": "2026-11-01 10:00:00"});
    let Ok(InquiryReply::Referrals(found)) = read(&referrals(), "refmedin", row.clone()) else {
        panic!("referrals")
    };
    let first = found.first().unwrap();
    assert_eq!(first.source, FilingSource::Institution);
    assert_eq!((first.leaves_region, first.agreed), (Some(true), Some(true)));
    assert_eq!(first.to.as_ref().unwrap().code.as_str(), "H31010100001");
    assert_eq!(first.referred_on, day("2026-11-01"));
    assert!(!format!("{first:?}").contains("本地无条件"));

    let mut odd = row;
    odd["dcla_souc"] = json!("77");
    odd["out_flag"] = json!("Y");
    let Ok(InquiryReply::Referrals(found)) = read(&referrals(), "refmedin", json!([odd])) else {
        panic!("referrals")
    };
    let first = found.first().unwrap();
    assert_eq!(first.source, FilingSource::Unknown(String::from("77")));
    assert_eq!(first.leaves_region, None);
}

#[test]
fn approvals_keep_the_provinces_extension() {
    let row = json!({"psn_no": PERSON, "insutype": "390", "med_type": "140101", "dise_codg": "M00500",
        "dise_name": "恶性肿瘤", "begndate": "2026-01-01", "enddate": "2026-12-31", "exp_content": "{\"a\":1}"});
    let Ok(InquiryReply::Approvals(found)) = read(&approvals(), "data", json!([row])) else {
        panic!("approvals")
    };
    let first = found.first().unwrap();
    assert_eq!(first.kind.as_ref().unwrap().as_str(), "140101");
    assert_eq!(first.extension.as_ref().unwrap().reveal(), "{\"a\":1}");
}
