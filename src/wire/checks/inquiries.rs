//! Sign-in, person, benefits, voucher, visits.

use serde_json::{Value, json};
use zhijie_model::*;

use super::samples::*;
use super::tables::whole;
use crate::{
    BenefitCase, CardReading, Counter, Head, Inquiry, InquiryReply, PapersShown, Profile, Unreadable,
    UrlFamily, VoucherUse, encode_inquiry, read_inquiry,
};

const PERSON_ANSWER: &str = include_str!("../fixtures/person.json");

const TABLES: [(&str, &str, &str); 6] = [
    ("9001", "signIn", "opter_no* mac ip*"),
    ("9002", "signOut", "sign_no* opter_no*"),
    (
        "1101",
        "data",
        "mdtrt_cert_type* mdtrt_cert_no* card_sn begntime psn_cert_type certno psn_name exp_content",
    ),
    (
        "2001",
        "data",
        "psn_no* insutype* fixmedins_code* med_type* begntime* endtime dise_codg dise_name oprn_oprt_code \
         oprn_oprt_name matn_type birctrl_type exp_content",
    ),
    (
        "5201",
        "data",
        "psn_no* begntime* endtime* med_type* mdtrt_id exp_content",
    ),
    (
        "1162",
        "data",
        "orgId* businessType* operatorId* operatorName* officeId* officeName* deviceType* ecQrCode* exp_content",
    ),
];

fn person(credential: Credential) -> Inquiry {
    Inquiry::Person {
        credential,
        reading: None,
    }
}

fn decode() -> Inquiry {
    Inquiry::DecodeVoucher {
        code: Private::new("4240123456789012345601340000"),
        usage: VoucherUse::Settle,
        counter: Counter {
            code: String::from("0301"),
            name: String::from("内科"),
            self_service: false,
        },
    }
}

fn benefits() -> Inquiry {
    Inquiry::Benefits {
        payer: payer(),
        kind: VisitType::new("11").unwrap(),
        began: now(),
        case: Box::default(),
    }
}

/// Everything 2001 can be told of a visit.
fn whole_benefits() -> Inquiry {
    let named = |code: &str| {
        Some(Disease {
            code: String::from(code),
            name: String::from("名"),
        })
    };
    Inquiry::Benefits {
        payer: payer(),
        kind: VisitType::new("28").unwrap(),
        began: now(),
        case: Box::new(BenefitCase {
            ended: Some(now()),
            disease: named("B1"),
            operation: named("47.0100"),
            birth: Some(String::from("1")),
            control: Some(String::from("2")),
        }),
    }
}

fn visits() -> Inquiry {
    Inquiry::Visits {
        payer: payer(),
        began: now(),
        ended: now(),
        kind: VisitType::new("11").unwrap(),
        visit_id: None,
    }
}

fn sign_in() -> Inquiry {
    Inquiry::SignIn {
        operator: OperatorCode::new("S001").unwrap(),
        mac: String::from("02-00-00-00-00-01"),
        ip: String::from("10.0.0.8"),
    }
}

fn read(inquiry: &Inquiry, body: &str) -> Result<InquiryReply, Unreadable> {
    read_inquiry(inquiry, body.as_bytes(), &profile())
}

#[test]
fn every_inquiry_has_exactly_the_members_of_its_table() {
    let sign_out = Inquiry::SignOut {
        operator: OperatorCode::new("S001").unwrap(),
        number: SignIn::new("7").unwrap(),
    };
    for inquiry in [
        sign_in(),
        sign_out,
        person(card()),
        person(voucher()),
        benefits(),
        whole_benefits(),
        decode(),
        visits(),
    ] {
        whole(&encode_inquiry(&inquiry, &head(), &profile()).unwrap(), &TABLES);
    }
}

/// What goes with a card of another province, and what its reader said: two switches.
#[test]
fn a_visitor_s_card_brings_what_the_province_wants() {
    let asked = |reading: bool| Inquiry::Person {
        credential: card(),
        reading: reading.then(|| {
            Box::new(CardReading {
                line: Private::new("341200|110101|F12345678"),
                signature: Some(Private::new("c2ln")),
            })
        }),
    };
    let mut profile = profile();
    profile.fields.identity_everywhere = false;
    let abroad = Head {
        insured_area: Area::new("341200").unwrap(),
        ..head()
    };
    let sent = |inquiry: &Inquiry, head: &Head, profile: &Profile| -> Value {
        let message = encode_inquiry(inquiry, head, profile).unwrap();
        serde_json::from_slice::<Value>(&message.body).unwrap()["input"]["data"].take()
    };
    for (visitors, readings) in [(false, false), (true, false), (false, true), (true, true)] {
        (profile.person.visitor_identity, profile.person.card_reading) = (visitors, readings);
        for (at, is_visitor) in [(&abroad, true), (&head(), false)] {
            let told = sent(&asked(true), at, &profile);
            assert_eq!(told.get("certno").is_some(), visitors && is_visitor, "{told}");
            assert_eq!(told.get("psn_name").is_some(), visitors && is_visitor, "{told}");
            assert_eq!(told.get("orgin_card_info").is_some(), readings, "{told}");
            assert_eq!(told.get("sign").is_some(), readings, "{told}");
        }
        assert!(
            sent(&asked(false), &abroad, &profile)
                .get("orgin_card_info")
                .is_none()
        );
        let typed = Inquiry::Person {
            credential: voucher(),
            reading: None,
        };
        assert!(sent(&typed, &abroad, &profile).get("certno").is_none());
    }
}

#[test]
fn inquiries_with_a_payer_are_routed_by_the_payer() {
    let area = |inquiry: &Inquiry| -> String {
        let message = encode_inquiry(inquiry, &head(), &profile()).unwrap();
        let body: Value = serde_json::from_slice(&message.body).unwrap();
        body["insuplc_admdvs"].as_str().unwrap().to_owned()
    };
    assert_eq!(area(&benefits()), "341200");
    assert_eq!(area(&person(card())), "310000");
}

#[test]
fn a_transaction_without_a_path_is_not_offered() {
    assert_eq!(real_profile().url.family, UrlFamily::FsiTable);
    assert!(encode_inquiry(&visits(), &head(), &real_profile()).is_err());
    let mut named = real_profile();
    named
        .url
        .paths
        .insert(String::from("5201"), String::from("service/method"));
    assert_eq!(
        encode_inquiry(&visits(), &head(), &named).unwrap().path,
        "/fsi/api/service/method"
    );
}

#[test]
fn sign_in_is_read_under_both_names() {
    for (node, time) in [("signinoutb", "2026-11-22 08:00:00"), ("result", "2026-11-22")] {
        let body = json!({"infcode": 0, "output": {node: {"sign_time": time, "sign_no": "N1"}}}).to_string();
        let Ok(InquiryReply::SignedIn(signed)) = read(&sign_in(), &body) else {
            panic!("{body}")
        };
        assert_eq!(signed.number.as_str(), "N1");
        assert_eq!(signed.at.unwrap().date().to_string(), "2026-11-22");
    }
    let missing = json!({"infcode": 0, "output": {"signinoutb": {"sign_time": ""}}}).to_string();
    assert_eq!(
        read(&sign_in(), &missing),
        Err(Unreadable::MissingMember {
            node: "signinoutb",
            field: "sign_no"
        })
    );
}

#[test]
fn a_person_with_all_insurances() {
    let Ok(InquiryReply::Person(found)) = read(&person(card()), PERSON_ANSWER) else {
        panic!("a person")
    };
    assert_eq!(found.number.as_str(), PERSON);
    assert_eq!(found.name.reveal(), "王秀英");
    assert_eq!(
        (found.sex, found.born.unwrap().to_string()),
        (Sex::Female, String::from("1950-01-01"))
    );
    let rows: Vec<_> = found
        .insurances
        .iter()
        .map(|row| {
            (
                row.kind.as_str(),
                row.status.clone(),
                row.area.to_string(),
                row.balance,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (
                "390",
                InsuranceStatus::Active,
                String::from("341200"),
                Some(fen(20_000))
            ),
            ("310", InsuranceStatus::Terminated, String::from("330400"), None),
        ]
    );
}

#[test]
fn another_persons_certificate_is_noticed() {
    let mut other = card();
    other.certificate = Some(Private::new("341200195001011234"));
    let expected = Err(Unreadable::OtherPersons {
        node: "baseinfo",
        field: "certno",
    });
    assert_eq!(read(&person(other.clone()), PERSON_ANSWER), expected);
    other.kind = CredentialKind::IdNumber;
    other.number = Private::new("341200195001011226");
    assert!(read(&person(other.clone()), PERSON_ANSWER).is_ok());
    let masked = PERSON_ANSWER.replace("341200195001011226", "3412**********1226");
    assert!(read(&person(other), &masked).is_ok());
    assert!(read(&person(voucher()), PERSON_ANSWER).is_ok());
}

#[test]
fn papers_go_as_the_province_wants_them_and_another_holder_is_noticed() {
    let passport = Credential {
        kind: CredentialKind::Papers,
        papers: Some(String::from("08")),
        number: Private::new("E12345678"),
        card_identification: None,
        certificate: Some(Private::new("E12345678")),
        name: None,
    };
    for (shown_as, code) in [
        (PapersShown::Other, "99"),
        (PapersShown::IdNumber, "02"),
        (PapersShown::OwnKind, "08"),
    ] {
        let mut profile = profile();
        profile.papers.shown_as = shown_as;
        profile.fields.extension_texts.clear();
        let message = encode_inquiry(&person(passport.clone()), &head(), &profile).unwrap();
        let data = &serde_json::from_slice::<Value>(&message.body).unwrap()["input"]["data"];
        let expected = json!({"mdtrt_cert_type": code, "mdtrt_cert_no": "E12345678", "psn_cert_type": "08", "certno": "E12345678"});
        assert_eq!(data, &expected);
    }
    let answer = |kind: &str, number: &str| {
        let own = r#""psn_cert_type": "01""#;
        assert!(PERSON_ANSWER.contains(own));
        PERSON_ANSWER
            .replace(own, &format!(r#""psn_cert_type": "{kind}""#))
            .replace("341200195001011226", number)
    };
    for (kind, number, hers) in [
        ("08", "e12345678", true),
        ("08", "E12345679", false),
        ("08", "E1*****78", true),
        ("17", "810000195001011226", true),
    ] {
        let read = read(&person(passport.clone()), &answer(kind, number));
        assert_eq!(read.is_ok(), hers, "{kind} {number}: {read:?}");
    }
}

#[test]
fn benefits_come_with_their_reason() {
    let row = |person: &str| {
        json!({"psn_no": person, "trt_chk_type": "1", "fund_pay_type": "390100", "trt_enjymnt_flag": "0",
            "begndate": "2026-01-01", "enddate": null, "trt_chk_rslt": "未备案"})
    };
    let body = |rows: Value| json!({"infcode": 0, "output": {"trtinfo": rows}}).to_string();
    let Ok(InquiryReply::Benefits(rows)) = read(&benefits(), &body(json!([row(PERSON)]))) else {
        panic!("benefits")
    };
    let first = rows.first().unwrap();
    assert_eq!((first.enjoyed, first.reason.as_deref()), (false, Some("未备案")));
    assert!(matches!(
        read(&benefits(), &body(json!([row("1")]))),
        Err(Unreadable::OtherPersons { .. })
    ));
    assert_eq!(
        read(&benefits(), &body(json!([]))),
        Ok(InquiryReply::Benefits(Vec::new()))
    );
}

#[test]
fn a_voucher_is_found_in_every_wrapping() {
    let data = json!({"idNo": "341200195001011226", "idType": "01", "userName": "王秀英",
        "ecToken": "341200ec01", "insuOrg": "341200", "ecIndexNo": "0", "gender": "null", "email": null});
    let bodies = [
        json!({"infcode": 0, "output": {"data": data}}),
        json!({"infcode": "0", "output": {"data": data.to_string()}}),
        json!({"infcode": 0, "output": data}),
        json!({"infcode": 0, "output": data.to_string()}),
        json!({"infcode": 0, "output": {"code": 0, "message": "成功", "data": data.to_string()}}),
        json!({"code": 0, "type": "success", "message": "", "data": data}),
        json!({"code": "0", "message": "", "data": data.to_string()}),
    ];
    for body in bodies {
        let Ok(InquiryReply::Voucher(voucher)) = read(&decode(), &body.to_string()) else {
            panic!("{body}")
        };
        assert_eq!(voucher.token.reveal(), "341200ec01");
        assert_eq!(voucher.area, Some(Area::new("341200").unwrap()));
        assert_eq!(voucher.name, Some(Private::new("王秀英")));
    }
}

#[test]
fn a_voucher_refused_says_why() {
    for body in [
        json!({"infcode": -1, "err_msg": "请使用医保电子凭证"}),
        json!({"infcode": 0, "output": {"code": 500_159, "message": "请使用医保电子凭证", "data": null}}),
        json!({"code": "500159", "message": "请使用医保电子凭证"}),
    ] {
        let Ok(InquiryReply::Refused(refusal)) = read(&decode(), &body.to_string()) else {
            panic!("{body}")
        };
        assert_eq!(refusal.platform.text.as_deref(), Some("请使用医保电子凭证"));
    }
    let nameless =
        json!({"infcode": 0, "output": {"data": {"idNo": "null", "userName": "null"}}}).to_string();
    assert!(matches!(
        read(&decode(), &nameless),
        Err(Unreadable::MissingMember { field: "ecToken", .. })
    ));
}

#[test]
fn visits_of_the_person_only() {
    let row = json!({"mdtrt_id": VISIT, "psn_no": PERSON, "ipt_otp_no": "MZ1", "med_type": "11",
        "begntime": "2026-11-22 10:00:00"});
    let body = json!({"infcode": 0, "output": {"mdtrtinfo": [row]}}).to_string();
    assert!(matches!(read(&visits(), &body), Ok(InquiryReply::Visits(rows)) if rows.len() == 1));
    assert!(matches!(
        read(&visits(), &body.replace(PERSON, "7")),
        Err(Unreadable::OtherPersons { .. })
    ));
    assert_eq!(
        read(&visits(), "{\"infcode\":0,\"output\":null}"),
        Ok(InquiryReply::Visits(Vec::new()))
    );
}
