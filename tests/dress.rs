//! The dress of a province on both sides of the line: the same profile for sandbox and agent, and the secrets it needs.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, ensure};
use zhijie_twin::place_script;

use crate::programs::program;

/// Secrets the sandbox knows when it is told no others.
const SECRETS: [(&str, &str); 4] = [
    ("gateway-id", "sandbox-hospital-01"),
    ("gateway-secret", "sandbox-secret"),
    ("gateway-user", "hospital"),
    ("gateway-password", "sandbox-password"),
];

/// Writes the profile of a stage: one of `config/provinces` with lines changed.
pub(crate) fn write_profile(
    folder: &Path,
    name: &str,
    changes: &[(&'static str, &'static str)],
) -> anyhow::Result<()> {
    let profiles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/provinces");
    let mut text = std::fs::read_to_string(profiles.join(name))?;
    for (from, to) in changes {
        ensure!(text.contains(from), "the profile does not say {from}");
        text = text.replace(from, to);
    }
    Ok(std::fs::write(folder.join("profile.toml"), text)?)
}

/// Puts the program of a control into the folder, and gives the line of `[devices]` that names it; nothing where the profile
/// has none.
pub(crate) fn control_line(folder: &Path) -> anyhow::Result<&'static str> {
    if !std::fs::read_to_string(folder.join("profile.toml"))?.contains("\n[medium]\n") {
        return Ok("");
    }
    let (sandbox, at) = (program("zhijie-sandbox")?, folder.display());
    let script = format!(
        "#!/bin/sh\nexec '{}' control --person \"$(cat '{at}/medium')\" 2>/dev/null\n",
        sandbox.display()
    );
    std::fs::write(folder.join("medium"), "")?;
    place_script(&folder.join("control"), &script)?;
    Ok("control = \"control\"\n")
}

/// What the sandbox is started with.
pub(crate) fn sandbox_arguments(folder: &Path) -> [OsString; 2] {
    ["--profile".into(), folder.join("profile.toml").into_os_string()]
}

/// Writes the secrets, and gives the sections of the agent's configuration that point to them.
pub(crate) fn agent_sections(folder: &Path) -> anyhow::Result<String> {
    for (name, secret) in SECRETS {
        std::fs::write(folder.join(name), secret)?;
    }
    let folder = folder.to_str().context("a folder with a plain name")?;
    let secret = |name: &str| format!("\"file:{folder}/{name}\"");
    let (id, shared) = (secret("gateway-id"), secret("gateway-secret"));
    let (user, password) = (secret("gateway-user"), secret("gateway-password"));
    let (key, theirs) = ("\"certs/sm2-client.key\"", "\"certs/sm2-platform.pub\"");
    Ok(format!(
        "[platform.header]\nid = {id}\nsecret = {shared}\nuser = {user}\npassword = {password}\n\
         [platform.signing]\nkey = {key}\nplatform_key = {theirs}\n\
         [platform.voucher]\napplication = {id}\nsecret = {shared}\nkey = {key}\nservice_key = {theirs}\n"
    ))
}
