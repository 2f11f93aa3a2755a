//! The road: read, quote, settle, confirm, refund.

use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, order};

/// Quotes and settles with the amounts of the quote; gives both answers.
pub async fn settle(stage: &Stage, bill: &Order, identity: &str, id: &str) -> anyhow::Result<(Value, Value)> {
    let quote = stage
        .call("visit.quote", bill.quote(&format!("q-{id}"), identity))
        .await?;
    let settled = stage
        .call("visit.settle", bill.settle(&format!("s-{id}"), &quote))
        .await?;
    Ok((quote, settled))
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

    let settlement = settled["settlement"]["settlement_id"].as_str().unwrap();
    let confirmed = stage
        .call("visit.confirm", bill.confirm("c-1", settlement))
        .await?;
    assert_eq!(confirmed["outcome"], "done");
    let refunded = stage.call("visit.cancel", bill.cancel("x-1", settlement)).await?;
    assert_eq!(refunded["outcome"], "done", "{refunded}");
    assert_eq!(refunded["refund"]["total_fen"], json!(-41_260));
    assert_eq!(stage.admin().standing("MZ0001").await?, 0);
    Ok(())
}
