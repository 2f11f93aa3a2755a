//! `zhijie setup`: the first configuration of a desk, checked at once.

mod answers;
mod fill;
mod fleet;
mod place;
mod questions;
mod told;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use self::answers::{Answers, Asker, Keyboard};
use self::fill::{Filled, fill};
use self::place::place;
use self::told::told;
use super::doctor::{DoctorCommand, doctor};
use super::{ConfigArg, check, print};
use crate::machine;

/// What is filled in; kept whole, comments and all.
const EXAMPLE: &str = include_str!("../../../../config/agent.example.toml");
/// The configuration was written, but something does not work yet.
const TROUBLE: u8 = 3;

#[derive(Debug, clap::Args)]
pub(super) struct SetupArgs {
    #[command(flatten)]
    config: ConfigArg,
    /// Take answers from a TOML file: keys as the flags, with `_`; `[slots]` gives each PC its desk number by name
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Put it in the place of a configuration that is there; the old one is kept beside it
    #[arg(long)]
    replace: bool,
    /// What an installer was told, `KEY=VALUE` as in the file for --from: a configuration that is there stays, and what nobody
    /// says stays empty
    #[arg(long, value_name = "KEY=VALUE", hide = true)]
    told: Vec<String>,
    #[command(flatten)]
    answers: Answers,
}

pub(super) fn setup(args: SetupArgs) -> anyhow::Result<ExitCode> {
    let path = &args.config.config;
    if !args.told.is_empty() {
        return unattended(path, &args.told);
    }
    if path.exists() && !args.replace {
        bail!(
            "{0} 已存在，要替换请加 --replace\n  {0} is there already; --replace puts another in its place",
            path.display()
        );
    }
    let file = args.from.as_deref().map(fleet::answers).transpose()?;
    let answers = args
        .answers
        .or(file.unwrap_or_default())
        .of_this_pc(this_pc().as_deref())?;
    let mut keyboard = Keyboard;
    let asker: Option<&mut dyn Asker> = std::io::stdin().is_terminal().then_some(&mut keyboard);
    put(path, answers.complete(asker)?)?;
    let checked = check::check(path);
    if let Err(error) = &checked {
        print(&format!(
            "还不能启动 the agent cannot start with it yet: {error:#}\n"
        ))?;
        return Ok(ExitCode::from(TROUBLE));
    }
    doctor(&DoctorCommand::Devices(args.config))
}

/// For an installer: the first configuration of a desk, as far as it was told.
fn unattended(path: &Path, words: &[String]) -> anyhow::Result<ExitCode> {
    if path.exists() {
        print(&format!(
            "保留已有的配置 the configuration is kept: {}",
            path.display()
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    let (answers, file) = told(words)?;
    let file = file.as_deref().map(fleet::answers).transpose()?;
    let answers = answers
        .or(file.unwrap_or_default())
        .of_this_pc(this_pc().as_deref())?;
    put(path, answers.complete_leaving_gaps()?)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the example with these values in their places.
fn put(path: &Path, mut filled: Vec<Filled>) -> anyhow::Result<()> {
    filled.push(Filled {
        key: "desk.socket",
        value: toml::Value::from(crate::paths::default_socket().display().to_string()),
    });
    let machine = machine::this_pc();
    if machine.is_known() {
        filled.push(Filled {
            key: "desk.machine",
            value: toml::Value::from(machine.to_string()),
        });
    }
    #[cfg(windows)]
    filled.push(Filled {
        key: "ledger.path",
        value: toml::Value::from("ledger.db"),
    });
    let (text, left) = fill(EXAMPLE, &filled);
    if let Some(key) = left.first() {
        bail!("the example configuration has no place for {key}");
    }
    #[cfg(windows)]
    let text = without_group(&text);
    let kept = place(path, &text).with_context(|| format!("无法写入 cannot write {}", path.display()))?;
    // Only now: nobody may listen any more.
    if let Some(kept) = kept {
        print(&format!(
            "原配置保留为 the one before is kept as {}",
            kept.display()
        ))?;
    }
    print(&format!(
        "已写入配置 the configuration is written: {}\n",
        path.display()
    ))
}

/// On Windows everybody who is signed in may connect unless a group is named, and there is no group of ours.
#[cfg(windows)]
fn without_group(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("socket_group"));
    lines.flat_map(|line| [line, "\r\n"]).collect()
}

/// The name this PC goes by.
fn this_pc() -> Option<String> {
    let named = std::env::var("COMPUTERNAME").ok();
    let named = named.or_else(|| std::fs::read_to_string("/proc/sys/kernel/hostname").ok())?;
    let name = named.trim();
    (!name.is_empty()).then(|| String::from(name))
}
