//! Where everything lies on this system.

use std::path::{Path, PathBuf};

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

/// Where the installed service is lent the keys of [`KEYS`], and the one that every desk has.
#[cfg(unix)]
const LENT: &str = "/run/credentials/zhijie.service/keys_";
#[cfg(unix)]
const LENT_CLIENT_KEY: &str = "/run/credentials/zhijie.service/keys_client.key";
/// Root's alone.
#[cfg(unix)]
const KEYS: &str = "/etc/zhijie/keys";

/// The institution's key as the installed service sees it; `None` where nothing lends keys.
#[must_use]
pub(crate) fn lent_client_key() -> Option<&'static str> {
    #[cfg(unix)]
    return Path::new(KEYS).is_dir().then_some(LENT_CLIENT_KEY);
    #[cfg(windows)]
    None
}

/// Root's own file behind a key that is lent to the running service alone; `None` for every other file.
#[must_use]
pub(crate) fn behind_lent(path: &Path) -> Option<PathBuf> {
    #[cfg(unix)]
    {
        let name = path.to_str()?.strip_prefix(LENT)?;
        (!name.is_empty() && !name.contains('/')).then(|| Path::new(KEYS).join(name))
    }
    #[cfg(windows)]
    {
        let _ = path;
        None
    }
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

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn a_lent_key_is_roots_file_and_no_other_is() {
        let table = [
            (LENT_CLIENT_KEY, Some("/etc/zhijie/keys/client.key")),
            ("/run/credentials/zhijie.service/keys_", None),
            ("/run/credentials/zhijie.service/keys_../../shadow", None),
            ("/run/credentials/other.service/keys_client.key", None),
            ("tls/client.key", None),
        ];
        for (lent, behind) in table {
            assert_eq!(behind_lent(Path::new(lent)), behind.map(PathBuf::from), "{lent}");
        }
    }
}
