//! Where the log goes: standard error, kept by whoever started the agent, or files where nobody keeps it.

use anyhow::Context;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::{Config, LogFormat};

/// Days of log files that are kept.
#[cfg(windows)]
const FILES_MAX: usize = 30;

pub(super) fn start<W>(config: &Config, writer: W) -> anyhow::Result<()>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.level).context("log.level")?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer);
    match config.log.format {
        LogFormat::Text => builder.with_ansi(false).init(),
        LogFormat::Json => builder.json().init(),
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
