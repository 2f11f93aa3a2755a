//! Every fault of card, reader and scanner comes about, and is said as its page says.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use zhijie_desk::ClientError;
use zhijie_tests::{Options, Stage};
use zhijie_twin_vendor::Play;

/// Codes that need another program, another user or another machine beside the desk, and the tests that bring them about.
const ELSEWHERE: [(&str, &str, &str); 8] = [
    (
        "CARD-012",
        "drivers/helper/tests/devices/supervision.rs",
        "a_card_held_exclusively_is_said_with_the_holder_and_reads_once_let_go",
    ),
    (
        "CARD-014",
        "drivers/pcsc/service.rs",
        "every_error_of_the_service_has_its_fault",
    ),
    (
        "CARD-016",
        "drivers/pcsc/service.rs",
        "every_error_of_the_service_has_its_fault",
    ),
    (
        "SCAN-002",
        "drivers/helper/tests/devices/scanner.rs",
        "an_unplugged_scanner_ends_the_wait",
    ),
    (
        "SCAN-003",
        "drivers/scanner/serve/tests.rs",
        "a_port_held_by_another_program_is_said",
    ),
    (
        "SCAN-006",
        "drivers/scanner/port.rs",
        "a_port_that_does_not_open_says_why",
    ),
    (
        "SCAN-007",
        "drivers/scanner/usb.rs",
        "a_scanner_is_found_by_its_numbers_under_whatever_name",
    ),
    (
        "SCAN-008",
        "drivers/scanner/serve/tests.rs",
        "a_scanner_left_as_a_keyboard_is_said_and_found_once_it_was_switched",
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The codes that have a page.
fn pages() -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join("docs/faults")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter_map(|name| name.strip_suffix(".md").map(String::from))
        .filter(|name| name.starts_with("CARD-") || name.starts_with("SCAN-"))
        .collect()
}

/// What was said so far.
#[derive(Default)]
struct Said(BTreeSet<String>);

impl Said {
    fn take(&mut self, told: &Value, wanted: &str) {
        assert_eq!(told["code"], wanted, "{told}");
        let link = if wanted.starts_with("CARD") {
            "card"
        } else {
            "scanner"
        };
        assert_eq!(
            (&told["link"], &told["money_moved"]),
            (&json!(link), &json!("no"))
        );
        let cashier = told["cashier"].as_str().unwrap();
        assert!(cashier.chars().any(|letter| ('一'..='龥').contains(&letter)));
        self.0.insert(String::from(wanted));
    }

    async fn read(&mut self, stage: &Stage, source: &str, wait_s: u32, wanted: &str) -> anyhow::Result<()> {
        let asked = json!({ "source": source, "timeout_s": wait_s });
        let told = loop {
            let told = stage.refused("identity.read", asked.clone()).await?;
            // The helper is on its way back from the fault before.
            if told["code"] != "AGENT-001" {
                break told;
            }
        };
        self.take(&told, wanted);
        Ok(())
    }
}

#[tokio::test]
async fn every_fault_that_has_a_page_comes_about() -> anyhow::Result<()> {
    let mut said = Said::default();
    without_devices(&mut said).await?;
    a_library(&mut said).await?;
    no_library(&mut said).await?;
    voucher_libraries(&mut said).await?;
    cards(&mut said).await?;
    codes(&mut said).await?;
    for (code, file, test) in ELSEWHERE {
        let text = std::fs::read_to_string(root().join(file))?;
        assert!(text.contains(&format!("fn {test}(")), "{file} has no test {test}");
        assert!(said.0.insert(String::from(code)), "{code} comes about here");
    }
    assert_eq!(said.0, pages());
    assert!(said.0.len() >= 20, "{} codes", said.0.len());
    Ok(())
}

async fn without_devices(said: &mut Said) -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    said.read(&stage, "card", 3, "CARD-001").await?;
    said.read(&stage, "code", 3, "SCAN-001").await
}

/// What a vendor's library says, and what it does.
async fn a_library(said: &mut Said) -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        vendor: true,
        ..Options::default()
    })
    .await?;
    let table = [
        (Play::Error(-3, "卡未上电"), "CARD-004"),
        (Play::Error(-11, "读卡器不应答"), "CARD-013"),
        (Play::Error(-26368, "长度错误"), "CARD-011"),
        (Play::Error(-2202, "没有算法"), "CARD-017"),
        (Play::Error(-21, "内部认证失败"), "CARD-018"),
        (Play::Error(-51, "密码错误，还剩2次"), "CARD-019"),
        (Play::Error(-52, "密码锁定"), "CARD-020"),
        (Play::Error(-31, "持卡人取消"), "CARD-021"),
        (Play::Error(-13, "不支持"), "CARD-023"),
        (Play::Answer("王秀兰"), "CARD-024"),
        (Play::Overrun(8), "CARD-025"),
    ];
    for (play, code) in table {
        stage.vendor()?.play(&play);
        said.read(&stage, "card", 30, code).await?;
    }
    Ok(())
}

/// A file that is no library.
async fn no_library(said: &mut Said) -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        card: true,
        config: "[devices.vendor]\nlibrary = \"agent.toml\"\n",
        ..Options::default()
    })
    .await?;
    said.read(&stage, "card", 30, "CARD-022").await
}

/// A library that decodes e-vouchers and fails, and one that is none.
async fn voucher_libraries(said: &mut Said) -> anyhow::Result<()> {
    let road = vec![(
        "\n[variants]\n",
        "\n[voucher]\nroad = \"library\"\nkind = \"ec.query\"\n\n[variants]\n",
    )];
    let stage = Stage::open(Options {
        scanner: true,
        voucher_library: true,
        profile_changes: road.clone(),
        ..Options::default()
    })
    .await?;
    for (play, code) in [
        (Play::Error(-77, "解码失败"), "SCAN-011"),
        (Play::Crash, "SCAN-010"),
    ] {
        stage.vendor()?.play(&play);
        said.read(&stage, "code", 30, code).await?;
    }
    let stage = Stage::open(Options {
        scanner: true,
        profile_changes: road,
        config: "[devices.voucher]\nlibrary = \"agent.toml\"\n",
        ..Options::default()
    })
    .await?;
    said.read(&stage, "code", 30, "SCAN-009").await
}

/// Cards in a real reader, a key service, and at last no card service.
async fn cards(said: &mut Said) -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        card: true,
        card_keys: true,
        ..Options::default()
    })
    .await?;
    stage.read_card("fuyang-resident").await?;
    said.read(&stage, "card", 1, "CARD-002").await?;
    let table = [
        ("damage = { pulled_at_command = 9 }", None, "CARD-003"),
        ("kind = \"bank\"", None, "CARD-005"),
        ("damage = \"locked\"", None, "CARD-006"),
        ("valid_until = \"20251231\"", None, "CARD-007"),
        ("damage = { missing_record = 8 }", None, "CARD-008"),
        ("damage = { garbled_record = 7 }", None, "CARD-009"),
        ("generation = \"3.0\"", Some("drop_before_commit"), "CARD-026"),
        ("generation = \"3.0\"", Some("empty"), "CARD-027"),
        ("generation = \"3.0\"", Some("wrong_signature"), "CARD-028"),
        (
            "generation = \"3.0\"\nkey_tries = 1",
            Some("wrong_signature"),
            "CARD-029",
        ),
    ];
    let file = stage.folder().join("card.toml");
    for (words, service, code) in table {
        if let Some(kind) = service {
            stage.admin().fault("card-keys", kind, json!({})).await?;
        }
        std::fs::write(&file, words)?;
        stage.insert_card_file(&file)?;
        said.read(&stage, "card", 30, code).await?;
        stage.take_card_back().await?;
    }
    stage.insert_card("fuyang-resident")?;
    let typed = json!({ "timeout_s": 30, "key_pad_digits": 6 });
    said.take(&stage.refused("card.pin", typed).await?, "CARD-030");
    stage.kill_card_service()?;
    said.read(&stage, "card", 5, "CARD-015").await?;
    drop(stage);
    let mut stage = Stage::open(Options {
        card: true,
        ..Options::default()
    })
    .await?;
    std::fs::write(stage.folder().join("card.toml"), "generation = \"3.0\"")?;
    stage.insert_card_file(&stage.folder().join("card.toml"))?;
    said.read(&stage, "card", 30, "CARD-010").await
}

async fn codes(said: &mut Said) -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        scanner: true,
        ..Options::default()
    })
    .await?;
    let long = "9".repeat(600);
    for (text, code) in [("134567890123456789", "SCAN-004"), (&*long, "SCAN-005")] {
        let Err(ClientError::Rpc(error)) = stage.scan_when_asked(text).await else {
            anyhow::bail!("{code} did not come about")
        };
        said.take(&error.data.unwrap_or_default(), code);
    }
    Ok(())
}
