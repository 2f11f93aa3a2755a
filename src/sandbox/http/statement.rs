//! 3201 against the journal, the books, and a scenario as it plays.

use serde_json::{Value, json};

use super::{Open, Rig, bill, client};
use crate::{Scenario, StatementCodes, TotalsCount};

fn question(area: &str, sums: [&str; 3], count: usize, flag: Option<&str>) -> Value {
    let [total, funds, account] = sums;
    let mut data = json!({
        "insutype": "390", "clr_type": "11", "setl_optins": area, "stmt_begndate": "2026-11-22",
        "stmt_enddate": "2026-11-22", "medfee_sumamt": total, "fund_pay_sumamt": funds, "acct_pay": account,
        "fixmedins_setl_cnt": count,
    });
    if let Some(flag) = flag {
        data["refd_setl_flag"] = json!(flag);
    }
    json!({ "data": data })
}

async fn result(rig: &Rig, input: Value) -> String {
    let answer = rig.call("3201", "310000", input).await.done();
    answer.text_at("output/stmtinfo/stmt_rslt")
}

#[tokio::test]
async fn totals_are_compared_with_the_journal_in_both_readings() {
    let rig = Rig::start(|_| {}).await;
    let mut sums = Vec::new();
    let mut opened: Vec<Open> = Vec::new();
    for _ in 0..2 {
        let open = rig.open("fuyang-resident", "11", bill()).await;
        let settled = rig.settle(&open).await.done();
        let of = |name: &str| settled.fen(&format!("output/setlinfo/{name}"));
        sums.push(["medfee_sumamt", "fund_pay_sumamt", "acct_pay"].map(of));
        opened.push(open);
    }
    let plus = |column: usize| {
        let fen = sums.iter().map(|row| row[column]);
        zhijie_model::Fen::sum(fen).unwrap().to_string()
    };
    let (total, funds, account) = (plus(0), plus(1), plus(2));
    let both = [total.as_str(), funds.as_str(), account.as_str()];
    let table = [
        (question("341200", both, 2, None), "0"),
        (question("341200", both, 2, Some("0")), "0"),
        (question("341200", both, 1, None), "1"),
        (question("341200", both, 3, None), "2"),
        (question("341200", ["1.00", "0.00", "0.00"], 2, None), "3"),
        (question("340100", ["0.00", "0.00", "0.00"], 0, None), "0"),
    ];
    for (input, expected) in table {
        assert_eq!(result(&rig, input.clone()).await, expected, "{input}");
    }

    let first = &opened[0];
    let id = rig.query(first).await.text_at("output/setlinfo/setl_id");
    let refund = json!({"data": {"psn_no": first.person.number, "mdtrt_id": first.id, "setl_id": id}});
    rig.call("2208", "341200", refund).await.done();
    let [total, funds, account] = sums[1].map(|fen| fen.to_string());
    let second = [total.as_str(), funds.as_str(), account.as_str()];
    // With refunds: three rows whose sum is the second settlement. Without: that one row.
    assert_eq!(result(&rig, question("341200", second, 3, Some("1"))).await, "0");
    assert_eq!(result(&rig, question("341200", second, 1, Some("0"))).await, "0");
    let spelt = question("341200", second, 1, None);
    let spelt = json!({"data": {"REFD_SETL_FLAG": "0", "clr_optins": "341200"}, "rest": spelt});
    let mut data = spelt["rest"]["data"].clone();
    data["REFD_SETL_FLAG"] = json!("0");
    data["clr_optins"] = json!("341200");
    data.as_object_mut().unwrap().remove("setl_optins");
    assert_eq!(result(&rig, json!({ "data": data })).await, "0");
    let wrong = question("341200", second, 1, Some("x"));
    assert!(
        rig.call("3201", "310000", wrong)
            .await
            .refused()
            .contains("refd_setl_flag")
    );
}

#[tokio::test]
async fn totals_are_counted_and_told_as_the_province_does() {
    for (count, codes, asked, expected) in [
        (TotalsCount::Rows, StatementCodes::Short, 2, "0"),
        (TotalsCount::Rows, StatementCodes::Long, 0, "000101"),
        (TotalsCount::Net, StatementCodes::Long, 0, "000000"),
        (TotalsCount::Net, StatementCodes::Short, 2, "2"),
    ] {
        let rig = Rig::start(|options| {
            options.totals_count = count;
            options.statement_codes = codes;
        })
        .await;
        let open = rig.open("fuyang-resident", "11", bill()).await;
        let settled = rig.settle(&open).await.done();
        let id = settled.text_at("output/setlinfo/setl_id");
        let refund = json!({"data": {"psn_no": open.person.number, "mdtrt_id": open.id, "setl_id": id}});
        rig.call("2208", "341200", refund).await.done();
        let nothing = ["0.00", "0.00", "0.00"];
        let told = result(&rig, question("341200", nothing, asked, None)).await;
        assert_eq!(told, expected, "{count:?} {asked}");
    }
}

#[tokio::test]
async fn the_books_tell_what_is_there_and_only_to_this_machine() {
    let rig = Rig::start(|_| {}).await;
    let open = rig.open("fuyang-resident", "11", bill()).await;
    rig.settle(&open).await.done();
    let books = rig.admin("GET", "/books", None).await;
    let rows = |name: &str| {
        let books = books.as_array().unwrap();
        let book = books.iter().find(|book| book["name"] == name).unwrap();
        book["rows"].as_array().unwrap().len()
    };
    let told = [
        "visits",
        "lines",
        "settlements",
        "refunds",
        "reversed",
        "sign_ins",
    ]
    .map(rows);
    assert_eq!(told, [1, 5, 1, 0, 0, 1]);
    let names: Vec<&str> = books
        .as_array()
        .unwrap()
        .iter()
        .map(|book| book["name"].as_str().unwrap())
        .collect();
    for hidden in ["message", "voucher", "token"] {
        assert!(!names.contains(&hidden), "{names:?}");
    }

    let page = |host: &'static str| {
        let (url, rig) = (rig.handle.admin_url(), &rig);
        async move {
            let certs = rig.dir.path().join("certs");
            let client = client(None, &certs);
            let answer = client.get(url).header("host", host).send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        }
    };
    let (status, text) = page("127.0.0.1:1").await;
    assert_eq!(status, 200);
    assert!(
        text.contains("结算 Settlements (1)") && text.contains(&open.id),
        "{text}"
    );
    assert_eq!(page("localhost").await.0, 200);
    for stranger in ["evil.example", "127.0.0.1.evil.example:80"] {
        assert_eq!(page(stranger).await.0, 403, "{stranger}");
    }
}

fn scenario(fault: Value) -> Scenario {
    serde_json::from_value(json!({ "fault": [fault] })).unwrap()
}

#[tokio::test]
async fn late_double_stale_and_signed_out() {
    let late = scenario(json!({"infno": "2207", "kind": "late_execution", "ms": 1, "after": 1}));
    let rig = Rig::start(|options| options.scenario = Some(late)).await;
    let first = rig.open("fuyang-resident", "11", bill()).await;
    rig.settle(&first).await.done();
    let open = rig.open("fuyang-resident", "11", bill()).await;
    let envelope = rig.envelope("2207A", "341200", open.settlement());
    assert!(
        rig.post("/fsi/api/callService", envelope.to_string())
            .await
            .is_err()
    );
    rig.admin("GET", "/wait?infno=2207&count=2&state=committed", None)
        .await;
    assert_ne!(rig.query(&open).await.at("output/setlinfo"), "null");

    rig.admin(
        "POST",
        "/faults",
        Some(json!({"infno": "5203", "kind": "stale_query"})),
    )
    .await;
    assert_eq!(rig.query(&open).await.at("output/setlinfo"), "null");
    assert_ne!(rig.query(&open).await.at("output/setlinfo"), "null");

    let open = rig.open("fuyang-resident", "11", bill()).await;
    rig.admin(
        "POST",
        "/faults",
        Some(json!({"infno": "2207", "kind": "duplicate"})),
    )
    .await;
    assert!(rig.settle(&open).await.refused().contains("重复"));
    let settlements = rig
        .admin("GET", &format!("/settlements?visit={}", open.number), None)
        .await;
    assert_eq!(settlements.as_array().unwrap().len(), 1);

    rig.admin(
        "POST",
        "/faults",
        Some(json!({"infno": "5203", "kind": "sign_in_expired"})),
    )
    .await;
    let input = json!({"data": {"psn_no": open.person.number, "mdtrt_id": open.id}});
    assert!(rig.call("5203", "341200", input).await.refused().contains("签到"));
}

/// What 9102 brings for a ticket, unpacked.
async fn fetched(rig: &Rig, number: &str, name: &str) -> String {
    let input = json!({"fsDownloadIn": {"file_qury_no": number, "filename": name, "fixmedins_code": super::HOSPITAL}});
    let envelope = rig.envelope("9102", "310000", input);
    let url = format!("{}/fsi/api/callService", rig.handle.platform_url());
    let sent = rig.client.post(url).header("content-type", "application/json");
    let answer = sent.body(envelope.to_string()).send().await.unwrap();
    let text = crate::zip::unpack(&answer.bytes().await.unwrap()).unwrap();
    String::from_utf8(text).unwrap()
}

/// Stores rows, has them compared, and gives the file that came of it.
async fn compared(rig: &Rig, rows: &str, sums: [&str; 2], count: usize) -> Result<String, String> {
    let file = crate::zip::pack("detail.txt", rows.as_bytes()).unwrap();
    let input =
        json!({"fsUploadIn": {"in": file, "filename": "detail.zip", "fixmedins_code": super::HOSPITAL}});
    let stored = rig.call("9101", "310000", input).await.done();
    let [total, funds] = sums;
    let data = json!({"data": {
        "setl_optins": "341200", "clr_type": "11", "file_qury_no": stored.text_at("output/file_qury_no"),
        "stmt_begndate": "2026-11-22", "stmt_enddate": "2026-11-22", "medfee_sumamt": total,
        "fund_pay_sumamt": funds, "cash_payamt": "0.00", "fixmedins_setl_cnt": count, "refd_setl_flag": "1",
    }});
    let answer = rig.call("3202", "310000", data).await;
    if !answer.text.contains("\"fileinfo\"") {
        return Err(answer.refused());
    }
    let answer = answer.done();
    let at = |name: &str| answer.text_at(&format!("output/fileinfo/{name}"));
    Ok(fetched(rig, &at("file_qury_no"), &at("filename")).await)
}

#[tokio::test]
async fn rows_are_compared_with_the_journal_and_name_their_messages() {
    let rig = Rig::start(|_| {}).await;
    let open = rig.open("fuyang-resident", "11", bill()).await;
    let settled = rig.settle(&open).await.done();
    let of = |name: &str| settled.text_at(&format!("output/setlinfo/{name}"));
    let yuan = |name: &str| settled.fen(&format!("output/setlinfo/{name}")).to_string();
    let (id, message) = (of("setl_id"), of("medins_setl_id"));
    let [total, funds, account] = ["medfee_sumamt", "fund_pay_sumamt", "acct_pay"].map(yuan);

    let all = compared(&rig, "", ["0.00", "0.00"], 0).await.unwrap();
    let person = &open.person.number;
    let expected = format!(
        "{person}\t{}\t{id}\t{message}\t1\t0\tnull\t{total}\t{funds}\t{account}\n",
        open.id
    );
    assert_eq!(all, expected);

    let row =
        |id: &str, funds: &str| format!("{id}\t{}\t{person}\t{total}\t{funds}\t{account}\t0\n", open.id);
    let same = compared(&rig, &row(&id, &funds), [&total, &funds], 1)
        .await
        .unwrap();
    assert_eq!(same, "");
    let other = compared(&rig, &row(&id, "0.01"), [&total, "0.01"], 1)
        .await
        .unwrap();
    assert!(other.contains(&format!("\t{message}\t3\t0\t")), "{other}");
    let unknown = compared(&rig, &row("S9", &funds), [&total, &funds], 1)
        .await
        .unwrap();
    assert!(
        unknown.contains("\tS9\tnull\t2\t0\t") && unknown.contains("\t1\t0\t"),
        "{unknown}"
    );

    let refund = json!({"data": {"psn_no": person, "mdtrt_id": open.id, "setl_id": id}});
    rig.call("2208", "341200", refund).await.done();
    let refunded = compared(&rig, &row(&id, &funds), [&total, &funds], 1)
        .await
        .unwrap();
    assert!(
        refunded.lines().count() == 1 && refunded.contains(&format!("\t1\t1\tnull\t-{total}\t")),
        "{refunded}"
    );

    let wrong_sum = compared(&rig, &row(&id, &funds), ["1.00", &funds], 1)
        .await
        .unwrap_err();
    assert!(wrong_sum.contains("对账合计"), "{wrong_sum}");
    let wrong_count = compared(&rig, &row(&id, &funds), [&total, &funds], 2)
        .await
        .unwrap_err();
    assert!(wrong_count.contains("对账合计"), "{wrong_count}");
    let short = compared(&rig, "S1\tV1\n", ["0.00", "0.00"], 1).await.unwrap_err();
    assert!(short.contains("列数"), "{short}");
}
