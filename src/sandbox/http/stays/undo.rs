//! Reversals of single messages, settling before the discharge, and a stay over New Year.

use super::*;

#[tokio::test]
async fn reversals_undo_one_message_of_a_stay() {
    let rig = Rig::start(|_| {}).await;
    let (area, input) = admission("shanghai-local", "ZY1", &json!({}));
    let opened = rig.envelope("2401", &area, input);
    let id = rig.send(&opened).await.done().text_at("output/result/mdtrt_id");
    let person = person("shanghai-local");
    let stay = Open {
        insurance: person.insurance[0].kind.clone(),
        id,
        number: String::from("ZY1"),
        kind: String::from("21"),
        total: Fen::ZERO,
        person,
    };
    let msgid = |envelope: &Value| envelope["msgid"].as_str().unwrap().to_owned();
    charge(&rig, &stay, bill()).await.done();
    assert!(
        rig.reverse(&stay, &msgid(&opened), "2401")
            .await
            .refused()
            .contains("请先撤销费用明细")
    );
    discharge(&rig, &stay, "1").await.done();
    let settled = rig.envelope("2304", &stay.area(), part(&stay, "349.58", false));
    let setl_id = rig.send(&settled).await.done().text_at("output/setlinfo/setl_id");
    rig.reverse(&stay, &msgid(&settled), "2304").await.done();
    assert_eq!(rig.query(&stay).await.at("output/setlinfo"), "null");
    assert!(
        rig.reverse(&stay, &msgid(&settled), "2304")
            .await
            .refused()
            .contains("已冲正")
    );
    let again = settle(&rig, &stay, "349.58", false)
        .await
        .done()
        .text_at("output/setlinfo/setl_id");
    assert_ne!(setl_id, again);
    let data = json!({"data": {"psn_no": stay.person.number, "mdtrt_id": stay.id, "setl_id": again}});
    let refunded = rig.envelope("2305", &stay.area(), data);
    rig.send(&refunded).await.done();
    rig.reverse(&stay, &msgid(&refunded), "2305").await.done();
    let rows = rig.query(&stay).await;
    assert_eq!(rows.text_at("output/setlinfo/0/refd_setl_flag"), "0");
    simple(&rig, &stay, "2305", json!({"setl_id": again}))
        .await
        .done();
    simple(&rig, &stay, "2405", json!({})).await.done();
    withdraw(&rig, &stay, &["0000"]).await.done();
    rig.reverse(&stay, &msgid(&opened), "2401").await.done();
    assert!(
        rig.reverse(&stay, &msgid(&opened), "2401")
            .await
            .refused()
            .contains("已冲正")
    );
    admit(&rig, "shanghai-local").await;
}

#[tokio::test]
async fn a_province_may_settle_before_the_discharge() {
    let rig = Rig::start(|options| options.settles_before_discharge = true).await;
    let stay = admit(&rig, "shanghai-local").await;
    charge(&rig, &stay, bill()).await.done();
    assert!(discharge(&rig, &stay, "1").await.refused().contains("请先结算"));
    let mut bare = part(&stay, "349.58", false);
    bare["data"]["dscg_time"] = Value::Null;
    assert!(
        rig.call("2304", &stay.area(), bare)
            .await
            .refused()
            .contains("dscg_time")
    );
    let settled = settle(&rig, &stay, "349.58", false).await.done();
    let late = charge(&rig, &stay, json!([["9", "XX-unknown", "1", "5", "5.00"]]))
        .await
        .refused();
    assert!(late.contains("已结算"), "{late}");
    assert!(discharge(&rig, &stay, "5").await.refused().contains("die_date"));
    discharge(&rig, &stay, "1").await.done();
    let id = json!({"setl_id": settled.text_at("output/setlinfo/setl_id")});
    assert!(
        simple(&rig, &stay, "2305", id.clone())
            .await
            .refused()
            .contains("请先撤销出院")
    );
    simple(&rig, &stay, "2405", json!({})).await.done();
    simple(&rig, &stay, "2305", id).await.done();
}

#[tokio::test]
async fn a_stay_over_new_year_says_so() {
    let rig = Rig::start(|_| {}).await;
    let stay = admit(&rig, "shanghai-local").await;
    let span = json!({"begntime": "2026-11-22 00:00:00", "endtime": "2026-11-23 00:00:00", "med_type": "21"});
    let row = simple(&rig, &stay, "5201", span.clone()).await.done();
    assert_eq!(row.text_at("output/mdtrtinfo/0/inhosp_stas"), "1");
    assert_eq!(row.text_at("output/mdtrtinfo/0/ars_year_ipt_flag"), "0");
    rig.clock.advance(jiff::SignedDuration::from_hours(24 * 60));
    let sign_no = rig.sign_in().await;
    let mut asked = rig.envelope(
        "5201",
        &stay.area(),
        json!({"data": {
            "psn_no": stay.person.number, "mdtrt_id": stay.id, "begntime": "2026-11-22 00:00:00",
            "endtime": "2026-11-23 00:00:00", "med_type": "21",
        }}),
    );
    asked["sign_no"] = json!(sign_no);
    let row = rig.send(&asked).await.done();
    assert_eq!(row.text_at("output/mdtrtinfo/0/ars_year_ipt_flag"), "1");
}
