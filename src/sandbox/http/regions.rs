//! Upgrades, delays and outages of one insured region while all others go on.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Rig, bill, person};

async fn look_up(rig: &Rig, key: &str) -> super::Answer {
    let input = json!({"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": person(key).certificate}});
    // With the own area in the envelope: the region is found by the person.
    rig.call("1101", "310000", input).await
}

async fn elsewhere(rig: &Rig, key: &str, area: &str) -> super::Answer {
    let input = json!({"data": {"psn_no": person(key).number, "biz_appy_type": "08"}});
    rig.call("5302", area, input).await
}

async fn set(rig: &Rig, area: &str, road: Value) {
    rig.admin("PUT", &format!("/regions/{area}"), Some(road)).await;
}

#[tokio::test]
async fn an_upgrade_refuses_one_region_and_only_while_it_lasts() {
    let rig = Rig::start(|_| {}).await;
    let open = rig.open("fuyang-resident", "11", bill()).await;
    set(
        &rig,
        "341200",
        json!({"upgrade": {"from": "2026-11-22 12:00:00", "until": "2026-11-22 18:00:00"}}),
    )
    .await;
    rig.call("2206A", "341200", open.settlement()).await.done();

    rig.clock.advance(SignedDuration::from_hours(3));
    for text in [
        rig.settle(&open).await.refused(),
        look_up(&rig, "fuyang-resident").await.refused(),
        elsewhere(&rig, "fuyang-resident", "341200").await.refused(),
    ] {
        assert!(
            text.contains("参保地[阜阳市]返回:参保地系统升级中") && text.contains("2026-11-22 18:00:00"),
            "{text}"
        );
    }
    // What is the treatment place's own goes on, and so do other regions.
    assert_eq!(rig.query(&open).await.at("output/setlinfo"), "null");
    look_up(&rig, "jiaxing-employee").await.done();

    rig.clock.advance(SignedDuration::from_hours(6));
    rig.settle(&open).await.done();
}

#[tokio::test]
async fn after_an_upgrade_the_same_facts_are_spelled_differently() {
    let rig = Rig::start(|_| {}).await;
    let spelled = async || {
        let found = elsewhere(&rig, "fuyang-resident", "341200").await.done();
        let person = look_up(&rig, "fuyang-resident").await.done();
        (
            found.text_at("output/psnfixmedin/0/trt_dcla_detl_sn"),
            found.text_at("output/psnfixmedin/0/begndate"),
            found.text_at("output/psnfixmedin/0/out_fil_type"),
            person.text_at("output/insuinfo/0/psn_type"),
        )
    };
    let before = spelled().await;
    assert_eq!(
        (before.1.as_str(), before.2.as_str(), before.3.as_str()),
        ("2025-01-01", "22", "16")
    );
    set(
        &rig,
        "341200",
        json!({"upgrade": {"until": "2026-11-22 09:00:00", "new_values": true}}),
    )
    .await;
    let after = spelled().await;
    assert_eq!(after.0, before.0, "the record is the same");
    assert_eq!(
        (after.1.as_str(), after.2.as_str(), after.3.as_str()),
        ("2025-01-01 00:00:00", "0022", "160000")
    );
    rig.admin("DELETE", "/regions/341200", None).await;
    assert_eq!(spelled().await, before);
}

#[tokio::test]
async fn a_region_that_is_down_is_told_by_the_hub() {
    let rig = Rig::start(|_| {}).await;
    let open = rig.open("fuyang-resident", "11", bill()).await;
    for (down, says) in [("unreachable", "网络连接异常"), ("silent", "应答超时")] {
        set(&rig, "341200", json!({ "down": down })).await;
        let text = rig.settle(&open).await.refused();
        assert!(text.contains("国家异地就医平台") && text.contains(says), "{text}");
        assert_eq!(
            rig.query(&open).await.at("output/setlinfo"),
            "null",
            "nothing was done"
        );
        look_up(&rig, "jiaxing-employee").await.done();
    }
    set(&rig, "341200", json!({"down": "answers_lost"})).await;
    assert!(rig.settle(&open).await.refused().contains("应答超时"));
    let rows = rig.admin("GET", "/settlements", None).await;
    assert_eq!(rows[0]["standing"], true, "done all the same");
    assert_eq!(
        rig.query(&open).await.text_at("output/setlinfo/mdtrt_id"),
        open.id
    );
}

#[tokio::test]
async fn roads_are_set_from_the_start_and_listed() {
    let roads = |options: &mut crate::Options| {
        let text = "[341200]\ndown = \"silent\"\n[330000]\nupgrade = { until = \"2026-11-22T18:00:00\" }\n";
        options.roads = toml::from_str(text).unwrap();
    };
    let rig = Rig::start(roads).await;
    let listed = rig.admin("GET", "/regions", None).await;
    assert_eq!(listed["341200"]["down"], "silent");
    assert!(
        look_up(&rig, "jiaxing-employee")
            .await
            .refused()
            .contains("升级中")
    );
    set(&rig, "330000", json!({"delay_ms": 1})).await;
    look_up(&rig, "jiaxing-employee").await.done();
    let wrong = rig.admin_fails("PUT", "/regions/3412", json!({})).await;
    assert!(wrong.contains("six digits"), "{wrong}");
    assert!(
        !rig.admin_fails("PUT", "/regions/341200", json!({"dwn": 1}))
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn others_are_answered_while_a_slow_region_is_waited_for() {
    let rig = Rig::start(|_| {}).await;
    set(&rig, "341200", json!({"delay_ms": 600_000})).await;
    let slow = elsewhere(&rig, "fuyang-resident", "341200");
    let others = async {
        rig.admin("GET", "/wait?infno=5302&state=received", None).await;
        look_up(&rig, "jiaxing-employee").await.done();
        let calls = rig.admin("GET", "/calls", None).await;
        let waiting = calls
            .as_array()
            .unwrap()
            .iter()
            .find(|call| call["infno"] == "5302");
        assert_eq!(waiting.unwrap()["committed"], false);
    };
    tokio::select! {
        answer = slow => panic!("answered: {}", answer.text),
        () = others => {}
    }
}
