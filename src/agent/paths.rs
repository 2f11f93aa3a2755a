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

/// Province profiles that came along.
#[must_use]
pub fn profiles() -> PathBuf {
    #[cfg(unix)]
    return PathBuf::from("/usr/share/zhijie/provinces");
    #[cfg(windows)]
    beside(PathBuf::from("provinces"))
}

/// The device helper installed beside this program.
#[must_use]
pub fn default_helper() -> PathBuf {
    beside(PathBuf::from(format!(
        "zhijie-devices{}",
        std::env::consts::EXE_SUFFIX
    )))
}

/// The device helper for libraries of 32 bits, where it was installed too.
#[must_use]
pub(crate) fn default_helper_32() -> PathBuf {
    beside(PathBuf::from(format!(
        "zhijie-devices-32{}",
        std::env::consts::EXE_SUFFIX
    )))
}

/// In the folder of this program.
fn beside(name: PathBuf) -> PathBuf {
    let program = std::env::current_exe().ok();
    let place = program.and_then(|program| program.parent().map(|folder| folder.join(&name)));
    place.unwrap_or(name)
}
