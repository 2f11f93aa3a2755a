//! What the service wants of the system beyond being in its list: starts after a death, an identity, a folder, a name in the
//! event log. May be done again at any time.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use windows_service::service::{
    Service, ServiceAction, ServiceActionType, ServiceFailureActions, ServiceFailureResetPeriod,
    ServiceSidType,
};

use super::command::ACCOUNT;
use super::event_log;
use crate::cli::print;

const DESCRIPTION: &str =
    "异地就医直接结算：读卡、扫码、调用省医保平台。Settles medical insurance across regions at this desk.";
/// Pauses before the service is started again after it died.
const RECOVERY: [Duration; 3] = [
    Duration::from_secs(3),
    Duration::from_secs(30),
    Duration::from_secs(300),
];
/// A day without a death starts the pauses anew.
const RECOVERY_RESET: Duration = Duration::from_secs(24 * 60 * 60);

/// Whatever of these a system does not have is told, and the service works without it.
pub(super) fn grant(service: &Service, config: &Path) -> anyhow::Result<()> {
    let wishes = [
        ("description", service.set_description(DESCRIPTION)),
        ("recovery", service.update_failure_actions(recovery())),
        (
            "recovery after an error",
            service.set_failure_actions_on_non_crash_failures(true),
        ),
        ("delayed start", service.set_delayed_auto_start(true)),
        (
            "service identity",
            service.set_config_service_sid_info(ServiceSidType::Unrestricted),
        ),
    ];
    for (wish, granted) in wishes {
        if let Err(error) = granted {
            print(&format!(
                "注意：系统不支持 {wish} this system does not have it: {error}"
            ))?;
        }
    }
    give_folder(config)?;
    if let Err(why) = ran(&mut event_log::registration()) {
        print(&format!(
            "注意：事件日志没有登记 the event log was not told of the service: {why}"
        ))?;
    }
    Ok(())
}

/// Takes back what [`grant`] left outside the service's own entry and folder.
pub(super) fn withdraw() {
    // It may never have been there.
    let _ = ran(&mut event_log::removal());
}

fn recovery() -> ServiceFailureActions {
    let restart = |delay| ServiceAction {
        action_type: ServiceActionType::Restart,
        delay,
    };
    ServiceFailureActions {
        reset_period: ServiceFailureResetPeriod::After(RECOVERY_RESET),
        reboot_msg: None,
        command: None,
        actions: Some(RECOVERY.map(restart).to_vec()),
    }
}

/// The folder of the configuration holds keys and the ledger: for the service, the system and administrators.
fn give_folder(config: &Path) -> anyhow::Result<()> {
    let Some(folder) = config.parent() else {
        return Ok(());
    };
    let mut command = Command::new("icacls.exe");
    command
        .arg(folder)
        .args(["/inheritance:r", "/grant:r"])
        .args(["*S-1-5-18:(OI)(CI)F", "*S-1-5-32-544:(OI)(CI)F"])
        .arg(format!("{ACCOUNT}:(OI)(CI)M"));
    match ran(&mut command) {
        Ok(()) => Ok(()),
        Err(why) => print(&format!(
            "注意：文件夹 {} 的权限没有设置 the rights of the folder were not set: {why}",
            folder.display()
        )),
    }
}

fn ran(command: &mut Command) -> Result<(), String> {
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(output.status.to_string()),
        Err(error) => Err(error.to_string()),
    }
}
