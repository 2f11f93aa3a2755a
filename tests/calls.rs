//! The desk software's side: calls over the socket and the command line.

use std::ffi::OsStr;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use zhijie_desk::{Client, ClientError};
use zhijie_twin::PrivatePcscd;

use crate::programs::program;
use crate::stage::Stage;

impl Stage {
    /// A connection to the agent.
    ///
    /// # Errors
    /// When the agent does not answer.
    pub async fn client(&self) -> Result<Client, ClientError> {
        Client::connect(&self.socket()).await
    }

    /// One call over a connection of its own.
    ///
    /// # Errors
    /// A JSON-RPC error, or no answer.
    pub async fn call(&self, method: &str, params: Value) -> Result<Value, ClientError> {
        let answer = self.raw(method, &params).await?;
        Ok(serde_json::from_str(&answer).unwrap_or(Value::Null))
    }

    /// As [`Stage::call`]; the answer as it came, byte for byte.
    ///
    /// # Errors
    /// As [`Stage::call`].
    pub async fn raw(&self, method: &str, params: &Value) -> Result<String, ClientError> {
        let answer = self.client().await?.call(method, params).await?;
        Ok(String::from(answer.get()))
    }

    /// One call that must end in an error; gives the error's `data`.
    ///
    /// # Errors
    /// When it ends otherwise.
    pub async fn refused(&self, method: &str, params: Value) -> anyhow::Result<Value> {
        match self.call(method, params).await {
            Err(ClientError::Rpc(error)) => error.data.context("an error without data"),
            Err(other) => Err(other.into()),
            Ok(answer) => bail!("answered: {answer}"),
        }
    }

    /// Runs `zhijie` with these arguments and gives status and both outputs.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn zhijie<A: AsRef<OsStr>>(&self, args: &[A]) -> anyhow::Result<std::process::Output> {
        let mut command = std::process::Command::new(program("zhijie")?);
        command
            .args(args)
            .env("ZHIJIE_CONFIG", self.config())
            .env("ZHIJIE_SOCKET", self.socket());
        if let Some(pcscd) = &self.pcscd {
            command.env(PrivatePcscd::CLIENT_VARIABLE, pcscd.socket());
        }
        Ok(command.output()?)
    }

    /// Asks `visit.status` until `wanted` holds.
    ///
    /// # Errors
    /// When it does not hold within a minute; the text holds the last answer.
    pub async fn status_until(&self, key: Value, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        self.until("visit.status", key, wanted).await
    }

    /// Asks `agent.health` until `wanted` holds.
    ///
    /// # Errors
    /// As [`Stage::status_until`].
    pub async fn health_until(&self, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        self.until("agent.health", json!({}), wanted).await
    }

    /// Runs the reconciliation until `wanted` holds of its answer.
    ///
    /// # Errors
    /// As [`Stage::status_until`].
    pub async fn reconciled(&self, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        self.until("reconcile.day", json!({}), wanted).await
    }

    /// `catalog.status` once nothing is under way.
    ///
    /// # Errors
    /// As [`Stage::status_until`].
    pub async fn synced(&self) -> anyhow::Result<Value> {
        self.until("catalog.status", json!({}), |status| {
            status["under_way"].is_null()
        })
        .await
    }

    async fn until(
        &self,
        method: &str,
        params: Value,
        wanted: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        let mut last = Value::Null;
        for _ in 0..1200 {
            last = self.call(method, params.clone()).await?;
            if wanted(&last) {
                return Ok(last);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("{method} never said what was waited for: {last}")
    }
}
