//! The scanner's thread: reads, loses the port, opens it again.

use std::time::Duration;

use zhijie_ports::{CodeScanner, DeviceFault, Framer, ScannedCode};

use crate::orders::{Orders, ScannerCommand};
use crate::port::{PROBE, Scanner, ScannerSettings};
use crate::watch::Watch;

/// Pause before a lost port is tried again.
const REOPEN: Duration = Duration::from_millis(500);
/// So often the short pause is kept; then nobody is plugging anything in, and the pause is that of [`PROBE`]. A port
/// that appears, where the system tells, and a read that begins bring the short one back.
const REOPEN_OFTEN: u32 = 20;

/// From the scanner's thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScannerNotice {
    Ready,
    Lost(DeviceFault),
    /// What is scanned from now on belongs to this round.
    Armed {
        round: u64,
    },
    /// The port is closed, and stays so.
    Lent,
    /// Everything one read completed, in order.
    Scanned {
        round: u64,
        codes: Vec<Result<ScannedCode, DeviceFault>>,
    },
}

/// Serves one scanner until the orders end or `tell` returns false. Blocks; run it on a thread of its own.
/// `now_ms` is a monotonic clock. Sleeps while nothing comes.
pub fn serve(
    settings: &ScannerSettings,
    mut orders: Orders,
    now_ms: &dyn Fn() -> u64,
    tell: &dyn Fn(ScannerNotice) -> bool,
) {
    let mut round = 0_u64;
    let mut framer = Framer::new(settings.framing);
    let mut told: Option<DeviceFault> = None;
    let mut tries = 0_u32;
    loop {
        // Before the look, so that nothing appears between look and wait.
        let watch = Watch::over(&settings.expected());
        let fault = match Scanner::open_reading(settings, orders.read_limit()) {
            Ok(scanner) => {
                let mut scanner = scanner.resume(framer);
                (told, tries) = (None, 0);
                if !tell(ScannerNotice::Ready) {
                    return;
                }
                match read_until_lost(
                    &mut scanner,
                    &mut round,
                    &mut orders,
                    watch.as_ref(),
                    (now_ms, tell),
                ) {
                    Left::Lost(fault) => {
                        framer = scanner.close();
                        fault
                    }
                    Left::Lent => {
                        framer = scanner.close();
                        if !stay_away(&mut round, &mut orders, tell) {
                            return;
                        }
                        continue;
                    }
                    Left::Over => return,
                }
            }
            Err(fault) => fault,
        };
        if told.as_ref() != Some(&fault) && !tell(ScannerNotice::Lost(fault.clone())) {
            return;
        }
        told = Some(fault);
        let pause = if tries < REOPEN_OFTEN { REOPEN } else { PROBE };
        tries = tries.saturating_add(1);
        if orders.wait(None, watch.as_ref(), pause).folder {
            tries = 0;
        }
        match orders.take() {
            // A closed port holds nothing old.
            Ok(Some(ScannerCommand::Arm { round: next })) => {
                (round, tries) = (next, 0);
                if !tell(ScannerNotice::Armed { round }) {
                    return;
                }
            }
            Ok(Some(ScannerCommand::Lend)) => {
                tries = 0;
                if !stay_away(&mut round, &mut orders, tell) {
                    return;
                }
            }
            Ok(Some(ScannerCommand::Resume)) => tries = 0,
            Ok(None) => {}
            Err(_) => return,
        }
    }
}

/// Leaves the closed port to somebody else until it is to be opened again. False when the thread shall end.
fn stay_away(round: &mut u64, orders: &mut Orders, tell: &dyn Fn(ScannerNotice) -> bool) -> bool {
    if !tell(ScannerNotice::Lent) {
        return false;
    }
    loop {
        match orders.take() {
            Ok(None) => drop(orders.wait(None, None, PROBE)),
            Ok(Some(ScannerCommand::Resume)) => return true,
            Ok(Some(ScannerCommand::Lend)) => {
                if !tell(ScannerNotice::Lent) {
                    return false;
                }
            }
            Ok(Some(ScannerCommand::Arm { round: next })) => {
                *round = next;
                return tell(ScannerNotice::Armed { round: next });
            }
            Err(_) => return false,
        }
    }
}

/// Why a port is no longer read.
enum Left {
    Lost(DeviceFault),
    Lent,
    /// The thread shall end.
    Over,
}

/// A clock and somebody who listens.
type Ends<'ends> = (&'ends dyn Fn() -> u64, &'ends dyn Fn(ScannerNotice) -> bool);

fn read_until_lost(
    scanner: &mut Scanner,
    round: &mut u64,
    orders: &mut Orders,
    watch: Option<&Watch>,
    (now_ms, tell): Ends<'_>,
) -> Left {
    let mut probed_ms = now_ms();
    loop {
        match orders.take() {
            Ok(Some(ScannerCommand::Arm { round: next })) => {
                *round = next;
                if let Err(fault) = scanner.clear() {
                    return Left::Lost(fault);
                }
                if !tell(ScannerNotice::Armed { round: next }) {
                    return Left::Over;
                }
            }
            Ok(Some(ScannerCommand::Lend)) => return Left::Lent,
            Ok(Some(ScannerCommand::Resume) | None) => {}
            Err(_) => return Left::Over,
        }
        let limit = scanner.due(now_ms()).map_or(PROBE, |due| due.min(PROBE));
        let woken = orders.wait(Some(scanner), watch, limit);
        let codes = if woken.bytes {
            match scanner.next_codes(now_ms) {
                Ok(codes) => codes,
                Err(fault) => return Left::Lost(fault),
            }
        } else {
            scanner.silent(now_ms())
        };
        if !codes.is_empty() && !tell(ScannerNotice::Scanned { round: *round, codes }) {
            return Left::Over;
        }
        let due = Duration::from_millis(now_ms().saturating_sub(probed_ms)) >= PROBE;
        if woken.folder || due {
            probed_ms = now_ms();
            if !scanner.is_listed() {
                return Left::Lost(DeviceFault::ScannerUnplugged);
            }
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
