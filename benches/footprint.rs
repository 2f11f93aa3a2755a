//! What the agent weighs: its program, its memory while idle, and the time until it is ready, beside a bare program with the same
//! three things in it (tokio, SQLite, rustls), measured in the same run.

#![expect(clippy::disallowed_methods, reason = "measuring time is what this is for")]
#![expect(clippy::print_stdout, reason = "so is telling it")]

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use zhijie_benches::memory_kb;
use zhijie_tests::{Options, Stage, program};

/// This program becomes the bare one; the value names its SQLite file.
const BARE: &str = "ZHIJIE_BENCH_BARE";
/// Names the program of a package to be weighed.
const AGENT: &str = "ZHIJIE_BENCH_AGENT";
const STARTS: usize = 15;
const SIZE_GOAL: u64 = 15_000_000;
const MEMORY_GOAL: f64 = 2.0;
const READY_GOAL: Duration = Duration::from_millis(10);
/// Long enough for everything that is only done once, and for the agent to find that the desk is quiet.
const SETTLED: Duration = Duration::from_secs(60);

fn main() -> anyhow::Result<()> {
    if let Some(file) = std::env::var_os(BARE) {
        return bare(Path::new(&file));
    }
    size()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let stage = runtime.block_on(Stage::without_agent(Options::default()))?;
    let bare_file = stage.folder().join("bare.sqlite");
    let agent = || {
        let mut command = Command::new(agent_program()?);
        command.args(["run", "--config"]).arg(stage.config());
        Ok(command)
    };
    let plain = || {
        let mut command = Command::new(std::env::current_exe()?);
        command.env(BARE, &bare_file);
        Ok(command)
    };
    let (ours_ready, ours) = measure(stage.folder(), &agent)?;
    let (bare_ready, bare) = measure(stage.folder(), &plain)?;
    let missed = if ours_ready <= READY_GOAL { "" } else { " MISSED" };
    println!(
        "bench: ready after {ours_ready:?}, a bare program after {bare_ready:?} (goal {READY_GOAL:?}){missed}"
    );
    tell("memory of its own", ours.own, bare.own);
    tell("memory with the pages of its program", ours.whole, bare.whole);
    Ok(())
}

fn tell(what: &str, ours: u32, bare: u32) {
    let ratio = f64::from(ours) / f64::from(bare);
    let missed = if ratio <= MEMORY_GOAL { "" } else { " MISSED" };
    println!(
        "bench: idle, {what}: {ours} kB, a bare program {bare} kB: {ratio:.2} (goal {MEMORY_GOAL}){missed}"
    );
}

/// As it is delivered when [`AGENT`] names one, else of this build.
fn agent_program() -> anyhow::Result<PathBuf> {
    std::env::var_os(AGENT).map_or_else(|| program("zhijie"), |path| Ok(PathBuf::from(path)))
}

fn size() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let stripped = folder.path().join("zhijie");
    let strip = Command::new("strip")
        .arg("-o")
        .arg(&stripped)
        .arg(agent_program()?)
        .status()?;
    ensure!(strip.success(), "strip failed");
    let bytes = std::fs::metadata(stripped)?.len();
    let missed = if bytes <= SIZE_GOAL { "" } else { " MISSED" };
    println!("bench: stripped program of {bytes} bytes (goal {SIZE_GOAL}){missed}");
    Ok(())
}

/// Memory of an idle process, in kB.
#[derive(Default)]
struct Memory {
    /// What only ending the process gives back.
    own: u32,
    /// The same with its part of what is mapped from files, its program above all, which the kernel drops when it needs the room.
    whole: u32,
}

/// The middle of the times until it says that it is ready, and its memory once it idles. The first start, which makes the files,
/// does not count.
fn measure(folder: &Path, made: &dyn Fn() -> anyhow::Result<Command>) -> anyhow::Result<(Duration, Memory)> {
    let mut times = Vec::new();
    let mut memory = Memory::default();
    for start in 0..=STARTS {
        let (mut child, taken) = ready(folder, made()?)?;
        if start == STARTS {
            std::thread::sleep(SETTLED);
            memory = memory_of(child.id())?;
        }
        child.kill()?;
        child.wait()?;
        if start > 0 {
            times.push(taken);
        }
    }
    times.sort();
    let middle = times.get(times.len() / 2).context("no start")?;
    Ok((*middle, memory))
}

/// Starts it as systemd would, and waits for its word.
fn ready(folder: &Path, mut command: Command) -> anyhow::Result<(Child, Duration)> {
    let path = folder.join("notify.sock");
    let _ = std::fs::remove_file(&path);
    let word = UnixDatagram::bind(&path)?;
    word.set_read_timeout(Some(Duration::from_secs(30)))?;
    command.env("NOTIFY_SOCKET", &path).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let child = command.spawn()?;
    let mut text = [0; 512];
    loop {
        let length = word.recv(&mut text)?;
        let said = text.get(..length).unwrap_or_default();
        if said.windows(7).any(|part| part == b"READY=1") {
            return Ok((child, began.elapsed()));
        }
    }
}

fn memory_of(pid: u32) -> anyhow::Result<Memory> {
    Ok(Memory {
        own: memory_kb(pid, "smaps_rollup", "Anonymous:")?,
        whole: memory_kb(pid, "smaps_rollup", "Pss:")?,
    })
}

/// The least a program with these three does: a connection to a database with a log, a client's configuration, a runtime, a socket.
fn bare(file: &Path) -> anyhow::Result<()> {
    let db = rusqlite::Connection::open(file)?;
    db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    db.execute_batch("CREATE TABLE IF NOT EXISTS bills (bill TEXT PRIMARY KEY, state BLOB) STRICT")?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async move {
        let socket = file.with_extension("sock");
        let _ = std::fs::remove_file(&socket);
        let listener = tokio::net::UnixListener::bind(&socket)?;
        let to = std::env::var_os("NOTIFY_SOCKET").context("nobody to tell")?;
        UnixDatagram::unbound()?.send_to(b"READY=1", to)?;
        let _kept = (db, config);
        loop {
            listener.accept().await?;
        }
    })
}
