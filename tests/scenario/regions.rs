//! One insured region is upgraded or out of reach while the platform and all other regions go on.

use serde_json::json;
use zhijie_tests::{Options, Stage, order};

use crate::road::settle;

const FUYANG: &str = "/regions/341200";

#[tokio::test]
async fn an_upgrade_stops_one_region_and_says_so() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let patient = stage.type_number("fuyang-employee").await?;
    let other = stage.type_number("jiaxing-employee").await?;
    let bill = order("MZ1");
    let quote = stage.call("visit.quote", bill.quote("q", &patient)).await?;
    assert_eq!(quote["outcome"], "done", "{quote}");

    stage.admin().put(FUYANG, &json!({ "upgrade": {} })).await?;
    let told = stage.call("visit.settle", bill.settle("s", &quote)).await?;
    assert_eq!(told["outcome"], "not_done", "{told}");
    assert_eq!(told["fault"]["money_moved"], "no", "{told}");
    let words = told["fault"]["platform_text"].as_str().unwrap();
    assert!(
        words.contains("参保地[阜阳市]") && words.contains("升级中"),
        "{told}"
    );
    let (_, settled) = settle(&stage, &order("MZ2"), &other, "2").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");

    // Over, and every date and category of the region is spelled differently now.
    stage.admin().put(FUYANG, &json!({ "new_values": true })).await?;
    let patient = stage.type_number("fuyang-employee").await?;
    let (_, settled) = settle(&stage, &bill, &patient, "3").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    assert_eq!(stage.admin().standing("MZ1").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_settlement_whose_answer_a_region_lost_is_found() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let patient = stage.type_number("fuyang-employee").await?;
    let bill = order("MZ1");
    let quote = stage.call("visit.quote", bill.quote("q", &patient)).await?;
    stage
        .admin()
        .put(FUYANG, &json!({ "down": "answers_lost" }))
        .await?;
    let told = stage.call("visit.settle", bill.settle("s", &quote)).await?;
    assert_eq!(told["outcome"], "not_known", "{told}");
    let status = stage
        .status_until(json!({ "request_id": "s" }), |status| {
            status["outcome"] != "not_known"
        })
        .await?;
    assert_eq!(status["outcome"], "done", "{status}");
    assert_eq!(stage.admin().standing("MZ1").await?, 1);
    assert_eq!(stage.admin().calls("2207", Some("MZ1")).await?, 1);
    Ok(())
}
