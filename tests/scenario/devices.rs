//! Card, reader, scanner and the helper that watches them, as the desk software sees them.

use std::sync::Arc;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use zhijie_desk::{Client, ClientError};
use zhijie_tests::{Options, Stage, order};
use zhijie_twin::{UsbTree, VirtualScanner};
use zhijie_twin_vendor::{Play, TwinVendor};

use crate::road::settle;

async fn desk() -> anyhow::Result<Stage> {
    Stage::open(Options {
        card: true,
        scanner: true,
        ..Options::default()
    })
    .await
}

type Reading = JoinHandle<Result<Box<serde_json::value::RawValue>, ClientError>>;

/// Asks for a card or a code and comes back once the devices wait for one.
async fn waiting(stage: &Stage, source: &str) -> anyhow::Result<(Arc<Client>, Reading)> {
    let client = Arc::new(stage.client().await?);
    let mut news = client.notifications();
    client.call("events.subscribe", &json!({})).await?;
    let reader = Arc::clone(&client);
    let params = json!({ "source": source, "timeout_s": 60 });
    let reading = tokio::spawn(async move { reader.call("identity.read", &params).await });
    while !news
        .recv()
        .await?
        .params
        .get()
        .contains("waiting_for_card_or_code")
    {}
    Ok((client, reading))
}

async fn fault(reading: Reading) -> anyhow::Result<Value> {
    match reading.await? {
        Err(ClientError::Rpc(error)) => Ok(error.data.unwrap_or_default()),
        other => anyhow::bail!("no fault: {other:?}"),
    }
}

#[tokio::test]
async fn an_unusable_card_is_named_and_the_next_one_works() -> anyhow::Result<()> {
    let mut stage = desk().await?;
    let table = [
        ("kind = \"bank\"", "CARD-005", "银行"),
        ("kind = \"resident_id\"", "CARD-005", "身份证"),
        ("kind = \"other\"", "CARD-005", "社会保障卡"),
        ("valid_until = \"20251231\"", "CARD-007", "2025-12-31"),
        ("damage = \"locked\"", "CARD-006", "锁定"),
        ("damage = { missing_record = 8 }", "CARD-008", "缺少"),
        ("damage = { garbled_record = 7 }", "CARD-009", "损坏"),
        ("damage = { noise_in_record = 8 }", "CARD-009", "损坏"),
        ("damage = { pulled_at_command = 9 }", "CARD-003", "重新插卡"),
        ("generation = \"3.0\"", "CARD-010", "医保码"),
    ];
    let file = stage.folder().join("card.toml");
    for (text, code, cashier) in table {
        std::fs::write(&file, text)?;
        stage.insert_card_file(&file)?;
        let told = stage
            .refused("identity.read", json!({ "source": "card", "timeout_s": 30 }))
            .await?;
        assert_eq!(told["code"], code, "{text}: {told}");
        assert_eq!(
            (&told["link"], &told["money_moved"]),
            (&json!("card"), &json!("no")),
            "{text}"
        );
        assert!(
            told["cashier"].as_str().unwrap().contains(cashier),
            "{text}: {told}"
        );
        stage.take_card_back().await?;
    }
    assert_eq!(stage.read_card("rizhao-resident").await?["name"], "孙秀英");
    Ok(())
}

#[tokio::test]
async fn what_is_no_voucher_is_named_and_a_voucher_settles_one_bill() -> anyhow::Result<()> {
    let mut stage = desk().await?;
    let table = [
        ("134567890123456789", "付款码"),
        ("281234567890123456", "付款码"),
        ("11010519491231002X", "身份证"),
        ("81234567890123456789", "药品追溯码"),
        ("6901234567892", "商品条码"),
        ("hello", "无法识别"),
    ];
    for (code, named) in table {
        let error = match stage.scan_when_asked(code).await {
            Err(ClientError::Rpc(error)) => error,
            other => panic!("{code} was taken, or nobody said: {other:?}"),
        };
        let told = error.data.unwrap_or_default();
        assert_eq!(
            (&told["code"], &told["link"]),
            (&json!("SCAN-004"), &json!("scanner")),
            "{told}"
        );
        assert!(
            told["cashier"].as_str().unwrap().contains(named),
            "{code}: {told}"
        );
        assert!(!told.to_string().contains(code), "{told}");
        assert!(!stage.agent_log().contains(code), "{code}");
    }
    let error = match stage.scan_when_asked("4241234567890123456789340000").await {
        Err(ClientError::Rpc(error)) => error,
        other => panic!("an unknown voucher was taken, or nobody said: {other:?}"),
    };
    let told = error.data.unwrap_or_default();
    assert_eq!(told["code"], "PLAT-012", "{told}");

    let read = stage.show_voucher("jiaxing-employee").await?;
    assert_eq!(
        (&read["kind"], &read["grade"]),
        (&json!("voucher"), &json!("decoded")),
        "{read}"
    );
    let identity = read["identity_id"].as_str().unwrap();
    let (_, settled) = settle(&stage, &order("MZ1"), identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    assert_eq!(stage.admin().standing("MZ1").await?, 1);
    let told = stage
        .call("visit.quote", order("MZ2").quote("q2", identity))
        .await?;
    assert_eq!(told["outcome"], "not_done", "{told}");
    assert_eq!(told["fault"]["code"], "DESK-018", "{told}");
    assert_eq!(stage.admin().calls("2201", Some("MZ2")).await?, 0);
    let again = stage.show_voucher("jiaxing-employee").await?;
    let (_, settled) = settle(&stage, &order("MZ2"), again["identity_id"].as_str().unwrap(), "3").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    Ok(())
}

#[tokio::test]
async fn a_waiting_read_is_taken_back() -> anyhow::Result<()> {
    let mut stage = desk().await?;
    assert_eq!(
        stage.call("identity.cancel", json!({})).await?["cancelled"],
        false
    );
    let (_client, reading) = waiting(&stage, "any").await?;
    let told = stage
        .refused("identity.read", json!({ "source": "card" }))
        .await?;
    assert_eq!(told["code"], "DESK-003", "{told}");
    assert_eq!(stage.call("identity.cancel", json!({})).await?["cancelled"], true);
    assert_eq!(fault(reading).await?["code"], "DESK-001");

    // The desk program goes away instead.
    let (client, reading) = waiting(&stage, "card").await?;
    reading.abort();
    let _ = reading.await;
    drop(client);
    let (_client, reading) = loop {
        // Until the agent has noticed, the older read is in progress.
        match stage
            .refused("identity.read", json!({ "source": "card", "timeout_s": 1 }))
            .await?["code"]
            .as_str()
        {
            Some("DESK-003") => {}
            Some("DESK-002" | "CARD-002") => break waiting(&stage, "any").await?,
            other => panic!("{other:?}"),
        }
    };
    stage.insert_card("fuyang-resident")?;
    let read: Value = serde_json::from_str(reading.await??.get())?;
    assert_eq!(read["name"], "李桂兰", "{read}");
    Ok(())
}

#[tokio::test]
async fn a_helper_that_dies_comes_back() -> anyhow::Result<()> {
    let mut stage = desk().await?;
    let (_client, reading) = waiting(&stage, "card").await?;
    stage.kill_helper()?;
    let told = fault(reading).await?;
    assert_eq!(
        (&told["code"], &told["link"]),
        (&json!("AGENT-001"), &json!("agent")),
        "{told}"
    );
    stage
        .health_until(|health| health["devices"]["helper"] == json!(true))
        .await?;
    assert_eq!(stage.read_card("fuyang-resident").await?["name"], "李桂兰");
    Ok(())
}

#[tokio::test]
async fn what_a_desk_does_not_have_is_said() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    for (source, code) in [("card", "CARD-001"), ("code", "SCAN-001")] {
        let told = stage
            .refused("identity.read", json!({ "source": source, "timeout_s": 5 }))
            .await?;
        assert_eq!(told["code"], code, "{told}");
    }
    Ok(())
}

#[tokio::test]
async fn a_vendor_library_reads_the_card_and_may_die_of_it() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        vendor: true,
        ..Options::default()
    })
    .await?;
    let card = json!({ "source": "card", "timeout_s": 30 });
    let read = stage.call("identity.read", card.clone()).await?;
    assert_eq!((&read["name"], &read["kind"]), (&json!("王秀兰"), &json!("card")));
    let table = [
        (Play::Error(-4, "卡无应答"), "CARD-004", None),
        (Play::Error(-2201, "没有 PSAM 卡"), "CARD-010", None),
        (Play::Error(-2203, "没有密钥"), "CARD-017", None),
        (Play::Error(-21, "内部认证失败"), "CARD-018", None),
        (Play::Error(-13, "读卡器不支持"), "CARD-023", Some("读卡器不支持")),
        (Play::Answer("王秀兰"), "CARD-024", None),
        (Play::Overrun(8), "CARD-025", None),
        (Play::Crash, "CARD-025", None),
    ];
    for (play, code, said) in table {
        stage.vendor()?.play(&play);
        let told = loop {
            let told = stage.refused("identity.read", card.clone()).await?;
            // The helper is on its way back from the play before.
            if told["code"] != "AGENT-001" {
                break told;
            }
        };
        assert_eq!(told["code"], code, "{play:?}: {told}");
        assert_eq!(
            (&told["link"], &told["money_moved"]),
            (&json!("card"), &json!("no"))
        );
        assert_eq!(told["platform_text"].as_str(), said, "{told}");
    }
    assert!(!stage.agent_log().contains("王秀兰"), "{}", stage.agent_log());
    Ok(())
}

/// The bench, with and without the agent.
#[tokio::test]
async fn devices_are_tried_at_the_bench_and_nobody_is_named() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        vendor: true,
        ..Options::default()
    })
    .await?;
    let bench = |stage: &Stage, what: &str| -> anyhow::Result<String> {
        let ran = std::process::Command::new(zhijie_tests::program("zhijie")?)
            .args(["devices", what, "--config"])
            .arg(stage.config())
            .env(TwinVendor::VARIABLE, stage.vendor()?.script())
            .output()?;
        // What it could not do at all is told elsewhere.
        Ok(String::from_utf8([ran.stdout, ran.stderr].concat())?)
    };
    let reading = "34120019680214002X";
    for who in ["through the running agent", "no agent runs"] {
        let read = bench(&stage, "read")?;
        assert!(read.contains(who) && read.contains("341200"), "{read}");
        assert!(
            read.contains("3 个字") && !read.contains(reading) && !read.contains("王秀兰"),
            "{read}"
        );
        assert!(bench(&stage, "list")?.contains("运行中"), "{who}");
        assert!(bench(&stage, "scan")?.contains("SCAN-001"), "{who}");
        stage.vendor()?.play(&Play::Error(-4, "卡无应答"));
        assert!(bench(&stage, "read")?.contains("CARD-004"), "{who}");
        stage.vendor()?.play(&Play::Good);
        if stage.agent_id().is_some() {
            stage.stop_agent()?;
        }
    }
    Ok(())
}

/// A scanner left as a keyboard, then switched over; with and without the agent.
#[tokio::test]
async fn the_doctor_says_what_is_wrong_and_when_nothing_is() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        vendor: true,
        ..Options::default()
    })
    .await?;
    let config = stage.config().with_file_name("doctor.toml");
    let text = std::fs::read_to_string(stage.config())?;
    std::fs::write(
        &config,
        text.replace("[devices]", "[devices]\nscanner = \"auto\""),
    )?;
    let tree = UsbTree::new()?;
    let doctor = |config: &std::path::Path| -> anyhow::Result<(Option<i32>, String)> {
        let ran = std::process::Command::new(zhijie_tests::program("zhijie")?)
            .args(["doctor", "devices", "--config"])
            .arg(config)
            .env("ZHIJIE_DEVICES_ROOT", tree.root())
            .output()?;
        Ok((ran.status.code(), String::from_utf8(ran.stdout)?))
    };
    let (code, said) = doctor(&stage.config())?;
    assert!(code == Some(0) && said.contains("the agent runs"), "{said}");
    stage.stop_agent()?;
    tree.plug("1-1", 0x1eab, 0x1303, "", &[])?;
    let (code, said) = doctor(&config)?;
    for word in [
        "SCAN-008",
        "1eab:1303",
        "no agent runs",
        "设置码",
        "1 to be seen to",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert_eq!(code, Some(3), "{said}");
    tree.unplug("1-1")?;
    tree.plug("1-1", 0x1eab, 0x1306, "", &["ttyACM0"])?;
    let mut scanner = VirtualScanner::new()?;
    scanner.link(&tree.port("ttyACM0"))?;
    let (code, said) = doctor(&config)?;
    assert!(code == Some(0) && said.contains("all devices work"), "{said}");
    Ok(())
}

/// The system connects whoever asks, though nobody is awake to greet: no command waits for that for ever.
#[tokio::test]
async fn an_agent_that_hangs_is_told_by_every_command_that_asks_it() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let agent = stage.agent_id().context("no agent")?;
    let pid = Pid::from_raw(i32::try_from(agent)?).context("no process")?;
    kill_process(pid, Signal::STOP)?;
    let table: [(&[&str], i32, &str); 3] = [
        (&["doctor", "devices"], 3, "可能卡住了"),
        (&["devices", "list"], 1, "可能卡住或连接过多"),
        (&["status"], 1, "可能卡住或连接过多"),
    ];
    for (command, code, words) in table {
        let told = stage.zhijie(command)?;
        let said =
            String::from_utf8_lossy(&told.stdout).into_owned() + &String::from_utf8_lossy(&told.stderr);
        assert_eq!(told.status.code(), Some(code), "{command:?}: {said}");
        assert!(said.contains(words), "{command:?}: {said}");
    }
    kill_process(pid, Signal::CONT)?;
    let mut told = stage.zhijie(&["doctor", "devices"])?;
    // It may take the helper for silent, because nobody read its signs of life, and start another: once.
    if !told.status.success() {
        stage
            .health_until(|health| health["devices"]["helper"] == json!(true))
            .await?;
        told = stage.zhijie(&["doctor", "devices"])?;
    }
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
    Ok(())
}
