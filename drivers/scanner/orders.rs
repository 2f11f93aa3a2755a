//! Orders to the scanner's thread, which sleeps until one comes, a byte comes, or a port appears.

use std::io;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::Duration;

use crate::port::Scanner;
use crate::watch::Watch;

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
    bell: std::os::fd::OwnedFd,
}

/// The end of the thread.
#[derive(Debug)]
pub struct Orders {
    commands: Receiver<ScannerCommand>,
    /// Taken while waiting.
    #[cfg(not(unix))]
    early: Option<Result<ScannerCommand, Ended>>,
    #[cfg(unix)]
    bell: std::os::fd::OwnedFd,
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

#[cfg(unix)]
mod system {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::pipe::{PipeFlags, pipe_with};

    use super::{
        Duration, Ended, OrderSender, Orders, Scanner, ScannerCommand, TryRecvError, Watch, Woken, channel,
        io,
    };

    /// A line for orders.
    ///
    /// # Errors
    /// The process has no file handle left.
    pub fn orders() -> io::Result<(OrderSender, Orders)> {
        let (commands, received) = channel();
        let (hears, rings) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        let sender = OrderSender {
            commands,
            bell: rings,
        };
        let orders = Orders {
            commands: received,
            bell: hears,
        };
        Ok((sender, orders))
    }

    impl OrderSender {
        /// False when the thread has ended.
        pub fn send(&self, command: ScannerCommand) -> bool {
            let sent = self.commands.send(command).is_ok();
            // A full pipe rings already.
            let _ = rustix::io::write(&self.bell, &[1]);
            sent
        }
    }

    impl Orders {
        pub(crate) fn take(&mut self) -> Result<Option<ScannerCommand>, Ended> {
            match self.commands.try_recv() {
                Ok(command) => Ok(Some(command)),
                Err(TryRecvError::Empty) => Ok(None),
                Err(TryRecvError::Disconnected) => Err(Ended),
            }
        }

        /// Sleeps until an order, a byte or a port comes, at most for `limit`. May end early.
        pub(crate) fn wait(
            &mut self,
            scanner: Option<&Scanner>,
            watch: Option<&Watch>,
            limit: Duration,
        ) -> Woken {
            let mut waits = vec![PollFd::new(&self.bell, PollFlags::IN)];
            waits.extend(watch.map(|watch| PollFd::new(watch, PollFlags::IN)));
            waits.extend(scanner.map(|scanner| PollFd::new(scanner, PollFlags::IN)));
            let limit = Timespec::try_from(limit).ok();
            let mut woken = Woken::default();
            if poll(&mut waits, limit.as_ref()).is_ok() {
                let mut rang = waits.iter().map(|wait| !wait.revents().is_empty());
                let bell = rang.next() == Some(true);
                woken.folder = watch.is_some() && rang.next() == Some(true);
                woken.bytes = scanner.is_some() && rang.next() == Some(true);
                if bell {
                    // One order may have rung, or many.
                    let _ = rustix::io::read(&self.bell, &mut [0_u8; 64]);
                }
            }
            if woken.folder
                && let Some(watch) = watch
            {
                watch.forget();
            }
            woken
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::sync::mpsc::RecvTimeoutError;

    use super::{
        Duration, Ended, OrderSender, Orders, Scanner, ScannerCommand, TryRecvError, Watch, Woken, channel,
        io,
    };

    /// A line for orders.
    ///
    /// # Errors
    /// None here.
    pub fn orders() -> io::Result<(OrderSender, Orders)> {
        let (commands, received) = channel();
        let orders = Orders {
            commands: received,
            early: None,
        };
        Ok((OrderSender { commands }, orders))
    }

    impl OrderSender {
        /// False when the thread has ended.
        pub fn send(&self, command: ScannerCommand) -> bool {
            self.commands.send(command).is_ok()
        }
    }

    impl Orders {
        pub(crate) fn take(&mut self) -> Result<Option<ScannerCommand>, Ended> {
            if let Some(early) = self.early.take() {
                return early.map(Some);
            }
            match self.commands.try_recv() {
                Ok(command) => Ok(Some(command)),
                Err(TryRecvError::Empty) => Ok(None),
                Err(TryRecvError::Disconnected) => Err(Ended),
            }
        }

        /// Sleeps until an order comes, at most for `limit`. An open port is looked at at once: its read waits by itself.
        pub(crate) fn wait(
            &mut self,
            scanner: Option<&Scanner>,
            _: Option<&Watch>,
            limit: Duration,
        ) -> Woken {
            if scanner.is_none() {
                self.early = match self.commands.recv_timeout(limit) {
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
    }
}

pub use system::orders;
