//! What a platform says besides "done": on the road to a quote nothing of it moves money, and the next quote works.

use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, order, program};

use crate::road::settle;

#[tokio::test]
async fn a_step_before_the_settlement_fails_in_every_way() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let lost = [
        "drop_before_commit",
        "drop_after_commit",
        "half_answer",
        "html",
        "html_after_commit",
    ];
    let unreadable = ["empty", "bad_json_after_commit"];
    for number in ["2201", "2203", "2204", "2206"] {
        for kind in lost.into_iter().chain(unreadable) {
            fails(&stage, &identity, (number, kind), json!({}), "PLAT-002").await?;
        }
        let text = json!({ "text": "FSI-FMI返回：天气不好" });
        fails(&stage, &identity, (number, "refuse"), text, "PLAT-001").await?;
    }
    // Only answers that name a person or amounts can name the wrong ones.
    for (number, kind) in [
        ("2201", "other_person"),
        ("2206", "other_person"),
        ("2206", "wrong_amounts"),
    ] {
        fails(&stage, &identity, (number, kind), json!({}), "PLAT-002").await?;
    }
    assert_eq!(stage.admin().calls("2207", None).await?, 0);
    Ok(())
}

async fn fails(
    stage: &Stage,
    identity: &str,
    (number, kind): (&str, &str),
    mut more: Value,
    code: &str,
) -> anyhow::Result<()> {
    let bill = order(&format!("{number}{kind}"));
    let case = &bill.visit;
    more["visit"] = json!(case);
    stage.admin().fault(number, kind, more).await?;
    let told = stage
        .call("visit.quote", bill.quote(&format!("q-{case}"), identity))
        .await?;
    assert_eq!(told["outcome"], "not_done", "{case}: {told}");
    assert_eq!(told["fault"]["code"], code, "{case}: {told}");
    assert_eq!(told["fault"]["money_moved"], "no", "{case}: {told}");
    assert!(told["quote"].is_null(), "{case}: {told}");
    let told = stage
        .call("visit.quote", bill.quote(&format!("r-{case}"), identity))
        .await?;
    assert_eq!(told["outcome"], "done", "{case}: {told}");
    assert_eq!(
        told["quote"]["lines"].as_array().map(Vec::len),
        Some(4),
        "{case}: {told}"
    );
    Ok(())
}

#[tokio::test]
async fn lookups_that_bring_nothing() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let person = stage.admin().person("fuyang-resident").await?;
    let params = json!({ "source": "id_number", "id_number": person["certificate"] });
    let table = [
        ("9001", "refuse", "FSI-操作员未维护", "GATE-003"),
        ("9001", "html", "", "PLAT-010"),
        ("1101", "refuse", "FSI-FMI返回：未查询到人员", "PLAT-012"),
        ("1101", "empty", "", "PLAT-010"),
        ("1101", "other_person", "", "PLAT-010"),
    ];
    for (number, kind, text, code) in table {
        stage.admin().fault(number, kind, json!({ "text": text })).await?;
        let told = stage.refused("identity.read", params.clone()).await?;
        assert_eq!(told["code"], code, "{told}");
        assert_eq!(told["money_moved"], "no", "{told}");
        let words = if text.is_empty() { Value::Null } else { json!(text) };
        assert_eq!(told["platform_text"], words, "{told}");
    }
    let identity = stage.type_number("fuyang-resident").await?;
    stage
        .admin()
        .fault(
            "2001",
            "refuse",
            json!({ "text": "FSI-参保地[341200]返回:不知道" }),
        )
        .await?;
    let lookup = json!({ "identity_id": identity, "visit_kind": "11" });
    assert_eq!(
        stage.refused("person.lookup", lookup.clone()).await?["code"],
        "PLAT-012"
    );
    assert_eq!(
        stage.call("person.lookup", lookup).await?["chosen"]["area"],
        "341200"
    );
    Ok(())
}

#[tokio::test]
async fn somebody_else_answers_at_the_platforms_address() -> anyhow::Result<()> {
    let mut stage = Stage::without_agent(Options::default()).await?;
    let other = stage.folder().join("other");
    let made = std::process::Command::new(program("zhijie-sandbox")?)
        .arg("certs")
        .arg("--out")
        .arg(&other)
        .output()?;
    assert!(made.status.success());
    std::fs::copy(other.join("ca.pem"), stage.folder().join("certs/ca.pem"))?;
    stage.start_agent().await?;
    let person = stage.admin().person("fuyang-resident").await?;
    let params = json!({ "source": "id_number", "id_number": person["certificate"] });
    let told = stage.refused("identity.read", params).await?;
    assert_eq!(
        (&told["code"], &told["money_moved"]),
        (&json!("GATE-011"), &json!("no")),
        "{told}"
    );
    let health = stage.call("agent.health", json!({})).await?;
    assert_eq!(health["state"], "degraded", "{health}");
    assert!(health["reasons"].to_string().contains("GATE-011"), "{health}");
    assert_eq!(stage.admin().calls("", None).await?, 0);
    Ok(())
}

#[tokio::test]
async fn an_unfiled_visitor_is_told_why_and_an_emergency_goes_through() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("harbin-unfiled").await?;
    let bill = order("MZ1");
    let told = stage.call("visit.quote", bill.quote("q", &identity)).await?;
    assert_eq!(told["outcome"], "not_done", "{told}");
    assert_eq!(told["fault"]["code"], "REGN-001", "{told}");
    assert_eq!(told["fault"]["link"], "insured_region", "{told}");
    let words = told["fault"]["platform_text"].as_str().unwrap();
    assert!(words.contains("参保地[") && words.contains("备案"), "{told}");
    let emergency = Order {
        visit_kind: String::from("13"),
        ..order("MZ2")
    };
    let (quote, settled) = settle(&stage, &emergency, &identity, "2").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    assert_eq!(quote["quote"]["split"], settled["settlement"]["split"]);
    Ok(())
}

#[tokio::test]
async fn a_reply_code_may_be_text() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        sandbox: vec!["--infcode", "string"],
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = order("MZ1");
    let fault = json!({ "text": "FSI-参保地[341200]返回:该人员未参保" });
    stage.admin().fault("2207", "refuse", fault).await?;
    let (_, refused) = settle(&stage, &bill, &identity, "1").await?;
    assert_eq!(refused["fault"]["code"], "REGN-001", "{refused}");
    let (_, settled) = settle(&stage, &bill, &identity, "2").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    Ok(())
}

#[tokio::test]
async fn funds_may_count_the_account_in() -> anyhow::Result<()> {
    let plain = shares(Options::default()).await?;
    let counted = shares(Options {
        sandbox: vec!["--fund-includes-account"],
        ..Options::default()
    })
    .await?;
    assert!(plain["account_fen"].as_i64() > Some(0), "{plain}");
    for name in ["total_fen", "fund_total_fen", "account_fen", "cash_fen", "funds"] {
        assert_eq!(plain[name], counted[name], "{name}");
    }
    Ok(())
}

async fn shares(options: Options) -> anyhow::Result<Value> {
    let stage = Stage::open(options).await?;
    let identity = stage.type_number("fuyang-employee").await?;
    let (_, settled) = settle(&stage, &order("MZ1"), &identity, "1").await?;
    let split = &settled["settlement"]["split"];
    let fen = |name: &str| split[name].as_i64().unwrap_or_default();
    let parts = fen("fund_total_fen")
        + fen("account_fen")
        + fen("mutual_aid_fen")
        + fen("cash_fen")
        + fen("hospital_fen");
    assert_eq!(parts, fen("total_fen"), "{settled}");
    assert!(fen("total_fen") > 0, "{settled}");
    Ok(split.clone())
}

#[tokio::test]
async fn a_refusal_in_clear_words_is_no_doubt() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let table = [
        ("FSI-FMI返回：个人账户余额不足", "PLAT-001"),
        ("FSI-参保地[341200]返回:该人员未参保", "REGN-001"),
    ];
    for (n, (text, code)) in table.into_iter().enumerate() {
        let bill = order(&format!("MZ{n}"));
        let fault = json!({ "text": text, "visit": bill.visit });
        stage.admin().fault("2207", "refuse", fault).await?;
        let (_, told) = settle(&stage, &bill, &identity, &bill.visit).await?;
        assert_eq!(told["outcome"], "not_done", "{told}");
        assert_eq!(told["fault"]["code"], code, "{told}");
        assert_eq!(told["fault"]["money_moved"], "no", "{told}");
        assert_eq!(told["fault"]["platform_text"], text, "{told}");
        let status = stage
            .call("visit.status", json!({ "bill_id": bill.bill_id() }))
            .await?;
        assert_eq!(
            (&status["state"], &status["locked"]),
            (&json!("declined"), &json!(false)),
            "{status}"
        );
        assert_eq!(stage.admin().standing(&bill.visit).await?, 0);
        let (_, told) = settle(&stage, &bill, &identity, &format!("{}-2", bill.visit)).await?;
        assert_eq!(told["outcome"], "done", "{told}");
    }
    Ok(())
}
