//! `zhijie setup` dies at any system call that changes something: the configuration is the old one or the new one, whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, ensure};
use zhijie_tests::program;

use crate::calls::CHANGING;
use crate::dose::say;
use crate::tracer::{Kill, may_trace, read};

/// Beyond those that every test here kills at: what makes a file, names it and gives it away.
const MAKING: &str = "openat,?link,linkat,?chmod,fchmod,?fchmodat,?chown,fchown,fchownat";
const OLD: &str = "# the configuration of before\n";
/// The profile is not there: setup ends when the file is written, without a look at the devices.
const FLEET: &str = "institution_code = \"H31010100001\"\ninstitution_name = \"上海市示范医院\"\narea = \"310000\"\nslot = 17\n\
    operator_code = \"0001\"\noperator_name = \"收费员\"\nprofile = \"not there.toml\"\nurl = \"https://127.0.0.1:1\"\n";

/// A desk's folder, before and after.
struct Desk {
    folder: tempfile::TempDir,
    before: Option<&'static str>,
}

impl Desk {
    fn new(before: Option<&'static str>) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("fleet.toml"), FLEET)?;
        if let Some(before) = before {
            std::fs::write(folder.path().join("agent.toml"), before)?;
        }
        Ok(Self { folder, before })
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("agent.toml")
    }

    fn now(&self) -> Option<String> {
        std::fs::read_to_string(self.config()).ok()
    }

    fn set_up(&self, kill: Option<&Kill>) -> anyhow::Result<ExitStatus> {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-s", "0", "-e", "signal=none", "-o"]);
        strace
            .arg(self.trace())
            .args(["-e", &format!("trace={CHANGING},{MAKING}")]);
        if let Some(Kill { call, n }) = kill {
            strace.args(["-e", &format!("inject={call}:signal=SIGKILL:when={n}")]);
        }
        strace
            .arg(program("zhijie")?)
            .args(["setup", "--replace", "--config"])
            .arg(self.config())
            .arg("--from")
            .arg(self.folder.path().join("fleet.toml"));
        Ok(strace
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?)
    }

    fn trace(&self) -> PathBuf {
        self.folder.path().join("trace")
    }

    /// Old or new, and where it is the new one the old one is kept.
    fn must_hold(&self, new: &str, kill: &Kill) -> anyhow::Result<bool> {
        let now = self.now();
        if now.as_deref() == self.before {
            return Ok(false);
        }
        ensure!(now.as_deref() == Some(new), "{kill}: {now:?}");
        let kept = std::fs::read_to_string(kept(&self.config())).ok();
        ensure!(kept.as_deref() == self.before, "{kill}: {kept:?} is kept");
        Ok(true)
    }
}

fn kept(config: &Path) -> PathBuf {
    config.with_extension("toml.before-1")
}

#[tokio::test]
async fn a_configuration_is_the_old_or_the_new_one_wherever_setup_is_killed() -> anyhow::Result<()> {
    let test = "a_configuration_is_the_old_or_the_new_one_wherever_setup_is_killed";
    if !may_trace(test).await? {
        return Ok(());
    }
    for before in [Some(OLD), None] {
        let whole = Desk::new(before)?;
        ensure!(whole.set_up(None)?.code() == Some(3), "setup ends by itself");
        let new = whole.now().context("it is written")?;
        ensure!(new.contains("slot = 17"), "{new}");
        let mut counts = BTreeMap::new();
        for call in read(&whole.trace())? {
            let count = counts.entry(call.name).or_insert(0_u32);
            *count += 1;
        }
        let (mut died, mut renewed) = (0, 0);
        for (call, count) in counts {
            for n in 1..=count {
                let (kill, desk) = (Kill::at(&call, n), Desk::new(before)?);
                ensure!(
                    desk.set_up(Some(&kill))?.code() != Some(3),
                    "{kill} did not strike"
                );
                renewed += u32::from(desk.must_hold(&new, &kill)?);
                died += 1;
                // Whatever was left behind is in nobody's way.
                ensure!(
                    desk.set_up(None)?.code() == Some(3),
                    "{kill}: the next one ends by itself"
                );
                ensure!(desk.now().as_ref() == Some(&new), "{kill}: and writes it");
            }
        }
        ensure!(renewed > 0 && renewed < died, "{renewed} of {died}");
        say(&format!(
            "recovery: setup killed at {died} calls, {renewed} times after the new one stood"
        ));
    }
    Ok(())
}
