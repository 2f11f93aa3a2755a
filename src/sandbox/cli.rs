//! The command line of `zhijie-sandbox`.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use serde_json::json;
use zhijie_model::{Area, Private};

use crate::admin_client::AdminClient;
use crate::faults::{Fault, FaultKind};
use crate::options::{DuplicateMsgid, InfcodeMode, Options, TifSecret};
use crate::{certs, device, persons, ready, serve};

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
    Serve(Box<ServeArgs>),
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
    /// Print the people of the sandbox as JSON, cards included
    Persons {
        /// Print only this person's card, as `card --data` reads it
        #[arg(long, value_name = "NAME")]
        card: Option<String>,
    },
    /// Put a software social-security card into a virtual reader
    Card(device::CardCommand),
    /// Make a pseudo-terminal that behaves as a serial scanner
    Scanner(zhijie_twin::cli::ScannerArgs),
}

#[derive(Debug, Args)]
struct AdminArgs {
    /// Admin address of the running sandbox, as in its ready file
    #[arg(long, value_name = "URL", env = "ZHIJIE_SANDBOX_ADMIN")]
    admin: String,
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// Platform address; port 0 lets the system choose
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Admin address, loopback only
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    admin: SocketAddr,
    /// Folder of the store; without it everything is forgotten at the end
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder with ca.pem, server.pem and server.key, as `certs` makes it
    #[arg(long, value_name = "DIR")]
    certs: PathBuf,
    /// File that tells the addresses as JSON once both accept connections
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Treatment place
    #[arg(long, value_name = "CODE", default_value = "310000", value_parser = area)]
    area: Area,
    /// How infcode is written
    #[arg(long, value_enum, default_value = "number")]
    infcode: InfcodeMode,
    /// What a message id that was seen before leads to
    #[arg(long, value_enum, default_value = "refuse")]
    duplicate_msgid: DuplicateMsgid,
    /// Require the x-tif-* headers, signed with this secret
    #[arg(long, value_name = "PAASID:SECRET", value_parser = tif)]
    tif: Option<TifSecret>,
    /// Accept calls without a sign-in number
    #[arg(long)]
    no_sign_in: bool,
    /// Count the personal account into fund_pay_sumamt
    #[arg(long)]
    fund_includes_account: bool,
    /// Let 5203 find nothing for patients from other provinces
    #[arg(long)]
    empty_5203_for_visitors: bool,
    /// Refuse patients from other provinces who come with the ID number only
    #[arg(long)]
    visitors_need_card: bool,
    /// Refuse an input longer than this many characters
    #[arg(long, value_name = "CHARS")]
    input_limit: Option<usize>,
    /// Seconds a voucher code lives
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    voucher_life: u64,
    /// Seconds the token of a decoded voucher lives
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    token_life: u64,
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
    /// How many calls it strikes
    #[arg(long, default_value_t = 1)]
    times: u32,
    /// Milliseconds, for delay, delay-after-commit and slow-bytes
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
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("ZHIJIE_SANDBOX_LOG").unwrap_or_else(|_| "info".into()),
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
        Command::Serve(args) => runtime()?.block_on(run_server(*args)),
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
        Command::Persons { card: Some(key) } => print(&device::describe(&device::find(&key)?)?),
        Command::Persons { card: None } => print(&serde_json::to_string_pretty(&persons()?)?),
        Command::Card(args) => args.run(),
        Command::Scanner(args) => Ok(args.run()?),
    }
}

async fn run_server(args: ServeArgs) -> anyhow::Result<()> {
    let ready_file = args.ready_file.clone();
    let handle = serve(options(args)?).await?;
    tracing::info!(
        platform = handle.platform_url(),
        admin = handle.admin_url(),
        "Sandbox province is open"
    );
    if let Some(path) = &ready_file {
        ready::write(path, &handle.platform_url(), &handle.admin_url())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    interrupted().await?;
    tracing::info!("Sandbox province closes");
    handle.stop().await;
    Ok(())
}

fn options(args: ServeArgs) -> anyhow::Result<Options> {
    Ok(Options {
        listen: args.listen,
        admin: args.admin,
        data_dir: args.data,
        area: args.area,
        infcode: args.infcode,
        duplicate_msgid: args.duplicate_msgid,
        tif: args.tif,
        sign_in: !args.no_sign_in,
        fund_includes_account: args.fund_includes_account,
        empty_5203_for_visitors: args.empty_5203_for_visitors,
        visitors_need_card: args.visitors_need_card,
        input_chars_max: args.input_limit,
        voucher_life: Duration::from_secs(args.voucher_life),
        token_life: Duration::from_secs(args.token_life),
        ..Options::new(args.certs)?
    })
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

#[cfg(unix)]
async fn interrupted() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupt = tokio::signal::ctrl_c() => interrupt,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn interrupted() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

fn print(text: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{text}")?;
    Ok(())
}

fn area(text: &str) -> Result<Area, String> {
    Area::new(text).map_err(|error| error.to_string())
}

fn tif(text: &str) -> Result<TifSecret, String> {
    let (paasid, secret) = text.split_once(':').ok_or("write PAASID:SECRET")?;
    Ok(TifSecret {
        paasid: String::from(paasid),
        secret: Private::new(secret),
    })
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
