//! 5202, 5204, 5205 and the sheets of the centre.

use serde_json::{Value, json};
use zhijie_model::*;

use super::samples::*;
use super::tables::whole;
use crate::{Inquiry, InquiryReply, SheetRule, Unreadable, encode_inquiry, read_inquiry};

fn settlement() -> SettlementId {
    SettlementId::new("310000S1").unwrap()
}

fn lines() -> Inquiry {
    Inquiry::Lines {
        payer: payer(),
        visit_id: visit_id(),
        settlement: settlement(),
    }
}

fn diagnoses() -> Inquiry {
    Inquiry::Diagnoses {
        payer: payer(),
        visit_id: visit_id(),
    }
}

fn dispensed() -> Inquiry {
    Inquiry::Dispensed {
        payer: payer(),
        began: now(),
        ended: now(),
    }
}

fn sheet(area: &str, stay: bool) -> Inquiry {
    let mut payer = payer();
    payer.area = Area::new(area).unwrap();
    Inquiry::Sheet {
        kind: profile()
            .lookups
            .sheets
            .kind(payer.area, head().care_area, stay)
            .unwrap(),
        payer,
        visit_id: visit_id(),
        settlement: settlement(),
    }
}

fn read(inquiry: &Inquiry, output: &Value) -> Result<InquiryReply, Unreadable> {
    let body = json!({"infcode": 0, "output": output}).to_string();
    read_inquiry(inquiry, body.as_bytes(), &profile())
}

#[test]
fn every_query_has_exactly_the_members_of_its_table() {
    let table = [
        ("5202", "data", "psn_no* mdtrt_id* exp_content"),
        ("5204", "data", "psn_no* setl_id mdtrt_id* exp_content"),
        ("5205", "data", "psn_no* begntime* endtime exp_content"),
        ("5265", "data", "setl_id* psn_no* mdtrt_id* exp_content"),
        ("5269", "data", "mdtrtRegno* mdtrtId* medinsNo* exp_content"),
        ("5270", "data", "mdtrtRegno* mdtrtId* medinsNo* exp_content"),
    ];
    let asked = [
        (diagnoses(), "5202"),
        (lines(), "5204"),
        (dispensed(), "5205"),
        (sheet("310115", false), "5265"),
        (sheet("341200", false), "5269"),
        (sheet("341200", true), "5270"),
    ];
    for (inquiry, number) in asked {
        let message = encode_inquiry(&inquiry, &head(), &profile()).unwrap();
        assert_eq!(message.number, number);
        whole(&message, &table);
    }
}

#[test]
fn which_sheet_is_asked_for_goes_by_the_profile() {
    use SheetKind::{Any, Home, StayElsewhere, VisitElsewhere};
    let care = Area::new("440100").unwrap();
    let table = [
        (SheetRule::None, [None; 3]),
        (SheetRule::One, [Some(Any); 3]),
        (
            SheetRule::ByProvince,
            [Some(Home), Some(Home), Some(VisitElsewhere)],
        ),
        (
            SheetRule::ByCity,
            [Some(Home), Some(VisitElsewhere), Some(VisitElsewhere)],
        ),
    ];
    for (rule, kinds) in table {
        let asked =
            ["440103", "440300", "341200"].map(|area| rule.kind(Area::new(area).unwrap(), care, false));
        assert_eq!(asked, kinds, "{rule:?}");
    }
    let far = Area::new("341200").unwrap();
    assert_eq!(SheetRule::ByCity.kind(far, care, true), Some(StayElsewhere));
}

#[test]
fn rows_are_read_wherever_they_stand() {
    let row = json!({
        "feedetl_sn": "1", "setl_id": "310000S1", "fee_ocur_time": "2026-11-22 09:50:00", "cnt": 2, "pric": "15.5",
        "det_item_fee_sumamt": 31, "fulamt_ownpay_amt": null, "overlmt_amt": 1, "preselfpay_amt": "3.00",
        "inscp_scp_amt": 27.0, "chrgitm_lv": "2", "med_list_codg": "XA01", "medins_list_codg": "Y1",
        "hilist_name": "药",
    });
    for output in [
        json!([row]),
        json!({"feedetail": [row]}),
        json!({"data": row}),
        json!({"result": [row]}),
    ] {
        let Ok(InquiryReply::Lines(found)) = read(&lines(), &output) else {
            panic!("{output}")
        };
        let [one] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert!(one.cut.adds_up(), "{one:?}");
        assert_eq!((one.cut.class.as_str(), one.name.as_deref()), ("02", Some("药")));
        assert_eq!(
            (one.quantity.as_deref(), one.unit_price.as_deref()),
            (Some("2"), Some("15.5"))
        );
    }
    for nothing in [json!(null), json!([]), json!({})] {
        assert_eq!(
            read(&lines(), &nothing),
            Ok(InquiryReply::Lines(Vec::new())),
            "{nothing}"
        );
        assert_eq!(
            read(&dispensed(), &nothing),
            Ok(InquiryReply::Dispensed(Vec::new()))
        );
    }
    for wrong in [json!([{"feedetl_sn": "1"}]), json!([7]), json!("x")] {
        assert!(read(&lines(), &wrong).is_err(), "{wrong}");
    }
    let told = json!({"diseinfo": {"diag_code": "K29", "diag_name": "胃炎", "maindiag_flag": "1", "inout_diag_type": 2}});
    let Ok(InquiryReply::Diagnoses(found)) = read(&diagnoses(), &told) else {
        panic!("{told}")
    };
    assert_eq!((found[0].main, found[0].at_discharge), (Some(true), Some(true)));
}

#[test]
fn a_sheet_is_a_file_or_an_address_and_nothing_else() {
    let asked = sheet("341200", false);
    let file = b"%PDF-1.4 a sheet of more than a few characters, as every file is".to_vec();
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &file);
    for output in [
        json!({"data": {"fileName": "a.pdf", "file": text}}),
        json!({"pdf": text}),
        json!([{"x": text}]),
    ] {
        assert_eq!(
            read(&asked, &output),
            Ok(InquiryReply::Sheet(CentreSheet::File(file.clone()))),
            "{output}"
        );
    }
    let address = json!({"data": {"url": "https://10.0.0.1/sheet/1.pdf"}});
    let found = CentreSheet::Address(String::from("https://10.0.0.1/sheet/1.pdf"));
    assert_eq!(read(&asked, &address), Ok(InquiryReply::Sheet(found)));
    for nothing in [
        json!(null),
        json!({}),
        json!({"data": {"fileName": "a.pdf", "size": 7}}),
        json!({"x": "a".repeat(65)}),
    ] {
        assert!(read(&asked, &nothing).is_err(), "{nothing}");
    }
}
