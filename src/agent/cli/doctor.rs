//! `zhijie doctor`: looks at the desk and says what is wrong and what to do, beside an agent that may be running.

use std::io::ErrorKind;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;
use zhijie_desk::api::AgentHealthResult;
use zhijie_desk::{Client, ClientError};
use zhijie_devicelink::survey;

use super::bench::nobody_is_there;
use super::run::device_config;
use super::{ConfigArg, print, trouble};
use crate::config::{Config, load};
use crate::doctor::{Mark, Running, Seen, devices};

/// How long an agent may take to say how it is.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// Something does not work.
const TROUBLE: u8 = 3;

#[derive(Debug, clap::Subcommand)]
pub(super) enum DoctorCommand {
    /// Card reader, scanner and the program that serves them. Disturbs nobody, also while the agent runs.
    ///
    /// Exit code: 0 all works; 3 something does not; 1 it could not be looked at.
    Devices(ConfigArg),
}

/// Prints every finding, then how many are bad.
pub(super) fn doctor(command: &DoctorCommand) -> anyhow::Result<ExitCode> {
    let DoctorCommand::Devices(arg) = command;
    let config = load(&arg.config).map_err(trouble::of_config)?.config;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let found = runtime.block_on(async {
        let running = running(&config).await;
        let leave_scanner = !matches!(running, Running::No);
        let seen = Seen {
            config: &config.devices,
            survey: survey(&device_config(&config), leave_scanner).await,
            running,
        };
        devices(&seen)
    });
    for finding in &found {
        print(&finding.to_string())?;
    }
    let bad = found.iter().filter(|finding| finding.mark == Mark::Bad).count();
    if bad == 0 {
        print("\n设备正常 all devices work")?;
        return Ok(ExitCode::SUCCESS);
    }
    print(&format!(
        "\n有 {bad} 处要处理 {bad} to be seen to; docs/faults 有每个故障码的说明 each code has a page"
    ))?;
    Ok(ExitCode::from(TROUBLE))
}

async fn running(config: &Config) -> Running {
    let client = match Client::connect(&config.desk.socket).await {
        Ok(client) => client,
        Err(ClientError::Connect { source, .. }) if nobody_is_there(&source) => return Running::No,
        Err(ClientError::Connect { source, .. }) if source.kind() == ErrorKind::PermissionDenied => {
            return Running::Forbidden;
        }
        Err(error) => return Running::Silent(error.to_string()),
    };
    let nothing = json!({});
    let Ok(told) = tokio::time::timeout(ANSWER_MAX, client.call("agent.health", &nothing)).await else {
        return Running::Silent(String::from("it took too long"));
    };
    match told {
        Ok(health) => match serde_json::from_str::<AgentHealthResult>(health.get()) {
            Ok(health) => Running::Yes(Box::new(health)),
            Err(error) => Running::Silent(error.to_string()),
        },
        Err(error) => Running::Silent(error.to_string()),
    }
}
