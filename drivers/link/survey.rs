//! Asks the helper program to look once, beside a helper that may be running.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use zhijie_ports::{DeviceFault, Survey, decode_line};

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
    command
        .args(config.arguments())
        .arg("--survey")
        .args(leave_scanner.then_some("--leave-scanner"))
        .envs(config.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let ran = tokio::time::timeout(LOOK_MAX, command.output()).await;
    let Ok(Ok(ran)) = ran else {
        return Err(DeviceFault::HelperDown);
    };
    decode_line(&ran.stdout).map_err(|_| DeviceFault::HelperProtocol)
}
