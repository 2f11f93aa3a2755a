//! `zhijie filing check|history|forget`: through the running agent, which alone writes the ledger.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use zhijie_desk::api::{FilingCheckResult, FilingForgetResult, FilingHistoryResult, Outcome};
use zhijie_desk::{Client, ClientError};

use super::{SocketArg, print, trouble};

#[derive(Debug, clap::Subcommand)]
pub(super) enum FilingCommand {
    /// Whether a patient may settle here today, as far as the filing goes.
    ///
    /// Exit code: 0 valid or not needed; 3 missing or expired; 4 not known.
    Check {
        #[command(flatten)]
        who: WhoArg,
        /// Visit kind; 11 ordinary outpatient, 13 emergency.
        #[arg(long, default_value = "11")]
        visit_kind: String,
        /// Where the patient is insured, six digits; left out: as last seen.
        #[arg(long)]
        insured_area: Option<String>,
        #[command(flatten)]
        socket: SocketArg,
    },
    /// Everything seen of a patient's filing, losses and erasures included.
    History {
        #[command(flatten)]
        who: WhoArg,
        #[command(flatten)]
        socket: SocketArg,
    },
    /// Erase personal details of what was seen; digests, times and message ids stay. Cannot be taken back.
    Forget {
        #[command(flatten)]
        what: ForgetArg,
        /// Why; stays in the ledger, so no name in it.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        socket: SocketArg,
    },
}

/// Whose filing. A number is read from standard input, for the command line is seen by everybody on this PC.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct WhoArg {
    /// The patient of this bill.
    #[arg(long, value_name = "BILL")]
    bill: Option<String>,
    /// An identity read in this run of the agent.
    #[arg(long, value_name = "ID")]
    identity: Option<String>,
    /// Read the number of the certificate from standard input.
    #[arg(long)]
    certificate: bool,
}

/// What to erase.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct ForgetArg {
    /// The patient of this bill.
    #[arg(long, value_name = "BILL")]
    bill: Option<String>,
    /// Read the number of a certificate from standard input.
    #[arg(long)]
    certificate: bool,
    /// Everything older than this.
    #[arg(long, value_name = "DAYS")]
    older_than_days: Option<u32>,
}

impl WhoArg {
    fn params(&self) -> anyhow::Result<Value> {
        who(self.bill.as_deref(), self.identity.as_deref())
    }
}

/// Of a bill, an identity, or the certificate whose number stands on standard input.
fn who(bill: Option<&str>, identity: Option<&str>) -> anyhow::Result<Value> {
    Ok(match (bill, identity) {
        (Some(bill), _) => json!({ "bill_id": bill }),
        (None, Some(identity)) => json!({ "identity_id": identity }),
        (None, None) => {
            let mut line = String::new();
            std::io::stdin()
                .read_line(&mut line)
                .context("cannot read the number from standard input")?;
            json!({ "certificate": line.trim() })
        }
    })
}

pub(super) fn filing(command: &FilingCommand) -> anyhow::Result<ExitCode> {
    match command {
        FilingCommand::Check {
            who,
            visit_kind,
            insured_area,
            socket,
        } => {
            let mut params = json!({ "who": who.params()?, "visit_kind": visit_kind });
            if let (Some(area), Some(members)) = (insured_area, params.as_object_mut()) {
                members.insert(String::from("insured_area"), json!(area));
            }
            check(&call(&socket.socket, "filing.check", &params)?)
        }
        FilingCommand::History { who, socket } => {
            let params = json!({ "who": who.params()? });
            history(&call(&socket.socket, "filing.history", &params)?)
        }
        FilingCommand::Forget { what, reason, socket } => {
            let mut params = json!({ "request_id": request_id(), "reason": reason });
            let target = match what.older_than_days {
                Some(days) => ("older_than_days", json!(days)),
                None => ("who", who(what.bill.as_deref(), None)?),
            };
            if let Some(members) = params.as_object_mut() {
                members.insert(String::from(target.0), target.1);
            }
            forget(&call(&socket.socket, "filing.forget", &params)?)
        }
    }
}

/// A run of this command is one request; the process id and its start tell two of them apart.
fn request_id() -> String {
    use crate::clock::{Clock, SystemClock};
    let now = SystemClock::default().now();
    format!("cli-forget-{}-{}", now.as_millisecond(), std::process::id())
}

fn call(socket: &Path, method: &str, params: &Value) -> anyhow::Result<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let answer = runtime.block_on(async {
        let client = Client::connect(socket).await?;
        client.call(method, params).await
    });
    match answer {
        Ok(answer) => Ok(String::from(answer.get())),
        Err(ClientError::Rpc(error)) => bail!("程序拒绝了请求\n  the agent refused the call: {error}"),
        Err(error) => Err(trouble::of_client(socket, error).into()),
    }
}

fn check(answer: &str) -> anyhow::Result<ExitCode> {
    use zhijie_desk::api::FilingAnswer;
    let check: FilingCheckResult = serde_json::from_str(answer)?;
    print(&check.text_zh)?;
    if let Some(evidence) = &check.evidence {
        print(&format!(
            "  {}  {}  {} s  {}",
            evidence.source, evidence.at, check.age_s, evidence.digest
        ))?;
    }
    if let Some(share) = &check.share {
        print(&format!(
            "  统筹支付比例 share told {}  {}  {}",
            share.ratio, share.source, share.at
        ))?;
    }
    if let Some(vanished) = &check.vanished {
        print(&format!(
            "! 原有备案已查不到 a filing seen before is gone: last seen {} at {}; see filing.dispute",
            vanished.last_seen.source, vanished.last_seen.at
        ))?;
    }
    print(&check.next_step.cashier)?;
    Ok(match check.answer {
        FilingAnswer::Valid | FilingAnswer::NotNeeded => ExitCode::SUCCESS,
        FilingAnswer::Missing | FilingAnswer::Expired => ExitCode::from(3),
        FilingAnswer::NotKnown => ExitCode::from(4),
    })
}

fn history(answer: &str) -> anyhow::Result<ExitCode> {
    let history: FilingHistoryResult = serde_json::from_str(answer)?;
    for entry in &history.entries {
        let evidence = &entry.evidence;
        let digest = evidence.digest.get(..16).unwrap_or_default();
        let message = evidence.message_id.as_deref().unwrap_or("-");
        print(&format!(
            "{}  {:<18} {:<9} {digest}  {message}  {}",
            evidence.at, evidence.source, entry.said, entry.text_zh
        ))?;
    }
    if history.cut {
        print("... 更早的记录没有列出 older entries are not shown")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn forget(answer: &str) -> anyhow::Result<ExitCode> {
    let told: FilingForgetResult = serde_json::from_str(answer)?;
    if told.outcome != Outcome::Done {
        let why = told.fault.map(|fault| fault.cashier).unwrap_or_default();
        bail!("没有清除 nothing was erased: {why}");
    }
    print(&format!("已清除 erased  {}", told.erased))?;
    Ok(ExitCode::SUCCESS)
}
