//! A real `pcscd` of one's own, beside whatever the machine runs.
//!
//! The daemon is given its listening socket the way systemd does (`LISTEN_FDS`), so its clients are pointed at
//! it by `PCSCLITE_CSOCK_NAME` and no fixed path is needed. Where the system allows it, the daemon also lives in
//! a mount namespace of its own in which `/run` and the USB driver folder are empty, so it sees no real reader
//! and leaves no pid file. A shell in between holds a socket to this process: when this process dies by whatever
//! cause, the shell kills the daemon.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use thiserror::Error;

use crate::vpcd::VirtualSlot;

const PCSCD: [&str; 3] = ["/usr/sbin/pcscd", "/usr/bin/pcscd", "/usr/local/sbin/pcscd"];
const DRIVERS: [&str; 4] = [
    "/usr/lib/pcsc/drivers/serial/libifdvpcd.so",
    "/usr/lib64/pcsc/drivers/serial/libifdvpcd.so",
    "/usr/lib64/readers/serial/libifdvpcd.so",
    "/usr/local/lib/pcsc/drivers/serial/libifdvpcd.so",
];
const PORT_ATTEMPTS: u32 = 8;

/// File descriptors: 0 the listening socket, 1 the log, 2 the socket that lives as long as the parent.
const KEEPER: &str = r#"
exec 3<&0 4<&2 0</dev/null 2>&1
if [ "$2" = isolated ]; then
    if [ -d /usr/lib/pcsc/drivers ]; then mount --bind "$1/empty" /usr/lib/pcsc/drivers || exit 1; fi
    mount --bind "$1/run" /run || exit 1
fi
sh -c '
    exec 4<&-
    LISTEN_PID=$$ LISTEN_FDS=1 PCSCLITE_HP_DROPDIR=$1/empty
    export LISTEN_PID LISTEN_FDS PCSCLITE_HP_DROPDIR
    exec "$2" --foreground --info $3 --config "$1/conf"
' sh "$1" "$3" "$4" &
daemon=$!
exec 3<&-
echo $daemon >&4
read -r parent_is_gone <&4
kill -9 $daemon
wait
"#;

/// Why there is no private card service.
#[derive(Debug, Error)]
pub enum PcscdError {
    #[error("{0} is not installed")]
    NotInstalled(&'static str),
    #[error("private card service could not be set up")]
    Io(#[from] std::io::Error),
    #[error("private card service did not start: {0}")]
    Refused(String),
}

/// A running `pcscd` with one virtual reader of two slots. Ends when dropped, and with this process.
#[derive(Debug)]
pub struct PrivatePcscd {
    dir: TempDir,
    port: u16,
    isolation: Isolation,
    name: String,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    keeper: Child,
    pid: rustix::process::Pid,
    /// The daemon is killed when this closes.
    lifeline: UnixStream,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Isolation {
    /// Root: a mount namespace.
    Mounts,
    /// Ordinary user: a user namespace with a mount namespace in it.
    UserMounts,
    /// Neither is allowed: only socket, configuration and port are private.
    None,
}

impl PrivatePcscd {
    /// Name of the environment variable that points a client at this service.
    pub const CLIENT_VARIABLE: &str = "PCSCLITE_CSOCK_NAME";
    /// Name of the environment variable that names another `pcscd`, such as one of another system's release.
    pub const DAEMON_VARIABLE: &str = "ZHIJIE_TEST_PCSCD";
    /// Name of the first slot's reader.
    pub const READER: &str = "Virtual PCD 00 00";

    /// Starts the service and waits until its readers listen.
    ///
    /// # Errors
    /// `pcscd` or the virtual reader driver is not installed, or the daemon refuses to run.
    pub fn start() -> Result<Self, PcscdError> {
        let driver = first_of(&DRIVERS).ok_or(PcscdError::NotInstalled(
            "the vpcd reader driver (vsmartcard-vpcd)",
        ))?;
        let dir = tempfile::Builder::new().prefix("zhijie-pcscd-").tempdir()?;
        for folder in ["run/pcscd", "empty", "conf"] {
            std::fs::create_dir_all(dir.path().join(folder))?;
        }
        // Copied, because the isolated daemon does not see the folder it came from.
        std::fs::copy(driver, dir.path().join("libifdvpcd.so"))?;
        let preferred = if rustix::process::geteuid().is_root() {
            Isolation::Mounts
        } else {
            Isolation::UserMounts
        };
        let mut service = Self {
            dir,
            port: 0,
            isolation: preferred,
            name: String::from("Virtual PCD"),
            running: None,
        };
        let mut last = PcscdError::Refused(String::from("no attempt was made"));
        for isolation in [preferred, Isolation::None] {
            service.isolation = isolation;
            for _ in 0..PORT_ATTEMPTS {
                service.port = free_pair()?;
                match service.launch() {
                    Ok(()) => return Ok(service),
                    Err(Launch::PortTaken) => last = PcscdError::Refused(String::from("port was taken")),
                    Err(Launch::Failed(error)) => {
                        last = error;
                        break;
                    }
                }
            }
        }
        Err(last)
    }

    /// Socket of the service, the value of [`PrivatePcscd::CLIENT_VARIABLE`].
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.dir.path().join("pcscd.comm")
    }

    /// Slot 0 or 1 of the reader. Take each once.
    #[must_use]
    pub fn slot(&self, number: u8) -> VirtualSlot {
        VirtualSlot::new(self.driver_address(number))
    }

    /// Where the driver of a slot listens.
    #[must_use]
    pub fn driver_address(&self, number: u8) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port.saturating_add(u16::from(number))))
    }

    /// Kills the daemon the hard way. Its clients get an error; [`PrivatePcscd::restart`] brings it back.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Stops the daemon in its tracks: it keeps its connections and answers nothing, until [`PrivatePcscd::thaw`].
    ///
    /// # Errors
    /// It does not run.
    pub fn freeze(&self) -> std::io::Result<()> {
        self.signal(rustix::process::Signal::STOP)
    }

    /// Lets a frozen daemon go on.
    ///
    /// # Errors
    /// It does not run.
    pub fn thaw(&self) -> std::io::Result<()> {
        self.signal(rustix::process::Signal::CONT)
    }

    fn signal(&self, signal: rustix::process::Signal) -> std::io::Result<()> {
        let running = self.running.as_ref().ok_or(std::io::ErrorKind::NotFound)?;
        Ok(rustix::process::kill_process(running.pid, signal)?)
    }

    /// From the next start on the reader has this name, as one plugged into another socket has.
    pub fn rename(&mut self, name: &str) {
        self.name = String::from(name);
    }

    /// Starts the daemon again on the same socket, after [`PrivatePcscd::kill`].
    ///
    /// # Errors
    /// As [`PrivatePcscd::start`]; the ports may have been taken meanwhile.
    pub fn restart(&mut self) -> Result<(), PcscdError> {
        self.running = None;
        match self.launch() {
            Ok(()) => Ok(()),
            Err(Launch::Failed(error)) => Err(error),
            Err(Launch::PortTaken) => Err(PcscdError::Refused(String::from("port was taken"))),
        }
    }

    fn launch(&mut self) -> Result<(), Launch> {
        let dir = self.dir.path();
        let pcscd = daemon().ok_or(PcscdError::NotInstalled("pcscd"))?;
        let configuration = format!(
            "FRIENDLYNAME \"{name}\"\nDEVICENAME /dev/null:0x{port:04X}\nLIBPATH {library}\nCHANNELID 0x{port:04X}\n",
            name = self.name,
            port = self.port,
            library = dir.join("libifdvpcd.so").display(),
        );
        std::fs::write(dir.join("conf/vpcd"), configuration)?;
        let socket = self.socket();
        if socket.exists() {
            std::fs::remove_file(&socket)?;
        }
        let listener = UnixListener::bind(&socket)?;
        let (lifeline, far_end) = UnixStream::pair()?;
        let mut command = match self.isolation {
            Isolation::None => Command::new("sh"),
            Isolation::Mounts => unshare("-m"),
            Isolation::UserMounts => unshare("-rm"),
        };
        let isolated = if self.isolation == Isolation::None {
            "shared"
        } else {
            "isolated"
        };
        command
            .args(["-c", KEEPER, "keeper"])
            .arg(dir)
            .args([isolated, pcscd.as_str(), polkit_option(&pcscd)])
            .stdin(OwnedFd::from(listener))
            .stdout(Stdio::piped())
            .stderr(OwnedFd::from(far_end));
        let mut keeper = command.spawn()?;
        drop(command);
        let log = keeper.stdout.take();
        match await_ready(&lifeline, log) {
            Ok(pid) => {
                self.running = Some(Running {
                    keeper,
                    pid,
                    lifeline,
                });
                Ok(())
            }
            Err(reason) => {
                drop(lifeline);
                keeper.wait()?;
                Err(reason)
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Gone already if somebody else killed it; the keeper then waits for the lifeline only.
        let _ = rustix::process::kill_process(self.pid, rustix::process::Signal::KILL);
        let _ = self.lifeline.shutdown(std::net::Shutdown::Both);
        let _ = self.keeper.wait();
    }
}

enum Launch {
    PortTaken,
    Failed(PcscdError),
}

impl From<std::io::Error> for Launch {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(PcscdError::Io(error))
    }
}

impl From<PcscdError> for Launch {
    fn from(error: PcscdError) -> Self {
        Self::Failed(error)
    }
}

/// Reads the daemon's log until it says it is ready, then leaves a thread draining it.
fn await_ready(
    lifeline: &UnixStream,
    log: Option<impl Read + Send + 'static>,
) -> Result<rustix::process::Pid, Launch> {
    let mut lines = BufReader::new(log.ok_or_else(|| std::io::Error::other("no log"))?);
    let mut seen = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if lines.read_line(&mut line)? == 0 {
            return Err(PcscdError::Refused(seen).into());
        }
        if line.contains("Could not initialize connection") {
            return Err(Launch::PortTaken);
        }
        seen.push_str(&line);
        if line.contains("daemon ready") {
            break;
        }
    }
    let mut answer = String::new();
    BufReader::new(lifeline).read_line(&mut answer)?;
    let pid = answer
        .trim()
        .parse()
        .ok()
        .and_then(rustix::process::Pid::from_raw)
        .ok_or(PcscdError::Refused(answer))?;
    std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    Ok(pid)
}

fn unshare(flags: &str) -> Command {
    let mut command = Command::new("unshare");
    command.args([flags, "sh"]);
    command
}

/// Since 2.0 the daemon may ask polkit, which has no rule for a private service.
fn polkit_option(pcscd: &str) -> &'static str {
    let help = Command::new(pcscd).arg("--help").output();
    let knows = help.is_ok_and(|help| String::from_utf8_lossy(&help.stdout).contains("--disable-polkit"));
    if knows { "--disable-polkit" } else { "" }
}

/// The machine's daemon, or what [`PrivatePcscd::DAEMON_VARIABLE`] names.
fn daemon() -> Option<String> {
    let named = std::env::var(PrivatePcscd::DAEMON_VARIABLE).ok();
    named.or_else(|| first_of(&PCSCD).map(String::from))
}

fn first_of(paths: &[&'static str]) -> Option<&'static str> {
    paths.iter().copied().find(|path| Path::new(path).exists())
}

/// Two neighbouring ports that are free right now. The driver takes one per slot; should somebody else be
/// faster, it says so and the next pair is tried.
fn free_pair() -> std::io::Result<u16> {
    loop {
        let first = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        let port = first.local_addr()?.port();
        if let Some(next) = port.checked_add(1)
            && TcpListener::bind((Ipv4Addr::UNSPECIFIED, next)).is_ok()
        {
            return Ok(port);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_noticed() {
        let mut service = PrivatePcscd::start().unwrap();
        service.kill();
        let taken = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        service.port = taken.local_addr().unwrap().port();
        assert!(matches!(service.launch(), Err(Launch::PortTaken)));
    }

    #[test]
    fn a_daemon_ends_with_its_owner() {
        let service = PrivatePcscd::start().unwrap();
        let process = PathBuf::from(format!("/proc/{}", service.running.as_ref().unwrap().pid));
        assert!(process.exists());
        let folder = service.dir.path().to_path_buf();
        drop(service);
        assert!(!process.exists());
        assert!(!folder.exists());
    }

    #[test]
    fn without_isolation_the_socket_is_still_private() {
        let mut service = PrivatePcscd::start().unwrap();
        service.kill();
        service.isolation = Isolation::None;
        match service.launch() {
            Ok(()) => assert!(service.socket().exists()),
            // An ordinary user on a machine that never had a card service cannot do this.
            Err(_) => assert!(!Path::new("/run/pcscd").exists()),
        }
    }
}
