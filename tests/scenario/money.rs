//! Money of a settlement as provinces differ: trace codes, a part of the account, a family's, a registration fee.

use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, order, purchase};

/// The bill with trace codes on its two drugs.
fn traced(bill: &Order, mut asked: Value) -> Value {
    for (n, line) in bill.lines.iter().enumerate() {
        if line.0.starts_with('X') {
            asked["bill"]["lines"][n]["trace_codes"] =
                json!([{ "code": format!("8100000000000000000{n}"), "unit": "1" }]);
        }
    }
    asked
}

/// Settles `quote` with its amounts; gives the answer.
async fn settle(stage: &Stage, bill: &Order, id: &str, quote: &Value) -> anyhow::Result<Value> {
    Ok(stage.call("visit.settle", bill.settle(id, quote)).await?)
}

fn codes(notices: &Value) -> Vec<&str> {
    let notices = notices.as_array().map(Vec::as_slice).unwrap_or_default();
    notices
        .iter()
        .filter_map(|notice| notice["code"].as_str())
        .collect()
}

#[tokio::test]
async fn a_drug_without_a_trace_code_is_not_even_sent_where_one_is_required() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![
            ("traces = \"optional\"", "traces = \"required\""),
            ("trace_counts = false", "trace_counts = true"),
        ],
        sandbox: vec!["--traces", "required"],
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("shanghai-local").await?;
    let bill = order("MZ0001");
    let bare = stage.call("visit.quote", bill.quote("q-1", &identity)).await?;
    assert_eq!(bare["fault"]["code"], "DESK-070", "{bare}");
    assert_eq!(stage.admin().calls("2201", None).await?, 0);
    let quote = stage
        .call("visit.quote", traced(&bill, bill.quote("q-2", &identity)))
        .await?;
    let settled = settle(&stage, &bill, "s-2", &quote).await?;
    assert_eq!(settled["outcome"], "done", "{settled}");

    // A purchase takes the same road; its packages are other ones.
    let bought = purchase("YD0001");
    let mut asked = traced(&bought, bought.purchase("q-3", &identity));
    let quote = stage.call("pharmacy.quote", asked.take()).await?;
    let told = stage
        .call("pharmacy.settle", bought.settle("s-3", &quote))
        .await?;
    assert_eq!(told["outcome"], "done", "{told}");
    Ok(())
}

#[tokio::test]
async fn what_the_province_says_of_trace_codes_reaches_the_cashier() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        sandbox: vec!["--traces", "required"],
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("shanghai-local").await?;
    let bill = order("MZ0001");
    let quote = stage.call("visit.quote", bill.quote("q-1", &identity)).await?;
    let told = settle(&stage, &bill, "s-1", &quote).await?;
    assert_eq!(told["outcome"], "not_done", "{told}");
    assert_eq!(told["fault"]["money_moved"], "no", "{told}");
    let words = told["fault"]["platform_text"].as_str().unwrap_or_default();
    assert!(words.contains("缺少追溯码"), "{told}");
    assert_eq!(stage.admin().standing("MZ0001").await?, 0);
    Ok(())
}

#[tokio::test]
async fn the_account_pays_what_the_desk_names() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let bill = order("MZ0001");
    let mut asked = bill.quote("q-1", &identity);
    asked["account_fen"] = json!(1_000);
    let quote = stage.call("visit.quote", asked).await?;
    assert_eq!(quote["quote"]["split"]["account_fen"], 1_000, "{quote}");
    let settled = settle(&stage, &bill, "s-1", &quote).await?;
    assert_eq!(
        settled["settlement"]["split"], quote["quote"]["split"],
        "{settled}"
    );
    assert_eq!(codes(&settled["settlement"]["warnings"]), Vec::<&str>::new());

    let bought = purchase("YD0001");
    let mut asked = bought.purchase("q-2", &identity);
    asked["account_fen"] = json!(500);
    let quote = stage.call("pharmacy.quote", asked.clone()).await?;
    assert_eq!(quote["quote"]["split"]["account_fen"], 500, "{quote}");
    asked["account"] = json!("keep");
    let error = stage.refused("pharmacy.quote", asked).await?;
    assert!(error.to_string().contains("account_fen"), "{error}");
    Ok(())
}

/// Where only the settlement carries the amount, the trial knows nothing of it: both are shown as they came, and the
/// cashier is told twice.
#[tokio::test]
async fn a_settlement_with_other_cash_than_its_trial_says_so() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![(
            "account_amount = \"trial_too\"",
            "account_amount = \"settlement\"",
        )],
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("shanghai-local").await?;
    let bill = order("MZ0001");
    let mut asked = bill.quote("q-1", &identity);
    asked["account_fen"] = json!(1_000);
    let quote = stage.call("visit.quote", asked).await?;
    assert_eq!(codes(&quote["quote"]["notices"]), ["ACCOUNT-MORE"], "{quote}");
    let settled = settle(&stage, &bill, "s-1", &quote).await?;
    let split = &settled["settlement"]["split"];
    assert_eq!(split["account_fen"], 1_000, "{settled}");
    assert_ne!(split["cash_fen"], quote["quote"]["split"]["cash_fen"]);
    assert_eq!(
        codes(&settled["settlement"]["warnings"]),
        ["CASH-DIFFERS"],
        "{settled}"
    );
    let status = stage
        .call("visit.status", json!({ "bill_id": bill.bill_id() }))
        .await?;
    assert_eq!(
        codes(&status["settlement"]["warnings"]),
        ["CASH-DIFFERS"],
        "{status}"
    );
    Ok(())
}

#[tokio::test]
async fn a_province_without_amounts_is_not_asked_for_one() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![("account_amount = \"trial_too\"", "account_amount = \"none\"")],
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("shanghai-local").await?;
    let mut asked = order("MZ0001").quote("q-1", &identity);
    asked["account_fen"] = json!(1_000);
    let told = stage.call("visit.quote", asked).await?;
    assert_eq!(told["fault"]["code"], "DESK-071", "{told}");
    assert_eq!(stage.admin().calls("2201", None).await?, 0);
    Ok(())
}

#[tokio::test]
async fn an_account_that_is_passed_over_is_told_and_the_answer_stays_as_it_came() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        sandbox: vec!["--account-stays-home"],
        ..Options::default()
    })
    .await?;
    for (key, visit, told) in [
        ("fuyang-resident", "MZ0001", vec!["ACCOUNT-NOT-USED"]),
        ("shanghai-local", "MZ0002", vec![]),
    ] {
        let identity = stage.type_number(key).await?;
        let bill = order(visit);
        let quote = stage
            .call("visit.quote", bill.quote(&format!("q-{key}"), &identity))
            .await?;
        assert_eq!(codes(&quote["quote"]["notices"]), told, "{quote}");
        let settled = settle(&stage, &bill, &format!("s-{key}"), &quote).await?;
        assert_eq!(codes(&settled["settlement"]["warnings"]), told, "{settled}");
    }
    Ok(())
}

/// With `joins` the fee opens the visit and what follows is described anew; otherwise each has a visit of its own.
#[tokio::test]
async fn a_registration_fee_is_a_settlement_of_its_own() -> anyhow::Result<()> {
    for (joins, opened, described) in [("true", 1, 2), ("false", 2, 2)] {
        let stage = Stage::open(Options {
            profile_changes: match joins {
                "true" => Vec::new(),
                _ => vec![(
                    "registration_joins_visit = true",
                    "registration_joins_visit = false",
                )],
            },
            ..Options::default()
        })
        .await?;
        let identity = stage.type_number("shanghai-local").await?;
        let mut fee = order("MZ0001");
        fee.batch = String::from("GH");
        fee.visit_kind = String::from("12");
        fee.lines.truncate(1);
        let bill = order("MZ0001");
        for (bill, id) in [(&fee, "fee"), (&bill, "bill")] {
            let quote = stage
                .call("visit.quote", bill.quote(&format!("q-{id}"), &identity))
                .await?;
            let settled = settle(&stage, bill, &format!("s-{id}"), &quote).await?;
            assert_eq!(settled["outcome"], "done", "{joins} {id}: {settled}");
        }
        assert_eq!(stage.admin().calls("2201", None).await?, opened, "{joins}");
        assert_eq!(stage.admin().calls("2203A", None).await?, described, "{joins}");
        assert_eq!(stage.admin().standing("MZ0001").await?, 2, "{joins}");
    }
    Ok(())
}
