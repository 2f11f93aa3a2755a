//! The story of the page, told to the agent.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use zhijie_tests::{Options, Stage};

use crate::compare::differences;
use crate::desk::Desk;
use crate::page::{Block, blocks, member, path, sheet, text, with_body, with_sheet};

/// Visit number of the page's bill, and of the one whose answer is lost.
const VISIT: &str = "MZ20261122001";
const LOST_VISIT: &str = "MZ20261122002";

pub(super) struct Story {
    pub(super) stage: Stage,
    pub(super) desk: Desk,
    page: Vec<Block>,
    /// Values of earlier answers, by the name of their member.
    known: BTreeMap<String, Value>,
    /// Block of the page, and what was really said, as it came.
    answers: Vec<(Block, String)>,
}

#[tokio::test]
async fn the_page_tells_what_the_agent_does() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        card: true,
        scanner: true,
        config: "[deferred]\nallowed = true\n",
        ..Options::default()
    })
    .await?;
    // Somebody else was served before: the operator of the desk is signed in.
    stage.type_number("shanghai-local").await?;
    let mut story = Story {
        desk: Desk::connect(&stage.socket()).await?,
        stage,
        page: blocks(&text()),
        known: BTreeMap::new(),
        answers: Vec::new(),
    };
    story.devices_are_there().await?;
    for block in story.page.clone() {
        story
            .play(&block)
            .await
            .with_context(|| format!("{} {}", block.what, block.name))?;
    }
    if std::env::var_os("ZHIJIE_RECORD").is_some() {
        let page = story
            .answers
            .iter()
            .fold(text(), |page, (block, raw)| with_body(&page, block, raw));
        return Ok(std::fs::write(
            path(),
            with_sheet(&page, &story.known_text("content")),
        )?);
    }
    let mut wrong = Vec::new();
    for (block, raw) in &story.answers {
        let real: Value = serde_json::from_str(raw)?;
        let place = |line| format!("{} {}{line}", block.what, block.name);
        wrong.extend(differences(&block.body, &real).into_iter().map(place));
    }
    assert!(
        wrong.is_empty(),
        "docs/desk-api.md says something else:\n{}",
        wrong.join("\n")
    );
    let printed = story.block("answer", "receipt.get")?.body["content"].clone();
    assert_eq!(printed.as_str().map(str::trim_end), Some(sheet(&text())));
    Ok(())
}

impl Story {
    /// Reader and scanner are opened by another process; the page shows a desk that is ready.
    async fn devices_are_there(&mut self) -> anyhow::Result<()> {
        for _ in 0..1200 {
            let health = self.desk.done("agent.health", &json!({})).await?;
            let devices = &health["devices"];
            if devices["scanner"] == true && devices["readers"] != json!([]) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the devices never came: {}", self.stage.agent_log())
    }

    async fn play(&mut self, block: &Block) -> anyhow::Result<()> {
        match (&*block.what, &*block.name) {
            ("request", method) => self.ask(method, &block.body).await,
            ("notification", "hello") => {
                let raw = String::from(member(self.desk.hello(), "params"));
                self.answers.push((block.clone(), raw));
                Ok(())
            }
            // Provoked where their turn comes: all need a bill that the page has not told yet.
            ("answer", _) | ("error", _) | ("fault", _) | ("notification", "event") => Ok(()),
            // Of somebody else: what the page tells next is about the patient with the card.
            ("papers-request", method) => {
                self.desk.done(method, &self.filled(&block.body)).await?;
                let shown = self.block("papers-answer", method)?;
                self.keep(&shown, &["result"]);
                Ok(())
            }
            ("papers-answer", _) => Ok(()),
            // Told by the queue's methods.
            ("deferred-request" | "deferred-answer" | "deferred-notification", _) => Ok(()),
            ("example", "visit.settle") => self.lose_an_answer(block).await,
            _ => bail!("no such block is known"),
        }
    }

    async fn ask(&mut self, method: &str, params: &Value) -> anyhow::Result<()> {
        if method == "identity.compare" {
            // Somebody else's code: her own would be one more lookup in her history.
            let code = self.stage.show_voucher("shanghai-local").await?;
            let id = code["identity_id"].clone();
            self.known.insert(String::from("other_identity_id"), id);
        }
        if method == "reconcile.totals" {
            let day = self.known["groups"][0]["until"].clone();
            self.known.insert(String::from("day"), day);
        }
        let params = self.filled(params);
        let needs_card = method == "card.pin" || method == "identity.read" && params["source"] == "card";
        if needs_card {
            self.stage.insert_card("fuyang-resident")?;
        }
        if method == "visit.quote" {
            self.ask_wrongly(&params).await?;
        }
        if method == "queue.list" {
            self.defer().await?;
        }
        if method == "queue.run" {
            self.open_the_region().await?;
        }
        if method == "stay.undo_admission" {
            let all = json!({ "request_id": "withdraw-20261122-0002", "stay_id": params["stay_id"] });
            let told = self.desk.done("stay.withdraw_charges", &all).await?;
            assert_eq!(told["outcome"], "done", "{told}");
        }
        let answer = self.desk.done(method, &params).await?;
        if needs_card {
            // The next one may want a card too: this one must be seen to be gone.
            self.stage.take_card_back().await?;
        }
        self.remember(&answer);
        let shown = self.block("answer", method)?;
        self.keep(&shown, &["result"]);
        if method == "queue.run" {
            self.watch_the_queue().await?;
        }
        if method == "catalog.sync" {
            self.until_synced().await?;
        }
        Ok(())
    }

    /// The last list that was asked for is here.
    async fn until_synced(&mut self) -> anyhow::Result<()> {
        let last = |event: &Value| {
            let told = event["detail"].as_str().unwrap_or_default();
            event["kind"] == "catalog_sync" && told.starts_with("first_own done")
        };
        self.desk.event(last).await?;
        Ok(())
    }

    /// The error of the page: an amount written as a text.
    async fn ask_wrongly(&mut self, quote: &Value) -> anyhow::Result<()> {
        let mut wrong = quote.clone();
        let amount = &mut wrong["bill"]["lines"][3]["amount_fen"];
        *amount = Value::from(amount.to_string());
        self.desk
            .call("visit.quote", &wrong)
            .await?
            .err()
            .context("it was taken")?;
        let shown = self.block("error", "")?;
        self.keep(&shown, &["error"]);
        Ok(())
    }

    /// A second bill of the same patient; the answer to its settlement does not come back.
    async fn lose_an_answer(&mut self, block: &Block) -> anyhow::Result<()> {
        let mut params = self.filled(&self.block("request", "visit.quote")?.body);
        params["request_id"] = json!("quote-20261122-0002");
        params["visit"]["number"] = json!(LOST_VISIT);
        let quote = self.desk.done("visit.quote", &params).await?;
        let mut params = self.filled(&self.block("request", "visit.settle")?.body);
        params["request_id"] = json!("settle-20261122-0002");
        params["bill_id"] = quote["bill_id"].clone();
        params["quote_id"] = quote["quote"]["quote_id"].clone();
        params["cash_fen"] = quote["quote"]["split"]["cash_fen"].clone();
        let lose = json!({ "visit": LOST_VISIT });
        self.stage
            .admin()
            .fault("2207", "drop_after_commit", lose)
            .await?;
        let answer = self.desk.done("visit.settle", &params).await?;
        let fault = self.block("fault", "")?;
        self.keep(&fault, &["result", "fault"]);
        self.keep(block, &["result"]);
        let event = self.desk.event(|event| event["kind"] == "outcome_known").await?;
        assert_eq!(event["ticket"], answer["ticket"], "{event}");
        let shown = self.block("notification", "event")?;
        self.keep(&shown, &["params"]);
        for visit in [VISIT, LOST_VISIT] {
            assert_eq!(self.stage.admin().standing(visit).await?, 1, "{visit}");
        }
        Ok(())
    }

    pub(super) fn block(&self, what: &str, name: &str) -> anyhow::Result<Block> {
        let found = self
            .page
            .iter()
            .find(|block| block.what == what && block.name == name);
        found
            .cloned()
            .with_context(|| format!("the page has no block {what} {name}"))
    }

    /// A part of the line that was read last is what the block shows.
    pub(super) fn keep(&mut self, block: &Block, place: &[&str]) {
        let line = self.desk.raw();
        let raw = place.iter().fold(&*line, |raw, name| member(raw, name));
        self.answers.push((block.clone(), String::from(raw)));
    }

    fn known_text(&self, name: &str) -> String {
        self.known
            .get(name)
            .and_then(Value::as_str)
            .map(String::from)
            .unwrap_or_default()
    }

    fn remember(&mut self, answer: &Value) {
        for (name, member) in answer.as_object().into_iter().flatten() {
            if member.is_object() {
                self.remember(member);
            } else {
                self.known.insert(name.clone(), member.clone());
            }
        }
    }

    /// Puts values of earlier answers in the place of `$name`.
    pub(super) fn filled(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => match text.strip_prefix('$') {
                Some(name) => self
                    .known
                    .get(name)
                    .cloned()
                    .unwrap_or_else(|| panic!("nobody told {name} yet")),
                None => value.clone(),
            },
            Value::Array(items) => items.iter().map(|item| self.filled(item)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, member)| (name.clone(), self.filled(member)))
                .collect(),
            other => other.clone(),
        }
    }
}
