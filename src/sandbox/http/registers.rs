//! 5301, 5302, 5304, 5360 and the filings that change what they answer.

use serde_json::{Value, json};

use super::{HOSPITAL, Rig, bill, person};

struct Asker<'a> {
    rig: &'a Rig,
    key: &'a str,
    area: &'a str,
}

impl Asker<'_> {
    async fn ask(&self, infno: &str, more: Value) -> super::Answer {
        let mut data = json!({"psn_no": person(self.key).number});
        for (name, value) in more.as_object().unwrap() {
            data[name] = value.clone();
        }
        let node = if infno.starts_with("2501") {
            "refmedin"
        } else {
            "data"
        };
        self.rig.call(infno, self.area, json!({ node: data })).await
    }

    async fn elsewhere(&self) -> super::Answer {
        self.ask("5302", json!({"biz_appy_type": "08"})).await.done()
    }

    async fn referrals(&self) -> super::Answer {
        let span = json!({"begntime": "2026-11-01 00:00:00", "endtime": "2026-11-30 23:59:59"});
        self.ask("5304", span).await.done()
    }
}

fn referral(target: &str) -> Value {
    json!({
        "diag_code": "C34.900", "diag_name": "肺恶性肿瘤", "reflin_medins_no": HOSPITAL,
        "reflin_medins_name": "示例医院", "mdtrtarea_admdvs": target, "refl_type": "1", "refl_date": "2026-11-20",
        "refl_rea": "本地无条件", "refl_opnn": "同意",
    })
}

fn place(code: &str, memo: &str) -> Value {
    json!({
        "biz_appy_type": "08", "begndate": "2026-11-22", "fix_srt_no": "1", "fixmedins_code": code,
        "fixmedins_name": "某地", "memo": memo,
    })
}

#[tokio::test]
async fn a_referral_is_found_applied_and_taken_back() {
    let rig = Rig::start(|_| {}).await;
    let asker = Asker {
        rig: &rig,
        key: "harbin-unfiled",
        area: "230100",
    };
    let open = rig.open("harbin-unfiled", "11", bill()).await;
    rig.settle(&open).await.refused();
    assert_eq!(asker.referrals().await.count("output/refmedin"), 0);

    let filed = asker.ask("2501A", referral("310115")).await.done();
    let number = filed.text_at("output/result/trt_dcla_detl_sn");
    assert_eq!(number.len(), 30);
    let found = asker.referrals().await;
    let at = |name: &str| found.text_at(&format!("output/refmedin/0/{name}"));
    assert_eq!(at("trt_dcla_detl_sn"), number);
    assert_eq!(
        (at("out_flag"), at("dcla_souc")),
        (String::from("1"), String::from("01"))
    );
    assert_eq!(
        (at("begndate"), at("enddate")),
        (String::from("2026-11-20"), String::from("2027-05-19"))
    );
    assert_eq!(asker.elsewhere().await.count("output/psnfixmedin"), 0);

    // A region that takes a lower share for temporary kinds.
    let asked = json!({"insutype": "310", "fixmedins_code": HOSPITAL, "med_type": "11",
        "begntime": "2026-11-22 09:30:00"});
    let hint = asker.ask("2001", asked).await.done();
    let reason = hint.text_at("output/trtinfo/0/trt_chk_rslt");
    assert!(reason.contains("20个百分点"), "{reason}");
    rig.call("2206A", "230100", open.settlement()).await.done();

    let back = json!({"trt_dcla_detl_sn": number, "memo": "重复"});
    assert!(
        asker
            .ask("2506", back.clone())
            .await
            .refused()
            .contains("未查询到备案")
    );
    asker.ask("2502", back.clone()).await.done();
    assert!(asker.ask("2502", back).await.refused().contains("已撤销"));
    assert_eq!(asker.referrals().await.count("output/refmedin"), 0);
    rig.settle(&open).await.refused();
}

#[tokio::test]
async fn a_filing_to_an_area_stands_in_an_institutions_place() {
    let rig = Rig::start(|_| {}).await;
    let asker = Asker {
        rig: &rig,
        key: "harbin-unfiled",
        area: "230100",
    };
    for (code, memo, target, kind) in [
        ("310000", "", "310000", "12"),
        (HOSPITAL, "常驻异地工作", "310101", "13"),
        ("310000", "其他临时外出", "310000", "22"),
    ] {
        let filed = asker.ask("2505", place(code, memo)).await.done();
        let number = filed.text_at("output/result/trt_dcla_detl_sn");
        let found = asker.elsewhere().await;
        let at = |name: &str| found.text_at(&format!("output/psnfixmedin/0/{name}"));
        assert_eq!(
            (at("fixmedins_code"), at("out_fil_type")),
            (target.into(), kind.into())
        );
        let open = rig.open("harbin-unfiled", "11", bill()).await;
        rig.call("2206A", "230100", open.settlement()).await.done();
        let back = json!({"trt_dcla_detl_sn": number, "memo": "重复"});
        asker.ask("2506", back).await.done();
    }
    for (code, says) in [
        ("230100", "与参保地相同"),
        ("3100", "fixmedins_code"),
        ("H31", "fixmedins_code"),
    ] {
        let text = asker.ask("2505", place(code, "")).await.refused();
        assert!(text.contains(says), "{text}");
    }
}

#[tokio::test]
async fn entries_stand_in_their_registers() {
    let rig = Rig::start(|_| {}).await;
    let asker = Asker {
        rig: &rig,
        key: "fuyang-resident",
        area: "341200",
    };
    let entry = json!({
        "insutype": "390", "opsp_dise_code": "M01600", "opsp_dise_name": "糖尿病", "insu_optins": "341200",
        "ide_fixmedins_no": HOSPITAL, "ide_fixmedins_name": "示例医院", "hosp_ide_date": "2026-11-20",
        "diag_dr_codg": "D1", "diag_dr_name": "张医生", "begndate": "2026-12-01",
    });
    let filed = asker.ask("2503", entry).await.done();
    let codes = async || {
        let found = asker.ask("5301", json!({})).await.done();
        let rows = found.count("output/feedetail");
        (0..rows)
            .map(|row| found.text_at(&format!("output/feedetail/{row}/opsp_dise_code")))
            .collect::<Vec<_>>()
    };
    assert_eq!(codes().await, ["M03900", "M01600"]);
    let approved = json!({"insutype": "390", "begntime": "2026-11-22 00:00:00", "psn_name": "李桂兰"});
    let approvals = asker.ask("5360", approved).await.done();
    assert_eq!(approvals.count("output/data"), 1, "{}", approvals.text);

    let number = filed.text_at("output/result/trt_dcla_detl_sn");
    asker
        .ask("2504", json!({"trt_dcla_detl_sn": number, "memo": "误报"}))
        .await
        .done();
    assert_eq!(codes().await, ["M03900"]);

    let mut fixed = place(HOSPITAL, "");
    fixed["biz_appy_type"] = json!("03");
    asker.ask("2505", fixed).await.done();
    for (register, rows) in [("01", 0), ("03", 1), ("08", 1)] {
        let found = asker.ask("5302", json!({"biz_appy_type": register})).await.done();
        assert_eq!(found.count("output/psnfixmedin"), rows, "{register}");
    }
    asker.ask("5302", json!({"biz_appy_type": "77"})).await.refused();
}

#[tokio::test]
async fn what_the_office_takes_away_by_mistake_it_can_bring_back() {
    let rig = Rig::start(|_| {}).await;
    let asker = Asker {
        rig: &rig,
        key: "jiaxing-employee",
        area: "330400",
    };
    let open = rig.open("jiaxing-employee", "11", bill()).await;
    let list = async || rig.admin("GET", "/filings?person=jiaxing-employee", None).await;
    let filing = list().await[0].clone();
    assert_eq!(filing["region"], "330400");
    let path = format!("/filings/{}", filing["id"]);
    rig.admin("DELETE", &path, None).await;
    assert_eq!(list().await[0]["removed"]["reason"], "误删除");
    assert_eq!(asker.elsewhere().await.count("output/psnfixmedin"), 0);
    assert!(
        rig.settle(&open)
            .await
            .refused()
            .contains("未查询到有效的跨省异地就医备案")
    );
    assert!(
        rig.admin_fails("DELETE", &path, json!({}))
            .await
            .contains("already")
    );

    rig.admin("POST", &format!("{path}/restore"), None).await;
    let found = asker.elsewhere().await;
    assert_eq!(
        found.text_at("output/psnfixmedin/0/trt_dcla_detl_sn"),
        filing["number"]
    );
    rig.settle(&open).await.done();
}

#[tokio::test]
async fn a_region_may_take_a_lower_share_instead_of_refusing() {
    let rig = Rig::start(|_| {}).await;
    let open = rig.open("haikou-aided", "11", bill()).await;
    let share = async || {
        let trial = rig.call("2206A", "460100", open.settlement()).await.done();
        let at = |name: &str| trial.fen(&format!("output/setlinfo/{name}")).get();
        assert_eq!(at("fund_pay_sumamt") + at("psn_part_amt"), at("medfee_sumamt"));
        trial.at("output/setlinfo/pool_prop_selfpay")
    };
    assert_eq!(share().await, "0.4000");
    let filings = rig.admin("GET", "/filings?person=haikou-aided", None).await;
    rig.admin("DELETE", &format!("/filings/{}", filings[0]["id"]), None)
        .await;
    assert_eq!(share().await, "0.2000");
}

#[tokio::test]
async fn some_regions_want_a_filing_within_their_province() {
    let rig = Rig::start(|options| {
        options.area = zhijie_model::Area::new("320100").unwrap();
        options.sign_in = false;
    })
    .await;
    let try_out = async |key: &str, region: &str, target: Option<&str>| {
        let asker = Asker {
            rig: &rig,
            key,
            area: region,
        };
        if let Some(target) = target {
            let filing = json!({"person": key, "kind": "posted_worker", "target": target, "from": "2026-01-01",
                "until": "2026-12-31"});
            rig.admin("POST", "/filings", Some(filing)).await;
        }
        let input = json!({"insutype": "390", "fixmedins_code": HOSPITAL, "med_type": "11",
            "begntime": "2026-11-22 09:30:00"});
        let mut envelope = rig.envelope("2001", asker.area, json!({"data": input}));
        envelope["mdtrtarea_admvs"] = json!("320100");
        envelope["input"]["data"]["psn_no"] = json!(person(key).number);
        let answer = rig.send(&envelope).await.done();
        answer.text_at("output/trtinfo/0/trt_enjymnt_flag")
    };
    assert_eq!(try_out("xuzhou-two-insurances", "320300", None).await, "0");
    assert_eq!(
        try_out("xuzhou-two-insurances", "320300", Some("320500")).await,
        "0"
    );
    assert_eq!(
        try_out("xuzhou-two-insurances", "320300", Some("320000")).await,
        "1"
    );
}

#[tokio::test]
async fn the_benefit_check_need_not_know_the_filings() {
    let rig = Rig::start(|options| options.filing_hint = false).await;
    let input = json!({"data": {"psn_no": person("harbin-unfiled").number, "insutype": "310",
        "fixmedins_code": HOSPITAL, "med_type": "11", "begntime": "2026-11-22 09:30:00"}});
    let answer = rig.call("2001", "230100", input).await.done();
    assert_eq!(answer.text_at("output/trtinfo/0/trt_enjymnt_flag"), "1");
    let open = rig.open("harbin-unfiled", "11", bill()).await;
    rig.call("2206A", "230100", open.settlement()).await.refused();
}
