//! What goes wrong with a dress is named: address, key, token, clock, certificate, signature.

use serde_json::json;
use zhijie_tests::{Options, Stage, order, program};

use crate::doubt::HORIZON;
use crate::road::settle;

/// A province that encrypts, with answers that are signed too.
const SIGNED: (&str, &str) = ("answers_signed = false", "answers_signed = true");

fn jilin() -> Options {
    Options {
        profile: Some("jilin.toml"),
        profile_changes: vec![SIGNED],
        dressed: true,
        ..Options::default()
    }
}

/// The code and the link with which a lookup fails.
async fn lookup_fails(stage: &Stage) -> anyhow::Result<(String, String)> {
    let person = stage.admin().person("fuyang-resident").await?;
    let params = json!({ "source": "id_number", "id_number": person["certificate"] });
    let told = stage.refused("identity.read", params).await?;
    assert_eq!(told["money_moved"], "no", "{told}");
    let said = |name: &str| String::from(told[name].as_str().unwrap_or_default());
    Ok((said("code"), said("link")))
}

fn named(code: &str, link: &str) -> (String, String) {
    (String::from(code), String::from(link))
}

#[tokio::test]
async fn a_wrong_pair_of_address_and_transaction_is_named() -> anyhow::Result<()> {
    let single = "family = \"single\"\nbase_path = \"/fsi/api/callService\"";
    let table =
        "family = \"fsi_table\"\nbase_path = \"/fsi/api\"\npaths = { 1101 = \"reverseService/revsMethod\" }";
    let stage = Stage::open(Options {
        profile_changes: vec![(single, table), ("pharmacy = true", "pharmacy = false")],
        ..Options::default()
    })
    .await?;
    assert_eq!(lookup_fails(&stage).await?, named("GATE-006", "gateway"));
    Ok(())
}

#[tokio::test]
async fn who_is_not_known_at_the_gateway_is_told_so() -> anyhow::Result<()> {
    for (profile, code) in [
        ("inner-mongolia.toml", "GATE-007"),
        ("zhejiang.toml", "GATE-007"),
        ("jiangsu.toml", "GATE-007"),
        ("jilin.toml", "GATE-009"),
    ] {
        let mut stage = Stage::without_agent(Options {
            profile: Some(profile),
            dressed: true,
            ..Options::default()
        })
        .await?;
        std::fs::write(stage.folder().join("gateway-secret"), "falsch")?;
        stage.start_agent().await?;
        assert_eq!(lookup_fails(&stage).await?, named(code, "gateway"), "{profile}");
        let health = stage.call("agent.health", json!({})).await?;
        assert!(health["reasons"].to_string().contains(code), "{health}");
        assert_eq!(stage.admin().calls("", None).await?, 0, "{profile}");
    }
    Ok(())
}

#[tokio::test]
async fn a_clock_that_is_off_is_measured_and_named() -> anyhow::Result<()> {
    let ahead = |seconds: &'static str| Options {
        profile: Some("inner-mongolia.toml"),
        dressed: true,
        sandbox: vec!["--clock-ahead", seconds],
        ..Options::default()
    };
    let stage = Stage::open(ahead("400")).await?;
    assert_eq!(lookup_fails(&stage).await?, named("GATE-010", "agent"));

    let stage = Stage::open(ahead("-90")).await?;
    stage.type_number("fuyang-resident").await?;
    let health = stage.call("agent.health", json!({})).await?;
    let offset = health["platform"]["clock_offset_s"].as_i64().unwrap();
    assert!((-95..=-85).contains(&offset), "{health}");
    assert!(health["reasons"].to_string().contains("GATE-010"), "{health}");
    Ok(())
}

#[tokio::test]
async fn an_ended_token_is_renewed_and_a_settlement_is_not_repeated() -> anyhow::Result<()> {
    let token = "[header]\nfamily = \"oauth\"\n\n[header.token]\npath = \"/auth/oauth/token\"\n\
                 grant = \"password\"\nscope = \"server\"\nlife_s = 1200";
    let stage = Stage::open(Options {
        profile_changes: vec![("[header]\nfamily = \"none\"", token), HORIZON],
        dressed: true,
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("fuyang-resident").await?;
    stage.admin().end_tokens().await?;
    let bill = order("MZ1");
    let quote = stage.call("visit.quote", bill.quote("q-1", &identity)).await?;
    assert_eq!(quote["outcome"], "done", "{quote}");

    stage.admin().end_tokens().await?;
    let told = stage.call("visit.settle", bill.settle("s-1", &quote)).await?;
    assert_eq!(told["outcome"], "not_known", "{told}");
    assert_eq!(told["fault"]["code"], "GATE-008", "{told}");
    assert_eq!(told["fault"]["money_moved"], "unknown", "{told}");
    let ended = stage
        .status_until(json!({ "request_id": "s-1" }), |status| {
            status["outcome"] != "not_known"
        })
        .await?;
    assert_eq!(ended["outcome"], "not_done", "{ended}");
    assert_eq!(stage.admin().calls("2207", None).await?, 0);

    let (_, settled) = settle(&stage, &bill, &identity, "2").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    assert_eq!(stage.admin().standing("MZ1").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_wrong_signature_is_doubt_for_money_and_a_fault_for_a_lookup() -> anyhow::Result<()> {
    let stage = Stage::open(jilin()).await?;
    stage.admin().fault("1101", "wrong_signature", json!({})).await?;
    assert_eq!(lookup_fails(&stage).await?, named("GATE-014", "gateway"));

    let identity = stage.type_number("fuyang-resident").await?;
    stage.admin().fault("2207", "wrong_signature", json!({})).await?;
    let bill = order("MZ1");
    let (_, told) = settle(&stage, &bill, &identity, "1").await?;
    assert_eq!(told["outcome"], "not_known", "{told}");
    assert_eq!(told["fault"]["code"], "GATE-013", "{told}");
    assert!(told["settlement"].is_null(), "{told}");
    let found = stage
        .status_until(json!({ "bill_id": bill.bill_id() }), |status| {
            status["outcome"] != "not_known"
        })
        .await?;
    assert_eq!(found["outcome"], "done", "{found}");
    assert_eq!(stage.admin().standing("MZ1").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_certificate_that_is_not_registered_is_named() -> anyhow::Result<()> {
    let mut stage = Stage::without_agent(Options::default()).await?;
    let other = stage.folder().join("other");
    let made = std::process::Command::new(program("zhijie-sandbox")?)
        .arg("certs")
        .arg("--out")
        .arg(&other)
        .output()?;
    assert!(made.status.success());
    for name in ["client.pem", "client.key"] {
        std::fs::copy(other.join(name), stage.folder().join("certs").join(name))?;
    }
    stage.start_agent().await?;
    assert_eq!(lookup_fails(&stage).await?, named("GATE-012", "gateway"));
    Ok(())
}

#[tokio::test]
async fn the_voucher_service_is_asked_in_its_own_envelope() -> anyhow::Result<()> {
    let core = "[security]\nfamily = \"sealed\"";
    let service = "[voucher]\nroad = \"service\"\npath = \"/epc/api\"\nversion = \"1.0.0\"\nkind = \"ec.query\"\n\
                   user_id = \"secret\"\n\n[security]\nfamily = \"sealed\"";
    let mut options = jilin();
    options.profile_changes.push((core, service));
    options.scanner = true;
    let mut stage = Stage::open(options).await?;
    let read = stage.show_voucher("jiaxing-employee").await?;
    assert_eq!(read["kind"], "voucher", "{read}");
    let identity = read["identity_id"].as_str().unwrap();
    let (_, settled) = settle(&stage, &order("MZ1"), identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");

    stage.admin().fault("1162", "wrong_signature", json!({})).await?;
    let code = stage.admin().voucher("jiaxing-employee").await?;
    let refused = stage.scan_when_asked(&code).await.unwrap_err().to_string();
    assert!(refused.contains("GATE-014"), "{refused}");
    Ok(())
}
