//! Filings, insurances, aid, switches, and bills the platform refuses.

use serde_json::{Value, json};
use zhijie_model::Fen;

use super::{Open, Rig, bill, person};

async fn benefit(rig: &Rig, key: &str, insurance: &str) -> (String, String) {
    let person = person(key);
    let area = person.insurance[0].area.to_string();
    let input = json!({"data": {
        "psn_no": person.number, "insutype": insurance, "fixmedins_code": super::HOSPITAL, "med_type": "11",
        "begntime": "2026-11-22 09:30:00",
    }});
    let answer = rig.call("2001", &area, input).await.done();
    let at = |name: &str| answer.text_at(&format!("output/trtinfo/0/{name}"));
    (at("trt_enjymnt_flag"), at("trt_chk_rslt"))
}

#[tokio::test]
async fn a_visitor_without_a_filing_settles_only_in_an_emergency() {
    let rig = Rig::start(|_| {}).await;
    let (enjoys, reason) = benefit(&rig, "harbin-unfiled", "310").await;
    assert_eq!(enjoys, "0");
    assert!(reason.contains("备案"), "{reason}");

    let open = rig.open("harbin-unfiled", "11", bill()).await;
    let trial = rig.call("2206A", "230100", open.settlement()).await.refused();
    assert!(
        trial.contains("参保地[哈尔滨市]") && trial.contains("备案"),
        "{trial}"
    );
    rig.settle(&open).await.refused();

    let emergency = rig.open("harbin-unfiled", "13", bill()).await;
    rig.settle(&emergency).await.done();

    let filing = |until: &str| {
        Some(json!({
            "person": "harbin-unfiled", "kind": "temporary", "target": "310000", "from": "2026-01-01",
            "until": until,
        }))
    };
    rig.admin("POST", "/filings", filing("2026-11-21")).await;
    assert!(rig.settle(&open).await.refused().contains("已过期"));
    let added = rig.admin("POST", "/filings", filing("2026-11-30")).await;
    let (enjoys, reason) = benefit(&rig, "harbin-unfiled", "310").await;
    assert!(enjoys == "1" && reason.contains("20个百分点"), "{reason}");
    rig.call("2206A", "230100", open.settlement()).await.done();
    rig.admin("DELETE", &format!("/filings/{}", added["id"]), None)
        .await;
    rig.settle(&open).await.refused();
    assert_eq!(benefit(&rig, "shanghai-local", "310").await.0, "1");
}

#[tokio::test]
async fn a_temporary_filing_pays_a_lower_share() {
    let rig = Rig::start(|_| {}).await;
    let share = async |kind: &str| {
        let open = rig.open("fuyang-resident", kind, bill()).await;
        let trial = rig.call("2206A", "341200", open.settlement()).await.done();
        trial.at("output/setlinfo/pool_prop_selfpay")
    };
    assert_eq!(
        (share("11").await, share("13").await),
        (String::from("0.4000"), String::from("0.4500"))
    );
    let filing = json!({
        "person": "fuyang-resident", "kind": "long_term", "target": "310000", "from": "2026-01-01",
        "until": "2026-12-31",
    });
    rig.admin("POST", "/filings", Some(filing)).await;
    assert_eq!(share("11").await, "0.5000");
}

#[tokio::test]
async fn the_active_insurance_counts() {
    let rig = Rig::start(|_| {}).await;
    let his = person("xuzhou-two-insurances");
    let found = rig
        .call(
            "1101",
            "320300",
            json!({"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": his.certificate}}),
        )
        .await
        .done();
    let states = [0, 1].map(|row| found.text_at(&format!("output/insuinfo/{row}/psn_insu_stas")));
    assert_eq!(states, ["2", "1"]);
    assert_eq!(benefit(&rig, "xuzhou-two-insurances", "310").await.0, "0");
    assert_eq!(benefit(&rig, "xuzhou-two-insurances", "390").await.0, "1");
    let open = rig.open("xuzhou-two-insurances", "11", bill()).await;
    let mut stopped = open.settlement();
    stopped["data"]["insutype"] = json!("310");
    rig.call("2206A", "320300", stopped).await.refused();
    rig.settle(&open).await.done();
    let elsewhere = rig.call("2206A", "341200", open.settlement()).await.refused();
    assert!(elsewhere.contains("参保地"), "{elsewhere}");
}

#[tokio::test]
async fn every_fund_has_someone_to_pay_for() {
    let rig = Rig::start(|_| {}).await;
    // Person, the fund that must pay besides the pool.
    for (key, fund) in [
        ("fuyang-resident", "hifmi_pay"),
        ("fuyang-employee", "cvlserv_pay"),
        ("haikou-aided", "maf_pay"),
    ] {
        let open = rig.open(key, "11", bill()).await;
        let answer = rig.settle(&open).await.done();
        for name in ["hifp_pay", fund, "psn_cash_pay"] {
            let amount = answer.fen(&format!("output/setlinfo/{name}"));
            assert!(amount > Fen::ZERO, "{key} {name} {}", answer.text);
        }
    }
}

#[tokio::test]
async fn bills_that_do_not_fit_are_refused() {
    let rig = Rig::start(|_| {}).await;
    let open = rig.open("fuyang-employee", "11", bill()).await;
    type Change = fn(&mut Value);
    let table: [(Change, &str); 6] = [
        (|v| v["data"]["medfee_sumamt"] = json!("349.59"), "合计不一致"),
        (|v| v["data"]["chrg_bchno"] = json!("B9"), "合计不一致"),
        (|v| v["data"]["med_type"] = json!("12"), "医疗类别"),
        (
            |v| v["data"]["mdtrt_cert_no"] = json!("341200195803120026"),
            "就诊凭证",
        ),
        (|v| v["data"]["inscp_scp_amt"] = json!("1.00"), "inscp_scp_amt"),
        (|v| v["data"]["mdtrt_id"] = json!("1"), "就诊信息"),
    ];
    for (change, named) in table {
        let mut input = open.settlement();
        change(&mut input);
        let text = rig.call("2207A", "341200", input).await.refused();
        assert!(text.contains(named), "{named}: {text}");
    }
    let lines = |open: &Open, line: Value| open.lines(&json!([line])).0;
    for (line, named) in [
        (json!(["1", "XX", "1", "1", "1.00"]), "重复"),
        (json!(["6", "XX", "1", "1", "1.02"]), "数量乘以单价"),
        (json!(["6", "XX", "0", "1", "0.00"]), "不是正数"),
        (json!(["6", "XX", "1", "1", "1.005"]), "det_item_fee_sumamt"),
        (json!(["6", "XX", "1", "", "1.00"]), "pric"),
    ] {
        let text = rig.call("2204", "341200", lines(&open, line)).await.refused();
        assert!(text.contains(named), "{named}: {text}");
    }
    rig.settle(&open).await.done();
    let late = lines(&open, json!(["7", "XX", "1", "1", "1.00"]));
    assert!(
        rig.call("2204", "341200", late)
            .await
            .refused()
            .contains("已结算")
    );
}

#[tokio::test]
async fn a_refused_upload_leaves_no_line() {
    let rig = Rig::start(|_| {}).await;
    let open = rig.open("fuyang-employee", "11", json!([])).await;
    let (rows, _) = open.lines(&json!([
        ["1", "XX", "1", "1", "1.00"],
        ["2", "XX", "1", "1", "9.00"],
    ]));
    rig.call("2204", "341200", rows).await.refused();
    let visit =
        json!({"data": {"psn_no": open.person.number, "mdtrt_id": open.id, "ipt_otp_no": open.number}});
    rig.call("2202", "341200", visit).await.done();
}

#[tokio::test]
async fn visits_are_found_again() {
    let rig = Rig::start(|_| {}).await;
    let open = rig.open("fuyang-employee", "11", bill()).await;
    let ask = |kind: &str| {
        json!({"data": {
            "psn_no": open.person.number, "begntime": "2026-11-22 00:00:00", "endtime": "2026-11-22 23:59:59",
            "med_type": kind,
        }})
    };
    let found = rig.call("5201", "341200", ask("11")).await.done();
    assert_eq!(found.text_at("output/mdtrtinfo/0/mdtrt_id"), open.id);
    assert_eq!(found.text_at("output/mdtrtinfo/0/ipt_otp_no"), open.number);
    let none = rig.call("5201", "341200", ask("13")).await.done();
    assert_eq!(none.count("output/mdtrtinfo"), 0);
}

#[tokio::test]
async fn switches_change_the_answers() {
    let rig = Rig::start(|options| {
        options.fund_includes_account = true;
        options.empty_5203_for_visitors = true;
        options.visitors_need_card = true;
    })
    .await;
    let open = rig.open("fuyang-resident", "11", bill()).await;
    let answer = rig.settle(&open).await.done();
    let at = |name: &str| answer.fen(&format!("output/setlinfo/{name}"));
    assert_eq!(
        at("fund_pay_sumamt").checked_add(at("psn_cash_pay")),
        Some(at("medfee_sumamt"))
    );
    assert!(at("acct_pay") > Fen::ZERO);
    assert_eq!(rig.query(&open).await.at("output"), "{}");
    for (key, area, taken) in [
        ("fuyang-resident", "341200", false),
        ("shanghai-local", "310000", true),
    ] {
        let certificate = person(key).certificate;
        let input = json!({"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": certificate}});
        let answer = rig.call("1101", area, input).await;
        assert_eq!(answer.at("infcode") == "0", taken, "{key}");
    }
}
