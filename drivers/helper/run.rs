//! Carries out what the hub decides.

use std::io::{BufRead, BufReader, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use zeroize::Zeroize;
use zhijie_pcsc::Monitor;
use zhijie_ports::{FRAME_BYTES_MAX, FromHelper, HelperNetwork, Outcome, Survey, decode_line, encode_line};
use zhijie_scanner::{OrderSender, ScannerCommand, ScannerSettings, orders, serve};

use crate::clock::Clock;
use crate::hub::{Effect, Hub, Input};
use crate::workers::{Foreign, Workers};

/// What this desk has.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Filter for the names of card readers; `None` for no card reader at all.
    pub(crate) reader: Option<String>,
    /// Stands in for all card readers.
    pub(crate) vendor: Option<VendorPlan>,
    pub(crate) scanner: Option<ScannerSettings>,
    /// Whether this process can still reach a network.
    pub(crate) network: HelperNetwork,
}

#[derive(Debug)]
pub(crate) struct VendorPlan {
    pub(crate) settings: Foreign,
    /// How long one call may take.
    pub(crate) limit_ms: u64,
}

/// Inputs waiting to be handled; whoever brings more has to wait.
const QUEUE_MAX: usize = 256;

/// Serves the pipe until stdin closes.
pub(crate) fn run(plan: Plan) -> Result<()> {
    let Plan {
        reader,
        vendor,
        scanner,
        network,
    } = plan;
    let clock = Clock::start();
    let (inputs, received) = sync_channel(QUEUE_MAX);
    let mut hub = Hub::new(reader.is_some(), scanner.is_some()).with_network(network);
    if let Some(vendor) = &vendor {
        hub = hub.with_vendor(vendor.settings.shown(), vendor.limit_ms);
    }
    let monitor = reader.map(|filter| {
        let inputs = inputs.clone();
        Monitor::start(filter, move |notice| {
            tracing::info!(?notice, "Card reader");
            inputs.send(Input::Card(notice)).is_ok()
        })
    });
    let nudge = monitor.as_ref().map(Monitor::nudge).unwrap_or_default();
    let mut workers = Workers::new(inputs.clone(), vendor.map(|vendor| vendor.settings), nudge);
    listen(inputs.clone());
    let scanner = scanner
        .map(|settings| attend(settings, clock, inputs.clone()))
        .transpose()?;
    drop(inputs);
    loop {
        let input = next(&received, &hub, clock)?;
        for effect in hub.handle(input, clock.now_ms()) {
            match effect {
                Effect::Say(message) => say(&message)?,
                Effect::ReadCard { reader, job } => workers.read(&reader, job),
                Effect::Key {
                    reader,
                    ticket,
                    answer,
                } => workers.tell_key(&reader, ticket, answer),
                Effect::GiveUp { reader, id } => {
                    let fault = workers.abandon(&reader);
                    tracing::warn!(reader, %fault, "Reading was given up");
                    say(&FromHelper::Done {
                        id,
                        outcome: Outcome::Fault(fault),
                    })?;
                    if workers.worn_out() {
                        tracing::error!("Card readings hang, a fresh process is needed");
                        die();
                    }
                }
                Effect::Arm { round } => {
                    if let Some(scanner) = &scanner {
                        // Its thread lives as long as the process.
                        scanner.send(ScannerCommand::Arm { round });
                    }
                }
                Effect::Lend => {
                    if let Some(scanner) = &scanner {
                        scanner.send(ScannerCommand::Lend);
                    }
                }
                Effect::Resume => {
                    if let Some(scanner) = &scanner {
                        scanner.send(ScannerCommand::Resume);
                    }
                }
                Effect::Exit => return Ok(()),
                Effect::Die => {
                    tracing::error!(
                        "The vendor library wrote beyond its buffer or does not come back, this process ends"
                    );
                    die();
                }
            }
        }
    }
}

/// Ends this process at once: no destructor and no start or end code of a foreign library runs any more, and no image
/// of the memory, which names patients, is left behind.
fn die() -> ! {
    #[cfg(unix)]
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    std::process::abort()
}

fn next(received: &Receiver<Input>, hub: &Hub, clock: Clock) -> Result<Input> {
    let Some(deadline_ms) = hub.next_deadline_ms() else {
        return received.recv().context("no input is left");
    };
    let wait = Duration::from_millis(deadline_ms.saturating_sub(clock.now_ms()));
    match received.recv_timeout(wait) {
        Ok(input) => Ok(input),
        Err(RecvTimeoutError::Timeout) => Ok(Input::Tick),
        Err(RecvTimeoutError::Disconnected) => bail!("no input is left"),
    }
}

/// Tells the outcome of a read in the log by its kind alone.
fn say(message: &FromHelper) -> Result<()> {
    if let FromHelper::Done { id, outcome } = message {
        match outcome {
            Outcome::Card(card) => {
                tracing::info!(id, reader = card.reader, warnings = ?card.warnings, "Card was read")
            }
            Outcome::IdCard(card) => tracing::info!(id, reader = card.reader, "Resident ID card was read"),
            Outcome::Pin(pin) => tracing::info!(id, ?pin, "PIN of the card was asked for"),
            Outcome::Voucher(_) => tracing::info!(id, "The e-voucher library answered"),
            Outcome::Code(code) => tracing::info!(id, kind = ?code.kind, "Code was scanned"),
            Outcome::Fault(fault) => tracing::info!(id, %fault, "Read ended without identity"),
        }
    }
    put(message)
}

/// The one line of a process that only looks.
pub(crate) fn say_survey(survey: &Survey) -> Result<()> {
    put(survey)
}

fn put(message: &impl Serialize) -> Result<()> {
    let line = encode_line(message)?;
    let mut out = std::io::stdout().lock();
    out.write_all(&line)?;
    out.flush().context("daemon does not listen any more")
}

fn listen(inputs: SyncSender<Input>) {
    std::thread::spawn(move || {
        let mut stdin = BufReader::new(std::io::stdin());
        let mut line = Vec::new();
        let limit = u64::try_from(FRAME_BYTES_MAX)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        loop {
            // It may hold a PIN.
            line.zeroize();
            let input = match (&mut stdin).take(limit).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => Input::DaemonGone,
                Ok(_) => match decode_line(&line) {
                    Ok(message) => Input::Daemon(message),
                    Err(error) => {
                        tracing::error!(%error, "Daemon speaks another language");
                        Input::DaemonGone
                    }
                },
            };
            let last = matches!(input, Input::DaemonGone);
            if inputs.send(input).is_err() || last {
                return;
            }
        }
    });
}

fn attend(settings: ScannerSettings, clock: Clock, inputs: SyncSender<Input>) -> Result<OrderSender> {
    let (sender, received) = orders().context("no line to the scanner's thread")?;
    std::thread::spawn(move || {
        let now_ms = move || clock.now_ms();
        serve(&settings, received, &now_ms, &|notice| {
            inputs.send(Input::Scanner(notice)).is_ok()
        });
    });
    Ok(sender)
}
