//! Where the programs under test lie.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, ensure};

/// Path of a program of this workspace, built with the rest when it is not there yet.
///
/// # Errors
/// When it cannot be built.
pub fn program(name: &str) -> anyhow::Result<PathBuf> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let folder = BUILT
        .get_or_init(|| build().map_err(|error| format!("{error:#}")))
        .clone();
    let path = folder.map_err(anyhow::Error::msg)?.join(name);
    ensure!(path.exists(), "{} is missing", path.display());
    Ok(path)
}

/// The agent under test: `zhijie`, or what [`AGENT_VARIABLE`] names.
///
/// # Errors
/// As [`program`].
pub(crate) fn agent() -> anyhow::Result<PathBuf> {
    std::env::var_os(AGENT_VARIABLE).map_or_else(|| program("zhijie"), |path| Ok(PathBuf::from(path)))
}

/// Whether another program is run in place of the agent.
pub(crate) fn stands_in() -> bool {
    std::env::var_os(AGENT_VARIABLE).is_some()
}

/// A path the agent under test told, as this system writes it: for one in Wine the whole system is drive Z, and what it adds to a
/// path of this system it adds with backslashes. No test names a file with one.
#[must_use]
pub fn here(told: &str) -> PathBuf {
    let path = told.trim_start_matches(r"\\?\");
    PathBuf::from(path.strip_prefix("Z:").unwrap_or(path).replace('\\', "/"))
}

/// Names a program that is run in place of the agent, as `packaging/windows/wine-agent.sh` is.
const AGENT_VARIABLE: &str = "ZHIJIE_TEST_AGENT";

/// The folder of the running test's profile; `cargo build` there is a matter of a moment when nothing changed.
fn build() -> anyhow::Result<PathBuf> {
    let exe = std::env::current_exe()?;
    let mut folder = exe.parent().context("no folder")?.to_path_buf();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = folder.parent().context("no target folder")?;
    let mut command = Command::new(cargo);
    command
        .args([
            "build",
            "--quiet",
            "--workspace",
            "--bins",
            "--locked",
            "--target-dir",
        ])
        .arg(target);
    match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => {}
        Some(profile) => _ = command.args(["--profile", profile]),
    }
    // What cargo says about this package would make build scripts of others run again.
    for (name, _) in std::env::vars_os() {
        let of_this_package =
            |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        if name.to_str().is_some_and(of_this_package) {
            command.env_remove(name);
        }
    }
    let status = command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .context("cannot run cargo")?;
    ensure!(status.success(), "the programs do not build");
    Ok(folder)
}
