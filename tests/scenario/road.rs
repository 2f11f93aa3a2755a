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

/// Several charge batches of a visit are settled one by one: it is registered and described once.
#[tokio::test]
async fn a_second_batch_joins_the_visit() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let first = order("MZ0001");
    let second = Order {
        batch: String::from("B2"),
        ..order("MZ0001")
    };
    let mut settlements = Vec::new();
    for (bill, id) in [(&first, "1"), (&second, "2")] {
        let (_, settled) = settle(&stage, bill, &identity, id).await?;
        assert_eq!(settled["outcome"], "done", "{settled}");
        settlements.push(settled["settlement"]["settlement_id"].clone());
    }
    for (number, count) in [("2201", 1), ("2203A", 1), ("2204", 2), ("2207A", 2)] {
        assert_eq!(stage.admin().calls(number, None).await?, count, "{number}");
    }
    assert_eq!(stage.admin().standing("MZ0001").await?, 2);
    let refunded = stage
        .call(
            "visit.cancel",
            first.cancel("x-1", settlements[0].as_str().unwrap()),
        )
        .await?;
    assert_eq!(refunded["outcome"], "done", "{refunded}");
    assert_eq!(stage.admin().standing("MZ0001").await?, 1);
    Ok(())
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
