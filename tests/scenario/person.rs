//! Visits under a chronic disease, what a lookup tells of a person, and sign-ins that end.

use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, order};

use crate::filing::no_registers;

/// The same bill under a registered disease.
fn under(order: &Order, request: &str, identity: &str, code: &str) -> Value {
    let mut asked = order.quote(request, identity);
    asked["visit"]["kind"] = json!("14");
    asked["visit"]["disease"] = json!({ "code": code, "name": "高血压病" });
    asked
}

#[tokio::test]
async fn a_visit_under_a_registered_disease_is_paid_by_other_shares() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let plain = stage
        .call("visit.quote", order("MZ1").quote("q1", &identity))
        .await?;
    let chronic = stage
        .call("visit.quote", under(&order("MZ2"), "q2", &identity, "M03900"))
        .await?;
    assert_eq!(chronic["outcome"], "done", "{chronic}");
    let (one, other) = (&plain["quote"]["split"], &chronic["quote"]["split"]);
    assert_eq!(one["total_fen"], other["total_fen"]);
    assert_ne!(
        one["fund_total_fen"], other["fund_total_fen"],
        "{plain} {chronic}"
    );
    let settled = stage
        .call("visit.settle", order("MZ2").settle("s2", &chronic))
        .await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    let rows = stage.admin().settlements("MZ2").await?;
    assert_eq!(rows.len(), 1, "{rows:?}");
    // Asked of the insured region's book, not of our own.
    let calls = stage.admin().get("/calls").await?;
    let asked = calls
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["infno"] == "5301");
    assert!(asked.count() > 0, "{calls}");
    Ok(())
}

/// One city has the register among the details of a person (1160).
#[tokio::test]
async fn a_chronic_disease_is_found_where_the_city_has_it() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![("chronic = \"5301\"", "chronic = \"1160\"")],
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("fuyang-resident").await?;
    for (visit, disease, outcome) in [("MZ1", "M03900", "done"), ("MZ2", "M01600", "not_done")] {
        let asked = under(&order(visit), visit, &identity, disease);
        let told = stage.call("visit.quote", asked).await?;
        assert_eq!(told["outcome"], outcome, "{told}");
    }
    assert!(stage.admin().calls("1160", None).await? > 0);
    assert_eq!(stage.admin().calls("5301", None).await?, 0);
    Ok(())
}

#[tokio::test]
async fn without_a_valid_entry_nothing_of_the_visit_is_sent() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let mut unnamed = under(&order("MZ1"), "q1", &identity, "M03900");
    unnamed["visit"]["disease"] = Value::Null;
    let table = [
        (unnamed, "DESK-053"),
        (under(&order("MZ1"), "q2", &identity, "M01600"), "PLAT-034"),
        (under(&order("MZ1"), "q3", &identity, "M09900"), "PLAT-035"),
    ];
    for (asked, code) in table {
        let told = stage.call("visit.quote", asked).await?;
        assert_eq!(
            (&told["outcome"], &told["fault"]["code"]),
            (&json!("not_done"), &json!(code)),
            "{told}"
        );
        assert_eq!(told["fault"]["money_moved"], "no");
    }
    assert_eq!(stage.admin().calls("2201", None).await?, 0);

    // Registered at this desk, it is paid the same hour.
    let entry = json!({
        "request_id": "f-1", "identity_id": identity, "disease": { "code": "M01600", "name": "糖尿病" },
        "attested_on": "2026-11-20", "doctor": { "code": "D310101000001", "name": "张医生" },
        "from": "2026-01-01",
    });
    let made = stage.call("filing.register_chronic", entry).await?;
    assert_eq!(made["outcome"], "done", "{made}");
    let told = stage
        .call("visit.quote", under(&order("MZ1"), "q4", &identity, "M01600"))
        .await?;
    assert_eq!(told["outcome"], "done", "{told}");
    Ok(())
}

#[tokio::test]
async fn where_nobody_can_be_asked_the_insured_region_decides() -> anyhow::Result<()> {
    let stage = Stage::open(no_registers()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let told = stage
        .call("visit.quote", under(&order("MZ1"), "q1", &identity, "M01600"))
        .await?;
    assert_eq!(told["fault"]["code"], "REGN-001", "{told}");
    assert!(
        told["fault"]["platform_text"]
            .as_str()
            .unwrap()
            .contains("慢特病"),
        "{told}"
    );
    Ok(())
}

#[tokio::test]
async fn a_lookup_tells_filing_diseases_and_totals_with_source_and_age() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let asked = json!({ "identity_id": identity });
    let before = stage.call("person.lookup", asked.clone()).await?;
    let chronic = &before["chronic"];
    assert_eq!(
        (&chronic["source"]["transaction"], &chronic["source"]["from_disk"]),
        (&json!("5301"), &json!(false))
    );
    assert_eq!(
        (
            &chronic["entries"][0]["code"],
            &chronic["entries"][0]["valid_today"]
        ),
        (&json!("M03900"), &json!(true))
    );
    assert_eq!(
        (
            &before["filing"]["answer"],
            &before["filing"]["evidence"]["transaction"]
        ),
        (&json!("valid"), &json!("5302"))
    );
    let pool = |told: &Value| {
        let rows = told["totals"]["rows"].as_array().cloned().unwrap_or_default();
        let row = rows.into_iter().find(|row| row["code"] == "13");
        row.map(|row| row["value"].as_str().map(String::from))
    };
    assert_eq!(before["totals"]["source"]["transaction"], "5206", "{before}");
    let (_, settled) = crate::road::settle(&stage, &order("MZ1"), &identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    let after = stage.call("person.lookup", asked.clone()).await?;
    assert!(
        pool(&before).is_some() && pool(&before) != pool(&after),
        "{before} {after}"
    );

    // Without the province: the same from disk, except what is not kept.
    let identity = stage.type_number("fuyang-resident").await?;
    stage.kill_sandbox();
    let dark = stage
        .call("person.lookup", json!({ "identity_id": identity }))
        .await?;
    assert_eq!(dark["chronic"]["source"]["from_disk"], true, "{dark}");
    assert_eq!(dark["chronic"]["entries"], before["chronic"]["entries"]);
    assert_eq!(dark["filing"]["answer"], "valid", "{dark}");
    assert!(dark.get("totals").is_none(), "{dark}");
    Ok(())
}

#[tokio::test]
async fn a_desk_that_must_choose_gets_the_choices_and_picks_one() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("jiaxing-two-areas").await?;
    let told = stage
        .call("person.lookup", json!({ "identity_id": identity }))
        .await?;
    let choices = told["choices"].as_array().cloned().unwrap_or_default();
    assert!(told.get("chosen").is_none() && choices.len() > 1, "{told}");
    for choice in choices {
        let asked = json!({ "identity_id": identity, "insurance": choice });
        let told = stage.call("person.lookup", asked).await?;
        assert_eq!(told["chosen"], choice, "{told}");
    }
    Ok(())
}

#[tokio::test]
async fn a_lookup_after_the_sign_in_ended_signs_in_once_and_asks_once_more() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    stage
        .call("person.lookup", json!({ "identity_id": identity }))
        .await?;
    let sign_ins = stage.admin().calls("9001", None).await?;
    let asked = stage.admin().calls("2001", None).await?;
    stage.admin().end_sign_ins().await?;
    let told = stage
        .call("person.lookup", json!({ "identity_id": identity }))
        .await?;
    assert!(!told["benefits"].as_array().unwrap().is_empty(), "{told}");
    assert_eq!(stage.admin().calls("9001", None).await?, sign_ins + 1);
    assert_eq!(stage.admin().calls("2001", None).await?, asked + 2);
    let calls = stage.admin().get("/calls").await?;
    let ids: Vec<&Value> = calls
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["msgid"])
        .collect();
    let mut once = ids.clone();
    once.sort_by_key(|id| id.to_string());
    once.dedup();
    assert_eq!(once.len(), ids.len(), "a message id came twice");
    Ok(())
}
