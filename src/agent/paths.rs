//! Where everything lies on this system.

use std::path::PathBuf;

#[cfg(unix)]
const CONFIG: &str = "/etc/zhijie/agent.toml";
#[cfg(unix)]
const SOCKET: &str = "/run/zhijie/desk.sock";
#[cfg(windows)]
const CONFIG: &str = r"C:\ProgramData\Zhijie\agent.toml";
#[cfg(windows)]
const SOCKET: &str = r"\\.\pipe\zhijie";

/// Configuration file read when none is named.
#[must_use]
pub fn default_config() -> PathBuf {
    PathBuf::from(CONFIG)
}

/// Socket of the desk interface when the configuration names none; a named pipe on Windows.
#[must_use]
pub fn default_socket() -> PathBuf {
    PathBuf::from(SOCKET)
}

/// The device helper installed beside this program.
#[must_use]
pub fn default_helper() -> PathBuf {
    let name = format!("zhijie-devices{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe()
        .ok()
        .and_then(|exe| exe.parent().map(|dir| dir.join(&name)));
    beside.unwrap_or_else(|| PathBuf::from(name))
}
