//! `zhijie outages`: the calendar as the agent would judge it now.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use zhijie_model::rfc3339_beijing;

use super::{ConfigArg, print, trouble};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, load};
use crate::routes::{Calendar, Outage, Watch, route_name};

#[derive(Debug, Subcommand)]
pub(super) enum OutagesCommand {
    /// Print the calendar, and which of its outages are going on.
    Show(ConfigArg),
    /// Judge a calendar and its signature before it is put in place.
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    config: ConfigArg,
    /// Calendar to judge, its signature beside it with .sig added; without it the configured one.
    file: Option<PathBuf>,
}

/// Fails when the calendar is refused.
pub(super) fn outages(command: &OutagesCommand) -> anyhow::Result<ExitCode> {
    let (config, file) = match command {
        OutagesCommand::Show(arg) => (arg, None),
        OutagesCommand::Verify(args) => (&args.config, args.file.clone()),
    };
    let config = load(&config.config).map_err(trouble::of_config)?.config;
    let now = SystemClock::default().now();
    let (file, watch) = judge(&config, file, now)
        .context("配置中没有 [outages]，本机不看停机公告\n  there is no [outages] in the configuration")?;
    let at = file.display();
    if let Some(refused) = watch.refused() {
        bail!("停机公告 {at} 不被接受\n  the outage calendar {at} is refused: {refused}");
    }
    match watch.in_force() {
        Some(calendar) => print(&text(calendar, now))?,
        None if matches!(command, OutagesCommand::Verify(_)) => {
            bail!("找不到停机公告 {at}\n  there is no outage calendar at {at}")
        }
        None => print(&format!("没有停机公告 no calendar yet: {at}"))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// For `zhijie check`. A refused calendar does not keep the agent from starting.
pub(super) fn in_one_line(config: &Config) -> String {
    let now = SystemClock::default().now();
    let Some((file, watch)) = judge(config, None, now) else {
        return String::from("no calendar configured");
    };
    let at = file.display();
    match (watch.refused(), watch.in_force()) {
        (Some(refused), _) => format!("! 停机公告不被接受 {at} is refused: {refused}"),
        (None, Some(calendar)) => {
            let until = rfc3339_beijing(calendar.expires);
            format!("{at}, {} outage(s), good until {until}", calendar.outages.len())
        }
        (None, None) => format!("{at}, not there yet"),
    }
}

fn judge(config: &Config, file: Option<PathBuf>, now: Timestamp) -> Option<(PathBuf, Watch)> {
    let mut source = config.outages.as_ref()?.source();
    source.file = file.unwrap_or(source.file);
    let file = source.file.clone();
    let mut watch = Watch::new(source);
    watch.refresh(now);
    Some((file, watch))
}

fn text(calendar: &Calendar, now: Timestamp) -> String {
    let mut lines = vec![format!(
        "停机公告 outage calendar: {}, issued {}, good until {}",
        calendar.issuer,
        rfc3339_beijing(calendar.issued),
        rfc3339_beijing(calendar.expires),
    )];
    lines.extend(calendar.outages.iter().map(|outage| entry(outage, now)));
    lines.join("\n")
}

fn entry(outage: &Outage, now: Timestamp) -> String {
    let state = if now < outage.from {
        "未开始 to come"
    } else if now < outage.until {
        "进行中 going on"
    } else {
        "已结束 over"
    };
    let routes: Vec<String> = outage.routes.iter().map(|route| route_name(*route)).collect();
    let allowed: Vec<&str> = outage.allow.iter().map(|allowed| allowed.name()).collect();
    let allowed = if allowed.is_empty() {
        String::from("none")
    } else {
        allowed.join(" ")
    };
    format!(
        "{} - {}  {state}\n    {}, allowed: {allowed}\n    {}\n    {}",
        rfc3339_beijing(outage.from),
        rfc3339_beijing(outage.until),
        routes.join(" "),
        outage.text.zh,
        outage.text.en,
    )
}
