//! 3101, 3102, 3103: what goes out, and what is believed of what comes back.

use serde_json::{Value, json};
use zhijie_model::*;

use super::samples::*;
use super::tables::whole;
use crate::{
    BillToCheck, CheckAnswer, Inquiry, InquiryReply, Profile, Unreadable, encode_inquiry, read_inquiry,
};

const PATIENT: &str = "patn_id* patn_name* gend* brdy* poolarea* curr_mdtrt_id* fsi_encounter_dtos*";
const ENCOUNTER: &str = "mdtrt_id* medins_id* medins_name* medins_admdvs* medins_type* medins_lv* adm_date* dscg_date* \
    dscg_main_dise_codg* dscg_main_dise_name* fsi_diagnose_dtos* dr_codg* adm_dept_codg* adm_dept_name* \
    dscg_dept_codg* dscg_dept_name* med_mdtrt_type* med_type* fsi_order_dtos* matn_stas* medfee_sumamt* ownpay_amt* \
    selfpay_amt* setl_totlnum* insutype* reim_flag* out_setl_flag*";
const DIAGNOSIS: &str =
    "dise_id* inout_dise_type* maindise_flag* dias_srt_no* dise_codg* dise_name* dise_date*";
const ORDER: &str = "rx_id* rxno* long_drord_flag* hilist_type* chrg_type* drord_bhvr* hilist_code* hilist_name* \
    hilist_lv* hilist_pric* hosplist_code* hosplist_name* cnt* pric* sumamt* ownpay_amt* selfpay_amt* spec* spec_unt* \
    drord_begn_date* drord_dept_codg* drord_dept_name* drord_dr_codg* drord_dr_name* drord_dr_profttl* \
    curr_drord_flag*";

fn asked() -> BillToCheck {
    BillToCheck {
        payer: payer(),
        sex: Sex::Female,
        born: Some(jiff::civil::date(1950, 1, 1)),
        visit: visit(),
        bill: bill(),
        purchase: false,
    }
}

fn check(stage: CheckStage) -> Inquiry {
    Inquiry::CheckBill {
        stage,
        asked: Box::new(asked()),
    }
}

fn sent(inquiry: &Inquiry, profile: &Profile) -> Value {
    let message = encode_inquiry(inquiry, &head(), profile).unwrap();
    let body: Value = serde_json::from_slice(&message.body).unwrap();
    body["input"]["data"].clone()
}

/// The members of a node, sorted: `serde_json` keeps no order here.
fn members(node: &Value) -> Vec<String> {
    node.as_object().unwrap().keys().cloned().collect()
}

fn table(members: &str) -> Vec<String> {
    let mut names: Vec<String> = members
        .split_whitespace()
        .map(|name| name.trim_end_matches('*').to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_check_has_exactly_the_members_of_its_tables() {
    let profile = profile();
    for (stage, occasion) in [(CheckStage::Before, "2"), (CheckStage::During, "6")] {
        let message = encode_inquiry(&check(stage), &head(), &profile).unwrap();
        let number = if stage == CheckStage::Before {
            "3101"
        } else {
            "3102"
        };
        assert_eq!(message.number, number);
        whole(
            &message,
            &[(number, "data", "syscode patient_dtos* trig_scen exp_content")],
        );
        let data = sent(&check(stage), &profile);
        assert_eq!(data["trig_scen"], occasion);
        let patient = &data["patient_dtos"][0];
        let encounter = &patient["fsi_encounter_dtos"][0];
        let order = &encounter["fsi_order_dtos"][0];
        for (node, expected) in [
            (patient, PATIENT),
            (encounter, ENCOUNTER),
            (&encounter["fsi_diagnose_dtos"][0], DIAGNOSIS),
            (order, ORDER),
        ] {
            assert_eq!(members(node), table(expected));
        }
        assert_eq!(
            encounter["fsi_order_dtos"].as_array().unwrap().len(),
            bill().lines().len()
        );
        assert_eq!(order["rx_id"], bill().lines()[0].serial.as_str());
        assert_eq!(
            (&patient["poolarea"], &patient["brdy"]),
            (&json!("341200"), &json!("1950-01-01"))
        );
        assert_eq!(encounter["fsi_diagnose_dtos"][0]["maindise_flag"], "1");
    }
}

#[test]
fn what_provinces_disagree_about_is_a_switch() {
    let mut other = profile();
    other.checks.patient_as_array = false;
    other.checks.occasions.clear();
    other.checks.system = Some(String::from("IMS"));
    let data = sent(&check(CheckStage::Before), &other);
    assert_eq!(data["patient_dtos"]["patn_id"], PERSON);
    assert_eq!((data.get("trig_scen"), &data["syscode"]), (None, &json!("IMS")));

    let elsewhere = |area: &str| {
        let mut asked = asked();
        asked.payer.area = Area::new(area).unwrap();
        let inquiry = Inquiry::CheckBill {
            stage: CheckStage::Before,
            asked: Box::new(asked),
        };
        sent(&inquiry, &profile())["patient_dtos"][0]["fsi_encounter_dtos"][0]["out_setl_flag"].clone()
    };
    assert_eq!(
        (elsewhere("310115"), elsewhere("341200")),
        (json!("0"), json!("1"))
    );

    let mut none = profile();
    none.checks.offered = vec![CheckStage::During];
    assert!(encode_inquiry(&check(CheckStage::Before), &head(), &none).is_err());
    let mut nobody = asked();
    nobody.born = None;
    let nobody = Inquiry::CheckBill {
        stage: CheckStage::During,
        asked: Box::new(nobody),
    };
    assert!(
        encode_inquiry(&nobody, &head(), &none).is_err(),
        "the day of birth is mandatory"
    );
}

fn read(output: &Value) -> Result<Vec<Violation>, Unreadable> {
    let body = json!({"infcode": 0, "output": output}).to_string();
    match read_inquiry(&check(CheckStage::During), body.as_bytes(), &profile())? {
        InquiryReply::Violations(found) => Ok(found),
        other => panic!("{other:?}"),
    }
}

#[test]
fn violations_are_read_with_the_lines_of_this_bill_only() {
    let serial = bill().lines()[0].serial.clone();
    let row = json!({
        "jr_id": "J1", "rule_id": "R1", "rule_name": "超量", "vola_cont": "超过限量", "vola_amt": "12.50",
        "sev_deg": 1, "vola_evid": null,
        "judge_result_detail_dtos": [
            {"rx_id": serial.as_str(), "vola_item_type": "1"}, {"rx_id": serial.as_str(), "vola_item_type": "2"},
            {"rx_id": "of-last-week", "vola_item_type": "2"}, {"rx_id": null},
        ],
    });
    // One row may come as an object; no output is no violation.
    for output in [json!({"result": [row]}), json!({"result": row})] {
        let found = read(&output).unwrap();
        let [one] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(
            (one.lines.as_slice(), one.amount),
            ([serial.clone()].as_slice(), Some(fen(1250)))
        );
        assert_eq!(
            (one.severity, one.code.as_deref()),
            (Severity::Forbids, Some("1"))
        );
    }
    for nothing in [
        json!(null),
        json!({}),
        json!({"result": null}),
        json!({"result": []}),
    ] {
        assert_eq!(read(&nothing), Ok(Vec::new()), "{nothing}");
    }
    let severities = [
        ("2", Severity::Asks),
        ("3", Severity::Tells),
        ("9", Severity::Asks),
        ("", Severity::Asks),
    ];
    for (code, severity) in severities {
        let mut row = row.clone();
        row["sev_deg"] = json!(code);
        assert_eq!(
            read(&json!({"result": [row]})).unwrap()[0].severity,
            severity,
            "{code}"
        );
    }
    for member in ["jr_id", "rule_id", "vola_cont"] {
        let mut row = row.clone();
        row[member] = json!("");
        assert!(read(&json!({"result": [row]})).is_err(), "{member}");
    }
}

#[test]
fn an_answer_names_the_violations_and_the_reason() {
    let answer = |answered: bool| {
        let mut profile = profile();
        profile.checks.answered = answered;
        let inquiry = Inquiry::AnswerCheck {
            area: payer().area,
            answer: CheckAnswer {
                stage: CheckStage::During,
                violations: vec![String::from("J1"), String::from("J2")],
                reason: String::from("病情需要"),
            },
        };
        encode_inquiry(&inquiry, &head(), &profile)
    };
    assert!(answer(false).is_err());
    let message = answer(true).unwrap();
    whole(&message, &[("3103", "data", "warn_type* warns* exp_content")]);
    let body: Value = serde_json::from_slice(&message.body).unwrap();
    let data = &body["input"]["data"];
    assert_eq!(data["warn_type"], "2");
    assert_eq!(
        data["warns"][1],
        json!({"warn_rslt_id": "J2", "dspo_way": "1", "dspo_way_rea": "病情需要"})
    );
}
