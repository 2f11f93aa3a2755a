//! Asks the helper program to look once, beside a helper that may be running.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use zhijie_ports::{DeviceFault, FRAME_BYTES_MAX, Survey, decode_line};

use crate::config::DeviceConfig;

/// Longer than the helper waits for a frozen card service.
const LOOK_MAX: Duration = Duration::from_secs(15);

/// What is connected now. `leave_scanner` where an agent runs and has it open.
///
/// # Errors
/// [`DeviceFault::HelperDown`] when the program does not start or does not end, [`DeviceFault::HelperProtocol`] when it
/// says something else.
pub async fn survey(config: &DeviceConfig, leave_scanner: bool) -> Result<Survey, DeviceFault> {
    let mut command = Command::new(&config.helper_path);
    let mut child = command
        .args(config.arguments())
        .arg("--survey")
        .args(leave_scanner.then_some("--leave-scanner"))
        .envs(config.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|_| DeviceFault::HelperDown)?;
    let stdout = child.stdout.take().ok_or(DeviceFault::HelperDown)?;
    let limit = u64::try_from(FRAME_BYTES_MAX)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut line = Vec::new();
    // Whatever it would say beyond the longest frame is not heard: it is killed when it is dropped.
    let said = tokio::time::timeout(LOOK_MAX, stdout.take(limit).read_to_end(&mut line)).await;
    let Ok(Ok(_)) = said else {
        return Err(DeviceFault::HelperDown);
    };
    decode_line(&line).map_err(|_| DeviceFault::HelperProtocol)
}
