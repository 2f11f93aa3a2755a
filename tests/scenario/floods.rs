//! Many requests of one kind at once, and a kill while a list is written: one runs, the others hear so, bills go on.

use serde_json::{Value, json};
use zhijie_desk::{Client, ClientError};
use zhijie_tests::{Options, Stage, order};

use crate::road::settle;

const DRUG: &str = "XC10AAA257A001020101033";
const CROWD: usize = 24;
const STRANGERS: usize = 200;

/// The same request from as many desks at once.
async fn crowd(
    stage: &Stage,
    method: &'static str,
    params: Value,
) -> anyhow::Result<Vec<Result<Value, ClientError>>> {
    let mut asking = Vec::new();
    for _ in 0..CROWD {
        let (client, params): (Client, Value) = (stage.client().await?, params.clone());
        asking.push(tokio::spawn(async move {
            let told = client.call(method, &params).await?;
            Ok(serde_json::from_str(told.get()).unwrap_or(Value::Null))
        }));
    }
    let mut told = Vec::new();
    for asked in asking {
        told.push(asked.await?);
    }
    Ok(told)
}

#[tokio::test]
async fn a_crowd_that_reconciles_runs_once_and_bills_go_on() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let (_, settled) = settle(&stage, &order("MZ1"), &identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    stage
        .admin()
        .fault("3202", "delay", json!({ "ms": 3000 }))
        .await?;
    let day = settled["settlement"]["settled_at"]
        .as_str()
        .and_then(|at| at.get(..10));
    let asked = json!({ "day": day });
    let bill = order("MZ2");
    let (told, beside) = tokio::join!(
        crowd(&stage, "reconcile.day", asked),
        settle(&stage, &bill, &identity, "2"),
    );
    assert_eq!(beside?.1["outcome"], "done");
    let told = told?;
    let ran = told.iter().filter(|told| told.is_ok()).count();
    assert_eq!(ran, 1, "{told:?}");
    let busy = told.iter().filter_map(|told| told.as_ref().err());
    for refused in busy {
        assert!(
            refused.to_string().contains("AGENT-020") || format!("{refused:?}").contains("AGENT-020"),
            "{refused:?}"
        );
    }
    assert_eq!(stage.admin().calls("3202", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_crowd_that_syncs_fetches_every_list_once() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        sandbox: vec!["--filler-drugs", "5000"],
        ..Options::default()
    })
    .await?;
    let lists = json!({ "lists": ["drugs", "services", "covered"] });
    let told = crowd(&stage, "catalog.sync", lists).await?;
    let begun = told
        .iter()
        .flatten()
        .filter(|told| told["started"] == true)
        .count();
    assert_eq!((begun, told.iter().flatten().count()), (1, CROWD), "{told:?}");
    let identity = stage.type_number("shanghai-local").await?;
    let (_, settled) = settle(&stage, &order("MZ1"), &identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    let synced = stage.synced().await?;
    assert!(synced["lists"][0]["rows"].as_u64() > Some(5000), "{synced}");
    for number in ["1301", "1305"] {
        assert_eq!(stage.admin().calls(number, None).await?, 1, "{number}");
    }
    Ok(())
}

/// The copy is written in one go: killed in the middle of it, the one that was there is whole.
#[tokio::test]
async fn a_kill_while_a_list_is_written_leaves_the_list_that_was_there() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        sandbox: vec!["--filler-drugs", "60000"],
        ..Options::default()
    })
    .await?;
    stage.call("catalog.sync", json!({ "lists": ["drugs"] })).await?;
    let whole = stage.synced().await?["lists"][0]["rows"].clone();
    assert!(whole.as_u64() > Some(60_000), "{whole}");
    for kill in 1..=3 {
        let again = json!({ "lists": ["drugs"], "whole": true });
        stage.call("catalog.sync", again).await?;
        let written = kill * 1000;
        loop {
            let status = stage.call("catalog.status", json!({})).await?;
            let under_way = &status["under_way"];
            if under_way.is_null() || under_way["rows"].as_u64() >= Some(written) {
                break;
            }
        }
        stage.kill_agent();
        stage.start_agent().await?;
        let status = stage.call("catalog.status", json!({})).await?;
        assert_eq!(status["lists"][0]["rows"], whole, "kill {kill}: {status}");
        let found = stage.call("catalog.lookup", json!({ "text": DRUG })).await?;
        assert_eq!(found["items"][0]["in_force"], true, "kill {kill}: {found}");
        let synced = stage.synced().await?;
        assert_eq!(synced["lists"][0]["rows"], whole, "kill {kill}: {synced}");
    }
    Ok(())
}

/// Programs that connect and say nothing, or half of something, or nonsense, and one that asks for a card in every thread.
#[tokio::test]
async fn strangers_without_end_keep_no_desk_from_its_work() -> anyhow::Result<()> {
    use std::io::Write as _;
    let stage = Stage::open(Options {
        scanner: true,
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("shanghai-local").await?;
    let mut strangers = Vec::new();
    for at in 0..STRANGERS {
        let mut stranger = std::os::unix::net::UnixStream::connect(stage.socket())?;
        let saying: [&[u8]; 3] = [
            b"",
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"meth",
            b"GET / HTTP/1.1\r\n\r\n",
        ];
        stranger.write_all(saying[at % saying.len()])?;
        strangers.push(stranger);
        if at % 50 == 49 {
            let status = stage.zhijie(&["status"])?;
            assert!(status.status.success(), "{status:?}");
        }
    }
    let code = json!({ "source": "code", "timeout_s": 2 });
    let bill = order("MZ1");
    let (told, beside) = tokio::join!(
        crowd(&stage, "identity.read", code),
        settle(&stage, &bill, &identity, "1"),
    );
    assert_eq!(beside?.1["outcome"], "done");
    let told: Vec<String> = told?
        .iter()
        .map(|told| told.as_ref().map_or_else(ToString::to_string, Value::to_string))
        .collect();
    let waited = told.iter().filter(|told| told.contains("DESK-002")).count();
    let refused = told.iter().filter(|told| told.contains("DESK-003")).count();
    assert!(
        waited > 0 && waited + refused == CROWD,
        "one reads at a time: {told:?}"
    );
    drop(strangers);
    let (_, settled) = settle(&stage, &order("MZ2"), &identity, "2").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    Ok(())
}
