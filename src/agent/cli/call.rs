//! `zhijie call METHOD JSON`.

use std::io::Read;

use anyhow::{Context, bail};
use zhijie_desk::{Client, ClientError};

use super::{SocketArg, print};

#[derive(Debug, clap::Args)]
pub(super) struct CallArgs {
    /// Method, e.g. `visit.quote`.
    method: String,
    /// Parameters as JSON; `-` reads them from standard input.
    #[arg(default_value = "{}")]
    params: String,
    /// Print the answer on one line, byte for byte as it came.
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    socket: SocketArg,
}

pub(super) fn call(args: &CallArgs) -> anyhow::Result<()> {
    let text = if args.params == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("cannot read parameters from standard input")?;
        text
    } else {
        args.params.clone()
    };
    let params: serde_json::Value = serde_json::from_str(&text).context("parameters are not JSON")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let answer = runtime.block_on(async {
        let client = Client::connect(&args.socket.socket).await?;
        client.call(&args.method, &params).await
    });
    match answer {
        Ok(answer) if args.raw => print(answer.get()),
        Ok(answer) => {
            let value: serde_json::Value = serde_json::from_str(answer.get())?;
            print(&serde_json::to_string_pretty(&value)?)
        }
        Err(ClientError::Rpc(error)) => {
            let value = serde_json::json!({ "error": error });
            print(&serde_json::to_string_pretty(&value)?)?;
            bail!("the agent refused the call: {error}")
        }
        Err(error) => Err(error).context("no answer from the agent"),
    }
}
