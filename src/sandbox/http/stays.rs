//! Hospital stays: the whole road, every undo with its refusals, and amounts that always add up.

mod undo;

use serde_json::{Value, json};
use zhijie_model::Fen;

use super::{Answer, HOSPITAL, Open, Rig, bill, person};

const FUNDS: [&str; 8] = [
    "hifp_pay",
    "cvlserv_pay",
    "hifes_pay",
    "hifmi_pay",
    "hifob_pay",
    "maf_pay",
    "oth_pay",
    "hifdm_pay",
];

fn diagnosis(who: &str, id: Option<&str>) -> Value {
    json!({
        "mdtrt_id": id, "psn_no": who, "diag_type": "1", "maindiag_flag": "1", "diag_srt_no": 1,
        "diag_code": "K35.800", "diag_name": "急性阑尾炎", "adm_cond": "1", "diag_dept": "外科",
        "dise_dor_no": "D310101000001", "dise_dor_name": "张医生", "diag_time": "2026-11-22 09:40:00",
    })
}

/// Input of 2401; `changes` replace members of `mdtrtinfo`.
fn admission(key: &str, number: &str, changes: &Value) -> (String, Value) {
    let person = person(key);
    let insurance = person.insurance[0].clone();
    let mut input = json!({
        "mdtrtinfo": {
            "psn_no": person.number, "insutype": insurance.kind, "begntime": "2026-11-22 09:30:00",
            "mdtrt_cert_type": "02", "mdtrt_cert_no": person.certificate, "certno": person.certificate,
            "med_type": "21", "ipt_no": number, "atddr_no": "D310101000001", "chfpdr_name": "张医生",
            "adm_diag_dscr": "急性阑尾炎", "adm_dept_codg": "02", "adm_dept_name": "外科", "adm_bed": "0312",
            "dscg_maindiag_code": "K35.800", "dscg_maindiag_name": "急性阑尾炎",
        },
        "diseinfo": [diagnosis(&person.number, None)],
    });
    for (member, value) in changes.as_object().unwrap() {
        input["mdtrtinfo"][member] = value.clone();
    }
    (insurance.area.to_string(), input)
}

async fn try_to_admit(rig: &Rig, key: &str, changes: &Value) -> Answer {
    let (area, input) = admission(key, &format!("ZY-{key}"), changes);
    rig.call("2401", &area, input).await
}

async fn admit(rig: &Rig, key: &str) -> Open {
    let answer = try_to_admit(rig, key, &json!({})).await.done();
    let person = person(key);
    Open {
        insurance: person.insurance[0].kind.clone(),
        id: answer.text_at("output/result/mdtrt_id"),
        number: format!("ZY-{key}"),
        kind: String::from("21"),
        total: Fen::ZERO,
        person,
    }
}

/// Calls with the members of `data` beside person and stay.
async fn simple(rig: &Rig, stay: &Open, infno: &str, extra: Value) -> Answer {
    let mut data = json!({"psn_no": stay.person.number, "mdtrt_id": stay.id});
    for (member, value) in extra.as_object().unwrap() {
        data[member] = value.clone();
    }
    rig.call(infno, &stay.area(), json!({ "data": data })).await
}

/// Rows of 2301; a sixth member names the line that is given back.
async fn charge(rig: &Rig, stay: &Open, lines: Value) -> Answer {
    let (mut input, _) = stay.lines(&lines);
    for (row, line) in input["feedetail"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .zip(lines.as_array().unwrap())
    {
        row["med_type"] = json!(stay.kind);
        if let Some(original) = line.get(5) {
            row["init_feedetl_sn"] = original.clone();
        }
    }
    rig.call("2301", &stay.area(), input).await
}

async fn withdraw(rig: &Rig, stay: &Open, serials: &[&str]) -> Answer {
    let row =
        |serial: &&str| json!({"feedetl_sn": serial, "mdtrt_id": stay.id, "psn_no": stay.person.number});
    let rows: Vec<Value> = serials.iter().map(row).collect();
    rig.call("2302", &stay.area(), json!({ "data": rows })).await
}

async fn discharge(rig: &Rig, stay: &Open, way: &str) -> Answer {
    let input = json!({
        "dscginfo": {
            "mdtrt_id": stay.id, "psn_no": stay.person.number, "insutype": stay.insurance,
            "endtime": "2026-11-25 10:00:00", "dscg_dept_codg": "02", "dscg_dept_name": "外科", "dscg_way": way,
        },
        "diseinfo": [diagnosis(&stay.person.number, Some(&stay.id))],
    });
    rig.call("2402", &stay.area(), input).await
}

fn part(stay: &Open, total: &str, interim: bool) -> Value {
    json!({"data": {
        "psn_no": stay.person.number, "mdtrt_cert_type": "02", "mdtrt_cert_no": stay.person.certificate,
        "medfee_sumamt": total, "psn_setlway": "01", "mdtrt_id": stay.id, "insutype": stay.insurance,
        "acct_used_flag": "1", "mid_setl_flag": if interim { "1" } else { "0" }, "dscg_time": "2026-11-25",
    }})
}

async fn settle(rig: &Rig, stay: &Open, total: &str, interim: bool) -> Answer {
    rig.call("2304", &stay.area(), part(stay, total, interim)).await
}

fn sum(answer: &Answer, members: &[&str]) -> Fen {
    let at = |member: &&str| {
        let path = format!("output/setlinfo/{member}");
        if answer.at(&path) == "null" {
            Fen::ZERO
        } else {
            answer.fen(&path)
        }
    };
    Fen::sum(members.iter().map(at)).unwrap()
}

/// Identities I1 to I4 of an answer.
fn adds_up(answer: &Answer) {
    let of = |members: &[&str]| sum(answer, members);
    let total = of(&["medfee_sumamt"]);
    let cut = [
        "fulamt_ownpay_amt",
        "overlmt_selfpay",
        "preselfpay_amt",
        "inscp_scp_amt",
    ];
    assert_eq!(total, of(&cut), "I1 {}", answer.text);
    assert_eq!(
        total,
        of(&["fund_pay_sumamt", "psn_part_amt", "hosp_part_amt"]),
        "I2 {}",
        answer.text
    );
    assert_eq!(
        of(&["psn_part_amt"]),
        of(&["acct_pay", "psn_cash_pay"]),
        "I3 {}",
        answer.text
    );
    assert_eq!(of(&["fund_pay_sumamt"]), of(&FUNDS), "I4 {}", answer.text);
}

#[tokio::test]
async fn a_stay_from_admission_to_refund_and_back() {
    let rig = Rig::start(|_| {}).await;
    let stay = admit(&rig, "fuyang-employee").await;
    charge(&rig, &stay, bill()).await.done();
    let early = settle(&rig, &stay, "349.58", false).await.refused();
    assert!(early.contains("请先办理出院"), "{early}");
    discharge(&rig, &stay, "1").await.done();
    let trial = rig
        .call("2303", &stay.area(), part(&stay, "349.58", false))
        .await
        .done();
    adds_up(&trial);
    assert_eq!(trial.at("output/setlinfo/setl_id"), "null");
    let settled = settle(&rig, &stay, "349.58", false).await.done();
    adds_up(&settled);
    assert_eq!(settled.text_at("output/setlinfo/clr_type"), "21");
    assert!(
        settle(&rig, &stay, "349.58", false)
            .await
            .refused()
            .contains("已结算")
    );
    assert!(
        simple(&rig, &stay, "2405", json!({}))
            .await
            .refused()
            .contains("请先撤销结算")
    );
    assert!(
        simple(&rig, &stay, "2404", json!({}))
            .await
            .refused()
            .contains("请先撤销结算")
    );
    let setl_id = settled.text_at("output/setlinfo/setl_id");
    let refund = simple(&rig, &stay, "2305", json!({"setl_id": setl_id}))
        .await
        .done();
    for member in [
        "medfee_sumamt",
        "hifp_pay",
        "fund_pay_sumamt",
        "acct_pay",
        "inscp_scp_amt",
    ] {
        let path = format!("output/setlinfo/{member}");
        assert_eq!(refund.fen(&path), settled.fen(&path).negated(), "I7 {member}");
    }
    assert!(
        simple(&rig, &stay, "2404", json!({}))
            .await
            .refused()
            .contains("请先撤销出院")
    );
    simple(&rig, &stay, "2405", json!({})).await.done();
    assert!(
        simple(&rig, &stay, "2404", json!({}))
            .await
            .refused()
            .contains("请先撤销费用明细")
    );
    withdraw(&rig, &stay, &["0000"]).await.done();
    simple(&rig, &stay, "2404", json!({})).await.done();
    simple(&rig, &stay, "2404", json!({})).await.refused();
    admit(&rig, "fuyang-employee").await;
}

#[tokio::test]
async fn nobody_lies_in_two_hospitals() {
    let rig = Rig::start(|_| {}).await;
    let elsewhere = json!({"person": "shanghai-local", "hospital": "合肥市示例医院"});
    let id = rig.admin("POST", "/stays", Some(elsewhere)).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let refused = try_to_admit(&rig, "shanghai-local", &json!({})).await.refused();
    assert!(refused.contains("已在[合肥市示例医院]住院"), "{refused}");
    rig.admin("POST", &format!("/stays/{id}/end"), None).await;
    let stay = admit(&rig, "shanghai-local").await;
    let again = try_to_admit(&rig, "shanghai-local", &json!({"ipt_no": "ZY-2"}))
        .await
        .refused();
    assert!(again.contains("在院") && !again.contains("已在["), "{again}");
    let listed = rig.admin("GET", "/stays?person=shanghai-local", None).await;
    assert_eq!(listed[1]["number"], stay.number.as_str());
    assert_eq!(listed[1]["institution"], HOSPITAL);
    let span = json!({"begntime": "2026-11-22 00:00:00", "endtime": "2026-11-23 00:00:00"});
    let found = simple(&rig, &stay, "5303", span.clone()).await.done();
    assert_eq!(found.count("output/data"), 1);
    assert_eq!(found.text_at("output/data/0/mdtrt_id"), stay.id);
    discharge(&rig, &stay, "1").await.done();
    assert_eq!(
        simple(&rig, &stay, "5303", span)
            .await
            .done()
            .count("output/data"),
        0
    );
}

#[tokio::test]
async fn an_admission_is_refused_for_its_reasons() {
    let rig = Rig::start(|_| {}).await;
    for (key, changes, words) in [
        ("harbin-unfiled", json!({}), "备案"),
        ("fuyang-employee", json!({"certno": null}), "[certno]"),
        ("fuyang-employee", json!({"med_type": "11"}), "不能用于住院"),
        ("fuyang-employee", json!({"med_type": "28"}), "oprn_oprt_code"),
        (
            "fuyang-employee",
            json!({"trum_flag": "1", "rel_ttp_flag": "1"}),
            "第三方责任",
        ),
        ("shanghai-local", json!({"adm_bed": ""}), "adm_bed"),
    ] {
        let refused = try_to_admit(&rig, key, &changes).await.refused();
        assert!(refused.contains(words), "{refused}");
    }
    try_to_admit(
        &rig,
        "shanghai-local",
        &json!({"trum_flag": "1", "rel_ttp_flag": "1"}),
    )
    .await
    .done();
}

#[tokio::test]
async fn a_line_given_back_bit_by_bit_ends_at_nothing() {
    let rig = Rig::start(|_| {}).await;
    let stay = admit(&rig, "shanghai-local").await;
    let drug = "XC10AAA257A001020101033";
    charge(&rig, &stay, json!([["1", drug, "7", "1.95", "13.65"]]))
        .await
        .done();
    let mut parts = Vec::new();
    for (serial, amount) in [("2", "-5.85"), ("3", "-5.85"), ("4", "-1.95")] {
        let quantity = if serial == "4" { "-1" } else { "-3" };
        let row = json!([[serial, drug, quantity, "1.95", amount, "1"]]);
        parts.push(charge(&rig, &stay, row).await.done());
    }
    for (member, charged) in [
        ("overlmt_amt", 63),
        ("preselfpay_amt", 130),
        ("inscp_scp_amt", 1172),
    ] {
        let back = parts
            .iter()
            .map(|answer| answer.fen(&format!("output/result/0/{member}")));
        assert_eq!(Fen::sum(back).unwrap().get(), -charged, "{member}");
    }
    for (row, words) in [
        (json!(["5", drug, "-1", "1.95", "-1.95", "1"]), "不足"),
        (json!(["5", drug, "-1", "1.95", "-1.95", "9"]), "不存在"),
        (json!(["5", drug, "-1", "1.95", "-1.95", "2"]), "不存在"),
        (json!(["5", drug, "-1", "1.95", "-1.95"]), "不是正数"),
        (json!(["2", drug, "1", "1.95", "1.95"]), "重复"),
    ] {
        let refused = charge(&rig, &stay, json!([row])).await.refused();
        assert!(refused.contains(words), "{refused}");
    }
    assert!(withdraw(&rig, &stay, &["1"]).await.refused().contains("冲减"));
    withdraw(&rig, &stay, &["2", "3", "4", "1"]).await.done();
    assert!(withdraw(&rig, &stay, &["1"]).await.refused().contains("不存在"));
}

#[tokio::test]
async fn parts_of_a_stay_pay_one_deductible_and_are_refunded_from_the_last() {
    let rig = Rig::start(|_| {}).await;
    let stay = admit(&rig, "shanghai-local").await;
    let item = "002103000010000-210300001";
    let mut parts = Vec::new();
    for (serial, amount) in [("1", "1000.00"), ("2", "1200.00")] {
        charge(&rig, &stay, json!([[serial, item, "1", amount, amount]]))
            .await
            .done();
        let settled = settle(&rig, &stay, amount, true).await.done();
        adds_up(&settled);
        parts.push(settled);
    }
    let deductible = |answer: &Answer| answer.fen("output/setlinfo/act_pay_dedc").get();
    let in_scope = |answer: &Answer| answer.fen("output/setlinfo/inscp_scp_amt").get();
    assert_eq!(deductible(&parts[0]), in_scope(&parts[0]).min(150_000));
    let left = 150_000 - deductible(&parts[0]);
    assert_eq!(deductible(&parts[1]), in_scope(&parts[1]).min(left));
    let rows = rig.query(&stay).await;
    assert_eq!(rows.count("output/setlinfo"), 2);
    let ids: Vec<String> = parts
        .iter()
        .map(|answer| answer.text_at("output/setlinfo/setl_id"))
        .collect();
    let first = simple(&rig, &stay, "2305", json!({"setl_id": ids[0]}))
        .await
        .refused();
    assert!(first.contains("后续结算"), "{first}");
    let refunded_line = json!([["3", item, "-1", "1000.00", "-1000.00", "1"]]);
    assert!(
        charge(&rig, &stay, refunded_line)
            .await
            .refused()
            .contains("已结算")
    );
    for id in ids.iter().rev() {
        simple(&rig, &stay, "2305", json!({"setl_id": id})).await.done();
    }
    discharge(&rig, &stay, "1").await.done();
    assert!(
        settle(&rig, &stay, "2200.00", true)
            .await
            .refused()
            .contains("请先撤销出院")
    );
    let whole = settle(&rig, &stay, "2200.00", false).await.done();
    adds_up(&whole);
    assert_eq!(deductible(&whole), in_scope(&whole).min(150_000));
}

#[tokio::test]
async fn whatever_is_charged_and_given_back_the_amounts_add_up() {
    let rig = Rig::start(|_| {}).await;
    let items = [
        ("001101000010000-110100001", "30"),
        ("XC10AAA257A001020101033", "1.95"),
        ("002103000010000-210300001", "220"),
        ("C1404090020000204411", "19.99"),
        ("XX-unknown", "5.33"),
    ];
    let mut seed: u64 = 20_261_122;
    let mut next = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for key in [
        "fuyang-resident",
        "fuyang-employee",
        "haikou-aided",
        "shanghai-local",
        "jiaxing-employee",
    ] {
        let stay = admit(&rig, key).await;
        let mut settlements = Vec::new();
        for day in 0..3 {
            let mut total = 0;
            for number in 0..6 {
                let (code, price) = items[usize::try_from(next(5)).unwrap()];
                let count = i64::try_from(next(40) + 2).unwrap();
                let fen = Fen::from_yuan(price).unwrap().get();
                let yuan = |count: i64| Fen::new(count * fen).unwrap().to_string();
                let serial = format!("{day}-{number}");
                let line = json!([[serial, code, count.to_string(), price, yuan(count)]]);
                charge(&rig, &stay, line).await.done();
                total += count * fen;
                if next(2) == 0 {
                    let back = i64::try_from(next(u64::try_from(count).unwrap()) + 1).unwrap();
                    let line = json!([[
                        format!("{serial}-r"),
                        code,
                        (-back).to_string(),
                        price,
                        yuan(-back),
                        serial
                    ]]);
                    charge(&rig, &stay, line).await.done();
                    total -= back * fen;
                }
            }
            let last = day == 2;
            if last {
                discharge(&rig, &stay, "1").await.done();
            }
            let total = Fen::new(total).unwrap().to_string();
            let trial = rig
                .call("2303", &stay.area(), part(&stay, &total, !last))
                .await
                .done();
            let settled = settle(&rig, &stay, &total, !last).await.done();
            adds_up(&settled);
            let cash = "output/setlinfo/psn_cash_pay";
            assert_eq!(trial.fen(cash), settled.fen(cash), "{key}");
            settlements.push(settled);
        }
        for settled in settlements.iter().rev() {
            let id = settled.text_at("output/setlinfo/setl_id");
            let refund = simple(&rig, &stay, "2305", json!({"setl_id": id})).await.done();
            let total = "output/setlinfo/medfee_sumamt";
            assert_eq!(refund.fen(total), settled.fen(total).negated(), "{key}");
        }
    }
}
