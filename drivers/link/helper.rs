//! One running helper process and its pipe.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::time::Instant;
use zeroize::Zeroize;
use zhijie_ports::{FRAME_BYTES_MAX, FromHelper, ToHelper, decode_line, encode_line};

use crate::config::DeviceConfig;

const FRAMES_MAX: usize = 64;
/// So much in one second no desk's devices have to tell; a helper that goes on like that is ended.
const FRAMES_A_SECOND_MAX: u32 = 2_000;
const WRITE_LIMIT: Duration = Duration::from_secs(2);
/// How long a helper that was asked to end may take.
const END_LIMIT: Duration = Duration::from_secs(2);

pub(crate) struct Helper {
    /// Its end may be noticed here alone: a program it started may keep its pipes open.
    pub(crate) child: Child,
    stdin: Option<ChildStdin>,
    /// Ends when the helper's stdout ends, is no language of ours, or has no end of words.
    pub(crate) frames: mpsc::Receiver<FromHelper>,
}

impl Helper {
    /// The process is killed when this is dropped. Its log goes where the daemon's stderr goes.
    pub(crate) fn spawn(config: &DeviceConfig) -> std::io::Result<Self> {
        let mut child = Command::new(&config.helper_path)
            .args(config.arguments())
            .envs(config.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()?;
        let (taken, frames) = mpsc::channel(FRAMES_MAX);
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(listen(stdout, taken));
        }
        Ok(Self {
            stdin: child.stdin.take(),
            child,
            frames,
        })
    }

    /// False when the helper does not take it: it is gone or hangs.
    pub(crate) async fn say(&mut self, message: &ToHelper) -> bool {
        let (Ok(mut line), Some(stdin)) = (encode_line(message), &mut self.stdin) else {
            return false;
        };
        let written = tokio::time::timeout(WRITE_LIMIT, stdin.write_all(&line)).await;
        // It may hold a PIN.
        line.zeroize();
        matches!(written, Ok(Ok(())))
    }

    /// Closes the pipe, waits a little, kills. Returns when the process is gone.
    pub(crate) async fn end(mut self) {
        self.say(&ToHelper::Stop).await;
        self.stdin = None;
        if tokio::time::timeout(END_LIMIT, self.child.wait()).await.is_err() {
            self.kill().await;
        }
    }

    /// Kills and returns when the process is gone.
    pub(crate) async fn kill(mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        if let Err(error) = self.child.kill().await {
            tracing::warn!(%error, "Device helper could not be killed");
        }
    }
}

/// How many frames came within this second.
struct Pace {
    since: Instant,
    frames: u32,
}

impl Pace {
    const fn new(now: Instant) -> Self {
        Self {
            since: now,
            frames: 0,
        }
    }

    /// Counts one more.
    fn is_too_fast(&mut self, now: Instant) -> bool {
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            *self = Self::new(now);
        }
        self.frames = self.frames.saturating_add(1);
        self.frames > FRAMES_A_SECOND_MAX
    }
}

async fn listen(stdout: ChildStdout, frames: mpsc::Sender<FromHelper>) {
    let mut stdout = BufReader::new(stdout);
    let limit = u64::try_from(FRAME_BYTES_MAX)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut line = Vec::new();
    let mut pace = Pace::new(Instant::now());
    loop {
        line.clear();
        match (&mut stdout).take(limit).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        if pace.is_too_fast(Instant::now()) {
            tracing::error!("Device helper talks without end");
            return;
        }
        match decode_line(&line) {
            Ok(frame) => {
                if frames.send(frame).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::error!(%error, "Device helper speaks another language");
                return;
            }
        }
    }
}
