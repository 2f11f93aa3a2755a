//! A ledger of every format there ever was is opened, believed and gone on with. `fixtures/` holds one per format, with
//! what the desk was told at that time; nobody in them exists. They are never made anew: `write_the_fixture` is for
//! the day a new format comes.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, order};

/// Formats with a fixture.
const FORMATS: [u32; 1] = [1];
/// The format this program writes. It gets its fixture with the release that freezes it.
const UNRELEASED: u32 = 2;

fn fixture(format: u32, end: &str) -> PathBuf {
    let name = format!("recovery/fixtures/ledger-v{format}.{end}");
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// `user_version` in the header of a SQLite file.
fn format_of(file: &Path) -> anyhow::Result<u32> {
    let bytes = std::fs::read(file)?;
    Ok(u32::from_be_bytes(bytes[60..64].try_into()?))
}

#[tokio::test]
async fn ledgers_of_old_formats_open() -> anyhow::Result<()> {
    for format in FORMATS {
        opens(format).await?;
    }
    let mut stage = Stage::open(Options::default()).await?;
    stage.stop_agent()?;
    let now = format_of(&stage.ledger())?;
    assert!(
        FORMATS.contains(&now) || now == UNRELEASED,
        "format {now} has no fixture"
    );
    Ok(())
}

async fn opens(format: u32) -> anyhow::Result<()> {
    assert_eq!(
        format_of(&fixture(format, "sqlite"))?,
        format,
        "a fixture is never replaced"
    );
    let told: Value = serde_json::from_str(&std::fs::read_to_string(fixture(format, "json"))?)?;
    let mut stage = Stage::without_agent(Options::default()).await?;
    std::fs::copy(fixture(format, "sqlite"), stage.ledger())?;
    let zhijie = |args: &[&str]| -> anyhow::Result<String> {
        let output = stage.zhijie(args)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(text)
    };
    assert!(zhijie(&["ledger", "verify"])?.contains("账本完整"));
    for (bill, state) in [
        ("SETTLED", "settled"),
        ("REFUNDED", "cancelled"),
        ("DOUBT", "submitted"),
    ] {
        let show = zhijie(&["ledger", "show", &order(bill).bill_id()])?;
        let last = show.lines().last().unwrap_or_default();
        assert!(last.starts_with(&format!("= {state}")), "{show}");
    }

    stage.start_agent().await?;
    for (method, asked) in told.as_object().unwrap() {
        let method = method.split(' ').next().unwrap_or_default();
        let answer = stage.raw(method, &asked["params"]).await?;
        assert_eq!(answer, asked["answer"].as_str().unwrap(), "{method}");
    }
    let work = stage.call("work.list", json!({})).await?;
    let doubt = work["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["bill_id"] == json!(order("DOUBT").bill_id()));
    assert_eq!(doubt.unwrap()["kind"], "in_doubt", "{work}");
    let identity = stage.type_number("fuyang-resident").await?;
    let settled = settle(&stage, &order("NEW"), &identity).await?.1;
    assert!(settled.contains("\"done\""), "{settled}");
    stage.stop_agent()?;
    let kept = stage.folder().join(format!("ledger.sqlite.format-{format}"));
    assert_eq!(format_of(&kept)?, format, "a copy from before is kept");
    let verify = stage.zhijie(&["ledger", "verify"])?;
    assert!(
        verify.status.success(),
        "{}",
        String::from_utf8_lossy(&verify.stderr)
    );
    Ok(())
}

/// Parameters and answer of `visit.settle`.
async fn settle(stage: &Stage, bill: &Order, identity: &str) -> anyhow::Result<(Value, String)> {
    let visit = &bill.visit;
    let quote = bill.quote(&format!("q-{visit}"), identity);
    let quote = stage.call("visit.quote", quote).await?;
    let params = bill.settle(&format!("s-{visit}"), &quote);
    let answer = stage.raw("visit.settle", &params).await?;
    Ok((params, answer))
}

/// Writes the ledger that this program makes, with what the desk was told, to the folder `ZHIJIE_FIXTURE`.
#[tokio::test]
#[ignore = "makes a fixture when a new format of the ledger comes"]
async fn write_the_fixture() -> anyhow::Result<()> {
    let folder = PathBuf::from(std::env::var("ZHIJIE_FIXTURE")?);
    let mut stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let mut told = json!({});
    for visit in ["SETTLED", "REFUNDED"] {
        let bill = order(visit);
        let (params, answer) = settle(&stage, &bill, &identity).await?;
        let settled: Value = serde_json::from_str(&answer)?;
        told[format!("visit.settle {visit}")] = json!({ "params": params, "answer": answer });
        if visit == "REFUNDED" {
            let settlement = settled["settlement"]["settlement_id"].as_str().unwrap();
            let params = bill.cancel("x", settlement);
            let answer = stage.raw("visit.cancel", &params).await?;
            told[format!("visit.cancel {visit}")] = json!({ "params": params, "answer": answer });
        }
    }
    stage
        .admin()
        .fault("2207", "delay", json!({ "ms": 60_000 }))
        .await?;
    {
        let bill = order("DOUBT");
        tokio::select! {
            told = settle(&stage, &bill, &identity) => panic!("answered: {told:?}"),
            reached = stage.admin().wait("2207", 3, "received") => reached?,
        }
    }
    stage.stop_agent()?;
    let format = format_of(&stage.ledger())?;
    std::fs::copy(stage.ledger(), folder.join(format!("ledger-v{format}.sqlite")))?;
    let text = serde_json::to_string_pretty(&told)? + "\n";
    Ok(std::fs::write(
        folder.join(format!("ledger-v{format}.json")),
        text,
    )?)
}
