//! `zhijie call METHOD JSON`.

use std::io::Read;
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde_json::Value;
use zhijie_desk::{Client, ClientError};

use super::{SocketArg, print, trouble};

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
    /// Print only this text of the answer, as it is: line breaks are line breaks.
    #[arg(long, value_name = "MEMBER", conflicts_with = "raw")]
    text: Option<String>,
    #[command(flatten)]
    socket: SocketArg,
}

/// Ends with the answer's outcome; see [`exit_code`].
pub(super) fn call(args: &CallArgs) -> anyhow::Result<ExitCode> {
    let text = if args.params == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("cannot read parameters from standard input")?;
        text
    } else {
        args.params.clone()
    };
    let params: Value = serde_json::from_str(&text).context("parameters are not JSON")?;
    let socket = &args.socket.socket;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let answer = runtime.block_on(async {
        let client = Client::connect(socket).await?;
        client.call(&args.method, &params).await
    });
    let answer = match answer {
        Ok(answer) => answer,
        Err(ClientError::Rpc(error)) => {
            let value = serde_json::json!({ "error": error });
            print(&serde_json::to_string_pretty(&value)?)?;
            bail!("the agent refused the call: {error}")
        }
        Err(error) => return Err(trouble::of_client(socket, error).into()),
    };
    let value: Value = serde_json::from_str(answer.get())?;
    match &args.text {
        Some(member) => print(text_of(&value, member)?)?,
        None if args.raw => print(answer.get())?,
        None => print(&serde_json::to_string_pretty(&value)?)?,
    }
    Ok(exit_code(&value))
}

fn text_of<'a>(answer: &'a Value, member: &str) -> anyhow::Result<&'a str> {
    let text = answer.get(member).and_then(Value::as_str);
    let text = text.with_context(|| format!("应答中没有文本 {member}\n  the answer has no text {member}"))?;
    Ok(text.trim_end_matches('\n'))
}

/// 0: done, or the method has no outcome; 3: not done; 4: not known; 5: deferred. Errors end with 1, a wrong command line with 2.
fn exit_code(answer: &Value) -> ExitCode {
    match answer.get("outcome").and_then(Value::as_str) {
        Some("not_done") => ExitCode::from(3),
        Some("not_known") => ExitCode::from(4),
        Some("deferred") => ExitCode::from(5),
        _ => ExitCode::SUCCESS,
    }
}
