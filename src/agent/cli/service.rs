//! What the service manager is told: ready, alive, stopping. Says nothing where none started the agent.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;

use crate::core::{CoreHandle, Figures};

/// Longest pause between two signs of life; also the pace of the state shown where no watchdog is set.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// The agent serves the desk.
pub(super) async fn ready() {
    tell(|| sd_notify::notify(&[NotifyState::Ready, NotifyState::Status("正常 ok")])).await;
}

/// The agent goes; it may take until its calls have ended. A manager that does not listen holds nothing up.
pub(super) fn stopping() {
    drop(tokio::task::spawn_blocking(|| {
        sd_notify::notify(&[NotifyState::Stopping, NotifyState::Status("正在停止 stopping")])
    }));
}

/// Gives a sign of life as long as the core answers: a core that hangs is ended and started again by the manager,
/// which costs no bill anything. Never returns.
pub(super) async fn keep_alive(core: Arc<CoreHandle>) {
    let pause = sd_notify::watchdog_enabled().map_or(PAUSE_MAX, |limit| (limit / 3).min(PAUSE_MAX));
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

fn words(figures: &Figures) -> String {
    let state = if figures.ledger_down {
        "账本不可写 the ledger cannot be written"
    } else {
        "正常 ok"
    };
    format!(
        "{state}; 待查 in doubt {}, 待人工 for a person {}, 待结算 deferred {}",
        figures.open_doubts, figures.needs_clerk, figures.queued
    )
}

/// The manager's socket may be full, so nothing else waits for it.
async fn tell(say: impl FnOnce() -> std::io::Result<()> + Send + 'static) {
    if let Ok(Err(error)) = tokio::task::spawn_blocking(say).await {
        tracing::debug!(%error, "The service manager did not hear");
    }
}
