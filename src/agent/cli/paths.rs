//! `zhijie paths`.

use std::path::Path;

use super::print;
use crate::config::load;

pub(super) fn paths(path: &Path) -> anyhow::Result<()> {
    let mut lines = vec![format!("configuration  {}", path.display())];
    match load(path) {
        Ok(loaded) => {
            let config = &loaded.config;
            let helper = config
                .devices
                .helper
                .clone()
                .unwrap_or_else(crate::paths::default_helper);
            lines.push(format!("profile        {}", config.platform.profile.display()));
            lines.push(format!("ledger         {}", config.ledger.path.display()));
            lines.push(format!("socket         {}", config.desk.socket.display()));
            lines.push(format!("device helper  {}", helper.display()));
        }
        Err(error) => {
            lines.push(format!(
                "socket         {} (default)",
                crate::paths::default_socket().display()
            ));
            lines.push(format!(
                "device helper  {} (default)",
                crate::paths::default_helper().display()
            ));
            lines.push(format!("! {error}"));
        }
    }
    lines.push(String::from(
        "log            standard error; the service manager keeps it",
    ));
    print(&lines.join("\n"))
}
