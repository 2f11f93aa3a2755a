//! A province whose gateway wants signed headers, with the profile of a real one.

use std::fs::File;
use std::io::Write;

use serde_json::json;
use zhijie_tests::{Options, Stage, order};

use crate::road::settle;

async fn hebei(secret: &str) -> anyhow::Result<Stage> {
    let mut stage = Stage::without_agent(Options {
        profile: Some("hebei.toml"),
        sandbox: vec!["--tif", "paas-1:geheim"],
        ..Options::default()
    })
    .await?;
    let mut header = String::from("[platform.header]\n");
    for (key, value) in [("paasid", "paas-1"), ("secret", secret)] {
        let file = stage.folder().join(key);
        std::fs::write(&file, value)?;
        header.push_str(&format!("{key} = \"file:{}\"\n", file.display()));
    }
    File::options()
        .append(true)
        .open(stage.config())?
        .write_all(header.as_bytes())?;
    stage.start_agent().await?;
    Ok(stage)
}

#[tokio::test]
async fn signed_headers_are_taken() -> anyhow::Result<()> {
    let stage = hebei("geheim").await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = order("MZ1");
    let (_, settled) = settle(&stage, &bill, &identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    let settlement = settled["settlement"]["settlement_id"].as_str().unwrap();
    let refunded = stage.call("visit.cancel", bill.cancel("x", settlement)).await?;
    assert_eq!(refunded["outcome"], "done", "{refunded}");
    assert_eq!(stage.admin().settlements("MZ1").await?.len(), 2);
    assert!(!stage.agent_log().contains("geheim"));
    Ok(())
}

#[tokio::test]
async fn a_wrong_secret_gets_no_further_than_the_gateway() -> anyhow::Result<()> {
    let stage = hebei("falsch").await?;
    let person = stage.admin().person("fuyang-resident").await?;
    let params = json!({ "source": "id_number", "id_number": person["certificate"] });
    let told = stage.refused("identity.read", params).await?;
    assert_eq!(
        (&told["link"], &told["money_moved"]),
        (&json!("gateway"), &json!("no")),
        "{told}"
    );
    assert_eq!(stage.admin().calls("", None).await?, 0);
    Ok(())
}
