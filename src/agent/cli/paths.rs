//! `zhijie paths`.

use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use super::{preflight, print};
use crate::config::{ConfigError, load};

/// Fails when there is a configuration and it is wrong; none is no failure.
pub(super) fn paths(path: &Path) -> anyhow::Result<ExitCode> {
    let at = path.display();
    let (mut lines, code) = match load(path) {
        Ok(loaded) => {
            let config = &loaded.config;
            let lines = vec![
                format!("configuration  {at}"),
                format!("profile        {}", config.platform.profile.display()),
                format!("ledger         {}", config.ledger.path.display()),
                format!("socket         {}", config.desk.socket.display()),
                format!("device helper  {}", preflight::helper(config).display()),
            ];
            (lines, ExitCode::SUCCESS)
        }
        Err(error) => {
            let missing = matches!(&error, ConfigError::Unreadable { path: at, source }
                if at == path && source.kind() == ErrorKind::NotFound);
            let (first, code) = if missing {
                let first = format!("configuration  {at}  找不到这个文件 this file is not there");
                (first, ExitCode::SUCCESS)
            } else {
                let first = format!("configuration  {at}  有错误 is wrong: {error}");
                (first, ExitCode::FAILURE)
            };
            let lines = vec![
                first,
                format!(
                    "socket         {} (default)",
                    crate::paths::default_socket().display()
                ),
                format!(
                    "device helper  {} (default)",
                    crate::paths::default_helper().display()
                ),
            ];
            (lines, code)
        }
    };
    lines.push(String::from(
        "log            standard error; the service manager keeps it",
    ));
    print(&lines.join("\n"))?;
    Ok(code)
}
