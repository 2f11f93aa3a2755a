//! `zhijie setup` as somebody uses it who has never seen it: unattended, from a fleet's file, and typed at a keyboard.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::json;
use zhijie_tests::{Options, Stage, order, program};

use crate::road::settle;

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Everything a stage's desk must be told, as a fleet's file says it; the slot left out.
fn fleet(stage: &Stage) -> anyhow::Result<String> {
    let made = std::fs::read_to_string(stage.config())?;
    let url = made
        .lines()
        .find_map(|line| line.strip_prefix("url = "))
        .unwrap_or_default();
    let at = |name: &str| stage.folder().join(name).display().to_string();
    Ok(format!(
        "institution_code = \"H31010100001\"\ninstitution_name = \"上海市示范医院\"\narea = \"310000\"\n\
         operator_code = \"0001\"\noperator_name = \"收费员\"\nprofile = \"{}\"\nurl = {url}\nca = \"{}\"\n\
         client_certificate = \"{}\"\nclient_key = \"{}\"\ncard = false\nscanner = \"none\"\n",
        at("profile.toml"),
        at("certs/ca.pem"),
        at("certs/client.pem"),
        at("certs/client.key"),
    ))
}

fn hostname() -> anyhow::Result<String> {
    Ok(String::from(
        std::fs::read_to_string("/proc/sys/kernel/hostname")?.trim(),
    ))
}

fn setup(config: &Path, more: &[&str]) -> anyhow::Result<Output> {
    let mut command = Command::new(program("zhijie")?);
    command.arg("setup").arg("--config").arg(config).args(more);
    Ok(command.stdin(Stdio::null()).output()?)
}

/// Where the configuration of the product has its folders, this desk has its own.
fn moved(stage: &Stage, config: &Path) -> anyhow::Result<()> {
    let socket = stage.socket().display().to_string();
    let ledger = stage.ledger().display().to_string();
    let lines = std::fs::read_to_string(config)?;
    let lines = lines.lines().filter(|line| !line.starts_with("socket_group"));
    let moved = lines.map(|line| match line.split(" = ").next() {
        Some("socket") => format!("socket = \"{socket}\""),
        Some("path") if line.contains("ledger") => format!("path = \"{ledger}\""),
        _ => String::from(line),
    });
    Ok(std::fs::write(config, moved.collect::<Vec<_>>().join("\n"))?)
}

#[tokio::test]
async fn a_fleets_file_gives_each_pc_its_slot_and_the_desk_settles_with_it() -> anyhow::Result<()> {
    let mut stage = Stage::without_agent(Options::default()).await?;
    let from = stage.folder().join("fleet.toml");
    let (config, file) = (stage.config(), from.to_str().unwrap());
    let shared = fleet(&stage)?;

    // A PC that is not in the list is given no number, and nothing is written.
    std::fs::remove_file(&config)?;
    std::fs::write(&from, format!("{shared}[slots]\nSOMEBODY-ELSE = 3\n"))?;
    let refused = setup(&config, &["--from", file])?;
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(said(&refused).contains(&hostname()?), "{}", said(&refused));
    assert!(!config.exists());

    // A word nobody knows is named with its place.
    std::fs::write(&from, format!("{shared}slott = 3\n"))?;
    let refused = setup(&config, &["--from", file])?;
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("slott"), "{}", said(&refused));
    assert!(!config.exists());

    std::fs::write(
        &from,
        format!("{shared}[slots]\nSOMEBODY-ELSE = 3\n\"{}\" = 17\n", hostname()?),
    )?;
    let done = setup(&config, &["--from", file])?;
    let written = std::fs::read_to_string(&config)?;
    assert!(written.contains("\nslot = 17 "), "{}{written}", said(&done));
    assert!(written.contains("# 经办人"), "the remarks stay: {written}");
    moved(&stage, &config)?;
    let check = stage.zhijie(&["check"])?;
    assert!(check.status.success(), "{}", said(&check));

    stage.start_agent().await?;
    let info = stage.call("agent.info", json!({})).await?;
    assert_eq!(info["desk_slot"], "17", "{info}");
    let identity = stage.type_number("fuyang-resident").await?;
    let (_, told) = settle(&stage, &order("SETUP"), &identity, "setup").await?;
    assert_eq!(told["outcome"], "done", "{told}");
    let made = stage.admin().settlements("SETUP").await?;
    assert_eq!(&made[0]["msgid"].as_str().unwrap()[26..28], "17", "{made:?}");
    Ok(())
}

#[tokio::test]
async fn a_configuration_is_never_lost_and_nothing_is_half_written() -> anyhow::Result<()> {
    let stage = Stage::without_agent(Options::default()).await?;
    let from = stage.folder().join("fleet.toml");
    let (config, file) = (stage.config(), from.to_str().unwrap());
    std::fs::write(&from, fleet(&stage)?)?;
    let before = std::fs::read_to_string(&config)?;

    let refused = setup(&config, &["--from", file, "--slot", "4"])?;
    assert_eq!(refused.status.code(), Some(1), "there is one: {}", said(&refused));
    assert!(said(&refused).contains("--replace"));
    let missing = setup(&config, &["--replace", "--from", file])?;
    assert!(said(&missing).contains("--slot"), "{}", said(&missing));
    for wrong in [
        ["--slot", "100"],
        ["--slot", "x"],
        ["--slot", "-1"],
        ["--area", "31"],
        ["--institution-code", "H310"],
        ["--url", "http://10.0.0.1"],
    ] {
        let given = ["--replace", "--from", file, "--slot", "4"];
        let given = &given[..if wrong[0] == "--slot" { 3 } else { 5 }];
        let refused = setup(&config, &[given, &wrong].concat())?;
        assert!(!refused.status.success(), "{wrong:?}: {}", said(&refused));
    }
    assert_eq!(
        std::fs::read_to_string(&config)?,
        before,
        "nothing of this changed it"
    );

    for kept in ["toml.before-1", "toml.before-2"] {
        let current = std::fs::read_to_string(&config)?;
        setup(&config, &["--replace", "--from", file, "--slot", "4"])?;
        assert_eq!(
            std::fs::read_to_string(config.with_extension(kept))?,
            current,
            "{kept}"
        );
    }
    let left = std::fs::read_dir(stage.folder())?;
    for entry in left {
        let name = entry?.file_name();
        assert!(
            !name.to_string_lossy().contains(".new"),
            "{name:?} was left behind"
        );
    }
    Ok(())
}

/// The file decides where patients' data goes: what is strange about it is said, and the configuration is as it was.
#[tokio::test]
async fn a_strange_file_for_a_fleet_changes_nothing_and_is_told_why() -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let stage = Stage::without_agent(Options::default()).await?;
    let (config, good) = (stage.config(), fleet(&stage)?);
    let before = std::fs::read_to_string(&config)?;
    let from = stage.folder().join("fleet.toml");
    let with = |more: &str| format!("slot = 4\n{good}{more}").into_bytes();
    let table: Vec<(Vec<u8>, &str)> = vec![
        (with("card = \"perhaps\"\n"), "duplicate key"),
        (b"slot = \"4\"\n".to_vec(), "slot"),
        (b"slot = 300\n".to_vec(), "300"),
        (b"slot = 4.0\n".to_vec(), "slot"),
        (b"institution_name = [\"a\"]\n".to_vec(), "institution_name"),
        (b"[slots]\nA = 1\nB = 1\n".to_vec(), "\"B\""),
        (b"[slots]\nA = -1\n".to_vec(), "-1"),
        (b"ledger = \"/etc/passwd\"\n".to_vec(), "ledger"),
        (b"[platform]\nurl = \"https://elsewhere\"\n".to_vec(), "platform"),
        (with("# \u{1b}]0;mine\u{7}\n"), "control character"),
        (
            with("").replaced("上海市示范医院", "上海\\u001b[2J"),
            "--institution-name",
        ),
        (
            with("").replaced("上海市示范医院", "上海\\n[ledger]\\npath = 1"),
            "--institution-name",
        ),
        (
            with("").replaced("上海市示范医院", &"长".repeat(600)),
            "--institution-name",
        ),
        (with("").replaced("\"none\"", "\"usb:--help\""), "--scanner"),
        (b"\xc9\xcf\xba\xa3 = 1\n".to_vec(), "UTF-8"),
        (vec![b'['; 100_000], "fleet.toml"),
        (with(&"#\n".repeat(600_000)), "1048576"),
        (Vec::new(), "--institution-code"),
    ];
    let given = ["--replace", "--from", from.to_str().unwrap()];
    for (bytes, named) in table {
        std::fs::write(&from, &bytes)?;
        let refused = setup(&config, &given)?;
        let words = said(&refused);
        assert_eq!(refused.status.code(), Some(1), "{named}: {words}");
        assert!(words.contains(named), "{named}: {words}");
        assert!(!words.contains(['\u{1b}', '\u{7}']), "{named}: {words:?}");
        assert_eq!(std::fs::read_to_string(&config)?, before, "{named}");
    }

    std::fs::write(&from, with(""))?;
    std::fs::set_permissions(&from, std::fs::Permissions::from_mode(0o666))?;
    let refused = setup(&config, &given)?;
    assert!(said(&refused).contains("chmod o-w"), "{}", said(&refused));
    let pipe = stage.folder().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status()?;
    assert!(made.success());
    for odd in [
        "/dev/zero",
        "/proc/self",
        stage.folder().to_str().unwrap(),
        // Nobody ever writes to it.
        pipe.to_str().unwrap(),
        "/not/there",
    ] {
        let refused = setup(&config, &["--replace", "--from", odd])?;
        assert_eq!(refused.status.code(), Some(1), "{odd}: {}", said(&refused));
        assert!(said(&refused).contains(odd), "{}", said(&refused));
    }
    assert_eq!(std::fs::read_to_string(&config)?, before);

    // As an editor of Windows saves it: that is not strange.
    std::fs::set_permissions(&from, std::fs::Permissions::from_mode(0o644))?;
    std::fs::write(&from, [&b"\xef\xbb\xbf"[..], &with("")].concat())?;
    let done = setup(&config, &given)?;
    let written = std::fs::read_to_string(&config)?;
    assert!(written.contains("\nslot = 4 "), "{}", said(&done));
    Ok(())
}

trait Replaced {
    fn replaced(self, word: &str, by: &str) -> Self;
}

impl Replaced for Vec<u8> {
    fn replaced(self, word: &str, by: &str) -> Self {
        let text = String::from_utf8(self).unwrap();
        assert!(text.contains(word));
        text.replace(word, by).into_bytes()
    }
}

/// `zhijie setup | head -1`: whoever stops reading does not stop the writing.
#[tokio::test]
async fn a_reader_who_goes_away_costs_no_configuration() -> anyhow::Result<()> {
    let stage = Stage::without_agent(Options::default()).await?;
    let (config, from) = (stage.config(), stage.folder().join("fleet.toml"));
    std::fs::write(&from, fleet(&stage)?)?;
    let (reader, writer) = std::io::pipe()?;
    drop(reader);
    Command::new(program("zhijie")?)
        .args(["setup", "--replace", "--slot", "4", "--config"])
        .arg(&config)
        .arg("--from")
        .arg(&from)
        .stdin(Stdio::null())
        .stdout(writer)
        .status()?;
    let written = std::fs::read_to_string(&config)?;
    assert!(written.contains("\nslot = 4 "), "{written}");
    Ok(())
}

/// Through a pseudo-terminal, for only a person at a keyboard is asked.
#[tokio::test]
async fn somebody_at_the_keyboard_is_asked_until_every_answer_can_be() -> anyhow::Result<()> {
    let stage = Stage::without_agent(Options::default()).await?;
    let config = stage.folder().join("typed.toml");
    let at = |name: &str| stage.folder().join(name).display().to_string();
    let typed = [
        "",
        "H31010100001",
        "上海市示范医院",
        "31",
        "310000",
        "一百",
        "9",
        "0031",
        "陈晓",
        &at("profile.toml"),
        "https://127.0.0.1:9",
        &at("certs/ca.pem"),
        &at("certs/client.pem"),
        &at("certs/client.key"),
        "false",
        "none",
    ];
    let output = at_a_keyboard(&config, &typed.join("\n"))?;
    let words = said(&output);
    assert!(
        words.contains("定点医药机构编号") && words.contains("收费台编号"),
        "{words}"
    );
    let written = std::fs::read_to_string(&config).map_err(|error| anyhow::anyhow!("{error}: {words}"))?;
    for line in ["\nslot = 9 ", "operator_name = \"陈晓\"", "area = \"310000\""] {
        assert!(written.contains(line), "{line}: {written}");
    }
    assert_eq!(written.matches("H31010100001").count(), 1);
    Ok(())
}

fn at_a_keyboard(config: &Path, lines: &str) -> anyhow::Result<Output> {
    let zhijie: PathBuf = program("zhijie")?;
    let command = format!("'{}' setup --config '{}'", zhijie.display(), config.display());
    let mut script = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut keys = script.stdin.take().unwrap();
    keys.write_all(lines.as_bytes())?;
    keys.write_all(b"\n")?;
    let output = script.wait_with_output();
    drop(keys);
    Ok(output?)
}
