//! The command line of `zhijie-sandbox`.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use serde_json::{Value, json};

use crate::admin_client::AdminClient;
use crate::cli_filing::FilingArgs;
use crate::cli_region::RegionArgs;
use crate::faults::{Fault, FaultKind};
use crate::outages::OutagesCommand;
use crate::serve_command::ServeCommand;
use crate::{certs, device, persons};

/// A province to test against, and software cards and scanners. Never install it on a desk.
#[derive(Debug, Parser)]
#[command(name = "zhijie-sandbox", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the sandbox province until it is interrupted
    Serve(Box<ServeCommand>),
    /// Make the certificates of a run: an authority, a server for loopback, a client
    Certs {
        /// Folder to write ca.pem, server.pem, server.key, client.pem and client.key into; none may exist yet
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Let a call go wrong in a running sandbox
    Fault(FaultArgs),
    /// Make an e-voucher code of 28 digits for a person of a running sandbox and print it
    Voucher {
        #[command(flatten)]
        admin: AdminArgs,
        /// Whose code, e.g. jiaxing-employee
        #[arg(long, value_name = "NAME")]
        person: String,
        /// Seconds until the code dies; without it as `serve --voucher-life` says
        #[arg(long, value_name = "SECONDS")]
        life: Option<u64>,
    },
    /// Print the settlements of a running sandbox as JSON, amounts in fen
    Settlements {
        #[command(flatten)]
        admin: AdminArgs,
        /// Only those of this visit number of the hospital
        #[arg(long, value_name = "NUMBER")]
        visit: Option<String>,
    },
    /// File people for treatment elsewhere in a running sandbox, and take filings away
    Filing(FilingArgs),
    /// Let an insured region of a running sandbox be upgraded, slow or out of reach; without switches as usual again
    Region(RegionArgs),
    /// Print the people of the sandbox as JSON, cards included
    Persons {
        /// Print only this person's card, as `card --data` reads it
        #[arg(long, value_name = "NAME")]
        card: Option<String>,
    },
    /// Make keys for outage calendars, and sign them as an insurance office would
    #[command(subcommand)]
    Outages(OutagesCommand),
    /// Put a software social-security card into a virtual reader
    Card(device::CardCommand),
    /// Be the control of a security medium once: a question as JSON on stdin, the answer on stdout
    Control(device::ControlCommand),
    /// Make a pseudo-terminal that behaves as a serial scanner
    #[cfg(unix)]
    Scanner(zhijie_twin::cli::ScannerArgs),
    /// Carry desk pipes to a port, for desk programs outside Wine; the first line of a connection names the pipe
    #[cfg(windows)]
    Relay {
        /// Loopback address to listen at
        #[arg(long, value_name = "ADDRESS")]
        listen: std::net::SocketAddr,
    },
}

#[derive(Debug, Args)]
struct AdminArgs {
    /// Admin address of the running sandbox, as in its ready file
    #[arg(long, value_name = "URL", env = "ZHIJIE_SANDBOX_ADMIN")]
    admin: String,
}

#[derive(Debug, Args)]
struct FaultArgs {
    #[command(flatten)]
    admin: AdminArgs,
    /// Transaction it waits for; four digits match the lettered variants too
    #[arg(long, value_name = "INFNO", required_unless_present = "clear")]
    infno: Option<String>,
    /// What goes wrong
    #[arg(long, value_enum, required_unless_present = "clear")]
    kind: Option<FaultKind>,
    /// How many matching calls pass first
    #[arg(long, default_value_t = 0)]
    after: u32,
    /// How many calls it strikes
    #[arg(long, default_value_t = 1)]
    times: u32,
    /// Milliseconds, for delay, delay-after-commit, slow-bytes and late-execution
    #[arg(long, default_value_t = 0)]
    ms: u64,
    /// Text of a refusal, prefix included
    #[arg(long)]
    text: Option<String>,
    /// Only the call with this message id
    #[arg(long)]
    msgid: Option<String>,
    /// Only calls about this visit number of the hospital
    #[arg(long)]
    visit: Option<String>,
    /// Take all waiting faults away instead
    #[arg(long, conflicts_with_all = ["infno", "kind"])]
    clear: bool,
}

/// The program.
#[must_use]
pub fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("ZHIJIE_SANDBOX_LOG")
                .unwrap_or_else(|_| "info".into()),
        )
        .init();
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _unwritable = writeln!(io::stderr(), "zhijie-sandbox: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(args) => runtime()?.block_on(args.run()),
        Command::Certs { out } => Ok(certs::make(&out)?),
        Command::Fault(args) => runtime()?.block_on(send_fault(args)),
        Command::Voucher { admin, person, life } => runtime()?.block_on(async {
            let body = json!({ "person": person, "life_s": life });
            let answer = AdminClient::new(&admin.admin)?
                .send("POST", "/vouchers", Some(&body))
                .await?;
            let code = answer.get("code").and_then(|code| code.as_str());
            print(code.context("the sandbox answered without a code")?)
        }),
        Command::Settlements { admin, visit } => runtime()?.block_on(async {
            let query = visit.map(|number| format!("?visit={number}")).unwrap_or_default();
            let answer = AdminClient::new(&admin.admin)?
                .send("GET", &format!("/settlements{query}"), None)
                .await?;
            print(&serde_json::to_string_pretty(&answer)?)
        }),
        Command::Filing(args) => print_found(&runtime()?.block_on(args.run())?),
        Command::Region(args) => print_found(&runtime()?.block_on(args.run())?),
        Command::Persons { card: Some(key) } => print(&device::describe(&device::find(&key)?)?),
        Command::Persons { card: None } => print(&serde_json::to_string_pretty(&persons()?)?),
        Command::Outages(command) => print(&command.run()?),
        Command::Card(args) => args.run(),
        Command::Control(args) => {
            let mut question = String::new();
            io::stdin().read_line(&mut question)?;
            print(&args.answer(&question)?)
        }
        #[cfg(unix)]
        Command::Scanner(args) => Ok(args.run()?),
        #[cfg(windows)]
        Command::Relay { listen } => Ok(runtime()?.block_on(crate::relay::relay(listen))?),
    }
}

async fn send_fault(args: FaultArgs) -> anyhow::Result<()> {
    let client = AdminClient::new(&args.admin.admin)?;
    let (Some(infno), Some(kind)) = (args.infno, args.kind) else {
        client.send("DELETE", "/faults", None).await?;
        return Ok(());
    };
    let fault = Fault {
        infno,
        kind,
        after: args.after,
        times: args.times,
        ms: args.ms,
        text: args.text,
        msgid: args.msgid,
        visit: args.visit,
    };
    if kind == FaultKind::Refuse && fault.text.is_none() {
        bail!("--kind refuse needs --text");
    }
    client
        .send("POST", "/faults", Some(&serde_json::to_value(&fault)?))
        .await?;
    Ok(())
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

/// Nothing for an empty answer.
fn print_found(answer: &Value) -> anyhow::Result<()> {
    match answer {
        Value::Null => Ok(()),
        found => print(&serde_json::to_string_pretty(found)?),
    }
}

fn print(text: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{text}")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, ValueEnum};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
        let names: Vec<String> = FaultKind::value_variants()
            .iter()
            .filter_map(|kind| Some(kind.to_possible_value()?.get_name().to_string()))
            .collect();
        assert!(names.contains(&String::from("drop-after-commit")), "{names:?}");
    }
}
