//! Where nobody tells: Windows, whose drivers often signal neither a byte nor an unplug. The tests take this road too,
//! wherever they run.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::{Ended, OrderSender, Orders, Road, ScannerCommand, Woken};
use crate::port::Scanner;

/// One read waits for bytes by itself: half a gap that ends a code, at least.
pub(super) const READ_LIMIT: Duration = Duration::from_millis(20);

/// A line for orders.
///
/// # Errors
/// None here.
#[cfg_attr(unix, expect(unreachable_pub, reason = "for the tests alone there"))]
pub fn orders() -> io::Result<(OrderSender, Orders)> {
    let (commands, received) = channel();
    let sender = OrderSender {
        commands,
        #[cfg(unix)]
        bell: None,
    };
    let orders = Orders {
        commands: received,
        road: Road::Polled { early: None },
    };
    Ok((sender, orders))
}

/// Sleeps until an order comes, at most for `limit`. An open port is looked at at once: its read waits.
pub(super) fn wait(
    commands: &Receiver<ScannerCommand>,
    early: &mut Option<Result<ScannerCommand, Ended>>,
    scanner: Option<&Scanner>,
    limit: Duration,
) -> Woken {
    if scanner.is_none() {
        *early = match commands.recv_timeout(limit) {
            Ok(command) => Some(Ok(command)),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Err(Ended)),
        };
    }
    Woken {
        bytes: scanner.is_some(),
        folder: false,
    }
}
