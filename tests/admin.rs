//! The sandbox province's other side of the counter.

use anyhow::{Context, ensure};
use serde_json::{Value, json};

/// A client of the sandbox's admin interface.
#[derive(Debug, Clone)]
pub struct Admin {
    url: String,
    http: reqwest::Client,
}

impl Admin {
    /// # Errors
    /// When no client can be made.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        // The client insists on a provider even for plain HTTP.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
        Ok(Self {
            url: String::from(url),
            http,
        })
    }

    /// Host and port.
    #[must_use]
    pub fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// # Errors
    /// When the sandbox does not answer with JSON.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "sandbox: {status} {text}");
        serde_json::from_str(&text).context("sandbox answered no JSON")
    }

    /// # Errors
    /// When the sandbox refuses.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(self.http.post(format!("{}{path}", self.url)), body)
            .await
    }

    /// # Errors
    /// When the sandbox refuses.
    pub async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(self.http.put(format!("{}{path}", self.url)), body)
            .await
    }

    async fn send(&self, request: reqwest::RequestBuilder, body: &Value) -> anyhow::Result<Value> {
        let request = request.header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "sandbox: {status} {text}");
        if text.is_empty() {
            Ok(Value::Null)
        } else {
            Ok(serde_json::from_str(&text)?)
        }
    }

    /// Lets the next call of `number` go wrong.
    ///
    /// # Errors
    /// When the sandbox refuses.
    pub async fn fault(&self, number: &str, kind: &str, more: Value) -> anyhow::Result<()> {
        let mut fault = json!({ "infno": number, "kind": kind, "times": 1 });
        if let (Some(fault), Some(more)) = (fault.as_object_mut(), more.as_object()) {
            fault.extend(more.clone());
        }
        self.post("/faults", &fault).await.map(|_| ())
    }

    /// Calls since the start whose number begins with `number`, of one visit number where one is given.
    ///
    /// # Errors
    /// When the sandbox refuses.
    pub async fn calls(&self, number: &str, visit: Option<&str>) -> anyhow::Result<usize> {
        let rows = self.get("/calls").await?;
        let rows = rows.as_array().context("no list")?;
        let fits = |row: &&Value| {
            row["infno"]
                .as_str()
                .is_some_and(|infno| infno.starts_with(number))
                && visit.is_none_or(|visit| row["visit"] == json!(visit))
        };
        Ok(rows.iter().filter(fits).count())
    }

    /// A person by the sandbox's key.
    ///
    /// # Errors
    /// When there is none.
    pub async fn person(&self, key: &str) -> anyhow::Result<Value> {
        let people = self.get("/persons").await?;
        let find = |row: &&Value| row["key"] == json!(key);
        let found = people.as_array().and_then(|rows| rows.iter().find(find));
        found.cloned().context("no such person")
    }

    /// Ends all sign-ins, as provinces do at night.
    ///
    /// # Errors
    /// When the sandbox refuses.
    pub async fn end_sign_ins(&self) -> anyhow::Result<()> {
        let answer = self.http.delete(format!("{}/sign-ins", self.url)).send().await?;
        ensure!(answer.status().is_success(), "sandbox: {}", answer.status());
        Ok(())
    }

    /// Ends every token the gateway has given out.
    ///
    /// # Errors
    /// When the sandbox is not there.
    pub async fn end_tokens(&self) -> anyhow::Result<()> {
        let answer = self.http.delete(format!("{}/tokens", self.url)).send().await?;
        ensure!(answer.status().is_success(), "sandbox: {}", answer.status());
        Ok(())
    }

    /// Deletes every filing of a person, as happens by mistake.
    ///
    /// # Errors
    /// When the sandbox refuses, or there was none.
    pub async fn delete_filings(&self, person: &str) -> anyhow::Result<()> {
        let filings = self.get(&format!("/filings?person={person}")).await?;
        let rows = filings.as_array().context("no list")?;
        ensure!(!rows.is_empty(), "{person} has no filing");
        for row in rows {
            let url = format!("{}/filings/{}", self.url, row["id"]);
            let answer = self.http.delete(url).send().await?;
            ensure!(answer.status().is_success(), "sandbox: {}", answer.status());
        }
        Ok(())
    }

    /// Brings back what [`Admin::delete_filings`] took.
    ///
    /// # Errors
    /// When the sandbox refuses.
    pub async fn restore_filings(&self, person: &str) -> anyhow::Result<()> {
        let filings = self.get(&format!("/filings?person={person}")).await?;
        for row in filings.as_array().context("no list")? {
            self.post(&format!("/filings/{}/restore", row["id"]), &json!({}))
                .await?;
        }
        Ok(())
    }

    /// A fresh e-voucher code of 28 digits.
    ///
    /// # Errors
    /// When the sandbox refuses.
    pub async fn voucher(&self, person: &str) -> anyhow::Result<String> {
        let answer = self.post("/vouchers", &json!({ "person": person })).await?;
        answer["code"].as_str().map(String::from).context("no code")
    }

    /// Rows of the sandbox's settlements for one visit number, refunds included.
    ///
    /// # Errors
    /// When the sandbox refuses.
    pub async fn settlements(&self, visit: &str) -> anyhow::Result<Vec<Value>> {
        let rows = self.get(&format!("/settlements?visit={visit}")).await?;
        rows.as_array().cloned().context("no list")
    }

    /// How many settlements of a visit stand.
    ///
    /// # Errors
    /// When the sandbox refuses.
    pub async fn standing(&self, visit: &str) -> anyhow::Result<usize> {
        Ok(self
            .settlements(visit)
            .await?
            .iter()
            .filter(|row| row["standing"] == json!(true))
            .count())
    }

    /// Waits until `count` calls of `number` are `state` (`received` or `committed`).
    ///
    /// # Errors
    /// When that does not happen in a minute.
    pub async fn wait(&self, number: &str, count: usize, state: &str) -> anyhow::Result<()> {
        let path = format!("/wait?infno={number}&count={count}&state={state}&timeout_ms=60000");
        let answer = self.get(&path).await?;
        ensure!(
            answer["reached"] == json!(true),
            "the sandbox never saw {count} of {number}: {answer}"
        );
        Ok(())
    }

    /// Waits until a settlement request for this visit is executed at the centre.
    ///
    /// # Errors
    /// When that does not happen in a minute.
    pub async fn wait_committed(&self, visit: &str) -> anyhow::Result<()> {
        for _ in 0..3000 {
            let calls = self.get("/calls").await?;
            let ours = |call: &Value| {
                call["visit"] == json!(visit)
                    && call["committed"] == json!(true)
                    && call["infno"]
                        .as_str()
                        .is_some_and(|number| number.starts_with("2207"))
            };
            if calls.as_array().is_some_and(|calls| calls.iter().any(ours)) {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        anyhow::bail!("no settlement of {visit} was executed")
    }
}
