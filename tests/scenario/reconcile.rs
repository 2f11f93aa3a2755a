//! A visitor's settlement whose answer is lost and that no query finds: the day's statement tells, and until then nobody knows.

use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, order};

use crate::road::settle;

/// Short times, and a province that shows no visitor's settlement to a query.
fn visitors() -> Options {
    Options {
        profile_changes: vec![
            ("late_execution_max_s = 120", "late_execution_max_s = 1"),
            (
                "query_may_miss_visitors = false",
                "query_may_miss_visitors = true",
            ),
            ("connect_ms = 5000", "connect_ms = 1000"),
            ("moves_money_ms = 60000", "moves_money_ms = 1000"),
            ("reversal_is_tombstone = true", "reversal_is_tombstone = false"),
        ],
        sandbox: vec!["--empty-5203-for-visitors"],
        ..Options::default()
    }
}

/// A reversal the province does not do.
async fn refuse_reversals(stage: &Stage, visit: &str, count: usize) -> anyhow::Result<()> {
    for _ in 0..count {
        let more = json!({ "visit": visit, "text": "调用业务基础子系统冲正失败:不支持冲正" });
        stage.admin().fault("2601", "refuse", more).await?;
    }
    Ok(())
}

/// A settlement whose answer is lost, up to the refused reversal. Returns its parameters and its quote.
async fn lose(stage: &Stage, identity: &str, bill: &Order, kind: &str) -> anyhow::Result<(Value, Value)> {
    let visit = bill.visit.as_str();
    let quote = stage
        .call("visit.quote", bill.quote(&format!("q-{visit}"), identity))
        .await?;
    assert_eq!(quote["outcome"], "done", "{quote}");
    stage
        .admin()
        .fault("2207", kind, json!({ "visit": visit }))
        .await?;
    let asked = bill.settle(&format!("s-{visit}"), &quote);
    let told = stage.call("visit.settle", asked.clone()).await?;
    assert_eq!(told["outcome"], "not_known", "{told}");
    Ok((asked, quote))
}

async fn status(stage: &Stage, asked: &Value) -> anyhow::Result<Value> {
    let key = json!({ "request_id": asked["request_id"] });
    Ok(stage.call("visit.status", key).await?)
}

fn bills(list: &Value) -> Vec<&str> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item["bill_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_settlement_no_query_shows_is_found_in_the_statement() -> anyhow::Result<()> {
    let mut stage = Stage::open(visitors()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = order("FOUND");
    refuse_reversals(&stage, "FOUND", 1).await?;
    let (asked, quote) = lose(&stage, &identity, &bill, "drop_after_commit").await?;
    stage.admin().wait("2601", 1, "answered").await?;
    assert_eq!(status(&stage, &asked).await?["outcome"], "not_known");

    // A kill before the statement has come changes nothing.
    stage
        .admin()
        .fault("3202", "delay", json!({ "ms": 60_000 }))
        .await?;
    let socket = stage.socket();
    let killed = tokio::spawn(async move {
        let client = zhijie_desk::Client::connect(&socket).await?;
        client.call("reconcile.day", &json!({})).await
    });
    stage.admin().wait("3202", 1, "received").await?;
    stage.kill_agent();
    assert!(killed.await?.is_err());
    stage.start_agent().await?;
    assert_eq!(status(&stage, &asked).await?["outcome"], "not_known");

    let told = stage
        .reconciled(|told| told["left"].as_array().is_some_and(Vec::is_empty))
        .await?;
    assert_eq!(bills(&told["ended"]), [bill.bill_id()], "{told}");
    assert_eq!(told["ended"][0]["outcome"], "done", "{told}");
    let known = status(&stage, &asked).await?;
    assert_eq!(
        (&known["outcome"], &known["state"]),
        (&json!("done"), &json!("settled")),
        "{known}"
    );
    let split = &known["settlement"]["split"];
    for amount in ["total_fen", "cash_fen", "account_fen"] {
        assert_eq!(
            split[amount], quote["quote"]["split"][amount],
            "{amount}: {known}"
        );
    }
    let books = stage.admin().settlements("FOUND").await?;
    assert_eq!(books.len(), 1);
    assert_eq!(
        known["settlement"]["settlement_id"], books[0]["setl_id"],
        "{known}"
    );
    let first = stage.raw("visit.settle", &asked).await?;
    assert_eq!(first, stage.raw("visit.settle", &asked).await?);
    assert_eq!(serde_json::from_str::<Value>(&first)?, known["answer"]);
    // The bill is like any other now: it can be refunded.
    let cancel = bill.cancel("x-FOUND", books[0]["setl_id"].as_str().unwrap());
    let refunded = stage.call("visit.cancel", cancel).await?;
    assert_eq!(refunded["outcome"], "done", "{refunded}");
    assert_eq!(stage.admin().standing("FOUND").await?, 0);
    Ok(())
}

#[tokio::test]
async fn what_no_statement_lists_was_not_executed_once_it_cannot_be_late() -> anyhow::Result<()> {
    let stage = Stage::open(visitors()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    // Another desk's rows are in the statement too, and a settlement of our own.
    let (_, own) = settle(&stage, &order("OWN"), &identity, "own").await?;
    assert_eq!(own["outcome"], "done", "{own}");
    let bill = order("NEVER");
    let (asked, _) = lose(&stage, &identity, &bill, "drop_before_commit").await?;
    stage.admin().wait("2601", 1, "answered").await?;
    let told = stage
        .reconciled(|told| told["left"].as_array().is_some_and(Vec::is_empty))
        .await?;
    assert_eq!(told["ended"][0]["outcome"], "not_done", "{told}");
    let group = &told["groups"][0];
    assert_eq!(
        (&group["rows"], &group["balanced"]),
        (&json!(1), &json!(true)),
        "{told}"
    );
    let known = status(&stage, &asked).await?;
    assert_eq!(
        (&known["outcome"], &known["answer"]["fault"]["code"]),
        (&json!("not_done"), &json!("PLAT-008")),
        "{known}"
    );
    assert_eq!(stage.admin().standing("NEVER").await?, 0);
    // It may be settled anew.
    let (_, again) = settle(&stage, &order("NEVER"), &identity, "again").await?;
    assert_eq!(again["outcome"], "done", "{again}");
    Ok(())
}

#[tokio::test]
async fn a_refund_no_query_shows_is_told_by_the_statement() -> anyhow::Result<()> {
    let stage = Stage::open(visitors()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    for (visit, kind, outcome, standing) in [
        ("MADE", "drop_after_commit", "done", 0),
        ("UNMADE", "drop_before_commit", "not_done", 1),
    ] {
        let bill = order(visit);
        let (_, settled) = settle(&stage, &bill, &identity, visit).await?;
        let settlement = settled["settlement"]["settlement_id"].as_str().unwrap();
        stage
            .admin()
            .fault("2208", kind, json!({ "visit": visit }))
            .await?;
        let cancel = bill.cancel(&format!("x-{visit}"), settlement);
        let told = stage.call("visit.cancel", cancel.clone()).await?;
        assert_eq!(told["outcome"], "not_known", "{told}");
        let told = stage
            .reconciled(|told| told["left"].as_array().is_some_and(Vec::is_empty))
            .await?;
        assert_eq!(told["ended"][0]["outcome"], outcome, "{told}");
        let known = status(&stage, &cancel).await?;
        assert_eq!(known["outcome"], outcome, "{known}");
        assert_eq!(stage.admin().standing(visit).await?, standing, "{visit}");
    }
    Ok(())
}

#[tokio::test]
async fn a_statement_that_cannot_be_believed_changes_nothing() -> anyhow::Result<()> {
    // A settlement may be late all the time, so that nothing missing is evidence while the table is played.
    let mut options = visitors();
    let late = "late_execution_max_s = 120";
    options.profile_changes.retain(|(line, _)| *line != late);
    let stage = Stage::open(options).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = order("ODD");
    refuse_reversals(&stage, "ODD", 9).await?;
    let (asked, _) = lose(&stage, &identity, &bill, "drop_after_commit").await?;
    stage.admin().wait("2601", 1, "answered").await?;
    let table = [
        ("not_zip", "PLAT-040"),
        ("cut", "PLAT-040"),
        ("not_text", "PLAT-040"),
        ("short_rows", "PLAT-040"),
        ("other_order", "PLAT-040"),
        ("gone", "PLAT-012"),
    ];
    for (trick, code) in table {
        stage.admin().put("/catalogue/trick", &json!(trick)).await?;
        let told = stage.call("reconcile.day", json!({})).await?;
        assert_eq!(told["groups"][0]["fault"]["code"], code, "{trick}: {told}");
        assert_eq!(bills(&told["left"]), [bill.bill_id()], "{trick}: {told}");
        assert_eq!(status(&stage, &asked).await?["outcome"], "not_known", "{trick}");
    }
    // A row of another message is not ours, whatever its amounts.
    stage
        .admin()
        .put("/catalogue/trick", &json!("other_message"))
        .await?;
    let told = stage.call("reconcile.day", json!({})).await?;
    assert_eq!(told["left"][0]["stated"], "unlisted", "{told}");
    assert_eq!(told["groups"][0]["centre_more"], 1, "{told}");
    let known = status(&stage, &asked).await?;
    assert_eq!(
        (&known["outcome"], known["settlement"].is_null()),
        (&json!("not_known"), true),
        "{known}"
    );
    Ok(())
}

#[tokio::test]
async fn without_amounts_a_person_is_told_what_stands() -> anyhow::Result<()> {
    let mut options = visitors();
    options.sandbox.push("--statement-without-amounts");
    options.sandbox.push("--statement-refund-first");
    options.sandbox.extend(["--statement-codes", "long"]);
    options
        .profile_changes
        .push(("columns = \"verdict_first\"", "columns = \"refund_first\""));
    let stage = Stage::open(options).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = order("BARE");
    refuse_reversals(&stage, "BARE", 9).await?;
    let (asked, _) = lose(&stage, &identity, &bill, "drop_after_commit").await?;
    stage.admin().wait("2601", 1, "answered").await?;
    let told = stage
        .reconciled(|told| told["left"][0]["stated"] == "listed")
        .await?;
    assert!(told["ended"].as_array().unwrap().is_empty(), "{told}");
    let known = status(&stage, &asked).await?;
    assert_eq!(
        (&known["outcome"], &known["state"]),
        (&json!("not_known"), &json!("needs_clerk")),
        "{known}"
    );
    assert_eq!(known["fault"]["code"], "PLAT-041", "{known}");
    let books = stage.admin().settlements("BARE").await?;
    let resolve = json!({
        "request_id": "w-BARE", "bill_id": bill.bill_id(), "verdict": "stands", "settlement_id": books[0]["setl_id"],
        "operator": { "code": "0008", "name": "医保办" }, "reason": "对账单",
    });
    let resolved = stage.call("work.resolve", resolve).await?;
    assert_eq!(resolved["outcome"], "done", "{resolved}");
    assert_eq!(status(&stage, &asked).await?["outcome"], "done");
    Ok(())
}

/// Asks for the sums of the day of a settlement and the day after.
fn days_of(settled: &Value) -> Value {
    let at = settled["settlement"]["settled_at"].as_str().unwrap();
    let day: jiff::civil::Date = at[..10].parse().unwrap();
    json!({ "day": at[..10], "until": day.tomorrow().unwrap().to_string() })
}

#[tokio::test]
async fn sums_are_compared_in_every_way_refunds_are_counted() -> anyhow::Result<()> {
    for (refunds, sandbox, count) in [
        ("refunds = \"rows\"", "rows", 3),
        ("refunds = \"net\"", "net", 1),
        ("refunds = \"left_out\"", "rows", 1),
        ("refunds = \"rows\"", "net", 3),
    ] {
        let stage = Stage::open(Options {
            profile_changes: vec![("refunds = \"rows\"", refunds)],
            sandbox: vec!["--totals-count", sandbox],
            ..Options::default()
        })
        .await?;
        let identity = stage.type_number("fuyang-resident").await?;
        let (_, stands) = settle(&stage, &order("STANDS"), &identity, "stands").await?;
        let undone = order("UNDONE");
        let (_, told) = settle(&stage, &undone, &identity, "undone").await?;
        let cancel = undone.cancel("x-UNDONE", told["settlement"]["settlement_id"].as_str().unwrap());
        assert_eq!(stage.call("visit.cancel", cancel).await?["outcome"], "done");

        let past = json!({ "day": "2026-01-01" });
        let nothing = stage.call("reconcile.totals", past).await?;
        assert_eq!(nothing["groups"], json!([]), "{nothing}");
        let told = stage.call("reconcile.totals", days_of(&stands)).await?;
        let groups = told["groups"].as_array().unwrap();
        assert_eq!(groups.len(), 1, "{told}");
        let split = &stands["settlement"]["split"];
        let group = &groups[0];
        assert_eq!(
            (
                &group["insurance"],
                &group["office"],
                &group["kind"],
                &group["count"]
            ),
            (&json!("390"), &json!("341200"), &json!("11"), &json!(count)),
            "{told}"
        );
        for (sum, part) in [
            ("total_fen", "total_fen"),
            ("funds_fen", "fund_total_fen"),
            ("account_fen", "account_fen"),
        ] {
            assert_eq!(group[sum], split[part], "{refunds} {sum}: {told}");
        }
        if (count, sandbox) != (3, "net") {
            assert_eq!(
                (&group["balanced"], &group["differs"]),
                (&json!(true), &Value::Null),
                "{told}"
            );
        } else {
            assert_eq!(
                (&group["balanced"], &group["differs"]["code"]),
                (&json!(false), &json!("2")),
                "{told}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn sums_of_the_hospital_are_compared_as_they_are_given() -> anyhow::Result<()> {
    let stage = Stage::open(visitors()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let (_, own) = settle(&stage, &order("OWN"), &identity, "own").await?;
    assert_eq!(own["outcome"], "done", "{own}");
    refuse_reversals(&stage, "LOST", 9).await?;
    lose(&stage, &identity, &order("LOST"), "drop_after_commit").await?;
    stage.admin().wait("2601", 1, "answered").await?;
    // The doubt is in no sum of ours, and the centre has it.
    let told = stage.call("reconcile.totals", days_of(&own)).await?;
    assert_eq!(told["in_doubt"], 1, "{told}");
    let group = &told["groups"][0];
    assert_eq!(
        (&group["count"], &group["balanced"]),
        (&json!(1), &json!(false)),
        "{told}"
    );
    assert_eq!(group["differs"]["code"], "1", "{told}");

    let books = [
        stage.admin().settlements("OWN").await?,
        stage.admin().settlements("LOST").await?,
    ]
    .concat();
    let sum = |member: &str| books.iter().map(|row| row[member].as_i64().unwrap()).sum::<i64>();
    let mut given = days_of(&own);
    given["sums"] = json!([{
        "insurance": "390", "office": "341200", "kind": "11", "count": 2, "total_fen": sum("total_fen"),
        "funds_fen": sum("fund_fen"), "account_fen": sum("account_fen"),
    }]);
    let told = stage.call("reconcile.totals", given.clone()).await?;
    assert_eq!(told["groups"][0]["balanced"], true, "{told}");
    given["sums"][0]["total_fen"] = json!(sum("total_fen") + 1);
    let told = stage.call("reconcile.totals", given.clone()).await?;
    assert_eq!(told["groups"][0]["differs"]["code"], "3", "{told}");
    stage
        .admin()
        .fault("3201", "drop_before_commit", json!({}))
        .await?;
    let told = stage.call("reconcile.totals", given).await?;
    assert_eq!(told["groups"][0]["balanced"], false, "{told}");
    assert!(told["groups"][0]["fault"]["code"].is_string(), "{told}");
    Ok(())
}

#[tokio::test]
async fn a_province_without_statements_says_so() -> anyhow::Result<()> {
    let options = Options {
        profile: Some("sichuan.toml"),
        dressed: true,
        ..Options::default()
    };
    let stage = Stage::open(options).await?;
    let refused = stage.call("reconcile.day", json!({})).await;
    assert!(format!("{refused:?}").contains("DESK-060"), "{refused:?}");
    let refused = stage
        .refused("reconcile.totals", json!({ "day": "2026-11-22" }))
        .await?;
    assert_eq!(refused["code"], "DESK-060", "{refused}");
    Ok(())
}
