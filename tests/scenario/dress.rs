//! Every kind of province on the level of transport: sandbox and agent speak the same profile, a bill is settled, and a
//! lost answer is found out about.

use serde_json::json;
use zhijie_tests::{Options, Stage, order};

use crate::road::settle;

/// The profiles of real provinces.
const PROFILES: [&str; 9] = [
    "hebei.toml",
    "inner-mongolia.toml",
    "zhejiang.toml",
    "jiangsu.toml",
    "guangdong.toml",
    "jilin.toml",
    "hunan.toml",
    "voucher-channel.toml",
    "sichuan.toml",
];

async fn dressed(profile: &'static str) -> anyhow::Result<Stage> {
    Stage::open(Options {
        profile: Some(profile),
        dressed: true,
        ..Options::default()
    })
    .await
}

async fn settles_and_survives_a_lost_answer(profile: &'static str) -> anyhow::Result<()> {
    let stage = dressed(profile).await?;
    let by_control = profile == "sichuan.toml";
    let identity = if by_control {
        stage.lay_card("fuyang-resident").await?
    } else {
        stage.type_number("fuyang-resident").await?
    };
    let bill = order("MZ1");
    let (_, settled) = settle(&stage, &bill, &identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{profile}: {settled}");
    let settlement = settled["settlement"]["settlement_id"].as_str().unwrap();
    let refunded = stage.call("visit.cancel", bill.cancel("x", settlement)).await?;
    assert_eq!(refunded["outcome"], "done", "{profile}: {refunded}");
    assert_eq!(stage.admin().settlements("MZ1").await?.len(), 2, "{profile}");

    let bill = order("MZ2");
    let lose = json!({ "visit": "MZ2" });
    stage.admin().fault("2207", "drop_after_commit", lose).await?;
    let (_, lost) = settle(&stage, &bill, &identity, "2").await?;
    assert_eq!(lost["outcome"], "not_known", "{profile}: {lost}");
    let key = json!({ "bill_id": bill.bill_id() });
    let found = stage
        .status_until(key, |status| status["outcome"] != "not_known")
        .await?;
    let ended = (&found["outcome"], &found["state"]);
    assert_eq!(ended, (&json!("done"), &json!("settled")), "{profile}: {found}");
    assert_eq!(stage.admin().standing("MZ2").await?, 1, "{profile}");
    for secret in ["sandbox-secret", "sandbox-password"] {
        assert!(!stage.agent_log().contains(secret), "{profile}");
    }
    Ok(())
}

#[tokio::test]
async fn every_dress_settles_and_survives_a_lost_answer() -> anyhow::Result<()> {
    let stories: Vec<_> = PROFILES
        .into_iter()
        .map(|profile| tokio::spawn(settles_and_survives_a_lost_answer(profile)))
        .collect();
    for story in stories {
        story.await??;
    }
    Ok(())
}

#[tokio::test]
async fn the_card_stays_in_the_control_until_the_bill_is_settled() -> anyhow::Result<()> {
    let stage = dressed("sichuan.toml").await?;
    let empty = stage
        .refused("identity.read", json!({ "source": "card" }))
        .await?;
    assert_eq!(empty["code"], "CARD-002", "{empty}");
    let identity = stage.lay_card("fuyang-resident").await?;
    let bill = order("MZ1");
    let quote = stage.call("visit.quote", bill.quote("q-1", &identity)).await?;
    assert_eq!(quote["outcome"], "done", "{quote}");
    for (card, code) in [
        ("", "CARD-002"),
        ("rizhao-resident", "CARD-003"),
        ("nobody", "GATE-015"),
    ] {
        std::fs::write(stage.folder().join("medium"), card)?;
        let told = stage
            .call("visit.settle", bill.settle(&format!("s-{code}"), &quote))
            .await?;
        assert_eq!(told["outcome"], "not_done", "{card}: {told}");
        assert_eq!(told["fault"]["code"], code, "{card}: {told}");
    }
    assert_eq!(stage.admin().calls("2207", None).await?, 0);
    std::fs::write(stage.folder().join("medium"), "fuyang-resident")?;
    let settled = stage.call("visit.settle", bill.settle("s-1", &quote)).await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    Ok(())
}
