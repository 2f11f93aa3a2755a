//! The platform is gone and the agent has started anew: who somebody is, whether she may settle, what became of her bill.

use serde_json::json;
use zhijie_tests::{Options, Stage, order};

use crate::filing::{check, says};
use crate::road::settle;

#[tokio::test]
async fn without_the_platform_everything_seen_before_is_told_with_its_age() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        card: true,
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let online = stage
        .call("person.lookup", json!({ "identity_id": identity }))
        .await?;
    assert_eq!(online["source"]["from_disk"], false, "{online}");
    let bill = order("MZ1");
    let (_, settled) = settle(&stage, &bill, &identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    let stranger = stage.admin().person("rizhao-resident").await?;

    stage.kill_sandbox();
    // The lookup of this run is still in memory; what the platform alone can tell is not claimed.
    let memory = stage
        .call("person.lookup", json!({ "identity_id": identity }))
        .await?;
    assert_eq!(memory["name"], online["name"], "{memory}");
    assert_eq!(memory["notices"][0]["code"], "PLATFORM-SILENT", "{memory}");
    stage.stop_agent()?;
    stage.start_agent().await?;

    stage.insert_card("fuyang-resident")?;
    let card = json!({ "source": "card", "timeout_s": 60 });
    let read = stage.call("identity.read", card).await?;
    assert_eq!(read["name"], online["name"], "{read}");
    assert_eq!(read["insured_area"]["code"], "341200", "{read}");
    assert_eq!(read["known_at"], online["asked_at"], "{read}");
    let identity = read["identity_id"].as_str().unwrap();

    let disk = stage
        .call("person.lookup", json!({ "identity_id": identity }))
        .await?;
    assert_eq!(disk["source"]["from_disk"], true, "{disk}");
    for name in ["name", "chosen", "asked_at"] {
        assert_eq!(disk[name], online[name], "{name}");
    }
    assert_eq!(
        disk["insurances"][0]["category"], online["insurances"][0]["category"],
        "{disk}"
    );
    assert!(disk["insurances"][0].get("balance_fen").is_none(), "{disk}");
    assert_eq!(disk["notices"][0]["code"], "PLATFORM-SILENT", "{disk}");

    let told = check(&stage, identity).await?;
    says(&told, "valid", "verdict");
    let status = stage
        .call("visit.status", json!({ "bill_id": bill.bill_id() }))
        .await?;
    assert_eq!(status["outcome"], "done", "{status}");

    // Nobody is made up: whom this desk never looked up it does not know.
    let nobody = json!({ "source": "id_number", "id_number": stranger["certificate"] });
    let fault = stage.refused("identity.read", nobody).await?;
    assert!(is_line(&fault), "{fault}");

    // What was forgotten is not known any more.
    let forget = json!({ "request_id": "f-1", "who": { "identity_id": identity }, "reason": "患者要求" });
    stage.call("filing.forget", forget).await?;
    let fault = stage
        .refused("person.lookup", json!({ "identity_id": identity }))
        .await?;
    assert!(is_line(&fault), "{fault}");
    Ok(())
}

/// Nothing gets out: said by the line, or by the breaker once it knows.
fn is_line(fault: &serde_json::Value) -> bool {
    ["GATE-001", "GATE-004"].iter().any(|code| fault["code"] == *code)
}
