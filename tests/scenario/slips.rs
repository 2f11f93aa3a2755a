//! Provinces that take an outpatient bill in one call (2260, 2261): the desk asks as always and notices nothing.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage, order};

use crate::doubt::HORIZON;
use crate::road::settle;

/// Ordinary visits go by one call.
const SLIPS: (&str, &str) = ("visit_kinds = []\n# Members", "visit_kinds = [\"11\"]\n# Members");

fn slips(more: Vec<(&'static str, &'static str)>) -> Options {
    Options {
        profile_changes: [vec![SLIPS, HORIZON], more].concat(),
        ..Options::default()
    }
}

async fn known(stage: &Stage, request: &str) -> anyhow::Result<Value> {
    let key = json!({ "request_id": request });
    stage
        .status_until(key, |status| status["outcome"] != "not_known")
        .await
}

#[tokio::test]
async fn one_call_is_quote_and_another_the_settlement() -> anyhow::Result<()> {
    let national = [
        ("names = \"early\"", "names = \"national\""),
        ("rows_wrapped = true", "rows_wrapped = false"),
    ];
    for more in [Vec::new(), national.to_vec()] {
        let stage = Stage::open(slips(more)).await?;
        let identity = stage.type_number("fuyang-resident").await?;
        let bill = order("MZ0001");
        let (quote, settled) = settle(&stage, &bill, &identity, "1").await?;
        assert_eq!(settled["outcome"], "done", "{settled}");
        assert_eq!(settled["settlement"]["split"], quote["quote"]["split"]);
        let lines = quote["quote"]["lines"].as_array().map_or(0, Vec::len);
        assert!(lines > 0, "{quote}");
        for (number, count) in [("2260", 2), ("2201", 0), ("2203A", 0), ("2204", 0), ("2207A", 0)] {
            assert_eq!(stage.admin().calls(number, None).await?, count, "{number}");
        }
        assert_eq!(stage.admin().standing("MZ0001").await?, 1);
        let settlement = settled["settlement"]["settlement_id"].as_str().unwrap();
        let refunded = stage.call("visit.cancel", bill.cancel("x-1", settlement)).await?;
        assert_eq!(refunded["outcome"], "done", "{refunded}");
        assert_eq!(stage.admin().calls("2261", None).await?, 1);
        assert_eq!(stage.admin().calls("2208", None).await?, 0);
        assert_eq!(stage.admin().standing("MZ0001").await?, 0);
    }
    Ok(())
}

/// What was executed is found by its message among the person's visits; what was not is reversed only where the profile
/// says that a reversal takes such a bill back.
#[tokio::test]
async fn a_lost_slip_is_found_or_left_open_or_reversed() -> anyhow::Result<()> {
    const REVERSIBLE: (&str, &str) = ("reversible = false", "reversible = true");
    let table = [
        ("drop_after_commit", Vec::new(), "done", 1, 0),
        ("drop_before_commit", vec![REVERSIBLE], "not_done", 0, 1),
        ("drop_after_commit", vec![REVERSIBLE], "done", 1, 0),
    ];
    for (kind, more, outcome, standing, reversals) in table {
        let stage = Stage::open(slips(more)).await?;
        let identity = stage.type_number("shanghai-local").await?;
        let bill = order("MZ0001");
        let quote = stage.call("visit.quote", bill.quote("q", &identity)).await?;
        stage.admin().fault("2260", kind, json!({})).await?;
        let told = stage.call("visit.settle", bill.settle("s", &quote)).await?;
        assert_eq!(told["outcome"], "not_known", "{told}");
        let locked = stage.call("visit.quote", bill.quote("q2", &identity)).await?;
        assert_eq!(locked["fault"]["code"], "DESK-012", "{locked}");
        let status = known(&stage, "s").await?;
        assert_eq!(status["outcome"], outcome, "{kind}: {status}");
        assert_eq!(stage.admin().standing("MZ0001").await?, standing, "{kind}");
        let reversed = stage.admin().calls("2601", None).await?;
        assert_eq!(reversed > 0, reversals > 0, "{kind}: {reversed}");
        assert_eq!(stage.admin().calls("2260", None).await?, 2, "{kind}");
    }
    Ok(())
}

#[tokio::test]
async fn a_lost_slip_nobody_can_reverse_stays_open_and_sends_nothing_twice() -> anyhow::Result<()> {
    let stage = Stage::open(slips(Vec::new())).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let bill = order("MZ0001");
    let quote = stage.call("visit.quote", bill.quote("q", &identity)).await?;
    stage
        .admin()
        .fault("2260", "drop_before_commit", json!({}))
        .await?;
    let told = stage.call("visit.settle", bill.settle("s", &quote)).await?;
    assert_eq!(told["outcome"], "not_known", "{told}");
    // It is asked about, more than once, and nothing else happens.
    stage.admin().wait("5201", 2, "received").await?;
    let status = stage.call("visit.status", json!({ "request_id": "s" })).await?;
    assert_eq!(status["outcome"], "not_known", "{status}");
    for (number, count) in [("2601", 0), ("2260", 2)] {
        assert_eq!(stage.admin().calls(number, None).await?, count, "{number}");
    }
    Ok(())
}

/// The form has no place for what the account is to pay at most.
#[tokio::test]
async fn an_amount_for_the_account_is_refused_before_anything_is_sent() -> anyhow::Result<()> {
    let stage = Stage::open(slips(Vec::new())).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let mut asked = order("MZ0001").quote("q", &identity);
    asked["account"] = json!("use");
    asked["account_fen"] = json!(100);
    let told = stage.call("visit.quote", asked).await?;
    assert_eq!(told["fault"]["code"], "DESK-071", "{told}");
    assert_eq!(stage.admin().calls("2260", None).await?, 0);
    Ok(())
}
