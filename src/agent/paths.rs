//! Where everything lies on this system.

use std::path::PathBuf;

/// Configuration file read when none is named.
#[must_use]
pub fn default_config() -> PathBuf {
    PathBuf::from("/etc/zhijie/agent.toml")
}

/// Socket of the desk interface when the configuration names none.
#[must_use]
pub fn default_socket() -> PathBuf {
    PathBuf::from("/run/zhijie/desk.sock")
}

/// The device helper installed beside this program.
#[must_use]
pub fn default_helper() -> PathBuf {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|exe| exe.parent().map(|dir| dir.join("zhijie-devices")));
    beside.unwrap_or_else(|| PathBuf::from("zhijie-devices"))
}
