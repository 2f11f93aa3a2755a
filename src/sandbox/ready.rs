//! The ready file: addresses and process id, there only when both listeners accept.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::json;

/// Writes beside and renames, so that a reader sees all of it or nothing.
pub(crate) fn write(path: &Path, platform: &str, admin: &str) -> io::Result<()> {
    let text = json!({ "platform": platform, "admin": admin, "pid": std::process::id() }).to_string();
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    fs::write(&beside, text)?;
    fs::rename(&beside, path)
}
