//! Where the system tells when a byte, an order or a port has come.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::mpsc::channel;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pipe::{PipeFlags, pipe_with};

use super::{OrderSender, Orders, Road, Woken};
use crate::port::Scanner;
use crate::watch::Watch;

/// A read follows bytes that are there: it waits for none.
pub(super) const READ_LIMIT: Duration = Duration::ZERO;

/// A line for orders.
///
/// # Errors
/// The process has no file handle left.
pub fn orders() -> io::Result<(OrderSender, Orders)> {
    let (commands, received) = channel();
    let (hears, rings) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
    let sender = OrderSender {
        commands,
        bell: Some(rings),
    };
    let orders = Orders {
        commands: received,
        road: Road::Told { bell: hears },
    };
    Ok((sender, orders))
}

pub(super) fn ring(bell: &OwnedFd) {
    // A full pipe rings already.
    let _ = rustix::io::write(bell, &[1]);
}

pub(super) fn wait(
    bell: &OwnedFd,
    scanner: Option<&Scanner>,
    watch: Option<&Watch>,
    limit: Duration,
) -> Woken {
    let mut waits = vec![PollFd::new(bell, PollFlags::IN)];
    waits.extend(watch.map(|watch| PollFd::new(watch, PollFlags::IN)));
    waits.extend(scanner.map(|scanner| PollFd::new(scanner, PollFlags::IN)));
    let limit = Timespec::try_from(limit).ok();
    let mut woken = Woken::default();
    if poll(&mut waits, limit.as_ref()).is_ok() {
        let mut rang = waits.iter().map(|wait| !wait.revents().is_empty());
        let rung = rang.next() == Some(true);
        woken.folder = watch.is_some() && rang.next() == Some(true);
        woken.bytes = scanner.is_some() && rang.next() == Some(true);
        if rung {
            // One order may have rung, or many.
            let _ = rustix::io::read(bell, &mut [0_u8; 64]);
        }
    }
    if woken.folder
        && let Some(watch) = watch
    {
        watch.forget();
    }
    woken
}
