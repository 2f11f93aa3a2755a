//! Orders to the scanner's thread, which sleeps until one comes, a byte comes, or a port appears.

#[cfg(any(not(unix), test))]
mod polled;
#[cfg(unix)]
mod told;

use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::time::Duration;

use crate::port::Scanner;
use crate::watch::Watch;

#[cfg(not(unix))]
pub use self::polled::orders;
#[cfg(all(unix, test))]
pub(crate) use self::polled::orders as polled_orders;
#[cfg(unix)]
pub use self::told::orders;

/// To the scanner's thread. Its sender being dropped ends the thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScannerCommand {
    /// Throw away what came before, then stamp codes with this round.
    Arm { round: u64 },
    /// Close the port and stay away from it until another order comes.
    Lend,
    /// Open it again.
    Resume,
}

/// The end that gives orders.
#[derive(Debug)]
pub struct OrderSender {
    commands: Sender<ScannerCommand>,
    #[cfg(unix)]
    bell: Option<std::os::fd::OwnedFd>,
}

/// The end of the thread.
#[derive(Debug)]
pub struct Orders {
    commands: Receiver<ScannerCommand>,
    road: Road,
}

/// How the thread hears of a byte.
#[derive(Debug)]
enum Road {
    /// The system tells, and of orders and ports too.
    #[cfg(unix)]
    Told { bell: std::os::fd::OwnedFd },
    /// Nobody tells: an open port is read for a moment, again and again.
    #[cfg(any(not(unix), test))]
    Polled {
        /// Taken while waiting.
        early: Option<Result<ScannerCommand, Ended>>,
    },
}

/// Nobody gives orders any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended;

/// What ended a wait. Nothing set: the time was up, or somebody rang for nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Woken {
    /// Reading the port will not block for long.
    pub(crate) bytes: bool,
    /// Something appeared or vanished where ports are.
    pub(crate) folder: bool,
}

impl OrderSender {
    /// False when the thread has ended.
    pub fn send(&self, command: ScannerCommand) -> bool {
        let sent = self.commands.send(command).is_ok();
        #[cfg(unix)]
        if let Some(bell) = &self.bell {
            told::ring(bell);
        }
        sent
    }
}

impl Orders {
    /// How long one read of an open port is to wait for bytes.
    pub(crate) const fn read_limit(&self) -> Duration {
        match self.road {
            #[cfg(unix)]
            Road::Told { .. } => told::READ_LIMIT,
            #[cfg(any(not(unix), test))]
            Road::Polled { .. } => polled::READ_LIMIT,
        }
    }

    pub(crate) fn take(&mut self) -> Result<Option<ScannerCommand>, Ended> {
        #[cfg(any(not(unix), test))]
        if let Road::Polled { early } = &mut self.road
            && let Some(early) = early.take()
        {
            return early.map(Some);
        }
        match self.commands.try_recv() {
            Ok(command) => Ok(Some(command)),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(Ended),
        }
    }

    /// Sleeps until an order, a byte or a port comes, at most for `limit`. May end early.
    #[cfg_attr(not(unix), expect(unused_variables, reason = "nobody tells of ports there"))]
    pub(crate) fn wait(
        &mut self,
        scanner: Option<&Scanner>,
        watch: Option<&Watch>,
        limit: Duration,
    ) -> Woken {
        match &mut self.road {
            #[cfg(unix)]
            Road::Told { bell } => told::wait(bell, scanner, watch, limit),
            #[cfg(any(not(unix), test))]
            Road::Polled { early } => polled::wait(&self.commands, early, scanner, limit),
        }
    }
}
