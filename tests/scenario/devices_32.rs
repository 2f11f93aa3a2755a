//! A reader's library of 32 bits on a Linux of 64: the agent starts the device helper of as many bits for it.

use std::path::{Path, PathBuf};

use serde_json::json;
use zhijie_tests::{Options, Stage, program};
use zhijie_twin_vendor::Play;

/// The folder of `packaging/linux/build-devices-32.sh`.
const BUILT: &str = "ZHIJIE_DEVICES_32";

/// Where the package puts it: beside the agent.
fn beside() -> anyhow::Result<PathBuf> {
    Ok(program("zhijie")?.with_file_name("zhijie-devices-32"))
}

/// The vendor's library of the stage, of 32 bits.
fn make_small(stage: &Stage, built: &Path) -> anyhow::Result<()> {
    let large = stage.vendor()?.library().display().to_string();
    let small = built.join("libzhijie_twin_vendor.so").display().to_string();
    let config = std::fs::read_to_string(stage.config())?;
    assert!(config.contains(&large));
    Ok(std::fs::write(stage.config(), config.replace(&large, &small))?)
}

#[tokio::test]
#[ignore = "needs a compiler of 32 bits; make test-devices-32 runs it"]
async fn a_library_of_32_bits_gets_the_helper_of_32_bits_and_may_die_of_it() -> anyhow::Result<()> {
    let built = PathBuf::from(std::env::var(BUILT)?);
    let mut stage = Stage::without_agent(Options {
        vendor: true,
        ..Options::default()
    })
    .await?;
    make_small(&stage, &built)?;
    let helper = beside()?;
    let _ = std::fs::remove_file(&helper);
    let check = stage.zhijie(&["check"])?;
    let said = String::from_utf8_lossy(&check.stderr).into_owned();
    assert!(
        !check.status.success() && said.contains("zhijie-devices-32"),
        "{said}"
    );

    std::fs::hard_link(built.join("zhijie-devices"), &helper)?;
    let check = stage.zhijie(&["check"])?;
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stderr)
    );
    stage.start_agent().await?;
    let card = json!({ "source": "card", "timeout_s": 30 });
    let read = stage.call("identity.read", card.clone()).await?;
    assert_eq!((&read["name"], &read["kind"]), (&json!("王秀兰"), &json!("card")));
    let plays = [
        (Play::Error(-4, "卡无应答"), "CARD-004"),
        (Play::Overrun(8), "CARD-025"),
        (Play::Crash, "CARD-025"),
    ];
    for (play, code) in plays {
        stage.vendor()?.play(&play);
        let told = loop {
            let told = stage.refused("identity.read", card.clone()).await?;
            // The helper is on its way back from the play before.
            if told["code"] != "AGENT-001" {
                break told;
            }
        };
        assert_eq!(told["code"], code, "{told}");
    }
    stage.vendor()?.play(&Play::Good);
    let read = loop {
        if let Ok(read) = stage.call("identity.read", card.clone()).await {
            break read;
        }
    };
    assert_eq!(read["name"], "王秀兰");
    Ok(())
}
