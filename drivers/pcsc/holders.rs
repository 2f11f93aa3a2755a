//! Which other programs use the card service, as far as the system tells this user.

/// Names and process numbers of programs that have the card service's library in use, this one left out; one of them
/// holds the card when a reader is busy. Linux tells of one's own user's programs, and root of all. Blocks for some
/// milliseconds. Empty elsewhere.
#[must_use]
pub fn card_service_users() -> Vec<String> {
    system::users()
}

#[cfg(target_os = "linux")]
mod system {
    use std::path::Path;

    const LIBRARY: &str = "/libpcsclite";
    /// Programs beyond these are not named.
    const NAMED_MAX: usize = 8;

    pub(super) fn users() -> Vec<String> {
        let own = std::process::id().to_string();
        let processes = Path::new("/proc").read_dir().into_iter().flatten().flatten();
        let mut users = Vec::new();
        for process in processes {
            let number = process.file_name().to_string_lossy().into_owned();
            if number == own || !number.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            // What another user runs cannot be looked into.
            let maps = std::fs::read_to_string(process.path().join("maps")).unwrap_or_default();
            if !maps.contains(LIBRARY) {
                continue;
            }
            let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            users.push(format!("{} ({number})", name.trim()));
        }
        users.sort();
        users.truncate(NAMED_MAX);
        users
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    pub(super) fn users() -> Vec<String> {
        Vec::new()
    }
}
