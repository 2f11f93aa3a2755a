//! Keeps a helper running.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};
use zhijie_model::Private;
use zhijie_ports::{DeviceEvent, DeviceFault, HelperStatus, PinTask};

use crate::config::DeviceConfig;
use crate::devices::{DeviceReading, DevicesState, HelperState, Want};
use crate::helper::Helper;
use crate::keys::KeySender;
use crate::session::{End, Session};

/// Pause before the first restart; doubles with each further one.
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// A helper that ran this long starts over with the shortest pause.
const GOOD_LIFE: Duration = Duration::from_secs(30);

pub(crate) type Answer = Result<DeviceReading, DeviceFault>;

#[derive(Debug)]
pub(crate) enum Command {
    Read {
        want: Want,
        pin: Option<PinTask>,
        /// For an e-voucher library.
        voucher: Option<Private>,
        timeout_ms: u64,
        reply: oneshot::Sender<Answer>,
    },
    Cancel,
    /// Close the scanner's port; a reply that is dropped says that it was not.
    Lend {
        reply: oneshot::Sender<()>,
    },
    Resume,
    Shutdown {
        done: oneshot::Sender<()>,
    },
}

/// Where events and state go.
pub(crate) struct Reports {
    events: mpsc::Sender<DeviceEvent>,
    state: watch::Sender<DevicesState>,
    last_id: u64,
    /// Events nobody took since the last one that was taken.
    lost: u64,
}

impl Reports {
    pub(crate) const fn new(events: mpsc::Sender<DeviceEvent>, state: watch::Sender<DevicesState>) -> Self {
        Self {
            events,
            state,
            last_id: 0,
            lost: 0,
        }
    }

    /// Told in the log when the first one is lost, and with their number when the next one is taken.
    pub(crate) fn event(&mut self, event: DeviceEvent) {
        match self.events.try_send(event) {
            Ok(()) if self.lost > 0 => {
                tracing::warn!(lost = self.lost, "Device events were lost, nobody took them");
                self.lost = 0;
            }
            Err(mpsc::error::TrySendError::Full(event)) => {
                if self.lost == 0 {
                    tracing::warn!(?event, "Nobody takes device events, this one is lost");
                }
                self.lost = self.lost.saturating_add(1);
            }
            // Whoever listened has gone for good.
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => {}
        }
    }

    pub(crate) fn helper(&self, helper: HelperState) {
        self.state.send_modify(|state| {
            state.helper = helper;
            if !matches!(helper, HelperState::Up { .. }) {
                state.devices = HelperStatus::default();
            }
        });
    }

    pub(crate) fn devices(&self, devices: HelperStatus) {
        self.state.send_modify(|state| state.devices = devices);
    }

    /// Ids never repeat, not even over restarts: a late answer cannot meet the wrong read.
    pub(crate) const fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    fn restart(&self) -> u32 {
        let mut restarts = 0;
        self.state.send_modify(|state| {
            state.restarts = state.restarts.saturating_add(1);
            restarts = state.restarts;
        });
        restarts
    }
}

/// Ends on request or when every handle is gone; the helper is dead by then.
pub(crate) async fn supervise(
    config: DeviceConfig,
    mut commands: mpsc::Receiver<Command>,
    mut reports: Reports,
    keys: Option<KeySender>,
) {
    let vendor_limit = config
        .vendor
        .as_ref()
        .map_or(Duration::ZERO, |vendor| Duration::from_millis(vendor.limit_ms));
    let mut pause = PAUSE_MIN;
    loop {
        reports.helper(HelperState::Starting);
        let started = Instant::now();
        match Helper::spawn(&config) {
            Ok(mut helper) => match Session::new(&mut helper, &mut reports, vendor_limit, keys.clone())
                .run(&mut commands)
                .await
            {
                End::Lost => helper.kill().await,
                End::Stopped(done) => {
                    helper.end().await;
                    return stopped(&reports, done);
                }
            },
            Err(error) => {
                tracing::error!(%error, path = %config.helper_path.display(), "Device helper does not start")
            }
        }
        let restarts = reports.restart();
        reports.helper(HelperState::Down);
        reports.event(DeviceEvent::HelperDown { restarts });
        if started.elapsed() >= GOOD_LIFE {
            pause = PAUSE_MIN;
        }
        tracing::warn!(
            restarts,
            ?pause,
            "Device helper is down and will be started again"
        );
        if let Some(done) = rest(pause, &mut commands).await {
            return stopped(&reports, done);
        }
        pause = pause.saturating_mul(2).min(PAUSE_MAX);
    }
}

/// Refuses reads until the pause is over. `Some` when the daemon asked for the end.
async fn rest(
    pause: Duration,
    commands: &mut mpsc::Receiver<Command>,
) -> Option<Option<oneshot::Sender<()>>> {
    let until = Instant::now() + pause;
    loop {
        tokio::select! {
            () = sleep_until(until) => return None,
            command = commands.recv() => match command {
                None => return Some(None),
                Some(Command::Shutdown { done }) => return Some(Some(done)),
                // A helper that is down has no port.
                Some(Command::Cancel | Command::Lend { .. } | Command::Resume) => {}
                Some(Command::Read { reply, .. }) => {
                    // A caller that left does not need to know.
                    let _ = reply.send(Err(DeviceFault::HelperDown));
                }
            },
        }
    }
}

fn stopped(reports: &Reports, done: Option<oneshot::Sender<()>>) {
    reports.helper(HelperState::Stopped);
    if let Some(done) = done {
        let _ = done.send(());
    }
}
