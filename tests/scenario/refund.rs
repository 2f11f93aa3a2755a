//! The answer to a refund is lost: the settlement counts as standing until it is known not to.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage, order};

use crate::doubt::HORIZON;
use crate::road::settle;

#[tokio::test]
async fn a_lost_refund_is_found_or_known_not_to_be() -> anyhow::Result<()> {
    let options = Options {
        profile_changes: vec![HORIZON],
        ..Options::default()
    };
    let stage = Stage::open(options).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let table = [
        ("MADE", "drop_after_commit", "done"),
        ("UNMADE", "drop_before_commit", "not_done"),
    ];
    let mut open = Vec::new();
    for (visit, kind, outcome) in table {
        let bill = order(visit);
        let (_, settled) = settle(&stage, &bill, &identity, visit).await?;
        assert_eq!(settled["outcome"], "done", "{settled}");
        let settlement = settled["settlement"]["settlement_id"].as_str().unwrap();
        stage
            .admin()
            .fault("2208", kind, json!({ "visit": visit }))
            .await?;
        let cancel = bill.cancel(&format!("x-{visit}"), settlement);
        let told = stage.call("visit.cancel", cancel.clone()).await?;
        assert_eq!(told["outcome"], "not_known", "{told}");
        assert_eq!(told["fault"]["money_moved"], "unknown", "{told}");
        let again = stage
            .call("visit.cancel", bill.cancel(&format!("y-{visit}"), settlement))
            .await?;
        assert_eq!(again["outcome"], "not_known", "{again}");
        let settle = bill.settle(&format!("s2-{visit}"), &Value::Null);
        assert!(stage.call("visit.settle", settle).await.is_err());
        open.push((bill, cancel, outcome));
    }
    for (bill, cancel, outcome) in open {
        let key = json!({ "request_id": cancel["request_id"] });
        let status = stage
            .status_until(key, |status| status["outcome"] != "not_known")
            .await?;
        assert_eq!(status["outcome"], outcome, "{status}");
        let first = stage.raw("visit.cancel", &cancel).await?;
        assert_eq!(first, stage.raw("visit.cancel", &cancel).await?);
        assert_eq!(serde_json::from_str::<Value>(&first)?, status["answer"]);
        let by_bill = stage
            .call("visit.status", json!({ "bill_id": bill.bill_id() }))
            .await?;
        let (state, standing) = if outcome == "done" {
            ("cancelled", 0)
        } else {
            ("settled", 1)
        };
        assert_eq!(by_bill["state"], state, "{by_bill}");
        assert_eq!(stage.admin().standing(&bill.visit).await?, standing);
        assert_eq!(stage.admin().calls("2208", Some(&bill.visit)).await?, 1);
    }
    Ok(())
}
