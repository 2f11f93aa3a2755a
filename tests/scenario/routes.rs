//! A stretch of the way fails: the desk is told at once, nothing is sent, others go on, and it comes back by itself.

use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, order};

use crate::road::settle;

/// Nothing is tried again within a test.
const FOR_LONG: &str = "[routes]\nwait_s = 3600\nwait_max_s = 3600\nprobe_s = 0\n";
/// A call may try again after a second; no connection is made beside calls.
const SOON: &str = "[routes]\nwait_s = 1\nwait_max_s = 1\nprobe_s = 0\n";
/// Only the connection made to look brings the gateway back.
const PROBED: &str = "[routes]\nwait_s = 3600\nwait_max_s = 3600\nprobe_s = 1\n";

const UPGRADE: &str = "FSI-FMI返回：参保地[阜阳市]返回:系统升级中，暂停服务";

/// Quotes bills of their own until an answer has this code; gives that answer.
async fn quote_until(stage: &Stage, identity: &str, visit: &str, code: &str) -> anyhow::Result<Value> {
    for n in 0..10 {
        let told = quote(stage, identity, &format!("{visit}{n}")).await?;
        assert_eq!(told["outcome"], "not_done", "{told}");
        if told["fault"]["code"] == code {
            return Ok(told);
        }
    }
    anyhow::bail!("no answer with {code}")
}

/// Quotes bills of their own until one is done; until then every answer has this code.
async fn quote_until_done(stage: &Stage, identity: &str, code: &str) -> anyhow::Result<Value> {
    for n in 0..200 {
        let told = quote(stage, identity, &format!("BACK{n}")).await?;
        if told["outcome"] == "done" {
            return Ok(told);
        }
        assert_eq!(told["fault"]["code"], code, "{told}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    anyhow::bail!("the route never opened")
}

async fn quote(stage: &Stage, identity: &str, visit: &str) -> anyhow::Result<Value> {
    let bill = order(visit);
    Ok(stage
        .call("visit.quote", bill.quote(&format!("q-{visit}"), identity))
        .await?)
}

fn route<'a>(health: &'a Value, name: &str) -> &'a Value {
    let routes = health["routes"].as_array().unwrap();
    routes
        .iter()
        .find(|row| row["route"] == name)
        .unwrap_or(&Value::Null)
}

#[tokio::test]
async fn a_gateway_that_is_down_is_told_at_once_and_nothing_goes_there() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        fault_proxy: true,
        config: FOR_LONG,
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let kept = order("KEPT");
    let quoted = stage.call("visit.quote", kept.quote("q-kept", &identity)).await?;
    assert_eq!(quoted["outcome"], "done", "{quoted}");
    stage.proxy()?.refuse().await;
    stage.proxy()?.break_off();
    let told = quote_until(&stage, &identity, "MZ", "GATE-004").await?;
    assert_eq!(told["fault"]["link"], "gateway", "{told}");
    assert_eq!(told["fault"]["money_moved"], "no", "{told}");
    assert!(
        told["fault"]["cashier"].as_str().unwrap().contains("没有发送"),
        "{told}"
    );
    let health = stage.call("agent.health", json!({})).await?;
    assert_eq!(health["state"], "degraded", "{health}");
    assert_eq!(route(&health, "gateway")["state"], "down", "{health}");
    assert!(route(&health, "gateway")["since"].is_string(), "{health}");
    assert_eq!(route(&health, "province")["state"], "up", "{health}");

    // The line is there again, and still nothing goes over it before the wait is over.
    stage.proxy()?.listen()?;
    let taken = stage.proxy()?.taken();
    for n in 0..5 {
        let told = quote(&stage, &identity, &format!("AT{n}")).await?;
        assert_eq!(told["fault"]["code"], "GATE-004", "{told}");
    }
    let told = stage.call("visit.settle", kept.settle("s-kept", &quoted)).await?;
    assert_eq!(
        (&told["outcome"], &told["fault"]["code"]),
        (&json!("not_done"), &json!("GATE-004")),
        "{told}"
    );
    let again = stage.call("visit.settle", kept.settle("s-kept", &quoted)).await?;
    assert_eq!(again, told);
    let status = stage
        .call("visit.status", json!({ "bill_id": kept.bill_id() }))
        .await?;
    assert_eq!(status["state"], "quoted", "{status}");
    assert_eq!(stage.proxy()?.taken(), taken);
    assert_eq!(stage.admin().calls("2207", None).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_gateway_comes_back_by_one_call() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        config: SOON,
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let client = stage.client().await?;
    let mut news = client.notifications();
    client.call("events.subscribe", &json!({})).await?;
    stage.kill_sandbox();
    quote_until(&stage, &identity, "MZ", "GATE-004").await?;
    stage.start_sandbox().await?;
    let told = quote_until_done(&stage, &identity, "GATE-004").await?;
    let bill = told["bill_id"].as_str().unwrap().split('/').nth(1).unwrap();
    let params = order(bill).settle("s-back", &told);
    let settled = stage.call("visit.settle", params).await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    let health = stage.call("agent.health", json!({})).await?;
    assert_eq!(
        route(&health, "gateway"),
        &json!({ "route": "gateway", "state": "up" }),
        "{health}"
    );
    let mut heard = Vec::new();
    while !heard.iter().any(|detail| detail == "gateway up") {
        let event: Value = serde_json::from_str(news.recv().await?.params.get())?;
        if event["kind"] == "route_changed" {
            heard.push(String::from(event["detail"].as_str().unwrap_or_default()));
        }
    }
    let downs = heard.iter().position(|detail| detail == "gateway down");
    assert!(downs.is_some(), "{heard:?}");
    assert!(heard.contains(&String::from("gateway testing")), "{heard:?}");
    Ok(())
}

#[tokio::test]
async fn a_gateway_is_found_again_while_nobody_calls() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        fault_proxy: true,
        config: PROBED,
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("fuyang-resident").await?;
    stage.proxy()?.refuse().await;
    stage.proxy()?.break_off();
    quote_until(&stage, &identity, "MZ", "GATE-004").await?;
    let calls = stage.admin().calls("", None).await?;
    stage.proxy()?.listen()?;
    stage
        .health_until(|health| route(health, "gateway")["state"] == "up")
        .await?;
    assert_eq!(
        stage.admin().calls("", None).await?,
        calls,
        "a probe says nothing"
    );
    let (_, settled) = settle(&stage, &order("BACK"), &identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    Ok(())
}

#[tokio::test]
async fn one_region_that_is_down_stops_nobody_else() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        config: FOR_LONG,
        ..Options::default()
    })
    .await?;
    let fuyang = stage.type_number("fuyang-resident").await?;
    let haikou = stage.type_number("haikou-aided").await?;
    let kept = order("KEPT");
    let quoted = stage.call("visit.quote", kept.quote("q-kept", &fuyang)).await?;
    assert_eq!(quoted["outcome"], "done", "{quoted}");
    for n in 0..3 {
        let visit = format!("FY{n}");
        let fault = json!({ "text": UPGRADE, "visit": visit });
        // What the place of treatment answers by itself, as 2203 and 2204, does not speak for the region.
        stage.admin().fault("2206", "refuse", fault).await?;
        let told = quote(&stage, &fuyang, &visit).await?;
        assert_eq!(told["fault"]["code"], "REGN-001", "{told}");
        assert_eq!(told["fault"]["platform_text"], UPGRADE, "{told}");
    }
    let before = stage.admin().calls("", None).await?;
    let told = quote(&stage, &fuyang, "FY3").await?;
    assert_eq!(told["fault"]["code"], "REGN-002", "{told}");
    assert_eq!(told["fault"]["link"], "insured_region", "{told}");
    let told = stage.call("visit.settle", kept.settle("s-kept", &quoted)).await?;
    assert_eq!(told["fault"]["code"], "REGN-002", "{told}");
    assert_eq!(stage.admin().calls("", None).await?, before, "something was sent");

    let (_, settled) = settle(&stage, &order("HK"), &haikou, "hk").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    assert!(stage.admin().calls("", None).await? > before);
    assert_eq!(stage.admin().calls("2207", Some("KEPT")).await?, 0);
    let health = stage.call("agent.health", json!({})).await?;
    let region = route(&health, "region");
    assert_eq!(
        (&region["area"], &region["state"]),
        (&json!("341200"), &json!("down")),
        "{health}"
    );
    assert_eq!(route(&health, "province")["state"], "up", "{health}");
    let shown = stage.zhijie(&["status"])?;
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("region 341200") && shown.contains("REGN-002"),
        "{shown}"
    );
    Ok(())
}

#[tokio::test]
async fn silence_towards_several_regions_is_the_provinces_and_one_answer_ends_it() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        config: SOON,
        ..Options::default()
    })
    .await?;
    let mut identities = Vec::new();
    for person in [
        "fuyang-resident",
        "haikou-aided",
        "rizhao-resident",
        "jiaxing-employee",
    ] {
        let identity = stage.type_number(person).await?;
        // So that the quotes ask no register first: every answer shows that the province works.
        stage
            .call("person.lookup", json!({ "identity_id": identity }))
            .await?;
        identities.push(identity);
    }
    let (last, silent) = identities.split_last().unwrap();
    for (n, identity) in silent.iter().enumerate() {
        let visit = format!("MZ{n}");
        let fault = json!({ "visit": visit });
        stage.admin().fault("2201", "drop_before_commit", fault).await?;
        let told = quote(&stage, identity, &visit).await?;
        assert_eq!(told["fault"]["code"], "PLAT-002", "{told}");
    }
    let health = stage.call("agent.health", json!({})).await?;
    assert_ne!(route(&health, "province")["state"], "up", "{health}");
    assert_eq!(route(&health, "gateway")["state"], "up", "{health}");
    let told = quote_until_done(&stage, last, "PLAT-014").await?;
    assert_eq!(told["outcome"], "done", "{told}");
    let health = stage.call("agent.health", json!({})).await?;
    assert_eq!(route(&health, "province")["state"], "up", "{health}");
    Ok(())
}

#[tokio::test]
async fn a_platform_that_answers_nonsense_is_no_silent_one() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        config: FOR_LONG,
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("fuyang-resident").await?;
    for n in 0..4 {
        let visit = format!("MZ{n}");
        let fault = json!({ "visit": visit });
        stage.admin().fault("2206", "wrong_amounts", fault).await?;
        let told = quote(&stage, &identity, &visit).await?;
        assert_eq!(told["fault"]["code"], "PLAT-002", "{told}");
    }
    let told = quote(&stage, &identity, "GOOD").await?;
    assert_eq!(told["outcome"], "done", "{told}");
    Ok(())
}

/// Bills of these visits whose settlements were made and whose answers were lost.
async fn lose(stage: &Stage, identity: &str, visits: &[&str]) -> anyhow::Result<Vec<(Order, Value)>> {
    let mut quoted = Vec::new();
    for visit in visits {
        quoted.push((order(visit), quote(stage, identity, visit).await?));
    }
    for (bill, quote) in &quoted {
        let fault = json!({ "visit": bill.visit });
        stage.admin().fault("2207", "drop_after_commit", fault).await?;
        let params = bill.settle(&format!("s-{}", bill.visit), quote);
        let told = stage.call("visit.settle", params).await?;
        assert_eq!(told["outcome"], "not_known", "{told}");
    }
    Ok(quoted)
}

/// The first request gets the one true answer, and nothing was sent twice.
async fn ends_well(stage: &Stage, quoted: &[(Order, Value)]) -> anyhow::Result<()> {
    for (bill, _) in quoted {
        let key = json!({ "request_id": format!("s-{}", bill.visit) });
        let status = stage
            .status_until(key, |status| status["outcome"] != "not_known")
            .await?;
        assert_eq!(status["outcome"], "done", "{status}");
        assert_eq!(stage.admin().standing(&bill.visit).await?, 1);
        assert_eq!(stage.admin().calls("2207", Some(&bill.visit)).await?, 1);
    }
    Ok(())
}

#[tokio::test]
async fn doubts_outlast_a_closed_gateway_and_are_asked_about_when_it_opens() -> anyhow::Result<()> {
    // The first questions, after five seconds, meet the closed route.
    let stage = Stage::open(Options {
        fault_proxy: true,
        config: "[routes]\nwait_s = 12\nwait_max_s = 12\nprobe_s = 0\n",
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let quoted = lose(&stage, &identity, &["ONE", "TWO"]).await?;
    stage.proxy()?.refuse().await;
    stage.proxy()?.break_off();
    quote_until(&stage, &identity, "MZ", "GATE-004").await?;
    for (bill, quote) in &quoted {
        // The bill itself is locked, whatever the route.
        let params = bill.settle(&format!("again-{}", bill.visit), quote);
        let told = stage.call("visit.settle", params).await?;
        assert_eq!(told["outcome"], "not_known", "{told}");
        assert_eq!(told["fault"]["money_moved"], "unknown", "{told}");
    }
    stage.proxy()?.listen()?;
    ends_well(&stage, &quoted).await?;
    let asked = stage.admin().calls("5203", None).await?;
    assert_eq!(asked, 2, "each was asked about once");
    Ok(())
}

#[tokio::test]
async fn a_closed_region_keeps_no_question_from_the_province() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        config: FOR_LONG,
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let quoted = lose(&stage, &identity, &["DOUBT"]).await?;
    // A real upgrade: everything that needs the region is refused.
    let upgrade = json!({ "upgrade": { "new_values": false } });
    stage.admin().put("/regions/341200", &upgrade).await?;
    quote_until(&stage, &identity, "MZ", "REGN-002").await?;
    ends_well(&stage, &quoted).await
}
