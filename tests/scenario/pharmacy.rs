//! A pharmacy's counter: quote, settle, confirm, print, refund; and what is not offered there.

use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, order, purchase};

/// Quotes and settles with the amounts of the quote; gives both answers.
pub async fn buy(stage: &Stage, bill: &Order, identity: &str, id: &str) -> anyhow::Result<(Value, Value)> {
    let quote = stage
        .call("pharmacy.quote", bill.purchase(&format!("q-{id}"), identity))
        .await?;
    let settled = stage
        .call("pharmacy.settle", bill.settle(&format!("s-{id}"), &quote))
        .await?;
    Ok((quote, settled))
}

#[tokio::test]
async fn a_purchase_is_settled_printed_and_refunded() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let bill = purchase("YD0001");
    let (quote, settled) = buy(&stage, &bill, &identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    assert_eq!(settled["settlement"]["split"], quote["quote"]["split"]);
    let lines = quote["quote"]["lines"].as_array().unwrap();
    let cut: i64 = lines
        .iter()
        .map(|line| line["amount_fen"].as_i64().unwrap())
        .sum();
    assert_eq!((lines.len(), cut), (2, bill.total_fen()), "{quote}");
    // No visit is registered, no line uploaded: two calls in all.
    for (number, count) in [("2101", 1), ("2102", 1), ("2201", 0), ("2204", 0), ("2207A", 0)] {
        assert_eq!(stage.admin().calls(number, None).await?, count, "{number}");
    }
    let settlement = settled["settlement"]["settlement_id"].as_str().unwrap();
    let confirmed = stage
        .call("visit.confirm", bill.confirm("c-1", settlement))
        .await?;
    assert_eq!(confirmed["outcome"], "done", "{confirmed}");
    let sheet = stage
        .call(
            "receipt.get",
            json!({ "bill_id": bill.bill_id(), "format": "text" }),
        )
        .await?;
    assert!(
        sheet["content"]
            .as_str()
            .is_some_and(|text| text.contains("奥美拉唑")),
        "{sheet}"
    );
    let refunded = stage
        .call("pharmacy.cancel", bill.cancel("x-1", settlement))
        .await?;
    assert_eq!(refunded["outcome"], "done", "{refunded}");
    assert_ne!(refunded["refund"]["settlement_id"], settlement);
    assert_eq!(refunded["refund"]["total_fen"], json!(-bill.total_fen()));
    let cash = settled["settlement"]["split"]["cash_fen"].as_i64().unwrap();
    assert_eq!(refunded["refund"]["cash_fen"], json!(-cash));
    assert_eq!(stage.admin().standing(&bill.first_line()).await?, 0);
    Ok(())
}

#[tokio::test]
async fn the_same_request_is_the_same_purchase() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let bill = purchase("YD0001");
    let (quote, settled) = buy(&stage, &bill, &identity, "1").await?;
    let again = stage.call("pharmacy.settle", bill.settle("s-1", &quote)).await?;
    assert_eq!(again, settled);
    let other = stage.call("pharmacy.settle", bill.settle("s-2", &quote)).await?;
    assert_eq!(other["settlement"], settled["settlement"], "{other}");
    assert_eq!(stage.admin().calls("2102", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn each_road_has_its_own_methods() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let (bought, visit) = (purchase("YD0001"), order("MZ0001"));
    let (quote, _) = buy(&stage, &bought, &identity, "1").await?;
    let outpatient = stage.call("visit.quote", visit.quote("q-2", &identity)).await?;
    let table = [
        ("visit.settle", bought.settle("s-3", &quote)),
        ("visit.cancel", bought.cancel("x-3", "310000")),
        ("visit.quote", order("YD0001").quote("q-3", &identity)),
        ("pharmacy.settle", visit.settle("s-4", &outpatient)),
        ("pharmacy.cancel", visit.cancel("x-4", "310000")),
        ("pharmacy.quote", purchase("MZ0001").purchase("q-4", &identity)),
    ];
    for (method, params) in table {
        let told = stage.call(method, params).await?;
        assert_eq!(told["outcome"], "not_done", "{method}: {told}");
        assert_eq!(told["fault"]["code"], "DESK-025", "{method}: {told}");
    }
    assert_eq!(stage.admin().calls("2102", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn what_a_pharmacy_is_not_offered_is_said() -> anyhow::Result<()> {
    let options = Options {
        profile_changes: vec![("pharmacy = true", "pharmacy = false")],
        ..Options::default()
    };
    let stage = Stage::open(options).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let bill = purchase("YD0001");
    let told = stage
        .call("pharmacy.quote", bill.purchase("q-1", &identity))
        .await?;
    assert_eq!(told["fault"]["code"], "DESK-026", "{told}");
    let visit = order("YD0001").quote("later", &identity);
    let later = json!({
        "request_id": "later",
        "bill_id": bill.bill_id(),
        "total_fen": bill.total_fen(),
        "mode": "deferred",
        "deferred": {
            "identity_id": identity, "visit": visit["visit"], "bill": visit["bill"],
            "deposit_fen": bill.total_fen(), "consent": true,
        },
    });
    let told = stage.call("pharmacy.settle", later).await?;
    assert_eq!(told["fault"]["code"], "DESK-027", "{told}");
    assert_eq!(stage.admin().calls("2101", None).await?, 0);
    Ok(())
}
