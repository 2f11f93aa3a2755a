//! What the page says about requests in general: errors of the protocol, and a request that is still under way.

use serde_json::json;
use zhijie_tests::{Options, Stage, order};

use crate::desk::Desk;

#[tokio::test]
async fn a_request_under_way_is_not_called_undone() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-employee").await?;
    let mut desk = Desk::connect(&stage.socket()).await?;
    // Both were called once before: by the identity, and by the first quote.
    for number in ["9001", "2201"] {
        stage
            .admin()
            .fault(number, "delay", json!({ "ms": 3000 }))
            .await?;
        let mut other = Desk::connect(&stage.socket()).await?;
        let request = format!("q-{number}");
        let mut params = order(&format!("MZ{number}")).quote(&request, &identity);
        params["operator"] = json!({ "code": "0002", "name": "另一位" });
        let quote = tokio::spawn(async move { other.done("visit.quote", &params).await });
        stage.admin().wait(number, 2, "received").await?;
        let asked = desk
            .done("visit.status", &json!({ "request_id": request }))
            .await?;
        assert_eq!(asked["outcome"], "not_known", "{number}: {asked}");
        assert_eq!(quote.await??["outcome"], "done", "{number}");
        let asked = desk
            .done("visit.status", &json!({ "request_id": request }))
            .await?;
        assert_eq!(asked["outcome"], "done", "{number}: {asked}");
    }
    Ok(())
}

#[tokio::test]
async fn mistakes_in_the_protocol_get_the_errors_of_the_page() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let mut desk = Desk::connect(&stage.socket()).await?;
    let settle =
        |params: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"method":"visit.settle","params":{params}}}"#);
    let duplicate =
        r#"{"request_id":"s","bill_id":"b","quote_id":"q","cash_fen":1,"cash_fen":1,"total_fen":1}"#;
    let unnamed = r#"{"request_id":"","bill_id":"b","quote_id":"q","cash_fen":1,"total_fen":1}"#;
    let deep = format!("{}{}", "[".repeat(33), "]".repeat(33));
    let table = [
        (String::from("{"), -32700, None),
        (deep, -32700, None),
        (String::from("[]"), -32600, None),
        (String::from("7"), -32600, None),
        (
            String::from(r#"{"jsonrpc":"1.0","id":1,"method":"agent.info"}"#),
            -32600,
            None,
        ),
        (
            String::from(r#"{"jsonrpc":"2.0","id":1,"method":"visit.pay"}"#),
            -32601,
            None,
        ),
        (settle(r#"{"request_id":"s"}"#), -32602, Some("missing")),
        (settle(r#"{"request_id":1}"#), -32602, Some("wrong_type")),
        (settle(duplicate), -32602, Some("duplicate")),
        (settle(unnamed), -32602, Some("not_allowed")),
    ];
    for (line, wanted, kind) in table {
        let answer = desk.say(&line).await?;
        let error = &answer["error"];
        assert_eq!(error["code"], wanted, "{line}: {answer}");
        assert!(error["data"]["problem"].is_string(), "{line}: {answer}");
        assert_eq!(error["data"]["kind"].as_str(), kind, "{line}: {answer}");
        assert_eq!(
            error["data"]["path"].is_string(),
            kind.is_some(),
            "{line}: {answer}"
        );
    }
    assert!(desk.call("agent.info", &json!({})).await?.is_ok());
    Ok(())
}
