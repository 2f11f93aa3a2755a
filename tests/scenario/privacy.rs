//! Nothing about a patient reaches the log, at any level.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage, order};

use crate::road::settle;

#[tokio::test]
async fn the_log_of_a_whole_day_names_nobody() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        card: true,
        scanner: true,
        config: "[log]\nlevel = \"trace\"\n",
        ..Options::default()
    })
    .await?;
    let people = [
        "fuyang-resident",
        "jiaxing-employee",
        "haikou-aided",
        "harbin-unfiled",
    ];
    let mut secrets = Vec::new();
    for key in people {
        let person = stage.admin().person(key).await?;
        for path in [
            "/name",
            "/certificate",
            "/number",
            "/card/number",
            "/card/identification",
        ] {
            secrets.push(person.pointer(path).and_then(Value::as_str).unwrap().to_string());
        }
    }
    let code = stage.admin().voucher("jiaxing-employee").await?;
    secrets.push(code.clone());
    let card = stage.read_card("fuyang-resident").await?;
    let voucher = stage.scan_when_asked(&code).await?;
    // Words of the platform may name the patient.
    let words = format!("FSI-FMI返回：{}[{}]未参保", secrets[10], secrets[11]);
    stage
        .admin()
        .fault("1101", "refuse", json!({ "text": words }))
        .await?;
    assert!(stage.type_number("haikou-aided").await.is_err());
    let typed = stage.type_number("haikou-aided").await?;
    let unfiled = stage.type_number("harbin-unfiled").await?;
    let (card, voucher) = (
        card["identity_id"].as_str().unwrap(),
        voucher["identity_id"].as_str().unwrap(),
    );
    for (visit, identity) in [("CARD", card), ("CODE", voucher), ("TYPED", &typed)] {
        let (_, settled) = settle(&stage, &order(visit), identity, visit).await?;
        assert_eq!(settled["outcome"], "done", "{settled}");
        let receipt = json!({ "bill_id": order(visit).bill_id(), "format": "text" });
        assert!(stage.call("receipt.get", receipt).await?["content"].is_string());
    }
    let refused = stage
        .call("visit.quote", order("UNFILED").quote("q", &unfiled))
        .await?;
    assert_eq!(refused["fault"]["code"], "REGN-001", "{refused}");
    let lost = [
        ("LOST1", "other_person", json!({})),
        ("LOST2", "half_answer", json!({})),
        (
            "LOST3",
            "refuse",
            json!({ "text": format!("FSI-FMI返回：{}的请求超时", secrets[10]) }),
        ),
    ];
    for (visit, kind, mut more) in lost {
        more["visit"] = json!(visit);
        stage.admin().fault("2207", kind, more).await?;
        let (_, told) = settle(&stage, &order(visit), &typed, visit).await?;
        assert_eq!(told["outcome"], "not_known", "{told}");
    }
    stage.kill_agent();
    let journal = stage.zhijie(&["ledger", "show", &order("LOST3").bill_id()])?;
    stage.start_agent().await?;
    stage.stop_agent()?;
    // The token of the e-voucher, and every other credential that went out.
    secrets.extend(credentials(&stage)?);
    let log = stage.agent_log() + &String::from_utf8(journal.stdout)?;
    assert!(log.contains("TRACE") && log.contains(&order("CODE").bill_id()) && log.contains("in_doubt"));
    for secret in secrets {
        assert!(secret.chars().count() > 1);
        let found = log.lines().find(|line| line.contains(&secret));
        assert_eq!(found, None, "{secret}");
    }
    Ok(())
}

/// Values of `mdtrt_cert_no` in the messages the ledger keeps.
fn credentials(stage: &Stage) -> anyhow::Result<Vec<String>> {
    let mut bytes = std::fs::read(stage.ledger())?;
    let log = stage.folder().join("ledger.sqlite-wal");
    bytes.extend(std::fs::read(log).unwrap_or_default());
    let text = String::from_utf8_lossy(&bytes);
    let value = |rest: &str| rest.split('"').next().map(String::from);
    let mut found: Vec<String> = text
        .split("\"mdtrt_cert_no\":\"")
        .skip(1)
        .filter_map(value)
        .collect();
    found.sort();
    found.dedup();
    // Card, code and typed number at least.
    assert!(found.len() >= 3, "{}", found.len());
    Ok(found)
}
