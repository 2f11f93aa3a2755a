//! The road: read, quote, settle, confirm, refund.

use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, order};

/// Quotes and settles with the amounts of the quote; gives both answers.
pub async fn settle(stage: &Stage, bill: &Order, identity: &str, id: &str) -> anyhow::Result<(Value, Value)> {
    let quote = stage
        .call("visit.quote", bill.quote(&format!("q-{id}"), identity))
        .await?;
    let params = accept(bill, &quote, id);
    let settled = stage.call("visit.settle", params).await?;
    Ok((quote, settled))
}

/// Parameters of `visit.settle` that accept a quote.
pub fn accept(bill: &Order, quote: &Value, id: &str) -> Value {
    json!({
        "request_id": format!("s-{id}"),
        "bill_id": bill.bill_id(),
        "quote_id": quote["quote"]["quote_id"],
        "total_fen": quote["quote"]["split"]["total_fen"],
        "cash_fen": quote["quote"]["split"]["cash_fen"],
    })
}

#[tokio::test]
async fn a_card_settles_and_is_refunded() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        card: true,
        ..Options::default()
    })
    .await?;
    let read = stage.read_card("fuyang-resident").await?;
    assert_eq!(read["kind"], "card");
    assert_eq!(read["insured_area"]["code"], "341200");
    let bill = order("MZ0001");
    let identity = read["identity_id"].as_str().unwrap();
    let (quote, settled) = settle(&stage, &bill, identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    let split = &settled["settlement"]["split"];
    assert_eq!(split, &quote["quote"]["split"]);
    assert_eq!(stage.admin().standing("MZ0001").await?, 1);

    let settlement = settled["settlement"]["settlement_id"].clone();
    let confirm = json!({
        "request_id": "c-1", "bill_id": bill.bill_id(), "settlement_id": settlement, "booked": true
    });
    assert_eq!(stage.call("visit.confirm", confirm).await?["outcome"], "done");
    let cancel = json!({
        "request_id": "x-1", "bill_id": bill.bill_id(), "settlement_id": settlement, "reason": "开错"
    });
    let refunded = stage.call("visit.cancel", cancel).await?;
    assert_eq!(refunded["outcome"], "done", "{refunded}");
    assert_eq!(refunded["refund"]["total_fen"], json!(-41_260));
    assert_eq!(stage.admin().standing("MZ0001").await?, 0);
    Ok(())
}
