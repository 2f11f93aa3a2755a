//! `zhijie service`: the agent as a service of Windows.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Subcommand;
use windows_service::service::{
    Service, ServiceAccess, ServiceErrorControl, ServiceInfo, ServiceStartType, ServiceState, ServiceType,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

use super::windows::{NAME, dispatch};
use super::wishes::{grant, withdraw};
use crate::cli::{ConfigArg, print};

/// Account Windows makes for the service by itself, without a password.
pub(super) const ACCOUNT: &str = r"NT SERVICE\Zhijie";
const DISPLAY_NAME: &str = "直结医保结算终端 (Zhijie)";
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A minute.
const LOOKS_MAX: u32 = 600;
const ERROR_SERVICE_DOES_NOT_EXIST: i32 = 1060;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ServiceCommand {
    /// Register the service for automatic start, under an account of its own; needs an administrator.
    Install(ConfigArg),
    /// Stop the service and take it out of the list. Configuration and ledger stay.
    Remove,
    /// Start the service and wait until it serves the desk.
    Start,
    /// Stop the service and wait until what was under way is on disk.
    Stop,
    /// Show whether the service runs. Exit code: 0 it runs; 3 it does not; 4 it is not installed.
    Status,
    /// Give a service that is in the list its starts after a death, its folder's rights and its name in the event log;
    /// what the package calls.
    #[command(hide = true)]
    Prepare(ConfigArg),
    /// What the service manager calls.
    #[command(hide = true)]
    Run(ConfigArg),
}

pub(in crate::cli) fn service(command: &ServiceCommand) -> anyhow::Result<ExitCode> {
    match command {
        ServiceCommand::Run(arg) => dispatch(arg.config.clone())
            .context("this is what the service manager calls; use: zhijie service start, or zhijie run")?,
        ServiceCommand::Install(arg) => install(&arg.config)?,
        ServiceCommand::Prepare(arg) => prepare(&arg.config)?,
        ServiceCommand::Remove => remove()?,
        ServiceCommand::Start => start()?,
        ServiceCommand::Stop => stop()?,
        ServiceCommand::Status => return status(),
    }
    Ok(ExitCode::SUCCESS)
}

fn install(config: &Path) -> anyhow::Result<()> {
    let config = std::path::absolute(config)?;
    let info = ServiceInfo {
        name: OsString::from(NAME),
        display_name: OsString::from(DISPLAY_NAME),
        service_type: ServiceType::OWN_PROCESS,
        start_type: ServiceStartType::AutoStart,
        error_control: ServiceErrorControl::Normal,
        executable_path: std::env::current_exe()?,
        launch_arguments: vec![
            OsString::from("service"),
            OsString::from("run"),
            OsString::from("--config"),
            config.clone().into_os_string(),
        ],
        dependencies: Vec::new(),
        account_name: Some(OsString::from(ACCOUNT)),
        account_password: None,
    };
    let access = ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE;
    let manager = ServiceManager::local_computer(None::<&str>, access).context(NEEDS_ADMINISTRATOR)?;
    let service = manager
        .create_service(&info, ServiceAccess::ALL_ACCESS)
        .context("服务没有安装（可能已经安装） the service was not installed (is it already there?)")?;
    grant(&service, &config)?;
    print(&format!(
        "已安装服务 {NAME}，开机自动启动；现在启动：zhijie service start\nThe service {NAME} is installed and starts with the PC; start it now with: zhijie service start"
    ))
}

const NEEDS_ADMINISTRATOR: &str =
    "请以管理员身份运行 run this as an administrator; the service manager did not let us in";

/// The package registers the service itself and has the rest done here.
fn prepare(config: &Path) -> anyhow::Result<()> {
    let service = installed(ServiceAccess::ALL_ACCESS)?;
    grant(&service, &std::path::absolute(config)?)
}

fn open(access: ServiceAccess) -> anyhow::Result<Option<Service>> {
    let manager = ServiceManager::local_computer(None::<&str>, ServiceManagerAccess::CONNECT)
        .context(NEEDS_ADMINISTRATOR)?;
    match manager.open_service(NAME, access) {
        Ok(service) => Ok(Some(service)),
        Err(windows_service::Error::Winapi(error))
            if error.raw_os_error() == Some(ERROR_SERVICE_DOES_NOT_EXIST) =>
        {
            Ok(None)
        }
        Err(error) => Err(error).context(NEEDS_ADMINISTRATOR),
    }
}

fn installed(access: ServiceAccess) -> anyhow::Result<Service> {
    open(access)?
        .context("服务没有安装 the service is not installed; install it with: zhijie service install")
}

fn remove() -> anyhow::Result<()> {
    let service = installed(ServiceAccess::STOP | ServiceAccess::QUERY_STATUS | ServiceAccess::DELETE)?;
    stop_and_wait(&service)?;
    service.delete()?;
    withdraw();
    print(&format!(
        "已移除服务 {NAME}；配置和账本保留在原处\nThe service {NAME} is removed; configuration and ledger stay where they are"
    ))
}

fn start() -> anyhow::Result<()> {
    let service = installed(ServiceAccess::START | ServiceAccess::QUERY_STATUS)?;
    if service.query_status()?.current_state == ServiceState::Stopped {
        service
            .start::<&str>(&[])
            .context("服务没有启动 the service did not start")?;
    }
    wait_for(&service, ServiceState::Running)?;
    print("服务已启动 the service runs")
}

fn stop() -> anyhow::Result<()> {
    let service = installed(ServiceAccess::STOP | ServiceAccess::QUERY_STATUS)?;
    stop_and_wait(&service)?;
    print("服务已停止 the service is stopped")
}

fn stop_and_wait(service: &Service) -> anyhow::Result<()> {
    if service.query_status()?.current_state == ServiceState::Stopped {
        return Ok(());
    }
    service.stop().context("服务没有停止 the service did not stop")?;
    wait_for(service, ServiceState::Stopped)
}

fn wait_for(service: &Service, wanted: ServiceState) -> anyhow::Result<()> {
    let mut looks = 0;
    loop {
        let state = service.query_status()?.current_state;
        if state == wanted {
            return Ok(());
        }
        let gave_up = wanted == ServiceState::Running && state == ServiceState::Stopped;
        looks += 1;
        if gave_up || looks > LOOKS_MAX {
            bail!(
                "服务状态为 {state:?}，请查看配置文件夹中的 log 和 last-start-error.txt; the service is {state:?}: see log and last-start-error.txt beside the configuration"
            );
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "the service manager tells nobody when a service has come so far"
        )]
        sleep(LOOK_EVERY);
    }
}

fn status() -> anyhow::Result<ExitCode> {
    let Some(service) = open(ServiceAccess::QUERY_STATUS)? else {
        print("服务没有安装 the service is not installed")?;
        return Ok(ExitCode::from(4));
    };
    let state = service.query_status()?.current_state;
    if state == ServiceState::Running {
        print("服务正在运行 the service runs")?;
        return Ok(ExitCode::SUCCESS);
    }
    print(&format!("服务没有运行（{state:?}） the service does not run"))?;
    Ok(ExitCode::from(3))
}
