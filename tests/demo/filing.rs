//! The scene about a filing for treatment elsewhere that the insured region deletes by mistake.

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::play::Play;
use crate::scenes::show_identity;
use crate::summary::{Scene, Summary};

/// Scene (g): the filing of the card scene's patient is deleted; the next lookup tells, and a packet is written.
pub(crate) async fn gone(play: &mut Play, summary: &mut Summary) -> anyhow::Result<()> {
    let scene = Scene::begin(
        "filing",
        "六、备案丢失：参保地误删了她的异地就医备案，终端发现并出具争议材料 / her filing is deleted by mistake, noticed, disputed",
    );
    play.stage.insert_card("fuyang-resident")?;
    let identity = play.call("identity.read", &json!({ "source": "card", "timeout_s": 60 }))?;
    play.stage.take_card_back().await?;
    show_identity(&identity);
    let who = json!({ "identity_id": identity["identity_id"] });
    play.call("person.lookup", &who)?;
    show(&play.call("filing.check", &json!({ "who": who }))?);
    play.stage.admin().delete_filings("fuyang-resident").await?;
    println!("    参保地把备案删了 the insured region deletes it");
    play.call("person.lookup", &who)?;
    let check = play.call("filing.check", &json!({ "who": who }))?;
    show(&check);
    let last = &check["vanished"]["last_seen"];
    ensure!(last.is_object(), "nobody noticed: {check}");
    println!(
        "    最后一次见到 last seen: {}，{} {}，报文 message {}",
        text(&last["at"]),
        text(&last["source"]),
        text(&last["transaction"]),
        text(&last["message_id"]),
    );
    let dispute = json!({ "request_id": "dispute-1", "who": who, "reason": "备案原来有效，现在查不到" });
    let packet = play.call("filing.dispute", &dispute)?;
    ensure!(packet["outcome"] == "done", "no packet: {packet}");
    let page = packet["html_path"].as_str().context("no packet")?;
    let written =
        std::fs::read_to_string(zhijie_tests::here(page)).with_context(|| format!("no packet at {page}"))?;
    ensure!(
        written.contains(text(&last["message_id"])),
        "the packet does not name the message"
    );
    println!("    争议材料 packet: {page}");
    let files = [
        ("packet_html", &packet["html_path"]),
        ("packet_json", &packet["json_path"]),
    ];
    scene.end_with(summary, "done", json!({}), &files);
    play.stage.admin().restore_filings("fuyang-resident").await
}

fn show(check: &Value) {
    println!("    {} {}", text(&check["answer"]), text(&check["text_zh"]));
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
