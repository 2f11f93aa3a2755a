//! Where the log goes: standard error, kept by whoever started the agent, or files where nobody keeps it.

use anyhow::Context;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Config, LogFormat};

/// Days of log files that are kept.
#[cfg(windows)]
const FILES_MAX: usize = 30;

pub(super) fn start<W>(config: &Config, writer: W) -> anyhow::Result<()>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter: Targets = config.log.level.parse().context("log.level")?;
    let log = tracing_subscriber::registry().with(filter);
    let lines = layer().with_writer(writer);
    match config.log.format {
        LogFormat::Text => log.with(lines.with_ansi(false)).init(),
        LogFormat::Json => log.with(lines.json()).init(),
    }
    Ok(())
}

/// One file a day in `folder`, which is made where it is missing.
#[cfg(windows)]
pub(super) fn in_folder(
    folder: &std::path::Path,
) -> anyhow::Result<tracing_appender::rolling::RollingFileAppender> {
    tracing_appender::rolling::Builder::new()
        .rotation(tracing_appender::rolling::Rotation::DAILY)
        .filename_prefix("zhijie")
        .filename_suffix("log")
        .max_log_files(FILES_MAX)
        .build(folder)
        .with_context(|| format!("cannot write a log in {}", folder.display()))
}
