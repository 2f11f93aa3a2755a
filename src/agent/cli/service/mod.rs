//! What starts, watches and stops the agent: systemd, the service manager of Windows, or a person at a keyboard.
//!
//! Both managers are told the same: ready, alive, stopping.

#[cfg(windows)]
mod command;
#[cfg(windows)]
mod event_log;
#[cfg(unix)]
mod systemd;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
mod wishes;
mod words;

#[cfg(windows)]
pub(super) use command::{ServiceCommand, service};
#[cfg(unix)]
pub(super) use systemd::{StopSignals, keep_alive, ready, stopping, woken};
#[cfg(windows)]
pub(super) use windows::{StopSignals, is_service, keep_alive, ready, stopping, woken};
