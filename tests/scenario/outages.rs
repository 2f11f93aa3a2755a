//! The calendar of announced outages: followed without a restart, and only when it is signed.

use std::path::PathBuf;

use anyhow::ensure;
use serde_json::{Value, json};
use zhijie_tests::{Options, Stage, order, program};

use crate::road::settle;

const FUYANG: &str = r#"
[[outage]]
from = 2020-01-01T00:00:00+08:00
until = 2090-01-01T00:00:00+08:00
routes = ["region:341200"]
allow = ["lookup", "defer"]
text_zh = "阜阳市医保系统升级，请先自费，凭票回参保地报销"
text_en = "upgrade in Fuyang; pay and claim at home"
"#;

/// A desk that follows a calendar nobody has issued yet, and the office that may issue it.
struct Desk {
    stage: Stage,
    calendar: PathBuf,
    key: PathBuf,
}

fn sandbox(args: &[&str]) -> anyhow::Result<String> {
    let made = std::process::Command::new(program("zhijie-sandbox")?)
        .args(args)
        .output()?;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Ok(String::from_utf8(made.stdout)?.trim().to_owned())
}

impl Desk {
    async fn open() -> anyhow::Result<Self> {
        let mut stage = Stage::without_agent(Options::default()).await?;
        let key = stage.folder().join("office.pem");
        let public = sandbox(&["outages", "keygen", "--out", key.to_str().unwrap()])?;
        let config = std::fs::read_to_string(stage.config())?;
        let outages = format!("{config}\n[outages]\nfile = \"outages.toml\"\npublic_key = \"{public}\"\n");
        std::fs::write(stage.config(), outages)?;
        stage.start_agent().await?;
        let calendar = stage.folder().join("outages.toml");
        Ok(Self { stage, calendar, key })
    }

    /// Writes a calendar, signed; the text is there before its signature.
    fn publish(&self, issued: &str, outages: &str) -> anyhow::Result<()> {
        let text = format!(
            "issued = {issued}T09:00:00+08:00\nexpires = 2095-01-01T00:00:00+08:00\nissuer = \"阜阳市医保局\"\n{outages}"
        );
        std::fs::write(&self.calendar, text)?;
        let (key, file) = (self.key.to_str().unwrap(), self.calendar.to_str().unwrap());
        sandbox(&["outages", "sign", "--key", key, file]).map(|_| ())
    }

    async fn quote(&self, identity: &str, visit: &str) -> anyhow::Result<Value> {
        let params = order(visit).quote(&format!("q-{visit}"), identity);
        Ok(self.stage.call("visit.quote", params).await?)
    }

    async fn refusal(&self) -> anyhow::Result<Option<String>> {
        let health = self.stage.call("agent.health", json!({})).await?;
        let reasons = health["reasons"].as_array().unwrap();
        let found = reasons.iter().find(|reason| reason["code"] == "AGENT-011");
        Ok(found.map(|reason| String::from(reason["text_en"].as_str().unwrap())))
    }

    /// Exit code zero, and everything it said.
    fn zhijie(&self, args: &[&str]) -> anyhow::Result<(bool, String)> {
        let told = self.stage.zhijie(args)?;
        let text = [told.stdout, told.stderr].concat();
        Ok((told.status.success(), String::from_utf8(text)?))
    }
}

#[tokio::test]
async fn an_announced_outage_begins_and_ends_without_a_restart() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let stage = &desk.stage;
    let fuyang = stage.type_number("fuyang-resident").await?;
    let haikou = stage.type_number("haikou-aided").await?;
    let (_, settled) = settle(stage, &order("BEFORE"), &fuyang, "before").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    let kept = order("KEPT");
    let quoted = stage.call("visit.quote", kept.quote("q-kept", &fuyang)).await?;

    desk.publish("2026-01-01", FUYANG)?;
    let before = stage.admin().calls("", None).await?;
    let told = desk.quote(&fuyang, "DURING").await?;
    assert_eq!(
        (&told["outcome"], &told["fault"]["code"]),
        (&json!("not_done"), &json!("REGN-003")),
        "{told}"
    );
    let cashier = told["fault"]["cashier"].as_str().unwrap();
    assert!(
        cashier.contains("凭票回参保地报销") && cashier.contains("没有结算"),
        "{told}"
    );
    let told = stage.call("visit.settle", kept.settle("s-kept", &quoted)).await?;
    assert_eq!(told["fault"]["code"], "REGN-003", "{told}");
    assert_eq!(stage.admin().calls("", None).await?, before, "something was sent");
    let health = stage.call("agent.health", json!({})).await?;
    let announced = json!({ "route": "region", "area": "341200", "state": "announced" });
    let row = health["routes"].as_array().unwrap().last().unwrap();
    for name in ["route", "area", "state"] {
        assert_eq!(row[name], announced[name], "{health}");
    }
    // A lookup is allowed, and other regions go on.
    stage.type_number("fuyang-employee").await?;
    let (_, settled) = settle(stage, &order("OTHER"), &haikou, "other").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");

    let before = stage.admin().calls("", None).await?;
    for (day, route, code) in [("02", "gateway", "GATE-005"), ("03", "province", "PLAT-015")] {
        let outage = FUYANG.replace("region:341200", route).replace("\"lookup\", ", "");
        desk.publish(&format!("2026-01-{day}"), &outage)?;
        let told = desk.quote(&haikou, route).await?;
        assert_eq!(told["fault"]["code"], code, "{told}");
    }
    assert_eq!(stage.admin().calls("", None).await?, before, "something was sent");
    desk.publish("2026-01-04", "")?;
    let told = stage
        .call("visit.settle", kept.settle("s-kept-2", &quoted))
        .await?;
    assert_eq!(told["outcome"], "done", "{told}");
    Ok(())
}

#[tokio::test]
async fn a_calendar_somebody_else_wrote_changes_nothing_and_is_told() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let fuyang = desk.stage.type_number("fuyang-resident").await?;
    assert_eq!(desk.refusal().await?, None);
    let (good, said) = desk.zhijie(&["outages", "show"])?;
    assert!(good && said.contains("no calendar yet"), "{said}");

    std::fs::write(&desk.calendar, FUYANG)?;
    let told = desk.quote(&fuyang, "UNSIGNED").await?;
    assert_eq!(told["outcome"], "done", "{told}");
    assert!(
        desk.refusal()
            .await?
            .is_some_and(|why| why.contains("no signature"))
    );

    desk.publish("2026-01-01", FUYANG)?;
    assert_eq!(desk.refusal().await?, None);
    let (good, said) = desk.zhijie(&["outages", "show"])?;
    assert!(
        good && said.contains("going on") && said.contains("region:341200"),
        "{said}"
    );

    // Somebody changes the text under the same signature: the signed one stays in force.
    let text = std::fs::read_to_string(&desk.calendar)?;
    std::fs::write(&desk.calendar, text.replace("341200", "460100"))?;
    let why = desk.refusal().await?.unwrap();
    assert!(why.contains("signature does not belong"), "{why}");
    let told = desk.quote(&fuyang, "CHANGED").await?;
    assert_eq!(told["fault"]["code"], "REGN-003", "{told}");
    for args in [
        &["outages", "show"][..],
        &["outages", "verify"],
        &["outages", "verify", desk.calendar.to_str().unwrap()],
    ] {
        let (good, said) = desk.zhijie(args)?;
        assert!(
            !good && said.contains("signature does not belong"),
            "{args:?}: {said}"
        );
    }
    let (good, said) = desk.zhijie(&["check"])?;
    assert!(good && said.contains("is refused: the signature"), "{said}");
    Ok(())
}
