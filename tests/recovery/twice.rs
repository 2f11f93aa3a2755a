//! Everything twice: each request, and each start.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage, order};

/// Calls that change something at the centre.
const EFFECTS: [&str; 6] = ["2201", "2203", "2204", "2206", "2207", "2208"];

async fn effects(stage: &Stage) -> anyhow::Result<Vec<usize>> {
    let mut counts = Vec::new();
    for number in EFFECTS {
        counts.push(stage.admin().calls(number, None).await?);
    }
    Ok(counts)
}

#[tokio::test]
async fn every_request_and_every_start_twice() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let bill = order("MZ1");
    let id = bill.bill_id();
    let mut told: Vec<(&str, Value, String)> = Vec::new();
    let identity = stage.type_number("fuyang-resident").await?;
    let mut ask = async |method: &'static str, params: Value| -> anyhow::Result<Value> {
        let first = stage.raw(method, &params).await?;
        anyhow::ensure!(first == stage.raw(method, &params).await?, "{method}: {first}");
        let answer = serde_json::from_str(&first)?;
        told.push((method, params, first));
        Ok(answer)
    };
    let quote = ask("visit.quote", bill.quote("q", &identity)).await?;
    let settled = ask("visit.settle", bill.settle("s", &quote)).await?;
    let settlement = settled["settlement"]["settlement_id"].as_str().unwrap();
    ask("visit.confirm", bill.confirm("c", settlement)).await?;
    let resolve = json!({
        "request_id": "w", "bill_id": id, "verdict": "stands", "settlement_id": settlement,
        "reason": "已在平台查到", "operator": { "code": "0001", "name": "收费员" },
    });
    assert_eq!(ask("work.resolve", resolve).await?["outcome"], "not_done");
    let refunded = ask("visit.cancel", bill.cancel("x", settlement)).await?;
    assert_eq!(refunded["outcome"], "done", "{refunded}");

    for method in ["agent.info", "identity.cancel", "work.list"] {
        let first = stage.raw(method, &json!({})).await?;
        assert_eq!(first, stage.raw(method, &json!({})).await?, "{method}");
    }
    for (method, key) in [
        ("visit.status", json!({ "bill_id": id })),
        ("receipt.get", json!({ "bill_id": id, "format": "text" })),
    ] {
        let first = stage.raw(method, &key).await?;
        assert_eq!(first, stage.raw(method, &key).await?, "{method}");
    }
    let lookup = json!({ "identity_id": identity });
    for _ in 0..2 {
        let health = stage.call("agent.health", json!({})).await?;
        assert_eq!(health["state"], "ok", "{health}");
        let person = stage.call("person.lookup", lookup.clone()).await?;
        assert!(person["insurances"].is_array(), "{person}");
    }

    assert_eq!(effects(&stage).await?, [1; 6]);
    for _ in 0..2 {
        stage.kill_agent();
        stage.start_agent().await?;
        for (method, params, first) in &told {
            for _ in 0..2 {
                assert_eq!(stage.raw(method, params).await?, *first, "{method}");
            }
        }
    }
    assert_eq!(effects(&stage).await?, [1; 6]);
    assert_eq!(stage.admin().standing("MZ1").await?, 0);
    let verify = stage.zhijie(&["ledger", "verify"])?;
    assert!(
        verify.status.success(),
        "{}",
        String::from_utf8_lossy(&verify.stderr)
    );
    Ok(())
}
