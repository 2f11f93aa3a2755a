//! `zhijie-sandbox card` and `zhijie-sandbox scanner`.

use std::io::{self, BufRead, Write};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use clap::Args;
use thiserror::Error;

use crate::card::VirtualCard;
use crate::data::{CardData, DataError};
#[cfg(unix)]
use crate::pcscd::{PcscdError, PrivatePcscd};
#[cfg(unix)]
use crate::scanner::VirtualScanner;
use crate::vpcd::VirtualSlot;

/// Puts a software card into a virtual reader and keeps it there until stdin closes.
///
/// Lines on stdin: `in` and `out` insert and pull the card, `in FILE.toml` inserts another one.
#[derive(Debug, Args)]
pub struct CardArgs {
    /// Where the virtual reader driver listens; the driver's own default is 127.0.0.1:35963
    #[cfg_attr(
        unix,
        arg(long, value_name = "HOST:PORT", required_unless_present = "private_pcscd")
    )]
    #[cfg_attr(not(unix), arg(long, value_name = "HOST:PORT", required = true))]
    pub vpcd: Option<String>,
    /// Start a card service of one's own instead of using the machine's; its address is printed first
    #[cfg(unix)]
    #[arg(long, conflicts_with = "vpcd")]
    pub private_pcscd: bool,
    /// Description of the card; without it an invented resident of Fuyang is used
    #[arg(long, value_name = "FILE.toml")]
    pub data: Option<PathBuf>,
    /// Start with the reader empty
    #[arg(long)]
    pub out: bool,
}

/// Makes a pseudo-terminal that behaves as a serial scanner; each line on stdin is scanned.
#[cfg(unix)]
#[derive(Debug, Args)]
pub struct ScannerArgs {
    /// Fixed name under which the port appears; replaced if it is a link already
    #[arg(long, value_name = "PATH")]
    pub link: PathBuf,
}

/// Why a software device stopped.
#[derive(Debug, Error)]
pub enum CliError {
    #[error("software device failed")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Data(#[from] DataError),
    #[cfg(unix)]
    #[error(transparent)]
    Pcscd(#[from] PcscdError),
    #[error("no such address: {0}")]
    Address(String),
}

impl CardArgs {
    /// Blocks until stdin closes. Says on stdout what it does, one line each: with a private card service first
    /// `PCSCLITE_CSOCK_NAME=PATH`, then `in` or `out` whenever that is done.
    ///
    /// # Errors
    /// Bad description, no driver, no card service.
    pub fn run(&self) -> Result<(), CliError> {
        let mut out = io::stdout().lock();
        #[cfg(unix)]
        let service = self.private_pcscd.then(PrivatePcscd::start).transpose()?;
        #[cfg(unix)]
        if let Some(service) = &service {
            let socket = service.socket();
            writeln!(out, "{}={}", PrivatePcscd::CLIENT_VARIABLE, socket.display())?;
        }
        #[cfg(unix)]
        let own = service.as_ref().map(|service| service.slot(0));
        #[cfg(not(unix))]
        let own = None;
        let mut slot = match own {
            Some(slot) => slot,
            None => VirtualSlot::new(resolve(self.vpcd.as_deref().unwrap_or_default())?),
        };
        let mut data = load(self.data.as_ref())?;
        if self.out {
            writeln!(out, "out")?;
        } else {
            slot.insert(VirtualCard::new(data.clone())?)?;
            writeln!(out, "in")?;
        }
        for line in io::stdin().lock().lines() {
            let line = line?;
            match line.trim().split_once(' ').unwrap_or((line.trim(), "")) {
                ("in", file) => {
                    if !file.is_empty() {
                        data = load(Some(&PathBuf::from(file.trim())))?;
                    }
                    slot.insert(VirtualCard::new(data.clone())?)?;
                    writeln!(out, "in")?;
                }
                ("out", _) => {
                    slot.remove();
                    writeln!(out, "out")?;
                }
                _ => writeln!(out, "say `in`, `in FILE.toml` or `out`")?,
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
impl ScannerArgs {
    /// Blocks until stdin closes. Prints the port's path first.
    ///
    /// # Errors
    /// No pseudo-terminal, or the link cannot be made.
    pub fn run(&self) -> Result<(), CliError> {
        let mut scanner = VirtualScanner::new()?;
        scanner.link(&self.link)?;
        let mut out = io::stdout().lock();
        writeln!(out, "{}", scanner.port().display())?;
        for line in io::stdin().lock().lines() {
            scanner.scan_line(&line?)?;
            writeln!(out, "scanned")?;
        }
        Ok(())
    }
}

fn load(path: Option<&PathBuf>) -> Result<CardData, CliError> {
    let Some(path) = path else {
        return Ok(CardData::default());
    };
    Ok(CardData::from_toml(&std::fs::read_to_string(path)?)?)
}

fn resolve(address: &str) -> Result<SocketAddr, CliError> {
    address
        .to_socket_addrs()
        .ok()
        .and_then(|mut found| found.find(SocketAddr::is_ipv4))
        .ok_or_else(|| CliError::Address(String::from(address)))
}
