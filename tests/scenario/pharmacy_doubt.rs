//! The answer to a purchase or its refund is lost. The visit it made is not known then and is searched.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage, purchase};

use crate::doubt::HORIZON;
use crate::pharmacy::buy;

async fn known(stage: &Stage, request: &str) -> anyhow::Result<Value> {
    let key = json!({ "request_id": request });
    stage
        .status_until(key, |status| status["outcome"] != "not_known")
        .await
}

#[tokio::test]
async fn a_lost_purchase_is_found_among_others_or_undone() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![HORIZON],
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("shanghai-local").await?;
    // Another purchase of the same person, of the same things, at the same minute.
    let (_, other) = buy(&stage, &purchase("YD0000"), &identity, "0").await?;
    assert_eq!(other["outcome"], "done", "{other}");
    let table = [
        ("YD-MADE", "drop_after_commit", "done", 1),
        ("YD-UNMADE", "drop_before_commit", "not_done", 0),
    ];
    for (number, kind, outcome, standing) in table {
        let bill = purchase(number);
        stage
            .admin()
            .fault("2102", kind, json!({ "visit": bill.first_line() }))
            .await?;
        let (quote, told) = buy(&stage, &bill, &identity, number).await?;
        assert_eq!(told["outcome"], "not_known", "{told}");
        assert_eq!(told["fault"]["money_moved"], "unknown", "{told}");
        let locked = stage
            .call("pharmacy.quote", bill.purchase(&format!("l-{number}"), &identity))
            .await?;
        assert_eq!(locked["fault"]["code"], "DESK-012", "{locked}");
        let status = known(&stage, &format!("s-{number}")).await?;
        assert_eq!(status["outcome"], outcome, "{number}: {status}");
        let again = stage
            .call("pharmacy.settle", bill.settle(&format!("s-{number}"), &quote))
            .await?;
        assert_eq!(again, status["answer"], "{number}");
        assert_eq!(stage.admin().standing(&bill.first_line()).await?, standing);
        assert_eq!(stage.admin().calls("2102", Some(&bill.first_line())).await?, 1);
        if outcome == "done" {
            let rows = stage.admin().settlements(&bill.first_line()).await?;
            assert_eq!(again["settlement"]["settlement_id"], rows[0]["setl_id"]);
            assert_ne!(
                again["settlement"]["settlement_id"],
                other["settlement"]["settlement_id"]
            );
            // Found without the answer, it can be refunded all the same.
            let settlement = again["settlement"]["settlement_id"].as_str().unwrap();
            let refunded = stage
                .call("pharmacy.cancel", bill.cancel("x-found", settlement))
                .await?;
            assert_eq!(refunded["outcome"], "done", "{refunded}");
        }
    }
    assert_eq!(stage.admin().standing(&purchase("YD0000").first_line()).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_lost_refund_of_a_purchase_is_never_reversed() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![HORIZON],
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("shanghai-local").await?;
    for (number, kind, outcome, standing) in [
        ("YD-MADE", "drop_after_commit", "done", 0),
        ("YD-UNMADE", "drop_before_commit", "not_done", 1),
    ] {
        let bill = purchase(number);
        let (_, settled) = buy(&stage, &bill, &identity, number).await?;
        let settlement = settled["settlement"]["settlement_id"].as_str().unwrap();
        stage.admin().fault("2103", kind, json!({})).await?;
        let request = format!("x-{number}");
        let told = stage
            .call("pharmacy.cancel", bill.cancel(&request, settlement))
            .await?;
        assert_eq!(told["outcome"], "not_known", "{told}");
        let status = known(&stage, &request).await?;
        assert_eq!(status["outcome"], outcome, "{number}: {status}");
        assert_eq!(
            stage.admin().standing(&bill.first_line()).await?,
            standing,
            "{number}"
        );
    }
    assert_eq!(stage.admin().calls("2601", None).await?, 0);
    Ok(())
}

/// Killed while the purchase is out: after the restart the search finds it by itself.
#[tokio::test]
async fn killed_during_a_purchase() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let bill = purchase("YD0001");
    let quote = stage
        .call("pharmacy.quote", bill.purchase("q", &identity))
        .await?;
    let params = bill.settle("s", &quote);
    stage
        .admin()
        .fault("2102", "delay_after_commit", json!({ "ms": 60_000 }))
        .await?;
    let client = stage.client().await?;
    {
        let settle = client.call("pharmacy.settle", &params);
        tokio::pin!(settle);
        tokio::select! {
            told = &mut settle => panic!("answered: {told:?}"),
            there = stage.admin().wait("2102", 1, "committed") => there?,
        }
        stage.kill_agent();
        assert!(settle.await.is_err());
    }
    stage.start_agent().await?;
    let status = known(&stage, "s").await?;
    assert_eq!(status["outcome"], "done", "{status}");
    assert_eq!(stage.admin().calls("2102", None).await?, 1);
    assert_eq!(stage.admin().standing(&bill.first_line()).await?, 1);
    Ok(())
}

/// Two counters serve one person with the same things at the same time. Each answer is lost, each finds its own.
#[tokio::test]
async fn two_counters_never_take_each_other_s_purchase() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let mut settlements = Vec::new();
    for number in ["YD-LEFT", "YD-RIGHT"] {
        let bill = purchase(number);
        stage
            .admin()
            .fault("2102", "drop_after_commit", json!({ "visit": bill.first_line() }))
            .await?;
        let (_, told) = buy(&stage, &bill, &identity, number).await?;
        assert_eq!(told["outcome"], "not_known", "{told}");
    }
    for number in ["YD-LEFT", "YD-RIGHT"] {
        let status = known(&stage, &format!("s-{number}")).await?;
        assert_eq!(status["outcome"], "done", "{status}");
        let rows = stage.admin().settlements(&purchase(number).first_line()).await?;
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(status["settlement"]["settlement_id"], rows[0]["setl_id"]);
        settlements.push(status["settlement"]["settlement_id"].clone());
    }
    assert_ne!(settlements[0], settlements[1]);
    Ok(())
}
