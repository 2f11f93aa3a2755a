//! 1301 to 1319, 9102, 3301, 3302.

use std::io::Read as _;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{HOSPITAL, Rig, bill};
use crate::Unmapped;

const DRUG: &str = "XC10AAA257A001020101033";

async fn ask(rig: &Rig, infno: &str, version: &str) -> super::Answer {
    rig.call(infno, "310000", json!({"data": { "ver": version }}))
        .await
        .done()
}

fn download(answer: &super::Answer) -> Value {
    json!({"fsDownloadIn": {
        "file_qury_no": answer.text_at("output/file_qury_no"), "filename": "plc", "fixmedins_code": HOSPITAL,
    }})
}

/// The bytes of a file, with their content type.
async fn fetch(rig: &Rig, answer: &super::Answer) -> (String, Vec<u8>) {
    let envelope = rig.envelope("9102", "310000", download(answer));
    let response = rig
        .client
        .post(format!(
            "{}/fsi/api/fileupload/download",
            rig.handle.platform_url()
        ))
        .header("content-type", "application/json")
        .body(envelope.to_string())
        .send()
        .await
        .unwrap();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    (kind, response.bytes().await.unwrap().to_vec())
}

/// The lines in it: behind the one name and before the directory.
fn lines(file: &[u8]) -> Vec<String> {
    let name = usize::from(u16::from_le_bytes([file[26], file[27]]));
    let mut text = String::new();
    flate2::read::DeflateDecoder::new(&file[30 + name..])
        .read_to_string(&mut text)
        .unwrap();
    text.lines().map(String::from).collect()
}

async fn page(rig: &Rig, infno: &str, page: u32, size: u32) -> super::Answer {
    let data = json!({"updt_time": "1970-01-01 00:00:00", "page_num": page, "page_size": size});
    rig.call(infno, "310000", json!({ "data": data })).await.done()
}

#[tokio::test]
async fn a_list_comes_as_a_file_and_then_only_what_changed() {
    let rig = Rig::start(|options| options.drug_columns = 92).await;
    let first = ask(&rig, "1301", "0").await;
    let (kind, file) = fetch(&rig, &first).await;
    assert_eq!(kind, "application/octet-stream");
    let rows = lines(&file);
    assert_eq!(rows.len().to_string(), first.at("output/data_cnt"));
    assert!(rows.iter().all(|row| row.split('\t').count() == 92));
    assert_eq!(ask(&rig, "1301", "V00000001").await.at("output/data_cnt"), "0");
    let change = json!({"code": DRUG, "stands": false});
    let published = rig.admin("POST", "/catalogue/changes", Some(change)).await;
    assert_eq!(published["version"], "V00000002");
    let second = ask(&rig, "1301", "V00000001").await;
    let (_, file) = fetch(&rig, &second).await;
    let rows = lines(&file);
    let cells: Vec<&str> = rows[0].split('\t').collect();
    assert_eq!(
        (rows.len(), cells[0], cells[78], cells[82]),
        (1, DRUG, "0", "V00000002")
    );
}

#[tokio::test]
async fn a_file_can_be_fetched_until_its_deadline_by_its_institution() {
    let rig = Rig::start(|options| options.file_life = std::time::Duration::from_secs(60)).await;
    let told = ask(&rig, "1305", "").await;
    assert_eq!(fetch(&rig, &told).await.0, "application/octet-stream");
    rig.clock.advance(SignedDuration::from_secs(120));
    let late = rig.call("9102", "310000", download(&told)).await.refused();
    assert!(late.contains("下载截止时间"), "{late}");
    let mut wrong = download(&told);
    wrong["fsDownloadIn"]["file_qury_no"] = json!("M00/none");
    assert!(
        rig.call("9102", "310000", wrong)
            .await
            .refused()
            .contains("不存在")
    );
}

#[tokio::test]
async fn pages_hold_every_row_once() {
    let rig = Rig::start(|_| {}).await;
    let whole = page(&rig, "1316", 1, 1000).await;
    let total = whole.count("output/data");
    assert_eq!(whole.at("output/recordCounts"), total.to_string());
    let mut seen = 0;
    for number in 1..=5 {
        seen += page(&rig, "1316", number, 10).await.count("output/data");
    }
    assert_eq!(
        (seen, page(&rig, "1316", 5, 10).await.at("output/pages")),
        (total, String::from("5"))
    );
    let covered = page(&rig, "1312", 1, 1000).await.count("output/data");
    assert!(covered < total, "what is outside the catalogue is not covered");
    rig.admin("PUT", "/catalogue/trick", Some(json!("endless_pages")))
        .await;
    assert_eq!(page(&rig, "1316", 70, 10).await.at("output/pages"), "71");
}

fn mapping(own: &str, national: &str) -> Value {
    json!({"fixmedins_hilist_id": own, "fixmedins_hilist_name": "药", "list_type": "101", "med_list_codg": national,
        "begndate": "2026-01-01"})
}

fn withdrawal(own: &str, national: &str) -> Value {
    json!({"data": {"fixmedins_code": HOSPITAL, "fixmedins_hilist_id": own, "list_type": "101",
        "med_list_codg": national}})
}

#[tokio::test]
async fn mappings_are_kept_listed_and_taken_back() {
    let rig = Rig::start(|options| options.remap_needs_withdrawal = true).await;
    let map = |node: &str, row: Value| rig_call(&rig, "3301", json!({ node: row }));
    map("data", json!([mapping("Y1", DRUG)])).await.done();
    map("catalogcompin", mapping("Y2", DRUG)).await.done();
    assert_eq!(page(&rig, "1317", 1, 10).await.count("output/data"), 2);
    let other = "XA02BCA217A012010100483";
    let held = map("data", json!([mapping("Y1", other)])).await.refused();
    assert!(held.contains("请先撤销"), "{held}");
    rig.call("3302", "310000", withdrawal("Y1", DRUG)).await.done();
    map("data", json!([mapping("Y1", other)])).await.done();
    let twice = rig.call("3302", "310000", withdrawal("Y1", DRUG)).await.refused();
    assert!(twice.contains("没有有效的对照"), "{twice}");
    let unknown = map("data", json!([mapping("Y3", "X-none")])).await.refused();
    assert!(unknown.contains("不存在"), "{unknown}");
}

fn rig_call<'a>(rig: &'a Rig, infno: &'a str, input: Value) -> impl Future<Output = super::Answer> + 'a {
    rig.call(infno, "310000", input)
}

#[tokio::test]
async fn an_unmapped_item_is_own_expense_or_refused_where_the_province_insists() {
    let rig = Rig::start(|options| options.unmapped = Unmapped::OwnExpense).await;
    let open = rig.open("fuyang-employee", "11", json!([])).await;
    let (rows, _) = open.lines(&bill());
    let told = rig.call("2204", &open.area(), rows).await.done();
    assert_eq!(told.text_at("output/result/1/chrgitm_lv"), "03");
    rig.call("3301", "310000", json!({"data": [mapping("own", DRUG)]}))
        .await
        .done();
    let open = rig.open("fuyang-employee", "11", json!([])).await;
    let (rows, _) = open.lines(&bill());
    let told = rig.call("2204", &open.area(), rows).await.done();
    assert_eq!(told.text_at("output/result/1/chrgitm_lv"), "02");

    let rig = Rig::start(|options| options.unmapped = Unmapped::Refuse).await;
    let open = rig.open("fuyang-employee", "11", json!([])).await;
    let (rows, _) = open.lines(&bill());
    assert!(
        rig.call("2204", &open.area(), rows)
            .await
            .refused()
            .contains("未对照")
    );
}
