//! A sign-in that ends: the refused call did nothing and is made once more, whatever it is.

use serde_json::json;
use zhijie_tests::{Options, Stage, order, stay};

#[tokio::test]
async fn whatever_meets_a_dead_sign_in_is_done_all_the_same() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let bill = order("MZ0001");
    let admin = stage.admin();
    admin.end_sign_ins().await?;
    let quote = stage.call("visit.quote", bill.quote("q-1", &identity)).await?;
    assert_eq!(quote["outcome"], "done", "{quote}");
    assert_eq!(admin.calls("2201", None).await?, 2);
    admin.end_sign_ins().await?;
    let settled = stage.call("visit.settle", bill.settle("s-1", &quote)).await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    assert_eq!(
        (admin.calls("2207A", None).await?, admin.standing("MZ0001").await?),
        (2, 1)
    );
    let again = stage.call("visit.settle", bill.settle("s-1", &quote)).await?;
    assert_eq!(again, settled);
    admin.end_sign_ins().await?;
    let settlement = settled["settlement"]["settlement_id"]
        .as_str()
        .unwrap_or_default();
    let refunded = stage.call("visit.cancel", bill.cancel("x-1", settlement)).await?;
    assert_eq!(refunded["outcome"], "done", "{refunded}");
    assert_eq!(
        (admin.calls("2208", None).await?, admin.standing("MZ0001").await?),
        (2, 0)
    );
    Ok(())
}

/// Every sign-in ends just before the call, twice: the second refusal is told.
#[tokio::test]
async fn a_platform_that_takes_no_sign_in_is_asked_no_third_time() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let bill = order("MZ0001");
    let quote = stage.call("visit.quote", bill.quote("q-1", &identity)).await?;
    stage
        .admin()
        .fault("2207", "sign_in_expired", json!({ "times": 2 }))
        .await?;
    let told = stage.call("visit.settle", bill.settle("s-1", &quote)).await?;
    assert_eq!(told["outcome"], "not_done", "{told}");
    assert_eq!(told["fault"]["money_moved"], "no", "{told}");
    let words = told["fault"]["platform_text"].as_str().unwrap_or_default();
    assert!(words.contains("签到"), "{told}");
    assert_eq!(stage.admin().calls("2207A", None).await?, 2);
    assert_eq!(stage.admin().standing("MZ0001").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_province_may_want_the_desk_to_try_again() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![("repeats_after_sign_in = true", "repeats_after_sign_in = false")],
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("shanghai-local").await?;
    let bill = order("MZ0001");
    let quote = stage.call("visit.quote", bill.quote("q-1", &identity)).await?;
    stage.admin().end_sign_ins().await?;
    let told = stage.call("visit.settle", bill.settle("s-1", &quote)).await?;
    assert_eq!(told["outcome"], "not_done", "{told}");
    assert_eq!(stage.admin().calls("2207A", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_patient_is_admitted_once_through_a_dead_sign_in() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let stay = stay("ZY0001");
    stage.admin().end_sign_ins().await?;
    let admitted = stage.call("stay.admit", stay.admit("a-1", &identity)).await?;
    assert_eq!(admitted["outcome"], "done", "{admitted}");
    stage.admin().end_sign_ins().await?;
    let charged = stage
        .call("stay.charge", stay.charge("c-1", &stay.lines()))
        .await?;
    assert_eq!(charged["outcome"], "done", "{charged}");
    assert_eq!(stage.admin().calls("2401", None).await?, 2);
    assert_eq!(stage.admin().calls("2301", None).await?, 2);
    Ok(())
}
