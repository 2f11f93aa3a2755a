//! The service manager of Windows, and a person at a keyboard.
//!
//! A service is one per process by the system's own rules, so what belongs to it stands in statics here and nowhere else.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Notify;
use windows_service::service::{
    PowerEventParam, ServiceControl, ServiceControlAccept, ServiceExitCode, ServiceState, ServiceStatus,
    ServiceType,
};
use windows_service::service_control_handler::{self, ServiceControlHandlerResult, ServiceStatusHandle};
use windows_service::{define_windows_service, service_dispatcher};

use super::event_log::{Happened, tell};
use super::words::words;
use crate::core::CoreHandle;

/// Name of the service.
pub(super) const NAME: &str = "Zhijie";
/// How long a start or a stop may take before the manager gives it up.
const PATIENCE: Duration = Duration::from_secs(30);
/// Pause between two looks at the core.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// Exit code of a run that ended with an error; the log says which.
const FAILED: u32 = 1;

static CONFIG: OnceLock<PathBuf> = OnceLock::new();
static STATUS: OnceLock<ServiceStatusHandle> = OnceLock::new();
static STOP: OnceLock<Arc<Notify>> = OnceLock::new();
static WOKEN: OnceLock<Arc<Notify>> = OnceLock::new();

define_windows_service!(service_entry, service_main);

/// Runs as the service the manager started this process for. Returns when the service has stopped.
pub(super) fn dispatch(config: PathBuf) -> windows_service::Result<()> {
    let _ = CONFIG.set(config);
    service_dispatcher::start(NAME, service_entry)
}

fn service_main(_arguments: Vec<OsString>) {
    // Made before the first control can come.
    STOP.get_or_init(Arc::default);
    WOKEN.get_or_init(Arc::default);
    let Ok(status) = service_control_handler::register(NAME, obey) else {
        return;
    };
    let _ = STATUS.set(status);
    say(ServiceState::StartPending);
    let config = CONFIG.get().cloned().unwrap_or_else(crate::paths::default_config);
    let ended = crate::cli::run::run(&config);
    match &ended {
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "The agent ended");
            leave_word(&config, &format!("{error:#}"));
            tell(
                Happened::Failed,
                &format!("直结没有启动或已中断 Zhijie did not start or broke off: {error:#}"),
            );
        }
        Ok(()) => tell(Happened::Stopped, "直结已停止 Zhijie has stopped"),
    }
    let exit = ended.map_or(ServiceExitCode::ServiceSpecific(FAILED), |()| {
        ServiceExitCode::Win32(0)
    });
    say_with(ServiceState::Stopped, exit);
}

/// Answers the manager. It is answered at once: what is under way becomes durable after that.
fn obey(control: ServiceControl) -> ServiceControlHandlerResult {
    let wake = |signal: &OnceLock<Arc<Notify>>| signal.get_or_init(Arc::default).notify_one();
    match control {
        ServiceControl::Stop | ServiceControl::Shutdown | ServiceControl::Preshutdown => {
            say(ServiceState::StopPending);
            wake(&STOP);
        }
        ServiceControl::PowerEvent(PowerEventParam::Suspend) => tracing::info!("The PC goes to sleep"),
        ServiceControl::PowerEvent(PowerEventParam::ResumeAutomatic) => {
            tracing::info!("The PC woke up");
            wake(&WOKEN);
        }
        ServiceControl::SessionChange(_) => tracing::info!("Somebody signed in or out at this PC"),
        ServiceControl::PowerEvent(_) | ServiceControl::Interrogate => {}
        _ => return ServiceControlHandlerResult::NotImplemented,
    }
    ServiceControlHandlerResult::NoError
}

/// A service that cannot even read its configuration has no log yet: the reason is left beside it.
fn leave_word(config: &std::path::Path, why: &str) {
    let _ = std::fs::write(config.with_file_name("last-start-error.txt"), why);
}

fn say(state: ServiceState) {
    say_with(state, ServiceExitCode::Win32(0));
}

fn say_with(state: ServiceState, exit_code: ServiceExitCode) {
    let Some(status) = STATUS.get() else { return };
    let pending = matches!(state, ServiceState::StartPending | ServiceState::StopPending);
    let accepted = ServiceControlAccept::STOP
        | ServiceControlAccept::PRESHUTDOWN
        | ServiceControlAccept::POWER_EVENT
        | ServiceControlAccept::SESSION_CHANGE;
    let told = status.set_service_status(ServiceStatus {
        service_type: ServiceType::OWN_PROCESS,
        current_state: state,
        controls_accepted: if state == ServiceState::Running {
            accepted
        } else {
            ServiceControlAccept::empty()
        },
        exit_code,
        checkpoint: u32::from(pending),
        wait_hint: if pending { PATIENCE } else { Duration::ZERO },
        process_id: None,
    });
    if let Err(error) = told {
        tracing::warn!(%error, "The service manager did not hear");
    }
}

/// Whether the service manager started this process.
pub(in crate::cli) fn is_service() -> bool {
    STATUS.get().is_some()
}

/// What asks the agent to stop.
pub(in crate::cli) struct StopSignals {
    manager: Arc<Notify>,
}

impl StopSignals {
    /// From here on a request to stop is not lost.
    #[expect(clippy::unnecessary_wraps, reason = "listening can fail on the other systems")]
    pub(in crate::cli) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            manager: Arc::clone(STOP.get_or_init(Arc::default)),
        })
    }

    /// Waits for the first of them.
    pub(in crate::cli) async fn asked(self) {
        tokio::select! {
            () = self.manager.notified() => {}
            interrupted = tokio::signal::ctrl_c() => {
                if interrupted.is_err() {
                    self.manager.notified().await;
                }
            }
        }
    }
}

/// The agent serves the desk.
pub(in crate::cli) async fn ready() {
    say(ServiceState::Running);
    if is_service() {
        tell(
            Happened::Started,
            concat!(
                "直结已启动 Zhijie ",
                env!("CARGO_PKG_VERSION"),
                " serves the desk"
            ),
        );
    }
}

/// Told each time the PC comes back from sleep.
pub(in crate::cli) fn woken() -> Arc<Notify> {
    Arc::clone(WOKEN.get_or_init(Arc::default))
}

/// The agent goes; it may take until its calls have ended.
pub(in crate::cli) fn stopping() {
    say(ServiceState::StopPending);
}

/// Looks whether the core answers and writes down its state. Windows has no watchdog for services: a core that gives no sign of
/// life for three looks ends the process, and the recovery actions start it again, which costs no bill anything. Never returns.
pub(in crate::cli) async fn keep_alive(core: Arc<CoreHandle>) {
    let mut silent = 0_u8;
    loop {
        match tokio::time::timeout(LOOK_EVERY, core.figures()).await {
            Ok(Ok(figures)) => {
                silent = 0;
                tracing::debug!(state = words(&figures), "Alive");
            }
            _ => {
                silent = silent.saturating_add(1);
                tracing::warn!(silent, "The core gives no sign of life");
                if silent >= 3 {
                    std::process::abort();
                }
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use windows_service::service::{SessionChangeParam, SessionChangeReason, SessionNotification};

    use super::*;

    fn happened(signal: &Notify) -> bool {
        let waiting = core::pin::pin!(signal.notified());
        let mut context = core::task::Context::from_waker(core::task::Waker::noop());
        waiting.poll(&mut context).is_ready()
    }

    #[test]
    fn the_manager_is_answered_and_the_agent_is_told() {
        let stop = Arc::clone(STOP.get_or_init(Arc::default));
        let session = SessionChangeParam {
            reason: SessionChangeReason::SessionLogon,
            notification: SessionNotification {
                size: 0,
                session_id: 1,
            },
        };
        let table = [
            (ServiceControl::Stop, true, true, false),
            (ServiceControl::Preshutdown, true, true, false),
            (ServiceControl::Shutdown, true, true, false),
            (
                ServiceControl::PowerEvent(PowerEventParam::ResumeAutomatic),
                true,
                false,
                true,
            ),
            (
                ServiceControl::PowerEvent(PowerEventParam::Suspend),
                true,
                false,
                false,
            ),
            (ServiceControl::SessionChange(session), true, false, false),
            (ServiceControl::Interrogate, true, false, false),
            (ServiceControl::Pause, false, false, false),
        ];
        for (control, known, stops, wakes) in table {
            let told = format!("{control:?}");
            let answer = obey(control);
            assert_eq!(
                matches!(answer, ServiceControlHandlerResult::NoError),
                known,
                "{told}"
            );
            assert_eq!((happened(&stop), happened(&woken())), (stops, wakes), "{told}");
        }
    }
}
