//! `zhijie-devices`: the device helper, started by `zhijie run`.
//!
//! This process owns the card readers and the scanner. It takes requests on stdin and answers on stdout, one JSON
//! object a line, logs to stderr without personal data, opens no network connection and ends when stdin closes.
//! Start reading at [`hub::Hub`], which decides; `run` only carries out.

mod clock;
mod hub;
mod keys;
mod network;
mod run;
mod survey;
#[cfg(test)]
mod tests;
mod vendor;
mod workers;

use std::process::ExitCode;

use clap::Parser;
use zhijie_ports::{Framing, HelperNetwork, ScannerAddress};
use zhijie_scanner::{Machine, ScannerSettings};

use crate::run::Plan;

/// Device helper of the settlement agent. Started by `zhijie run`; not meant to be run by hand.
#[derive(Debug, Parser)]
#[command(name = "zhijie-devices", version)]
struct Args {
    /// The code scanner: its port (/dev/ttyACM0, COM3), usb:VVVV:PPPP, usb:VVVV:PPPP:SERIAL, or auto
    #[arg(long, value_name = "WHERE")]
    scanner: Option<ScannerAddress>,
    /// Where `sys` and `dev` are; tests only
    #[arg(
        long,
        value_name = "DIR",
        env = "ZHIJIE_DEVICES_ROOT",
        default_value = "/",
        hide = true
    )]
    root: std::path::PathBuf,
    /// Speed of the scanner's line in bits a second
    #[arg(long, value_name = "BAUD", default_value_t = 9_600)]
    baud: u32,
    /// The scanner sends no suffix: a code ends after this much silence
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(40..=1_000))]
    scanner_gap_ms: Option<u64>,
    /// Use only card readers whose name contains this text
    #[arg(long, value_name = "TEXT", default_value = "")]
    reader: String,
    /// Do not use card readers at all
    #[arg(long)]
    no_card: bool,
    /// Look once at what is connected, say it in one line, and end
    #[arg(long)]
    survey: bool,
    /// With --survey: do not open the scanner, another program of ours has it
    #[arg(long)]
    leave_scanner: bool,
    /// Leave the network open to this process: some vendor libraries ask a server
    #[arg(long)]
    network: bool,
    #[command(flatten)]
    vendor: vendor::VendorArgs,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("ZHIJIE_DEVICES_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let machine = Machine::at(&args.root);
    let scanner = args.scanner.map(|address| ScannerSettings {
        address,
        machine: machine.clone(),
        baud: args.baud,
        framing: args
            .scanner_gap_ms
            .map_or(Framing::Terminated, |gap_ms| Framing::Gap { gap_ms }),
    });
    let network = if args.network {
        HelperNetwork::Wanted
    } else {
        network::close()
    };
    let vendor = args.vendor.plan().filter(|_| !args.no_card);
    let plan = Plan {
        reader: (!args.no_card && vendor.is_none()).then_some(args.reader),
        vendor,
        scanner,
        network,
    };
    let done = if args.survey {
        run::say_survey(&survey::look(plan, &machine, args.leave_scanner))
    } else {
        run::run(plan)
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "Helper stops");
            ExitCode::FAILURE
        }
    }
}
