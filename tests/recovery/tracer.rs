//! strace at the agent.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use zhijie_tests::Process;

use crate::calls::{CHANGING, Call, parse};
use crate::dose::{say, whole};

/// Where the agent dies: on entering the `n`th call of this name that one of its threads makes.
#[derive(Debug, Clone)]
pub(crate) struct Kill {
    pub(crate) call: String,
    pub(crate) n: u32,
}

impl Kill {
    pub(crate) fn at(call: &str, n: u32) -> Self {
        Self {
            call: String::from(call),
            n,
        }
    }
}

impl core::fmt::Display for Kill {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(out, "{} {}", self.call, self.n)
    }
}

/// What strace is told, up to the program or process.
fn arguments(trace: &Path, kill: Option<&Kill>) -> Vec<OsString> {
    let mut args: Vec<OsString> = ["-f", "-yy", "-s", "0", "-e", "signal=none", "-o"]
        .map(OsString::from)
        .to_vec();
    args.push(trace.into());
    args.extend(["-e".into(), format!("trace={CHANGING}").into()]);
    if let Some(Kill { call, n }) = kill {
        args.extend([
            "-e".into(),
            format!("inject={call}:signal=SIGKILL:when={n}").into(),
        ]);
    }
    args
}

/// A tracer at a running process.
pub(crate) struct Tracer {
    process: Process,
    trace: PathBuf,
}

impl Tracer {
    /// Attaches to all threads of a process, and waits until it has.
    ///
    /// # Errors
    /// When tracing is not allowed or strace is missing.
    pub(crate) async fn attach(pid: u32, folder: &Path, kill: Option<&Kill>) -> anyhow::Result<Self> {
        let trace = folder.join("trace");
        let log = folder.join("strace.log");
        for file in [&trace, &log] {
            let _ = std::fs::remove_file(file);
        }
        let mut args = arguments(&trace, kill);
        args.extend(["-p".into(), pid.to_string().into()]);
        let mut process = Process::start(Path::new("strace"), &args, &[], log)?;
        loop {
            let ended = process.has_ended();
            if process.log().contains("attached") {
                break;
            }
            ensure!(!ended, "strace ended: {}", process.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(Self { process, trace })
    }

    /// Lets go of the process, or waits for strace when the process has died; gives every call.
    ///
    /// # Errors
    /// When there is no trace.
    pub(crate) fn end(mut self) -> anyhow::Result<Vec<Call>> {
        if !self.process.has_ended() {
            let pid = Pid::from_raw(i32::try_from(self.process.id())?).context("no process id")?;
            let _ = kill_process(pid, Signal::TERM);
        }
        self.process.wait()?;
        read(&self.trace)
    }
}

/// A command that starts the agent under strace, which stays out of the family: the agent is our own child.
/// Only calls on these files count.
pub(crate) fn starter(folder: &Path, files: &[PathBuf], kill: Option<&Kill>) -> Vec<OsString> {
    let trace = folder.join("trace");
    let _ = std::fs::remove_file(&trace);
    let mut command: Vec<OsString> = vec!["strace".into(), "-D".into()];
    command.extend(arguments(&trace, kill));
    for file in files {
        command.extend(["-P".into(), file.into()]);
    }
    command
}

pub(crate) fn read(trace: &Path) -> anyhow::Result<Vec<Call>> {
    let text = std::fs::read_to_string(trace).context("no trace")?;
    Ok(parse(&text))
}

/// Whether processes may be traced here. When not, says so loudly; when everything was asked for, that is an error.
///
/// # Errors
/// As said, and when nothing can be tried.
pub(crate) async fn may_trace(test: &str) -> anyhow::Result<bool> {
    let folder = tempfile::tempdir()?;
    let mut child = Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    let attached = Tracer::attach(child.id(), folder.path(), None).await;
    let why = match attached {
        Ok(tracer) => tracer.end().err(),
        Err(why) => Some(why),
    };
    child.kill()?;
    child.wait()?;
    let Some(why) = why else { return Ok(true) };
    let text = format!("{why:#}").replace('\n', " ");
    if whole() {
        bail!("{test} needs strace and the right to trace: {text}");
    }
    say(&format!(
        "SKIPPED {test}: processes cannot be traced here: {text}"
    ));
    Ok(false)
}
