//! The patient's side: a card goes in, a code is shown, a number is told.

use std::path::Path;

use anyhow::Context;
use serde_json::{Value, json};
use zhijie_desk::ClientError;

use crate::process::Process;
use crate::programs::program;
use crate::stage::Stage;

impl Stage {
    /// Puts a person's card into the reader; the service sees it within half a second.
    ///
    /// # Errors
    /// When there is no reader or the card cannot be put in.
    pub fn insert_card(&mut self, person: &str) -> anyhow::Result<()> {
        self.insert(&["--person", person])
    }

    /// Puts a card described by a file into the reader.
    ///
    /// # Errors
    /// As [`Stage::insert_card`].
    pub fn insert_card_file(&mut self, file: &Path) -> anyhow::Result<()> {
        let file = file.to_str().context("path is no text")?;
        self.insert(&["--data", file])
    }

    fn insert(&mut self, which: &[&str]) -> anyhow::Result<()> {
        self.pull_card();
        let address = self
            .pcscd
            .as_ref()
            .context("no card service")?
            .driver_address(0)
            .to_string();
        let mut args = vec!["card", "--vpcd", &address];
        args.extend_from_slice(which);
        let log = self.folder().join("card.log");
        self.card = Some(Process::start(&program("zhijie-sandbox")?, &args, &[], log)?);
        Ok(())
    }

    /// Pulls the card.
    pub fn pull_card(&mut self) {
        self.card = None;
    }

    /// Pulls the card and waits until the agent has seen it go.
    ///
    /// # Errors
    /// When the agent does not see it in a minute.
    pub async fn take_card_back(&mut self) -> anyhow::Result<()> {
        self.pull_card();
        self.health_until(|health| health["devices"]["card_present"] == json!(false))
            .await
            .map(|_| ())
    }

    /// Sends a text as the scanner would.
    ///
    /// # Errors
    /// When there is no scanner.
    pub fn scan(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(self.scanner.as_mut().context("no scanner")?.scan_line(text)?)
    }

    /// Reads the card of `person`: inserts it, asks, pulls it.
    ///
    /// # Errors
    /// When reading fails.
    pub async fn read_card(&mut self, person: &str) -> anyhow::Result<Value> {
        self.insert_card(person)?;
        let read = self
            .call("identity.read", json!({ "source": "card", "timeout_s": 30 }))
            .await;
        self.take_card_back().await?;
        Ok(read?)
    }

    /// Lays somebody's card into the control of this province and has it read; the identity.
    ///
    /// # Errors
    /// When it is not read.
    pub async fn lay_card(&self, person: &str) -> anyhow::Result<String> {
        std::fs::write(self.folder().join("medium"), person)?;
        let read = self.call("identity.read", json!({ "source": "card" })).await?;
        let identity = read["identity_id"].as_str().context("no identity")?;
        Ok(String::from(identity))
    }

    /// Types a person's identity number in; for stories in which the device does not matter.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn type_number(&self, person: &str) -> anyhow::Result<String> {
        let number = self.admin.person(person).await?;
        let params = json!({ "source": "id_number", "id_number": number["certificate"] });
        let answer = self.call("identity.read", params).await?;
        answer["identity_id"]
            .as_str()
            .map(String::from)
            .context("no identity")
    }

    /// Scans a fresh e-voucher of `person` once the agent waits for it.
    ///
    /// # Errors
    /// When reading fails.
    pub async fn show_voucher(&mut self, person: &str) -> anyhow::Result<Value> {
        let code = self.admin.voucher(person).await?;
        self.scan_when_asked(&code).await.map_err(anyhow::Error::from)
    }

    /// Asks for a code and scans `text` when the agent waits for it.
    ///
    /// # Errors
    /// What the agent answered instead of an identity.
    pub async fn scan_when_asked(&mut self, text: &str) -> Result<Value, ClientError> {
        let client = self.client().await?;
        let mut news = client.notifications();
        client.call("events.subscribe", &json!({})).await?;
        let asked = json!({ "source": "code", "timeout_s": 30 });
        let read = client.call("identity.read", &asked);
        tokio::pin!(read);
        loop {
            tokio::select! {
                answer = &mut read => {
                    return Ok(serde_json::from_str(answer?.get()).unwrap_or(Value::Null));
                }
                event = news.recv() => {
                    let waiting = event.is_ok_and(|event| event.params.get().contains("waiting_for_card_or_code"));
                    if waiting && let Err(error) = self.scan(text) {
                        return Ok(json!({ "not_scanned": error.to_string() }));
                    }
                }
            }
        }
    }
}
