//! Filings made at the desk.

use serde_json::{Value, json};
use zhijie_model::*;

use super::samples::*;
use super::tables::whole;
use crate::{Unreadable, Variant, encode_filing, read_filing};

const REFERRAL: &str = "psn_no* insutype tel addr insu_optins diag_code* diag_name* dise_cond_dscr reflin_medins_no* \
    reflin_medins_name* mdtrtarea_admdvs* hosp_agre_refl_flag refl_type* refl_date* refl_rea* refl_opnn* begndate \
    enddate refl_old_mdtrt_id exp_content";
const WITHDRAWAL: &str = "trt_dcla_detl_sn* psn_no* memo* exp_content";
const TABLES: [(&str, &str, &str); 7] = [
    ("2501", "refmedin", REFERRAL),
    ("2501A", "refmedin", REFERRAL),
    ("2502", "data", WITHDRAWAL),
    (
        "2503",
        "data",
        "psn_no* insutype* opsp_dise_code* opsp_dise_name* tel addr insu_optins* ide_fixmedins_no* \
         ide_fixmedins_name* hosp_ide_date* diag_dr_codg* diag_dr_name* begndate* enddate exp_content",
    ),
    ("2504", "data", WITHDRAWAL),
    (
        "2505",
        "data",
        "psn_no* tel addr biz_appy_type* begndate* enddate agnter_name agnter_cert_type agnter_certno agnter_tel \
         agnter_addr agnter_rlts fix_srt_no* fixmedins_code* fixmedins_name* memo exp_content",
    ),
    ("2506", "data", WITHDRAWAL),
];

fn institution() -> NamedInstitution {
    NamedInstitution {
        code: InstitutionCode::new("H31010100001").unwrap(),
        name: String::from("示例医院"),
    }
}

fn referral() -> NewReferral {
    NewReferral {
        diagnosis: Disease {
            code: String::from("C34.900"),
            name: String::from("肺恶性肿瘤"),
        },
        to: institution(),
        area: Area::new("310000").unwrap(),
        kind_code: String::from("1"),
        date: "2026-11-22".parse().unwrap(),
        reason: Private::new("本地无条件"),
        opinion: Private::new("同意"),
        agreed: Some(true),
        from: None,
        until: "2027-05-21".parse().ok(),
        visit_before: Some(visit_id()),
    }
}

fn refer() -> FilingCall {
    FilingCall::Refer {
        payer: payer(),
        referral: referral(),
    }
}

fn withdraw(what: FilingRecord) -> FilingCall {
    FilingCall::Withdraw {
        payer: payer(),
        what,
        register: None,
        number: FilingNumber::new("7").unwrap(),
        reason: Private::new("重复"),
    }
}

/// Every kind of filing.
pub(super) fn calls() -> Vec<FilingCall> {
    vec![
        refer(),
        FilingCall::RegisterChronic {
            payer: payer(),
            entry: NewChronicEntry {
                disease: Disease {
                    code: String::from("M03900"),
                    name: String::from("高血压"),
                },
                attested_by: institution(),
                attested_on: "2026-11-20".parse().unwrap(),
                doctor: doctor(),
                from: "2026-11-22".parse().unwrap(),
                until: None,
            },
        },
        FilingCall::FixPlace {
            payer: payer(),
            place: NewFixedPlace {
                register: FixedPointKind::Elsewhere,
                rank: 1,
                institution: institution(),
                from: "2026-11-22".parse().unwrap(),
                until: None,
                memo: None,
            },
        },
        withdraw(FilingRecord::Referral),
        withdraw(FilingRecord::Chronic),
        withdraw(FilingRecord::FixedPlace),
    ]
}

#[test]
fn every_filing_has_exactly_the_members_of_its_table() {
    let mut numbers = Vec::new();
    for call in calls() {
        let message = encode_filing(&call, &head(), &profile()).unwrap();
        whole(&message, &TABLES);
        assert_eq!(message.transaction.class(), CallClass::Files);
        numbers.push(message.number);
    }
    assert_eq!(numbers, ["2501", "2503", "2505", "2502", "2504", "2506"]);
}

#[test]
fn the_visit_before_goes_with_the_variant_that_has_it() {
    let said = |variant| {
        let mut profile = profile();
        profile.variants.refer = variant;
        let message = encode_filing(&refer(), &head(), &profile).unwrap();
        whole(&message, &TABLES);
        let body: Value = serde_json::from_slice(&message.body).unwrap();
        (
            message.number,
            body["input"]["refmedin"]["refl_old_mdtrt_id"].clone(),
        )
    };
    assert_eq!(said(Variant::Plain), (String::from("2501"), Value::Null));
    assert_eq!(said(Variant::A), (String::from("2501A"), json!(VISIT)));
}

#[test]
fn a_filing_answers_its_number_or_proves_nothing() {
    let read = |call: &FilingCall, body: Value| read_filing(call, body.to_string().as_bytes(), &profile());
    let filed = json!({"infcode": 0, "output": {"result": {"trt_dcla_detl_sn": "3412000001"}}});
    assert!(matches!(
        read(&refer(), filed),
        Ok(FilingReply::Filed { number, .. }) if number.as_str() == "3412000001"
    ));
    for half in [
        json!(null),
        json!({}),
        json!({"result": {}}),
        json!({"result": null}),
    ] {
        let body = json!({"infcode": 0, "output": half});
        assert!(read(&refer(), body.clone()).is_err(), "{body}");
        let withdrawn = read(&withdraw(FilingRecord::Referral), body);
        assert!(matches!(withdrawn, Ok(FilingReply::Withdrawn { .. })));
    }
}

#[test]
fn a_refused_filing_is_certain_or_in_doubt() {
    let read = |text: &str| {
        let body = json!({"infcode": -1, "err_msg": text}).to_string();
        read_filing(&refer(), body.as_bytes(), &profile())
    };
    for text in [
        "FSI-参数校验失败:节点[refmedin]缺少必填项[diag_code]",
        "FSI-FMI返回：参保地[阜阳市]返回:参保地系统升级中,恢复时间另行通知",
    ] {
        assert!(matches!(read(text), Ok(FilingReply::Refused { .. })), "{text}");
    }
    for text in ["FSI-调用参保地服务失败:网络超时", "没有见过的话", ""] {
        assert!(
            matches!(read(text), Err(Unreadable::UnclassifiedRefusal { .. })),
            "{text}"
        );
    }
}
