//! The Unix socket.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use rustix::net::{SendFlags, send};

use crate::codes::Refusal;

const SOCKET: &str = "/run/zhijie/desk.sock";
/// The user the installed agent runs as.
const SERVICE_USER: &str = "zhijie";

/// A connection whose other end is trusted.
pub(crate) struct Line {
    stream: UnixStream,
}

impl Line {
    /// Root, the caller's own user and the service's are trusted as the other end. No read takes longer than `limit`.
    pub(crate) fn connect(limit: Duration) -> Result<Self, Refusal> {
        let path = std::env::var_os("ZHIJIE_SOCKET").map_or_else(|| PathBuf::from(SOCKET), PathBuf::from);
        let stream = UnixStream::connect(path).map_err(|_| Refusal::no_agent())?;
        let peer = rustix::net::sockopt::socket_peercred(&stream).map_err(|_| Refusal::no_agent())?;
        let service = nix::unistd::User::from_name(SERVICE_USER).ok().flatten();
        let uid = peer.uid.as_raw();
        if uid != 0
            && uid != rustix::process::geteuid().as_raw()
            && service.map(|user| user.uid.as_raw()) != Some(uid)
        {
            return Err(Refusal::no_agent());
        }
        stream
            .set_read_timeout(Some(limit))
            .map_err(|_| Refusal::no_agent())?;
        Ok(Self { stream })
    }

    /// Without the signal that would end the caller's program when the agent is gone.
    pub(crate) fn say(&self, mut bytes: &[u8]) -> Result<(), Refusal> {
        while !bytes.is_empty() {
            let sent = match send(&self.stream, bytes, SendFlags::NOSIGNAL) {
                Err(rustix::io::Errno::INTR) => 0,
                other => other.map_err(|_| Refusal::no_agent())?,
            };
            bytes = bytes.get(sent..).unwrap_or_default();
        }
        Ok(())
    }
}

impl Read for Line {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.stream.read(room)
    }
}
