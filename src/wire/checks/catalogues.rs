//! Lists of the catalogue, asked for and read; own items mapped.

use serde_json::{Value, json};
use zhijie_model::*;

use super::samples::*;
use super::tables::whole;
use crate::{
    Columns, EncodeError, Inquiry, InquiryReply, MappingNode, Profile, RowFault, Unreadable,
    catalogue_columns, encode_inquiry, encode_mapping, read_inquiry, read_mapping,
};

const PAGE: &str = "query_date insu_admdvs fixmedins_code updt_time* page_num* page_size*";
const MAPPED: &str = "fixmedins_hilist_id* fixmedins_hilist_name* list_type* med_list_codg* begndate* enddate aprvno \
                      dosform exct_cont item_cont prcunt spec pacspec memo";
const WITHDRAWN: &str = "fixmedins_code* fixmedins_hilist_id* list_type* med_list_codg*";

fn asked(list: CatalogueList) -> Inquiry {
    match list.handed_out() {
        HandedOut::ByFile => Inquiry::CatalogueFile { list, version: None },
        HandedOut::ByPage => Inquiry::CataloguePage {
            list,
            changed_since: None,
            page: 3,
        },
    }
}

fn answer(output: &Value) -> Vec<u8> {
    json!({"infcode": 0, "inf_refmsgid": "1", "err_msg": null, "output": output})
        .to_string()
        .into_bytes()
}

fn columns(list: CatalogueList) -> Columns {
    catalogue_columns(list, &profile()).unwrap()
}

#[test]
fn every_list_is_asked_for_by_its_own_number() {
    let mut numbers = Vec::new();
    for list in CatalogueList::ALL {
        let message = encode_inquiry(&asked(*list), &head(), &profile()).unwrap();
        let number = message.number.clone();
        let table = match list.handed_out() {
            HandedOut::ByFile => "ver",
            HandedOut::ByPage => PAGE,
        };
        whole(&message, &[(&number, "data", table)]);
        numbers.push(number.parse::<u32>().unwrap());
    }
    assert_eq!(numbers, (1301..=1321).collect::<Vec<_>>());
    let page = encode_inquiry(&asked(CatalogueList::Mappings), &head(), &profile()).unwrap();
    let body: Value = serde_json::from_slice(&page.body).unwrap();
    let data = &body["input"]["data"];
    assert_eq!(
        (&data["page_num"], &data["fixmedins_code"]),
        (&json!(3), &json!("H31010100001"))
    );
    assert_eq!(data["updt_time"], "1970-01-01 00:00:00");
}

#[test]
fn a_list_nobody_told_the_columns_of_is_not_asked_for() {
    let province = real_profile();
    let granules = asked(CatalogueList::HerbGranules);
    let refused = encode_inquiry(&granules, &head(), &province);
    assert!(matches!(refused, Err(EncodeError::NotOffered("1320"))));
    assert!(catalogue_columns(CatalogueList::HerbGranules, &province).is_none());
    assert!(encode_inquiry(&asked(CatalogueList::Drugs), &head(), &province).is_ok());
}

#[test]
fn a_file_is_announced_in_both_spellings() {
    let inquiry = asked(CatalogueList::Drugs);
    for deadline in ["dld_end_time", "dld_endtime"] {
        let output = json!({"file_qury_no": "M00/00/00/a-very-long-storage-path-that-never-ends.zip",
            "filename": "20261122.txt.zip", "data_cnt": "12", deadline: "2026-11-22 23:00:00"});
        let read = read_inquiry(&inquiry, &answer(&output), &profile()).unwrap();
        let InquiryReply::CatalogueFile(Some(file)) = read else {
            panic!("{read:?}")
        };
        assert_eq!((file.rows, file.name.as_str()), (Some(12), "20261122.txt.zip"));
        assert_eq!(
            file.until.unwrap().to_string(),
            "2026-11-22T23:00:00",
            "{deadline}"
        );
    }
    for nothing in [json!(null), json!({"data_cnt": 0})] {
        let read = read_inquiry(&inquiry, &answer(&nothing), &profile()).unwrap();
        assert_eq!(read, InquiryReply::CatalogueFile(None));
    }
    let nameless = read_inquiry(&inquiry, &answer(&json!({"data_cnt": 5})), &profile());
    assert!(matches!(nameless, Err(Unreadable::MissingMember { .. })));
}

#[test]
fn rows_are_read_from_92_and_97_columns_and_from_fewer() {
    for width in [97, 92, 80, 79] {
        let mut cells = vec!["null"; width];
        for (at, text) in [
            (0, "XA02"),
            (7, "奥美拉唑肠溶胶囊"),
            (50, "AMLZ"),
            (36, "2021-01-01 00:00:00"),
            (78, "1"),
            (82, "V2"),
            (91, "2"),
        ] {
            if let Some(cell) = cells.get_mut(at) {
                *cell = text;
            }
        }
        let line = cells.join("\t");
        let row = columns(CatalogueList::Drugs)
            .read(&line, &profile())
            .unwrap()
            .unwrap();
        assert_eq!((row.code.as_str(), row.valid), ("XA02", true), "{width}");
        assert_eq!(row.name.as_deref(), Some("奥美拉唑肠溶胶囊"));
        assert_eq!(row.pinyin.as_deref(), Some("AMLZ"));
        assert_eq!(row.from.unwrap().to_string(), "2021-01-01");
        assert_eq!((row.until, row.maker.as_deref()), (None, None));
        assert_eq!(row.class.as_deref(), (width > 91).then_some("02"));
        assert_eq!(row.version.as_deref(), (width > 82).then_some("V2"));
    }
}

#[test]
fn a_row_that_cannot_be_understood_is_a_fault() {
    let drugs = columns(CatalogueList::Drugs);
    let with = |code: &str, valid: &str| {
        let mut cells = vec![""; 92];
        (cells[0], cells[78]) = (code, valid);
        drugs.read(&cells.join("\t"), &profile())
    };
    assert!(!with("X", "0").unwrap().unwrap().valid);
    assert_eq!(with("null", "1"), Err(RowFault::NoCode));
    for valid in ["", "null", "2", "是"] {
        assert_eq!(with("X", valid), Err(RowFault::NoValidity), "{valid}");
    }
    let short = drugs.read("X\ta\tb", &profile());
    assert_eq!(short, Err(RowFault::TooFewColumns { found: 3, needed: 79 }));
    assert_eq!(drugs.read("  ", &profile()), Ok(None));
}

fn page(output: &Value, list: CatalogueList) -> Result<CataloguePage, Unreadable> {
    match read_inquiry(&asked(list), &answer(output), &profile())? {
        InquiryReply::CataloguePage(page) => Ok(page),
        other => panic!("{other:?}"),
    }
}

#[test]
fn pages_are_read_for_what_their_list_says() {
    let row = json!({"hilist_code": "XA02", "hilist_pric_uplmt_amt": 0.98, "vali_flag": "1", "rid": "7",
        "hilist_lmtpric_type": "101", "begndate": "2021-01-01", "updt_time": "2026-01-01 00:00:00", "audit": {}});
    let told = page(
        &json!({"data": [row], "pageNum": 3, "pages": 4, "recordCounts": 40}),
        CatalogueList::Ceilings,
    );
    let told = told.unwrap();
    assert_eq!(
        (told.number, told.pages, told.rows_in_all, told.last),
        (3, Some(4), Some(40), false)
    );
    let first = &told.rows[0];
    assert_eq!(first.ceiling.unwrap().to_string(), "0.98");
    assert_eq!(
        (first.kind.as_deref(), first.id.as_deref()),
        (Some("101"), Some("7"))
    );
    let free = json!({"hilist_code": "XA02", "hilist_pric_uplmt_amt": "99999999.000000", "vali_flag": "1"});
    let told = page(&json!({ "data": [free] }), CatalogueList::Ceilings).unwrap();
    assert_eq!((told.rows[0].ceiling, told.last, told.number), (None, true, 3));
    let own = json!({"hilist_code": "XA02", "selfpay_prop": "0.1000", "selfpay_prop_psn_type": "11",
        "selfpay_prop_type": "1", "vali_flag": "0"});
    let told = page(&json!({"data": own, "lastPage": 9}), CatalogueList::FirstOwn).unwrap();
    assert_eq!(told.rows[0].first_own.unwrap().to_string(), "0.1");
    assert_eq!(
        (told.rows[0].kind.as_deref(), told.rows[0].valid, told.last),
        (Some("11/1"), false, false)
    );
    let matched = json!({"med_list_codg": "XA02", "hilist_code": "H1", "vali_flag": "1"});
    let told = page(
        &json!({"data": [matched], "lastPage": true}),
        CatalogueList::Matches,
    )
    .unwrap();
    assert_eq!((told.rows[0].points_to.as_deref(), told.last), (Some("H1"), true));
    for bad in [
        json!({"med_list_codg": "XA02", "vali_flag": "1"}),
        json!({"hilist_code": "H1", "vali_flag": "1"}),
    ] {
        assert!(
            page(&json!({ "data": [bad] }), CatalogueList::Matches).is_err(),
            "{bad}"
        );
    }
    assert!(page(&json!(null), CatalogueList::Matches).unwrap().last);
}

fn mapping() -> OwnMapping {
    OwnMapping {
        own_code: String::from("Y1187"),
        own_name: String::from("奥美拉唑肠溶胶囊"),
        list: CatalogueList::Drugs,
        national_code: String::from("XA02"),
        from: "2026-11-22".parse().unwrap(),
        until: None,
        spec: None,
        unit: Some(String::from("粒")),
    }
}

fn withdrawal() -> MappingCall {
    MappingCall::Withdraw {
        own_code: String::from("Y1187"),
        list: CatalogueList::Drugs,
        national_code: String::from("XA02"),
    }
}

#[test]
fn mappings_go_out_in_every_shape_a_province_takes() {
    let call = MappingCall::Map { mapping: mapping() };
    let shape = |node, array, call: &MappingCall| {
        let mut province = profile();
        province.catalogue.mapping_node = node;
        province.catalogue.mapping_as_array = array;
        province.catalogue.withdrawal_as_array = array;
        let name = match node {
            MappingNode::Data => "data",
            MappingNode::Catalogcompin => "catalogcompin",
        };
        let message = encode_mapping(call, &head(), &province).unwrap();
        whole(&message, &[("3301", name, MAPPED), ("3302", name, WITHDRAWN)]);
        let body: Value = serde_json::from_slice(&message.body).unwrap();
        assert_eq!(body["input"][name].is_array(), array);
    };
    for call in [&call, &withdrawal()] {
        for node in [MappingNode::Data, MappingNode::Catalogcompin] {
            shape(node, true, call);
            shape(node, false, call);
        }
    }
}

#[test]
fn the_last_day_and_the_kind_are_the_provinces_own() {
    let sent = |province: &Profile| {
        let message = encode_mapping(&MappingCall::Map { mapping: mapping() }, &head(), province)?;
        let body: Value = serde_json::from_slice(&message.body).unwrap();
        Ok::<_, EncodeError>(body["input"]["data"][0].clone())
    };
    let mut province = profile();
    assert_eq!(sent(&province).unwrap()["enddate"], Value::Null);
    province.catalogue.mapping_open_until = String::from("2099-12-31");
    assert_eq!(sent(&province).unwrap()["enddate"], "2099-12-31");
    assert_eq!(sent(&province).unwrap()["list_type"], "101");
    assert_eq!(province.catalogue.list_of_kind("101"), Some(CatalogueList::Drugs));
    province.catalogue.list_kinds.remove(&CatalogueList::Drugs);
    assert!(matches!(sent(&province), Err(EncodeError::NotOffered("3301"))));
}

#[test]
fn a_mapping_is_done_refused_or_not_readable() {
    let call = withdrawal();
    let done = read_mapping(&call, &answer(&json!(null)), &profile()).unwrap();
    assert!(matches!(done, MappingReply::Done { .. }));
    let refused = json!({"infcode": "-1", "err_msg": "FSI-目录对照不存在"}).to_string();
    let refused = read_mapping(&call, refused.as_bytes(), &profile()).unwrap();
    assert!(matches!(refused, MappingReply::Refused { .. }));
    assert!(read_mapping(&call, b"<html>", &profile()).is_err());
}
