//! Puts a shell script where a program is expected: a stand-in that a test starts as the real one is started.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// Writes a script that can be started at once.
///
/// A file that is open for writing cannot be started (`ETXTBSY`), and a test beside this one that starts a program just then
/// holds every file of its process open for a moment. So another process writes it.
///
/// # Errors
///
/// Where that process cannot be started or cannot write there.
pub fn place_script(path: &Path, script: &str) -> io::Result<()> {
    let mut writer = Command::new("sh")
        .args(["-c", r#"cat >"$1" && chmod 755 "$1""#, "sh"])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()?;
    let told = writer
        .stdin
        .take()
        .map(|mut input| input.write_all(script.as_bytes()));
    let ended = writer.wait()?;
    told.transpose()?;
    if ended.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("{}: not written", path.display())))
    }
}
