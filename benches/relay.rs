//! A line to the platform that only looks at the clock: what it carries stays sealed to it.

#![expect(clippy::disallowed_methods, reason = "measuring time is what this is for")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Passes every connection on, for as long as the process lives.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    asked: Option<Instant>,
    answered: Option<Instant>,
}

impl Relay {
    /// Listens in front of `platform`.
    ///
    /// # Errors
    /// No port is free.
    pub fn open(platform: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(platform) else {
                    continue;
                };
                // A connection that breaks off is the agent's to notice.
                let _ = carry(client, server, &shared);
            }
        });
        Ok(Self { address, seen })
    }

    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Forgets what passed so far.
    pub fn clear(&self) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Seen::default();
    }

    /// From the first byte of a question to the last of an answer since then.
    #[must_use]
    pub fn span(&self) -> Option<Duration> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        Some(seen.answered?.duration_since(seen.asked?))
    }
}

fn carry(client: TcpStream, server: TcpStream, seen: &Arc<Mutex<Seen>>) -> std::io::Result<()> {
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let (up, down) = ((client.try_clone()?, server.try_clone()?), (server, client));
    let (asks, answers) = (Arc::clone(seen), Arc::clone(seen));
    std::thread::spawn(move || {
        copy(up, || {
            let mut seen = asks.lock().unwrap_or_else(PoisonError::into_inner);
            seen.asked.get_or_insert_with(Instant::now);
        });
    });
    std::thread::spawn(move || {
        copy(down, || {
            let mut seen = answers.lock().unwrap_or_else(PoisonError::into_inner);
            seen.answered = Some(Instant::now());
        });
    });
    Ok(())
}

fn copy((mut from, mut to): (TcpStream, TcpStream), passed: impl Fn()) {
    let mut buffer = [0_u8; 16_384];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        passed();
        if to.write_all(buffer.get(..count).unwrap_or_default()).is_err() {
            break;
        }
    }
    // The other side may be gone.
    let _ = to.shutdown(Shutdown::Write);
}
