//! Cards of the third generation, opened by the province's key service while the card waits.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage};

async fn desk() -> anyhow::Result<Stage> {
    Stage::open(Options {
        card: true,
        card_keys: true,
        ..Options::default()
    })
    .await
}

/// Puts in a card with these words of its description, and waits until it is seen.
fn insert(stage: &mut Stage, words: &str) -> anyhow::Result<()> {
    let file = stage.folder().join("card.toml");
    std::fs::write(&file, format!("generation = \"3.0\"\n{words}\n"))?;
    stage.insert_card_file(&file)
}

fn ask() -> Value {
    json!({ "source": "card", "timeout_s": 30 })
}

#[tokio::test]
async fn a_card_of_the_third_generation_reads_and_is_genuine() -> anyhow::Result<()> {
    let mut stage = desk().await?;
    insert(&mut stage, "")?;
    let read = stage.call("identity.read", ask()).await?;
    assert_eq!(
        (&read["name"], &read["card"]["genuine"]),
        (&json!("王秀兰"), &json!(true)),
        "{read}"
    );
    assert_eq!(stage.admin().calls("card-keys", None).await?, 1);
    stage.take_card_back().await?;
    std::fs::write(stage.folder().join("card.toml"), "")?;
    stage.insert_card_file(&stage.folder().join("card.toml"))?;
    let read = stage.call("identity.read", ask()).await?;
    assert_eq!(read["card"]["genuine"], Value::Null, "{read}");
    assert_eq!(
        stage.admin().calls("card-keys", None).await?,
        1,
        "an open card asks nobody"
    );
    for secret in ["34120019680214002X", "王秀兰", "341200D156"] {
        assert!(!stage.agent_log().contains(secret));
    }
    Ok(())
}

/// Without an agent the bench asks the key service itself.
#[tokio::test]
async fn the_bench_opens_a_card_of_the_third_generation_too() -> anyhow::Result<()> {
    let mut stage = desk().await?;
    insert(&mut stage, "")?;
    stage
        .health_until(|health| health["devices"]["card_present"] == json!(true))
        .await?;
    stage.stop_agent()?;
    let ran = stage.zhijie(&["devices", "read"])?;
    let told = String::from_utf8(ran.stdout)?;
    assert!(
        told.contains("no agent runs") && told.contains("341200"),
        "{told} {}",
        String::from_utf8_lossy(&ran.stderr)
    );
    assert!(!told.contains("王秀兰"), "{told}");
    assert_eq!(stage.admin().calls("card-keys", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn whatever_the_service_does_is_named_and_the_next_reading_works() -> anyhow::Result<()> {
    let mut stage = desk().await?;
    let table = [
        ("", "drop_before_commit", json!({}), "CARD-026"),
        ("", "delay", json!({ "ms": 30_000 }), "CARD-026"),
        ("", "refuse", json!({ "text": "该终端未登记" }), "CARD-027"),
        ("", "empty", json!({}), "CARD-027"),
        ("", "wrong_signature", json!({}), "CARD-028"),
        ("key_tries = 1", "wrong_signature", json!({}), "CARD-029"),
        ("forged = true", "slow_bytes", json!({}), "CARD-018"),
        ("region = \"650100\"", "slow_bytes", json!({}), "CARD-027"),
    ];
    for (words, kind, more, code) in table {
        stage.admin().fault("card-keys", kind, more).await?;
        insert(&mut stage, words)?;
        let told = stage.refused("identity.read", ask()).await?;
        assert_eq!(told["code"], code, "{words} {kind}: {told}");
        assert_eq!(told["money_moved"], "no");
        if kind == "refuse" {
            assert_eq!(told["platform_text"], "该终端未登记", "{told}");
        }
        stage.take_card_back().await?;
    }
    insert(&mut stage, "")?;
    assert_eq!(stage.call("identity.read", ask()).await?["name"], "王秀兰");
    Ok(())
}

#[tokio::test]
async fn without_a_key_service_what_the_card_tells_anyway_is_shown() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        card: true,
        ..Options::default()
    })
    .await?;
    insert(&mut stage, "")?;
    let told = stage.refused("identity.read", ask()).await?;
    assert_eq!(told["code"], "CARD-010", "{told}");
    let cashier = told["cashier"].as_str().unwrap();
    for known in ["3.00", "341200", "2099-12-31", "医保码"] {
        assert!(cashier.contains(known), "{cashier}");
    }
    Ok(())
}
