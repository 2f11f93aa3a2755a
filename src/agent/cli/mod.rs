//! The command line of `zhijie`.

mod bench;
mod call;
mod catalog;
mod check;
mod conformance;
mod doctor;
mod filing;
mod ledger;
mod log;
mod news;
mod outages;
mod paths;
mod plain;
mod preflight;
mod profile_words;
mod queue;
mod reconcile;
mod run;
mod schema;
mod secrets;
mod service;
mod setup;
mod status;
mod through;
mod totals;
mod trouble;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::memory;

pub use self::plain::plain;

/// 直结：异地就医直接结算终端。Settles medical insurance across regions at the registration desk, truthfully.
#[derive(Debug, Parser)]
#[command(name = "zhijie", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the agent in the foreground (what the service does).
    Run(ConfigArg),
    /// Install the agent as a Windows service, remove, start, stop it, or show its state.
    #[cfg(windows)]
    #[command(subcommand)]
    Service(service::ServiceCommand),
    #[command(flatten)]
    Other(Other),
}

/// What somebody does at the keyboard, beside the agent or with it.
#[derive(Debug, Subcommand)]
enum Other {
    /// Write the configuration of a desk and check it: asks for what no flag and no file says.
    ///
    /// Exit code: 0 all works; 3 it is written, but something does not work yet; 1 nothing was written.
    Setup(Box<setup::SetupArgs>),
    /// Call one method of the desk interface and print the answer.
    ///
    /// Example: zhijie call visit.status '{"bill_id":"H31010100001/MZ1/B1"}'
    ///
    /// Exit code: 0 done, or the method has no outcome; 1 error; 2 wrong command line; 3 not done; 4 not known;
    /// 5 deferred.
    Call(call::CallArgs),
    /// Show whether the agent works, and what is open.
    Status(SocketArg),
    /// Try card readers and scanner at the bench, through the running agent or without one.
    #[command(subcommand)]
    Devices(bench::DevicesCommand),
    /// Say what is wrong with the desk and what to do about it.
    #[command(subcommand)]
    Doctor(doctor::DoctorCommand),
    /// Check a configuration and what it points to, without starting anything, and say in words what its province
    /// profile means; secrets are not shown.
    Check(ConfigArg),
    /// Run a battery of steps against a platform and print what it does and what not.
    ///
    /// Uses the configuration's certificates and keys. Money moves only with --move-money, and only where the case file
    /// says that the platform is a test platform. Exit code: 0 no step failed; 3 one did; 1 it could not be run.
    Conformance(conformance::ConformanceArgs),
    /// Look into the ledger; also while the agent runs.
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Look at the calendar of announced outages; also while the agent runs.
    #[command(subcommand)]
    Outages(outages::OutagesCommand),
    /// Look at what was seen of a patient's filing (异地就医备案), or erase its details.
    #[command(subcommand)]
    Filing(filing::FilingCommand),
    /// The local copy of the treatment place's catalogue (医保目录).
    #[command(subcommand)]
    Catalog(catalog::CatalogCommand),
    /// Bills that are settled later, because the platform could not be reached.
    #[command(subcommand)]
    Queue(queue::QueueCommand),
    /// Ask the centre for its statement and compare it (对账): ends doubts that nothing else could end.
    ///
    /// Exit code: 0 nothing is in doubt and all is balanced; 3 something differs or could not be compared; 4 something is
    /// still in doubt; 1 it could not be run.
    Reconcile(reconcile::ReconcileArgs),
    /// Print where everything lies.
    Paths(ConfigArg),
    /// Print the desk interface as a JSON Schema.
    Schema,
}

/// Which configuration.
#[derive(Debug, clap::Args)]
pub struct ConfigArg {
    /// Configuration file.
    #[arg(long, value_name = "FILE", env = "ZHIJIE_CONFIG", default_value_os_t = crate::paths::default_config())]
    pub config: PathBuf,
}

/// Which agent.
#[derive(Debug, clap::Args)]
pub struct SocketArg {
    /// Socket of the desk interface.
    #[arg(long, value_name = "PATH", env = "ZHIJIE_SOCKET", default_value_os_t = crate::paths::default_socket())]
    pub socket: PathBuf,
}

/// The command line of this process; one nobody can understand ends it with the usage.
///
/// # Errors
/// When the system has no thread left.
pub fn command_line() -> anyhow::Result<Cli> {
    memory::keep_little();
    memory::apart(Cli::parse).context("cannot start a thread")
}

/// Runs what the command line says; gives what the process ends with.
///
/// # Errors
/// Whatever stopped it, told for the person at the keyboard.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Run(arg) => run::run(&arg.config)?,
        #[cfg(windows)]
        Command::Service(command) => return service::service(&command),
        Command::Other(other) => return at_the_keyboard(other),
    }
    Ok(ExitCode::SUCCESS)
}

/// Never part of the function above: what its branches put on the stack would lie there for as long as the agent runs.
#[inline(never)]
fn at_the_keyboard(other: Other) -> anyhow::Result<ExitCode> {
    match other {
        Other::Call(args) => return call::call(&args),
        Other::Catalog(command) => return catalog::catalog(&command),
        Other::Doctor(command) => return doctor::doctor(&command),
        Other::Devices(command) => return bench::devices(&command),
        Other::Conformance(args) => return conformance::conformance(&args),
        Other::Reconcile(args) => return reconcile::reconcile(&args),
        Other::Queue(command) => return queue::queue(&command),
        Other::Filing(command) => return filing::filing(&command),
        Other::Status(arg) => return status::status(&arg.socket),
        Other::Outages(command) => return outages::outages(&command),
        Other::Paths(arg) => return paths::paths(&arg.config),
        Other::Setup(args) => return setup::setup(*args),
        Other::Check(arg) => check::check(&arg.config)?,
        Other::Ledger(command) => ledger::ledger(&command)?,
        Other::Schema => schema::schema()?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes to standard output, to a terminal nothing but letters; a reader that went away ends the program quietly.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    use std::io::{IsTerminal, Write};
    let mut out = std::io::stdout().lock();
    let text = if out.is_terminal() {
        plain(text)
    } else {
        text.into()
    };
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        other => Ok(other?),
    }
}
