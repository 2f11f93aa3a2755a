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
        ("slot = 1", "slot = 100", &["line 6", "desk.slot"]),
        ("area = \"310000\"", "area = \"31\"", &["line 4", "area"]),
        ("https://", "http://", &["line 12", "platform.url"]),
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

/// An agent killed while it starts its helper leaves a child that holds the socket until it has become the helper.
#[tokio::test]
async fn a_socket_that_is_let_go_in_a_moment_is_waited_for() -> anyhow::Result<()> {
    let mut stage = Stage::without_agent(Options::default()).await?;
    let held = tokio::net::UnixListener::bind(stage.socket())?;
    let ours = i32::try_from(std::process::id())?;
    let until_the_agent_looked = tokio::spawn(async move {
        loop {
            let (stream, _) = held.accept().await?;
            if stream.peer_cred()?.pid() != Some(ours) {
                return anyhow::Ok(());
            }
        }
    });
    stage.start_agent().await?;
    until_the_agent_looked.await?
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
        (
            &["check"],
            &[
                "配置可用",
                "desk.sock",
                "ledger.sqlite",
                "sandbox",
                "存疑 doubt",
                "2207A",
                "60 秒",
                "断网 offline",
            ],
        ),
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
    let wrong: [(&[&str], &str); 6] = [
        (&["call", "visit.pay", "{}"], "-32601"),
        (&["call", "visit.status", "{"], "JSON"),
        (&["call", "visit.status", "{}"], "-32602"),
        (&["ledger", "show", "H31010100001/NONE/B1"], "no such bill"),
        (&["status", "--socket", "/nonexistent"], "ZHIJIE_SOCKET"),
        (
            &["call", "agent.info", "--socket", "/nonexistent"],
            "程序没有运行",
        ),
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

#[tokio::test]
async fn a_bill_that_cannot_be_read_is_not_called_undone() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = order("MZ1");
    settle(&stage, &bill, &identity, "1").await?;
    stage.stop_agent()?;
    let sound = std::fs::read(stage.ledger())?;
    let mut bytes = sound.clone();
    let needle = b"\"event\":\"settle_asked\"";
    let at = bytes
        .windows(needle.len())
        .position(|part| part == needle)
        .unwrap();
    bytes[at + needle.len() - 2] ^= 1;
    std::fs::write(stage.ledger(), &bytes)?;
    stage.start_agent().await?;
    let status = serde_json::json!({"bill_id": bill.bill_id()});
    let fault = stage.refused("visit.status", status.clone()).await?;
    assert_eq!(fault["code"], "AGENT-006", "{fault}");
    assert_eq!(fault["money_moved"], "unknown", "{fault}");
    stage.stop_agent()?;
    std::fs::write(stage.ledger(), &sound)?;
    stage.start_agent().await?;
    assert_eq!(stage.call("visit.status", status).await?["state"], "settled");
    Ok(())
}

#[tokio::test]
async fn a_lost_ledger_is_told_and_not_replaced() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    stage.stop_agent()?;
    let lock = stage.folder().join("ledger.sqlite.lock");
    assert!(lock.exists(), "the lock file stays when the agent stops");
    let init = stage.zhijie(&["ledger", "init"])?;
    assert!(!init.status.success());
    let kept = stage.folder().join("kept");
    std::fs::rename(stage.ledger(), &kept)?;
    let said = refuses(&stage, &stage.config())?;
    assert!(said.contains("ledger init") && said.contains("不见了"), "{said}");
    assert!(!stage.ledger().exists());
    std::fs::rename(&kept, stage.ledger())?;
    stage.start_agent().await?;
    stage.stop_agent()?;
    std::fs::remove_file(stage.ledger())?;
    let init = stage.zhijie(&["ledger", "init"])?;
    assert!(init.status.success(), "{}", text(&init.stderr));
    stage.start_agent().await
}

#[tokio::test]
async fn an_old_copy_of_the_ledger_is_told_and_taken_only_on_purpose() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    stage.stop_agent()?;
    let copy = std::fs::read(stage.ledger())?;
    stage.start_agent().await?;
    let identity = stage.type_number("fuyang-resident").await?;
    stage
        .call("visit.quote", order("MZ1").quote("q1", &identity))
        .await?;
    stage.stop_agent()?;
    std::fs::write(stage.ledger(), &copy)?;
    let said = refuses(&stage, &stage.config())?;
    assert!(said.contains("ledger accept") && said.contains("备份"), "{said}");
    assert_eq!(std::fs::read(stage.ledger())?, copy);
    let accept = stage.zhijie(&["ledger", "accept"])?;
    assert!(accept.status.success(), "{}", text(&accept.stderr));
    stage.start_agent().await?;
    let identity = stage.type_number("fuyang-resident").await?;
    stage
        .call("visit.quote", order("MZ1").quote("q2", &identity))
        .await?;
    Ok(())
}

#[tokio::test]
async fn nothing_is_settled_into_a_ledger_that_was_taken_away() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    std::fs::rename(stage.ledger(), stage.folder().join("elsewhere"))?;
    let told = stage
        .call("visit.quote", order("MZ1").quote("q1", &identity))
        .await;
    let told = format!("{told:?}");
    assert!(told.contains("AGENT-003"), "{told}");
    let health = stage.call("agent.health", serde_json::json!({})).await?;
    assert_eq!(health["state"], "down", "{health}");
    assert_eq!(stage.admin().calls("2201", None).await?, 0);
    Ok(())
}

#[tokio::test]
async fn check_lists_everything_and_run_makes_nothing_before_it_can_work() -> anyhow::Result<()> {
    let stage = Stage::without_agent(Options::default()).await?;
    let path = changed(
        &stage,
        "wrong.toml",
        &[
            ("certs/client.pem", "certs/none.pem"),
            ("ledger.sqlite", "no-such-folder/ledger.sqlite"),
            ("desk.sock", "nowhere/desk.sock"),
            ("[devices]", "[devices]\nhelper = \"no-helper\""),
        ],
    )?;
    let check = stage.zhijie(&["check", "--config", path.to_str().unwrap()])?;
    let said = text(&check.stderr);
    assert_eq!(check.status.code(), Some(1), "{said}");
    for key in [
        "platform.client_certificate",
        "ledger.path",
        "desk.socket",
        "devices.helper",
    ] {
        assert!(said.contains(key), "{key}: {said}");
    }
    // A key that belongs to another certificate; an authority without a certificate.
    let keys = [
        ("certs/client.key", "certs/server.key"),
        ("certs/ca.pem", "empty.pem"),
    ];
    std::fs::write(stage.folder().join("empty.pem"), "")?;
    assert!(stage.folder().join("certs/server.key").exists());
    for (from, to) in keys {
        let path = changed(&stage, "wrong.toml", &[(from, to)])?;
        let check = stage.zhijie(&["check", "--config", path.to_str().unwrap()])?;
        let said = text(&check.stderr);
        assert_eq!(check.status.code(), Some(1), "{to}: {said}");
        assert!(said.contains("platform.c"), "{to}: {said}");
        refuses(&stage, &path)?;
        assert!(!stage.ledger().exists(), "{to}");
        assert!(!stage.folder().join("ledger.sqlite.lock").exists(), "{to}");
    }
    Ok(())
}

#[tokio::test]
async fn paths_says_which_file_it_looked_for() -> anyhow::Result<()> {
    let stage = Stage::without_agent(Options::default()).await?;
    let missing = stage.folder().join("none.toml");
    let told = stage.zhijie(&["paths", "--config", missing.to_str().unwrap()])?;
    let first = text(&told.stdout).lines().next().unwrap_or_default().to_owned();
    assert!(told.status.success(), "{first}");
    assert!(
        first.contains("none.toml") && first.contains("not there"),
        "{first}"
    );
    let wrong = changed(&stage, "wrong.toml", &[("slot = 1", "slot = 100")])?;
    let told = stage.zhijie(&["paths", "--config", wrong.to_str().unwrap()])?;
    assert_eq!(told.status.code(), Some(1));
    assert!(text(&told.stdout).contains("desk.slot"));
    Ok(())
}

#[tokio::test]
async fn a_call_ends_with_its_outcome() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = order("MZ1");
    let call =
        |method: &str, params: &serde_json::Value| stage.zhijie(&["call", method, &params.to_string()]);
    let quote = call("visit.quote", &bill.quote("q1", &identity))?;
    assert_eq!(quote.status.code(), Some(0));
    let quote: serde_json::Value = serde_json::from_slice(&quote.stdout)?;
    let mut wrong = bill.settle("s1", &quote);
    wrong["cash_fen"] = serde_json::json!(1);
    assert_eq!(call("visit.settle", &wrong)?.status.code(), Some(3));
    let more = serde_json::json!({});
    stage.admin().fault("2207", "half_answer", more).await?;
    let settle = call("visit.settle", &bill.settle("s2", &quote))?;
    assert_eq!(settle.status.code(), Some(4), "{}", text(&settle.stdout));
    let unknown = serde_json::json!({ "bill_id": "H31010100001/NONE/B1", "format": "text" });
    let refused = call("receipt.get", &unknown)?;
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stdout).contains("DESK-021"),
        "{}",
        text(&refused.stdout)
    );
    let known = serde_json::json!({ "bill_id": bill.bill_id(), "format": "text" }).to_string();
    let sheet = stage.zhijie(&["call", "receipt.get", &known, "--text", "content"])?;
    let sheet = text(&sheet.stdout);
    assert!(
        sheet.lines().count() > 10 && sheet.contains("上海市示范医院"),
        "{sheet}"
    );
    let none = stage.zhijie(&["call", "receipt.get", &known, "--text", "contents"])?;
    assert_eq!(none.status.code(), Some(1));
    Ok(())
}
