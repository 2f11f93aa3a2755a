//! What the agent refuses to start with, and what the command line tells about configuration and ledger.

use std::path::Path;
use std::process::Output;

use zhijie_tests::{Options, Stage, order};

use crate::road::settle;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Starts an agent that must refuse, and gives its words.
fn refuses(stage: &Stage, config: &Path) -> anyhow::Result<String> {
    let config = config.to_str().unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = stage.zhijie(&["run", "--config", config])?;
    assert!(!status.success(), "started: {}", text(&stdout));
    Ok(text(&stdout) + &text(&stderr))
}

/// A configuration beside the first, with some lines changed.
fn changed(stage: &Stage, name: &str, changes: &[(&str, &str)]) -> anyhow::Result<std::path::PathBuf> {
    let mut config = std::fs::read_to_string(stage.config())?;
    for (from, to) in changes {
        assert!(config.contains(from), "{from}");
        config = config.replacen(from, to, 1);
    }
    let path = stage.folder().join(name);
    std::fs::write(&path, config)?;
    Ok(path)
}

#[tokio::test]
async fn a_configuration_with_a_mistake_is_refused_with_its_place() -> anyhow::Result<()> {
    let stage = Stage::without_agent(Options::default()).await?;
    let table: [(&str, &str, &[&str]); 6] = [
        ("slot = 1", "slot = 1\nslott = 2", &["line 7", "slott"]),
        ("slot = 1", "slot = 100", &["desk.slot"]),
        ("area = \"310000\"", "area = \"31\"", &["line 4", "area"]),
        ("https://", "http://", &["platform.url"]),
        ("[ledger]", "[ledgers]", &["ledgers"]),
        ("profile.toml", "missing.toml", &["missing.toml"]),
    ];
    for (from, to, named) in table {
        let path = changed(&stage, "wrong.toml", &[(from, to)])?;
        let check = stage.zhijie(&["check", "--config", path.to_str().unwrap()])?;
        assert!(!check.status.success(), "{to}");
        for said in [text(&check.stderr), refuses(&stage, &path)?] {
            assert!(named.iter().all(|name| said.contains(name)), "{to}: {said}");
            assert!(
                to.contains("missing") || said.contains("wrong.toml"),
                "{to}: {said}"
            );
        }
    }
    let profile = std::fs::read_to_string(stage.folder().join("profile.toml"))?;
    std::fs::write(
        stage.folder().join("profile.toml"),
        format!("colour = 1\n{profile}"),
    )?;
    let said = refuses(&stage, &stage.config())?;
    assert!(said.contains("profile.toml") && said.contains("colour"), "{said}");
    assert!(!stage.ledger().exists() && !stage.socket().exists());
    Ok(())
}

#[tokio::test]
async fn a_foreign_file_in_the_ledgers_place_is_left_alone() -> anyhow::Result<()> {
    let mut stage = Stage::without_agent(Options::default()).await?;
    let province = std::fs::read_dir(stage.folder().join("province"))?
        .flatten()
        .map(|file| file.path())
        .find(|path| std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3")))
        .expect("the province keeps a database");
    let table = [
        ("text", b"not a database, but somebody's only copy".to_vec()),
        ("another program's database", std::fs::read(province)?),
        ("half a header", b"SQLite format 3\0".to_vec()),
    ];
    for (name, bytes) in table {
        std::fs::write(stage.ledger(), &bytes)?;
        let said = refuses(&stage, &stage.config())?;
        assert!(said.contains("ledger.sqlite"), "{name}: {said}");
        assert_eq!(std::fs::read(stage.ledger())?, bytes, "{name}");
        assert!(!stage.socket().exists(), "{name}");
        let verify = stage.zhijie(&["ledger", "verify"])?;
        assert!(!verify.status.success(), "{name}");
        assert_eq!(std::fs::read(stage.ledger())?, bytes, "{name}");
    }
    std::fs::remove_file(stage.ledger())?;
    stage.start_agent().await?;
    stage.stop_agent()?;
    // A ledger belongs to one institution and one desk.
    let before = std::fs::read(stage.ledger())?;
    for (from, to) in [("slot = 1", "slot = 2"), ("H31010100001", "H31010100002")] {
        let other = changed(&stage, "other.toml", &[(from, to)])?;
        let said = refuses(&stage, &other)?;
        assert!(said.contains("ledger.sqlite"), "{to}: {said}");
        assert_eq!(std::fs::read(stage.ledger())?, before, "{to}");
    }
    Ok(())
}

#[tokio::test]
async fn a_second_agent_is_refused() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let same_ledger = changed(&stage, "second.toml", &[("desk.sock", "other.sock")])?;
    let said = refuses(&stage, &same_ledger)?;
    assert!(said.contains("ledger.sqlite"), "{said}");
    let same_socket = changed(&stage, "third.toml", &[("ledger.sqlite", "other.sqlite")])?;
    let said = refuses(&stage, &same_socket)?;
    assert!(said.contains("desk.sock"), "{said}");
    let identity = stage.type_number("fuyang-resident").await?;
    let (_, settled) = settle(&stage, &order("MZ1"), &identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    Ok(())
}

#[tokio::test]
async fn the_command_line_tells_what_there_is() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = order("MZ1");
    let (_, settled) = settle(&stage, &bill, &identity, "1").await?;
    let id = bill.bill_id();
    let settlement = settled["settlement"]["settlement_id"].as_str().unwrap();
    let asked = format!("{{\"bill_id\":\"{id}\"}}");
    let table: [(&[&str], &[&str]); 7] = [
        (&["status"], &["正常 ok", "H31010100001", "sandbox"]),
        (&["check"], &["配置可用", "desk.sock", "ledger.sqlite", "sandbox"]),
        (&["paths"], &["desk.sock", "ledger.sqlite"]),
        (&["call", "visit.status", &asked], &["\"settled\"", settlement]),
        (&["ledger", "list"], &[&id]),
        (
            &["ledger", "show", &id],
            &[
                "bill.settle_asked",
                "sends 2207A",
                "tells s-1 done",
                settlement,
                "cash 246.49",
            ],
        ),
        (&["ledger", "verify"], &["账本完整"]),
    ];
    for (args, named) in table {
        let output = stage.zhijie(args)?;
        let said = text(&output.stdout);
        assert!(
            output.status.success(),
            "{args:?}: {said}{}",
            text(&output.stderr)
        );
        for name in named {
            assert!(said.contains(name), "{args:?}: no {name} in {said}");
        }
        assert!(
            !said.contains("李桂兰") && !said.contains("341200195803120026"),
            "{args:?}: {said}"
        );
    }
    let wrong: [(&[&str], &str); 5] = [
        (&["call", "visit.pay", "{}"], "-32601"),
        (&["call", "visit.status", "{"], "JSON"),
        (&["call", "visit.status", "{}"], "-32602"),
        (&["ledger", "show", "H31010100001/NONE/B1"], "no such bill"),
        (&["status", "--socket", "/nonexistent"], "does not answer"),
    ];
    for (args, named) in wrong {
        let output = stage.zhijie(args)?;
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(
            !output.status.success() && said.contains(named),
            "{args:?}: {said}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn one_changed_byte_is_found_and_the_record_named() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = order("MZ1");
    settle(&stage, &bill, &identity, "1").await?;
    stage.stop_agent()?;
    let show = text(&stage.zhijie(&["ledger", "show", &bill.bill_id()])?.stdout);
    let line = show
        .lines()
        .find(|line| line.contains("bill.settle_asked"))
        .unwrap();
    let record = line.split_whitespace().next().unwrap();
    let sound = std::fs::read(stage.ledger())?;
    assert!(stage.zhijie(&["ledger", "verify"])?.status.success());
    for needle in ["\"event\":\"settle_asked\"", "bill.settle_asked"] {
        let mut bytes = sound.clone();
        let places: Vec<usize> = (0..bytes.len())
            .filter(|at| bytes[*at..].starts_with(needle.as_bytes()))
            .collect();
        let [at] = places.as_slice() else {
            panic!("{needle} stands {} times in the file", places.len())
        };
        bytes[at + needle.len() - 2] ^= 1;
        std::fs::write(stage.ledger(), &bytes)?;
        let verify = stage.zhijie(&["ledger", "verify"])?;
        let said = text(&verify.stderr);
        assert!(!verify.status.success(), "{needle}: {}", text(&verify.stdout));
        assert!(said.contains(&format!("record {record}")), "{needle}: {said}");
    }
    std::fs::write(stage.ledger(), &sound)?;
    assert!(stage.zhijie(&["ledger", "verify"])?.status.success());
    Ok(())
}
