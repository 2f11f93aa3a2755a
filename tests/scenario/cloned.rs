//! A disk that was cloned, configuration, ledger and lock file with it: two PCs would settle under one desk slot.

use std::ffi::OsString;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::json;
use zhijie_tests::{Options, Stage, order, program};

use crate::road::settle;

/// What a PC's kernel says of its network cards.
fn pc(stage: &Stage, name: &str, address: &str) -> anyhow::Result<PathBuf> {
    let class = stage.folder().join(name);
    let (card, device) = (class.join("eth0"), stage.folder().join(format!("{name}-device")));
    std::fs::create_dir_all(&card)?;
    std::fs::create_dir_all(&device)?;
    symlink(&device, card.join("device"))?;
    for (file, text) in [("type", "1"), ("addr_assign_type", "0"), ("address", address)] {
        std::fs::write(card.join(file), format!("{text}\n"))?;
    }
    Ok(class)
}

/// The command line by which a program runs on that PC.
fn on(class: &Path) -> Vec<OsString> {
    let mut by: Vec<OsString> = ["unshare", "--mount", "sh", "-c"].map(OsString::from).into();
    by.push(OsString::from(r#"mount --bind "$0" /sys/class/net && exec "$@""#));
    by.push(class.into());
    by
}

fn zhijie_on(class: &Path, stage: &Stage, args: &[&str]) -> anyhow::Result<Output> {
    let by = on(class);
    let mut command = Command::new(&by[0]);
    command.args(&by[1..]).arg(program("zhijie")?).args(args);
    Ok(command.arg("--config").arg(stage.config()).output()?)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A PC is told from another by what only the system's own folder says; without the right to put one there, nothing can be shown.
fn may_mount() -> bool {
    let tried = Command::new("unshare").args(["--mount", "true"]).status();
    let may = tried.is_ok_and(|status| status.success());
    if !may {
        println!("not run: no mount namespace for this user");
    }
    may
}

#[tokio::test]
async fn a_cloned_disk_does_not_settle_under_the_others_slot() -> anyhow::Result<()> {
    if !may_mount() {
        return Ok(());
    }
    let mut stage = Stage::without_agent(Options::default()).await?;
    let first = pc(&stage, "first", "00:e0:4c:68:00:01")?;
    let other = pc(&stage, "other", "00:e0:4c:68:00:02")?;
    stage.start_agent_by(&on(&first)).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let (_, told) = settle(&stage, &order("ONE"), &identity, "one").await?;
    assert_eq!(told["outcome"], "done", "{told}");
    stage.stop_agent()?;

    for _ in 0..2 {
        let refused = zhijie_on(&other, &stage, &["run"])?;
        assert!(!refused.status.success(), "{}", said(&refused));
        let words = said(&refused);
        assert!(
            words.contains("另一台电脑") && words.contains("ledger accept"),
            "{words}"
        );
    }
    // Reading is nobody's harm, and the first PC goes on.
    assert!(zhijie_on(&other, &stage, &["ledger", "verify"])?.status.success());
    stage.start_agent_by(&on(&first)).await?;
    stage.stop_agent()?;

    // The mainboard was changed, say: a person takes it, and from then on it is the other PC's.
    let taken = zhijie_on(&other, &stage, &["ledger", "accept"])?;
    assert!(taken.status.success(), "{}", said(&taken));
    stage.start_agent_by(&on(&other)).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let (_, told) = settle(&stage, &order("TWO"), &identity, "two").await?;
    assert_eq!(told["outcome"], "done", "{told}");
    stage.stop_agent()?;
    assert!(!zhijie_on(&first, &stage, &["run"])?.status.success());
    Ok(())
}

#[tokio::test]
async fn a_cloned_configuration_is_refused_before_there_is_a_ledger() -> anyhow::Result<()> {
    if !may_mount() {
        return Ok(());
    }
    let stage = Stage::without_agent(Options::default()).await?;
    let first = pc(&stage, "first", "00:e0:4c:68:00:01")?;
    let other = pc(&stage, "other", "00:e0:4c:68:00:02")?;
    let certs = stage.folder().join("certs");
    let file = |name: &str| certs.join(name).display().to_string();
    let profile = stage.folder().join("profile.toml").display().to_string();
    let (ca, certificate, key) = (file("ca.pem"), file("client.pem"), file("client.key"));
    let answers = [
        "setup",
        "--replace",
        "--institution-code",
        "H31010100001",
        "--institution-name",
        "上海市示范医院",
        "--area",
        "310000",
        "--slot",
        "4",
        "--operator-code",
        "0001",
        "--operator-name",
        "收费员",
        "--profile",
        &profile,
        "--url",
        "https://127.0.0.1:9",
        "--ca",
        &ca,
        "--client-certificate",
        &certificate,
        "--client-key",
        &key,
        "--card",
        "false",
        "--scanner",
        "none",
    ];
    said(&zhijie_on(&first, &stage, &answers)?);
    let config = std::fs::read_to_string(stage.config())?;
    assert!(config.contains("\nmachine = \""), "{config}");
    let lines = |class: &Path| -> anyhow::Result<bool> {
        Ok(said(&zhijie_on(class, &stage, &["check"])?).contains("desk.machine"))
    };
    assert!(!lines(&first)?);
    assert!(lines(&other)?, "check tells");
    let refused = zhijie_on(&other, &stage, &["run"])?;
    assert!(said(&refused).contains("另一台电脑"), "{}", said(&refused));
    Ok(())
}

/// Two PCs that were given the same number by hand: no copy tells them apart, the centre's statement does.
#[tokio::test]
async fn settlements_under_this_slot_that_this_ledger_never_sent_are_named() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let (_, told) = settle(&stage, &order("THEIRS"), &identity, "theirs").await?;
    assert_eq!(told["outcome"], "done", "{told}");
    let theirs = stage.admin().settlements("THEIRS").await?;
    stage.stop_agent()?;
    // Within one second both would make the same ids, and the province would refuse this PC's sign-in.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let away = stage.folder().join("the other PC");
    std::fs::create_dir(&away)?;
    for end in ["", "-wal", "-shm", ".lock"] {
        let name = format!("ledger.sqlite{end}");
        let _ = std::fs::rename(stage.folder().join(&name), away.join(&name));
    }
    stage.start_agent().await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let (_, told) = settle(&stage, &order("OURS"), &identity, "ours").await?;
    let day = &told["settlement"]["settled_at"].as_str().unwrap()[..10];
    let told = stage.call("reconcile.day", json!({ "day": day })).await?;
    let group = &told["groups"][0];
    assert_eq!(group["strangers"].as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(group["strangers"][0], theirs[0]["msgid"], "{told}");
    assert_eq!(
        (&group["fault"]["code"], &group["balanced"]),
        (&json!("AGENT-021"), &json!(true)),
        "{told}"
    );
    let output = stage.zhijie(&["reconcile", day])?;
    let words = said(&output);
    assert!(
        words.contains("AGENT-021") && words.contains(theirs[0]["msgid"].as_str().unwrap()),
        "{words}"
    );
    Ok(())
}
