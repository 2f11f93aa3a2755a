//! systemd, and a person at a keyboard. Says nothing where no manager started the agent.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

use super::words::words;
use crate::core::CoreHandle;

/// Longest pause between two signs of life; also the pace of the state shown where no watchdog is set.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// Where a manager is told of itself.
const MANAGER: &str = "NOTIFY_SOCKET";

/// What asks the agent to stop.
pub(in crate::cli) struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// From here on a request to stop is not lost.
    pub(in crate::cli) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the first of them.
    pub(in crate::cli) async fn asked(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// The agent serves the desk.
pub(in crate::cli) async fn ready() {
    tell(|| sd_notify::notify(&[NotifyState::Ready, NotifyState::Status("正常 ok")])).await;
}

/// Nobody tells here: a PC that was asleep is a jump of the clock and nothing else.
pub(in crate::cli) fn woken() -> Arc<Notify> {
    Arc::default()
}

/// The agent goes; it may take until its calls have ended. A manager that does not listen holds nothing up.
pub(in crate::cli) fn stopping() {
    drop(tokio::task::spawn_blocking(|| {
        sd_notify::notify(&[NotifyState::Stopping, NotifyState::Status("正在停止 stopping")])
    }));
}

/// Gives a sign of life as long as the core answers: a core that hangs is ended and started again by the manager,
/// which costs no bill anything. Never returns, unless nobody listens.
pub(in crate::cli) async fn keep_alive(core: Arc<CoreHandle>) {
    if std::env::var_os(MANAGER).is_none() {
        return;
    }
    let pause = sd_notify::watchdog_enabled().map_or(PAUSE_MAX, |limit| (limit / 2).min(PAUSE_MAX));
    loop {
        match core.figures().await {
            Ok(figures) => {
                let words = words(&figures);
                tell(move || sd_notify::notify(&[NotifyState::Watchdog, NotifyState::Status(&words)])).await;
            }
            Err(gone) => tracing::warn!(error = %gone, "The core gives no sign of life"),
        }
        tokio::time::sleep(pause).await;
    }
}

/// The manager's socket may be full, so nothing else waits for it.
async fn tell(say: impl FnOnce() -> std::io::Result<()> + Send + 'static) {
    if let Ok(Err(error)) = tokio::task::spawn_blocking(say).await {
        tracing::debug!(%error, "The service manager did not hear");
    }
}
