//! The outpatient road from card to refund, the voucher, the reversal.

use jiff::SignedDuration;
use serde_json::json;
use zhijie_model::Fen;

use super::{Answer, Open, Rig, bill, person};

const INFO: &str = "output/setlinfo";

fn sum(answer: &Answer, names: &[&str]) -> Fen {
    Fen::sum(names.iter().map(|name| answer.fen(&format!("{INFO}/{name}")))).unwrap()
}

/// I1 to I5 in the words of the answer; `person` and `cash` are what this answer calls them.
fn identities(answer: &Answer, person: &str, cash: &str) {
    let total = sum(answer, &["medfee_sumamt"]);
    let scope = [
        "fulamt_ownpay_amt",
        "overlmt_selfpay",
        "preselfpay_amt",
        "inscp_scp_amt",
    ];
    let funds = [
        "hifp_pay",
        "cvlserv_pay",
        "hifes_pay",
        "hifmi_pay",
        "hifob_pay",
        "maf_pay",
        "oth_pay",
    ];
    assert_eq!(total, sum(answer, &scope), "I1 {}", answer.text);
    assert_eq!(
        total,
        sum(answer, &["fund_pay_sumamt", person]),
        "I2 {}",
        answer.text
    );
    assert_eq!(
        sum(answer, &[person]),
        sum(answer, &["acct_pay", cash]),
        "I3 {}",
        answer.text
    );
    assert_eq!(
        sum(answer, &["fund_pay_sumamt"]),
        sum(answer, &funds),
        "I4 {}",
        answer.text
    );
    let rows = (0..answer.count("output/setldetail"))
        .map(|row| answer.fen(&format!("output/setldetail/{row}/fund_payamt")));
    assert_eq!(
        Fen::sum(rows).unwrap(),
        sum(answer, &["fund_pay_sumamt", "acct_pay"]),
        "I5 {}",
        answer.text
    );
}

#[tokio::test]
async fn a_visitor_with_a_card_settles_and_is_refunded() {
    let rig = Rig::start(|_| {}).await;
    let her = person("fuyang-resident");
    let card = json!({"data": {
        "mdtrt_cert_type": "03", "mdtrt_cert_no": her.card.number, "card_sn": her.card.identification,
        "psn_cert_type": "01", "certno": her.certificate, "psn_name": her.name, "begntime": "",
    }});
    let found = rig.call("1101", "341200", card).await.done();
    assert_eq!(found.text_at("output/baseinfo/psn_no"), her.number);
    assert_eq!(found.text_at("output/insuinfo/0/insuplc_admdvs"), "341200");
    let balance = found.fen("output/insuinfo/0/balc");

    let benefit = json!({"data": {
        "psn_no": her.number, "insutype": "390", "fixmedins_code": super::HOSPITAL, "med_type": "11",
        "begntime": "2026-11-22 09:30:00",
    }});
    let benefit = rig.call("2001", "341200", benefit).await.done();
    assert_eq!(benefit.text_at("output/trtinfo/0/trt_enjymnt_flag"), "1");

    let open = rig.open("fuyang-resident", "11", bill()).await;
    let trial = rig.call("2206A", "341200", open.settlement()).await.done();
    assert_eq!(trial.at(&format!("{INFO}/setl_id")), "null");
    identities(&trial, "psn_part_amt", "psn_cash_pay");

    let settle = rig.envelope("2207A", "341200", open.settlement());
    let settled = rig.send(&settle).await.done();
    identities(&settled, "psn_part_amt", "psn_cash_pay");
    for name in ["hifp_pay", "hifmi_pay", "acct_pay", "psn_cash_pay"] {
        assert!(sum(&settled, &[name]) > Fen::ZERO, "{name} {}", settled.text);
    }
    let echoed = settled.text_at(&format!("{INFO}/medins_setl_id"));
    assert_eq!(Some(echoed.as_str()), settle["msgid"].as_str());
    let setl_id = settled.text_at(&format!("{INFO}/setl_id"));
    assert_eq!(setl_id.len(), 30);

    let seen = rig.query(&open).await;
    identities(&seen, "psn_pay", "cash_payamt");
    assert_eq!(seen.text_at(&format!("{INFO}/setl_id")), setl_id);
    assert_eq!(seen.text_at(&format!("{INFO}/refd_setl_flag")), "0");
    assert_eq!(seen.text_at(&format!("{INFO}/pay_loc")), "4");

    let refund = json!({"data": {"psn_no": her.number, "mdtrt_id": open.id, "setl_id": setl_id}});
    let refunded = rig.call("2208", "341200", refund.clone()).await.done();
    assert_ne!(refunded.text_at(&format!("{INFO}/setl_id")), setl_id);
    for name in [
        "medfee_sumamt",
        "fund_pay_sumamt",
        "acct_pay",
        "hifp_pay",
        "inscp_scp_amt",
    ] {
        let pair = [sum(&settled, &[name]), sum(&refunded, &[name])];
        assert_eq!(Fen::sum(pair), Some(Fen::ZERO), "I7 {name}");
    }
    let cash = [
        sum(&settled, &["psn_cash_pay"]),
        sum(&refunded, &["pdn_cash_pay"]),
    ];
    assert_eq!(Fen::sum(cash), Some(Fen::ZERO), "I7 cash");
    assert_eq!(refunded.at(&format!("{INFO}/psn_part_amt")), "null");
    assert_eq!(refunded.at(&format!("{INFO}/psn_no")), "");
    assert_eq!(sum(&refunded, &["balc"]), balance);
    assert!(
        rig.call("2208", "341200", refund)
            .await
            .refused()
            .contains("已退费")
    );
    let seen = rig.query(&open).await;
    assert_eq!(seen.text_at(&format!("{INFO}/refd_setl_flag")), "1");

    let rows = rig
        .admin("GET", &format!("/settlements?visit={}", open.number), None)
        .await;
    assert_eq!(rows.as_array().map(Vec::len), Some(2));
    assert_eq!(
        (&rows[0]["standing"], &rows[1]["refund_of"]),
        (&json!(false), &json!(setl_id))
    );

    // The year and the account are where they were: the same trial comes out.
    let again = rig.call("2206A", "341200", open.settlement()).await.done();
    for name in ["hifp_pay", "hifmi_pay", "acct_pay", "psn_cash_pay", "balc"] {
        assert_eq!(sum(&again, &[name]), sum(&trial, &[name]), "{name}");
    }

    let visit = json!({"data": {"psn_no": her.number, "mdtrt_id": open.id, "ipt_otp_no": open.number}});
    assert!(
        rig.call("2202", "341200", visit.clone())
            .await
            .refused()
            .contains("费用明细")
    );
    let lines = json!({"data": {"psn_no": her.number, "mdtrt_id": open.id, "chrg_bchno": "0000"}});
    rig.call("2205", "341200", lines).await.done();
    rig.call("2202", "341200", visit.clone()).await.done();
    rig.call("2202", "341200", visit).await.refused();
}

#[tokio::test]
async fn fee_lines_are_cut_by_the_catalogue() {
    let rig = Rig::start(|_| {}).await;
    let open = rig.open("rizhao-resident", "11", json!([])).await;
    let (rows, total) = open.lines(&bill());
    let cut = rig.call("2204", "371100", rows).await.done();
    assert_eq!(total, Fen::new(34_958).unwrap());
    // [full own, over ceiling, first own, in scope, class]
    let expected = [
        ["0.00", "0.00", "0.00", "30.00", "\"01\""],
        ["0.00", "2.52", "5.21", "46.87", "\"02\""],
        ["0.00", "0.00", "22.00", "198.00", "\"02\""],
        ["39.98", "0.00", "0.00", "0.00", "\"03\""],
        ["5.00", "0.00", "0.00", "0.00", "\"03\""],
    ];
    for (row, wanted) in expected.iter().enumerate() {
        let got = [
            "fulamt_ownpay_amt",
            "overlmt_amt",
            "preselfpay_amt",
            "inscp_scp_amt",
            "chrgitm_lv",
        ]
        .map(|name| cut.at(&format!("output/result/{row}/{name}")));
        assert_eq!(got, *wanted, "row {row}");
    }
    assert_eq!(cut.at("output/result/3/pric_uplmt_amt"), "99999999.000000");
}

#[tokio::test]
async fn a_voucher_code_becomes_a_token_that_settles() {
    let rig = Rig::start(|_| {}).await;
    let voucher = rig
        .admin("POST", "/vouchers", Some(json!({"person": "jiaxing-employee"})))
        .await;
    let code = voucher["code"].as_str().unwrap();
    assert!(code.len() == 28 && code.starts_with("424"), "{code}");
    let decode = |code: &str| {
        json!({"data": {
            "orgId": super::HOSPITAL, "businessType": "01301", "operatorId": "0001", "operatorName": "收费员",
            "officeId": "01", "officeName": "内科", "deviceType": "", "ecQrCode": code,
        }})
    };
    let decoded = rig.call("1162", "310000", decode(code)).await.done();
    assert_eq!(decoded.text_at("output/data/insuOrg"), "330400");
    assert_eq!(decoded.text_at("output/data/birthday"), "null");
    let token = decoded.text_at("output/data/ecToken");
    assert!(token.len() == 38 && token.starts_with("330400ec"), "{token}");

    let by_token = json!({"data": {"mdtrt_cert_type": "01", "mdtrt_cert_no": token}});
    let found = rig.call("1101", "330400", by_token.clone()).await.done();
    assert_eq!(
        found.text_at("output/baseinfo/psn_no"),
        person("jiaxing-employee").number
    );
    let open = rig.open("jiaxing-employee", "11", bill()).await;
    let mut settlement = open.settlement();
    settlement["data"]["mdtrt_cert_type"] = json!("01");
    settlement["data"]["mdtrt_cert_no"] = json!(token);
    rig.call("2207A", "330400", settlement).await.done();

    rig.clock.advance(SignedDuration::from_mins(11));
    assert!(
        rig.call("1101", "330400", by_token)
            .await
            .refused()
            .contains("令牌")
    );
    assert!(
        rig.call("1162", "310000", decode(code))
            .await
            .refused()
            .contains("已过期")
    );
    for wrong in ["2812345678901234567890123456", "281234567890123456"] {
        assert!(
            rig.call("1162", "310000", decode(wrong))
                .await
                .refused()
                .contains("500159"),
            "{wrong}"
        );
    }
}

/// Settles and gives the message id with which it was done.
async fn settle_as(rig: &Rig, open: &Open) -> (String, Answer) {
    let envelope = rig.envelope("2207A", &open.area(), open.settlement());
    let msgid = String::from(envelope["msgid"].as_str().unwrap());
    (msgid, rig.send(&envelope).await)
}

#[tokio::test]
async fn a_reversal_undoes_the_effect_of_one_message() {
    let rig = Rig::start(|_| {}).await;
    let open = rig.open("fuyang-employee", "11", bill()).await;
    assert!(
        rig.reverse(&open, &rig.msgid(), "2207A")
            .await
            .refused()
            .starts_with("FSI-调用业务基础子系统冲正失败")
    );

    let (first, answer) = settle_as(&rig, &open).await;
    let first_id = answer.done().text_at("output/setlinfo/setl_id");
    assert!(settle_as(&rig, &open).await.1.refused().contains("已结算"));
    rig.reverse(&open, &first, "2208").await.refused();
    rig.reverse(&open, &first, "2207").await.done();
    assert_eq!(rig.query(&open).await.at("output/setlinfo"), "null");
    rig.reverse(&open, &first, "2207A").await.refused();

    let (second, answer) = settle_as(&rig, &open).await;
    let id = answer.done().text_at("output/setlinfo/setl_id");
    assert_ne!(id, first_id);
    let refund = rig.envelope(
        "2208",
        "341200",
        json!({"data": {"psn_no": open.person.number, "mdtrt_id": open.id, "setl_id": id}}),
    );
    rig.send(&refund).await.done();
    assert!(
        rig.reverse(&open, &second, "2207A")
            .await
            .refused()
            .contains("退费结算标志不为未退费")
    );
    rig.reverse(&open, refund["msgid"].as_str().unwrap(), "2208")
        .await
        .done();
    let seen = rig.query(&open).await;
    assert_eq!(seen.text_at("output/setlinfo/setl_id"), id);
    assert_eq!(seen.text_at("output/setlinfo/refd_setl_flag"), "0");
    let rows = rig.admin("GET", "/settlements", None).await;
    assert_eq!(rows.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    let store = tempfile::tempdir().unwrap();
    let data_dir = Some(store.path().join("sandbox"));
    let rig = Rig::start(|options| options.data_dir.clone_from(&data_dir)).await;
    let open = rig.open("fuyang-resident", "11", bill()).await;
    let envelope = rig.envelope("2207A", "341200", open.settlement());
    let settled = rig.send(&envelope).await.done();
    let old_sign_no = rig.sign_no.clone();

    let Rig {
        handle, dir, clock, ..
    } = rig;
    handle.stop().await;
    let mut rig = Rig::restart(dir, clock, |options| options.data_dir.clone_from(&data_dir)).await;
    rig.sign_no = old_sign_no;
    let seen = rig.query(&open).await;
    assert_eq!(
        seen.text_at("output/setlinfo/setl_id"),
        settled.text_at("output/setlinfo/setl_id")
    );
    assert!(rig.send(&envelope).await.refused().contains("报文ID"));
}
