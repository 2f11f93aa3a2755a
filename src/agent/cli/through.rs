//! What the commands share that ask the running agent.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;
use zhijie_desk::{Client, ClientError};

use super::trouble;

/// Does something with a connection to the running agent.
pub(super) fn with_agent<T, F>(socket: &Path, work: F) -> anyhow::Result<T>
where
    F: AsyncFnOnce(&Client) -> anyhow::Result<T>,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let connected = Client::connect(socket).await;
        let client = connected.map_err(|error| trouble::of_client(socket, error))?;
        work(&client).await
    })
}

/// One call, its answer read.
pub(super) async fn ask<T: DeserializeOwned>(
    client: &Client,
    method: &str,
    params: &Value,
) -> anyhow::Result<T> {
    match client.call(method, params).await {
        Ok(answer) => Ok(serde_json::from_str(answer.get())?),
        Err(ClientError::Rpc(error)) => anyhow::bail!("{error}"),
        Err(error) => Err(error.into()),
    }
}
