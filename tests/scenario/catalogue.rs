//! The local copy of the catalogue: fetched whole or not at all, gone on with after a kill, looked into without network.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage};

const DRUG: &str = "XC10AAA257A001020101033";
const LISTS: [&str; 5] = ["drugs", "services", "covered", "matches", "ceilings"];

fn view<'a>(status: &'a Value, list: &str) -> &'a Value {
    let lists = status["lists"].as_array().unwrap();
    lists.iter().find(|view| view["list"] == list).unwrap()
}

/// Until nothing is under way.
async fn ended(stage: &Stage) -> anyhow::Result<Value> {
    for _ in 0..3000 {
        let status = stage.call("catalog.status", json!({})).await?;
        if status["under_way"].is_null() {
            return Ok(status);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    anyhow::bail!("the sync never ended: {}", stage.agent_log())
}

async fn sync(stage: &Stage, lists: &[&str]) -> anyhow::Result<Value> {
    let told = stage.call("catalog.sync", json!({ "lists": lists })).await?;
    assert_eq!(told["started"], true, "{told}");
    ended(stage).await
}

async fn found(stage: &Stage, text: &str) -> anyhow::Result<Vec<Value>> {
    let told = stage.call("catalog.lookup", json!({ "text": text })).await?;
    Ok(told["items"].as_array().unwrap().clone())
}

#[tokio::test]
async fn a_sync_brings_lists_and_later_only_what_changed() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        sandbox: vec!["--drug-columns", "92", "--filler-drugs", "3000"],
        ..Options::default()
    })
    .await?;
    let status = sync(&stage, &LISTS).await?;
    for list in LISTS {
        assert!(view(&status, list)["rows"].as_u64().unwrap() > 10, "{status}");
        assert!(view(&status, list)["trouble"].is_null(), "{status}");
    }
    assert!(view(&status, "drugs")["rows"].as_u64().unwrap() > 3000);
    assert!(view(&status, "consumables")["synced_at"].is_null());
    let items = found(&stage, "阿托伐他汀").await?;
    assert_eq!(
        (&items[0]["code"], &items[0]["class"]),
        (&json!(DRUG), &json!("02"))
    );
    assert_eq!(items[0]["ceiling"], "1.86");
    let change = json!({ "code": DRUG, "stands": false });
    stage.admin().post("/catalogue/changes", &change).await?;
    let before = stage.admin().calls("9102", None).await?;
    let status = sync(&stage, &["drugs", "services"]).await?;
    assert_eq!(view(&status, "drugs")["version"], "V00000002");
    assert_eq!(
        stage.admin().calls("9102", None).await?,
        before + 1,
        "services had nothing new"
    );
    assert_eq!(found(&stage, DRUG).await?[0]["in_force"], false);
    Ok(())
}

#[tokio::test]
async fn a_file_nobody_should_believe_is_refused_and_what_was_here_stays() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    sync(&stage, &["drugs", "matches"]).await?;
    let change = json!({ "code": DRUG, "stands": false });
    stage.admin().post("/catalogue/changes", &change).await?;
    let files = [
        ("bomb", "CATL-004"),
        ("path", "CATL-003"),
        ("two_texts", "CATL-003"),
        ("not_zip", "CATL-003"),
        ("short_rows", "CATL-005"),
        ("not_text", "CATL-005"),
        ("row_missing", "CATL-008"),
    ];
    let pages = [("endless_pages", "CATL-006"), ("same_page", "CATL-006")];
    let tricks = files
        .map(|trick| ("drugs", trick))
        .into_iter()
        .chain(pages.map(|trick| ("matches", trick)));
    for (list, (trick, code)) in tricks {
        stage.admin().put("/catalogue/trick", &json!(trick)).await?;
        let asked = json!({ "lists": [list], "whole": true });
        stage.call("catalog.sync", asked).await?;
        let status = ended(&stage).await?;
        assert_eq!(view(&status, list)["trouble"]["code"], code, "{trick}: {status}");
        assert_eq!(found(&stage, DRUG).await?[0]["in_force"], true, "{trick}");
    }
    Ok(())
}

#[tokio::test]
async fn a_broken_download_and_an_expired_file_are_named_and_made_good() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    stage.admin().fault("9102", "half_answer", json!({})).await?;
    let status = sync(&stage, &["drugs"]).await?;
    assert_eq!(view(&status, "drugs")["trouble"]["code"], "CATL-002", "{status}");
    let told = stage.call("catalog.lookup", json!({ "text": "药" })).await;
    assert!(told.is_err(), "nothing is here yet");
    let asked = stage.admin().calls("1301", None).await?;
    let status = sync(&stage, &["drugs"]).await?;
    assert!(view(&status, "drugs")["trouble"].is_null(), "{status}");
    assert_eq!(
        stage.admin().calls("1301", None).await?,
        asked,
        "the same file was fetched"
    );
    drop(stage);
    let stage = Stage::open(Options {
        sandbox: vec!["--file-life", "0"],
        ..Options::default()
    })
    .await?;
    let status = sync(&stage, &["drugs"]).await?;
    assert_eq!(view(&status, "drugs")["trouble"]["code"], "CATL-001", "{status}");
    Ok(())
}

#[tokio::test]
async fn a_sync_that_was_killed_goes_on_by_itself_after_the_start() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        sandbox: vec!["--filler-drugs", "20000"],
        ..Options::default()
    })
    .await?;
    stage.call("catalog.sync", json!({ "lists": ["drugs"] })).await?;
    stage.admin().wait("9102", 1, "committed").await?;
    stage.kill_agent();
    stage.start_agent().await?;
    for _ in 0..3000 {
        let status = stage.call("catalog.status", json!({})).await?;
        if view(&status, "drugs")["rows"].as_u64() > Some(20_000) {
            assert!(!found(&stage, "示例药品19999号片").await?.is_empty());
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    anyhow::bail!("it was never gone on with: {}", stage.agent_log())
}

#[tokio::test]
async fn a_bill_is_checked_from_disk_with_the_province_gone() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let map = json!({
        "request_id": "m-1", "own_code": "Y1", "own_name": "阿托伐他汀", "national_code": DRUG, "list": "drugs",
        "from": "2026-01-01",
    });
    let told = stage.call("catalog.map", map.clone()).await?;
    assert_eq!(told, json!({ "outcome": "done" }));
    assert_eq!(stage.call("catalog.map", map).await?, told);
    assert_eq!(
        stage.admin().calls("3301", None).await?,
        1,
        "the same request is one act"
    );
    sync(
        &stage,
        &["drugs", "covered", "matches", "mappings", "ceilings", "first_own"],
    )
    .await?;
    stage.kill_sandbox();
    let line = |serial: &str, own: &str, price: &str, fen: i64| {
        json!({ "serial": serial, "national_code": DRUG, "own_code": own, "quantity": "10", "unit_price": price,
            "amount_fen": fen, "name": "ignored" })
    };
    let lines = json!([
        line("1", "Y1", "1.86", 1860),
        line("2", "Y1", "2.00", 2000),
        line("3", "Y9", "1", 1000)
    ]);
    let told = stage.call("catalog.check", json!({ "lines": lines })).await?;
    let kinds: Vec<_> = told["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            (
                line["serial"].clone(),
                line["problems"][0]["kind"].clone(),
                line["at_stake_fen"].clone(),
            )
        })
        .collect();
    let wanted = [
        (json!("2"), json!("above_ceiling"), json!(140)),
        (json!("3"), json!("unmapped"), json!(1000)),
    ];
    assert_eq!(kinds, wanted, "{told}");
    assert_eq!(
        (&told["at_stake_fen"], &told["lines_checked"]),
        (&json!(1140), &json!(3))
    );
    assert!(
        told["missing"]
            .as_array()
            .unwrap()
            .contains(&json!("consumables"))
    );
    assert_eq!(told["sources"].as_array().unwrap().len(), 6);
    Ok(())
}

#[tokio::test]
async fn a_mapping_whose_answer_is_lost_is_looked_up_and_never_sent_again() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let map = |request: &str, own: &str| json!({ "request_id": request, "own_code": own, "own_name": "药", "national_code": DRUG, "list": "drugs" });
    stage
        .admin()
        .fault("3301", "drop_after_commit", json!({}))
        .await?;
    let told = stage.call("catalog.map", map("m-1", "Y1")).await?;
    assert_eq!(told["outcome"], "done", "the mappings show it: {told}");
    stage
        .admin()
        .fault("3301", "drop_before_commit", json!({}))
        .await?;
    let told = stage.call("catalog.map", map("m-2", "Y2")).await?;
    assert_eq!(
        (&told["outcome"], &told["fault"]["code"]),
        (&json!("not_known"), &json!("CATL-011"))
    );
    assert_eq!(stage.call("catalog.map", map("m-2", "Y2")).await?, told);
    assert_eq!(stage.admin().calls("3301", None).await?, 2);
    let mut back = map("m-3", "Y1");
    back["withdraw"] = json!(true);
    assert_eq!(stage.call("catalog.map", back).await?["outcome"], "done");
    Ok(())
}

/// Rows of another hospital are neither kept nor taken for the proof that a mapping was done.
#[tokio::test]
async fn mappings_of_another_hospital_are_not_believed() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let map = |request: &str| json!({ "request_id": request, "own_code": "Y1", "own_name": "药", "national_code": DRUG, "list": "drugs" });
    let status = sync(&stage, &["mappings"]).await?;
    assert!(view(&status, "mappings")["trouble"].is_null(), "{status}");
    stage
        .admin()
        .put("/catalogue/trick", &json!("other_hospital"))
        .await?;
    stage
        .admin()
        .fault("3301", "drop_after_commit", json!({}))
        .await?;
    let told = stage.call("catalog.map", map("m-1")).await?;
    assert_eq!(
        (&told["outcome"], &told["fault"]["code"]),
        (&json!("not_known"), &json!("CATL-011")),
        "{told}"
    );
    let status = sync(&stage, &["mappings"]).await?;
    assert!(!view(&status, "mappings")["trouble"].is_null(), "{status}");
    Ok(())
}
