//! The card's end of the virtual reader driver: two-byte length, then a control byte or a command.

use core::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::card::{Reply, VirtualCard};

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const ANSWER_TO_RESET: u8 = 4;

/// One slot of a virtual reader, empty or with a card. The card is pulled when this is dropped.
pub struct VirtualSlot {
    driver: SocketAddr,
    inserted: Option<Inserted>,
}

struct Inserted {
    card: Arc<Mutex<VirtualCard>>,
    stream: TcpStream,
    served: JoinHandle<()>,
    /// One entry each time the power was taken from the card.
    offs: Mutex<Receiver<()>>,
}

impl fmt::Debug for VirtualSlot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "VirtualSlot({}, {})",
            self.driver,
            if self.inserted.is_some() { "in" } else { "out" }
        )
    }
}

impl VirtualSlot {
    /// The slot whose driver listens at `driver`. Nothing is connected before a card goes in.
    #[must_use]
    pub const fn new(driver: SocketAddr) -> Self {
        Self {
            driver,
            inserted: None,
        }
    }

    /// Puts a card in; one that is there already is pulled first. The driver sees it within half a second.
    ///
    /// # Errors
    /// The driver does not listen.
    pub fn insert(&mut self, card: VirtualCard) -> io::Result<()> {
        self.remove();
        let stream = TcpStream::connect(self.driver)?;
        stream.set_nodelay(true)?;
        let card = Arc::new(Mutex::new(card));
        let (off, offs) = channel();
        let served = {
            let (stream, card) = (stream.try_clone()?, Arc::clone(&card));
            std::thread::spawn(move || serve(stream, &card, &off))
        };
        self.inserted = Some(Inserted {
            card,
            stream,
            served,
            offs: Mutex::new(offs),
        });
        Ok(())
    }

    /// Pulls the card and gives it back, powered off. Waits for the thread that served it.
    pub fn remove(&mut self) -> Option<VirtualCard> {
        let Inserted {
            card, stream, served, ..
        } = self.inserted.take()?;
        // The driver may have hung up already.
        let _ = stream.shutdown(Shutdown::Both);
        let _ = served.join();
        let mut card = card.lock().unwrap_or_else(PoisonError::into_inner).clone();
        card.reset();
        Some(card)
    }

    /// Waits until the driver takes the power from the card, which it may have done before since the last asking. False
    /// when it does not within `limit`.
    #[must_use]
    pub fn lost_power(&self, limit: Duration) -> bool {
        self.inserted.as_ref().is_some_and(|inserted| {
            let offs = inserted.offs.lock().unwrap_or_else(PoisonError::into_inner);
            let off = offs.recv_timeout(limit).is_ok();
            while offs.try_recv().is_ok() {}
            off
        })
    }

    /// Commands the card in the slot has taken.
    #[must_use]
    pub fn commands(&self) -> u32 {
        self.inserted.as_ref().map_or(0, |inserted| {
            inserted
                .card
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .commands()
        })
    }
}

impl Drop for VirtualSlot {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Ends when either side hangs up.
fn serve(mut stream: TcpStream, card: &Mutex<VirtualCard>, off: &Sender<()>) {
    while let Ok(message) = receive(&mut stream) {
        let mut card = card.lock().unwrap_or_else(PoisonError::into_inner);
        let reply = match message.as_slice() {
            [control @ (POWER_OFF | POWER_ON | RESET)] => {
                card.reset();
                if *control == POWER_OFF {
                    // Counted for whoever asks; the slot may have been emptied meanwhile.
                    let _ = off.send(());
                }
                continue;
            }
            [ANSWER_TO_RESET] => card.atr(),
            command => match card.answer(command) {
                Reply::Bytes(bytes) => bytes,
                Reply::Mute => continue,
                Reply::Pulled => break,
            },
        };
        drop(card);
        if send(&mut stream, &reply).is_err() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    // The driver sends length and command apart and lets Nagle hold the second back until the first is
    // acknowledged; the kernel forgets the wish for prompt acknowledgement after a while.
    #[cfg(target_os = "linux")]
    rustix::net::sockopt::set_tcp_quickack(&*stream, true)?;
    let mut head = [0_u8; 2];
    stream.read_exact(&mut head)?;
    let mut message = vec![0_u8; usize::from(u16::from_be_bytes(head))];
    stream.read_exact(&mut message)?;
    Ok(message)
}

fn send(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    let length = u16::try_from(bytes.len()).map_err(io::Error::other)?;
    let mut message = length.to_be_bytes().to_vec();
    message.extend_from_slice(bytes);
    stream.write_all(&message)
}
