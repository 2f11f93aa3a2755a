//! Bills held against the rules of the insurance: shown before settling, overruled with a reason where that is allowed.

use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, order};

const WITH_QUOTE: (&str, &str) = ("# with_quote = \"during\"", "with_quote = \"during\"");

/// A bill with more of a drug than one bill may have.
fn too_much(visit: &str) -> Order {
    one_line(
        visit,
        "XN02BEB038A001010203410",
        "对乙酰氨基酚片",
        "240",
        "0.10",
        2_400,
    )
}

/// A drug for lung cancer, for somebody with an upset stomach.
fn not_indicated(visit: &str) -> Order {
    one_line(
        visit,
        "XL01EBA334A001010178900",
        "甲磺酸奥希替尼片",
        "1",
        "186.00",
        18_600,
    )
}

fn one_line(visit: &str, code: &str, name: &str, quantity: &str, price: &str, fen: i64) -> Order {
    let mut bill = order(visit);
    let text = |text: &str| String::from(text);
    bill.lines = vec![(text(code), text(name), text(quantity), text(price), fen)];
    bill
}

fn rules(told: &Value) -> Vec<&str> {
    let violations = told["violations"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    violations.iter().filter_map(|one| one["rule"].as_str()).collect()
}

async fn stage(changes: Vec<(&'static str, &'static str)>) -> anyhow::Result<Stage> {
    Stage::open(Options {
        profile_changes: changes,
        ..Options::default()
    })
    .await
}

async fn warnings(stage: &Stage) -> anyhow::Result<Vec<Value>> {
    let books = stage.admin().get("/books").await?;
    let book = books
        .as_array()
        .and_then(|books| books.iter().find(|book| book["name"] == "warning").cloned());
    let rows = book.map(|book| book["rows"].clone()).unwrap_or_default();
    Ok(rows.as_array().cloned().unwrap_or_default())
}

#[tokio::test]
async fn the_desk_asks_what_the_rules_have_against_a_bill() -> anyhow::Result<()> {
    let stage = stage(vec![]).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let checked = async |bill: &Order, stage_word: &str| {
        let mut asked = bill.quote("unused", &identity);
        asked["stage"] = json!(stage_word);
        stage.call("visit.check", asked).await
    };
    let free = checked(&order("MZ0001"), "before").await?;
    assert_eq!(
        (&free["standing"], rules(&free)),
        (&json!("free"), vec![]),
        "{free}"
    );
    let told = checked(&too_much("MZ0002"), "before").await?;
    assert_eq!(
        (&told["standing"], rules(&told)),
        (&json!("needs_reason"), vec!["R0201"]),
        "{told}"
    );
    let one = &told["violations"][0];
    assert_eq!(
        (&one["amount_fen"], &one["lines"]),
        (&json!(2_400), &json!(["MZ0002-B1-1"]))
    );
    let told = checked(&not_indicated("MZ0003"), "during").await?;
    assert_eq!(
        (&told["standing"], rules(&told)),
        (&json!("forbidden"), vec!["R0101"]),
        "{told}"
    );
    assert_eq!(stage.admin().calls("3101", None).await?, 2);
    assert_eq!(stage.admin().calls("3102", None).await?, 1);
    assert_eq!(
        stage.admin().calls("2201", None).await?,
        0,
        "nothing is registered for a check"
    );
    Ok(())
}

#[tokio::test]
async fn a_quote_without_a_check_says_nothing_of_rules() -> anyhow::Result<()> {
    let stage = stage(vec![]).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let quote = stage
        .call("visit.quote", too_much("MZ0001").quote("q-1", &identity))
        .await?;
    assert_eq!(quote["quote"].get("rules"), None, "{quote}");
    assert_eq!(stage.admin().calls("3102", None).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_broken_rule_is_overruled_with_a_reason_that_the_ledger_and_the_platform_keep() -> anyhow::Result<()>
{
    let stage = stage(vec![WITH_QUOTE]).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = too_much("MZ0001");
    let quote = stage.call("visit.quote", bill.quote("q-1", &identity)).await?;
    let told = &quote["quote"]["rules"];
    assert_eq!(
        (&told["standing"], rules(told)),
        (&json!("needs_reason"), vec!["R0201"]),
        "{quote}"
    );

    for (id, reason) in [("s-1", None), ("s-2", Some("  "))] {
        let mut asked = bill.settle(id, &quote);
        if let Some(reason) = reason {
            asked["override_reason"] = json!(reason);
        }
        let refused = stage.call("visit.settle", asked).await?;
        assert_eq!(refused["fault"]["code"], "DESK-074", "{refused}");
    }
    assert_eq!(stage.admin().calls("2207A", None).await?, 0);
    let mut asked = bill.settle("s-3", &quote);
    asked["override_reason"] = json!("长期出差，患者要求多开");
    let settled = stage.call("visit.settle", asked).await?;
    assert_eq!(settled["outcome"], "done", "{settled}");

    let warned = warnings(&stage).await?;
    let [row] = warned.as_slice() else {
        anyhow::bail!("{warned:?}")
    };
    assert!(row.to_string().contains("长期出差，患者要求多开"), "3103: {row}");
    let shown = stage.zhijie(&["ledger", "show", &bill.bill_id()])?;
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("overruled") && !shown.contains("长期出差"),
        "{shown}"
    );
    let mut kept = std::fs::read(stage.ledger())?;
    kept.extend(std::fs::read(stage.ledger().with_extension("sqlite-wal")).unwrap_or_default());
    assert!(
        String::from_utf8_lossy(&kept).contains("长期出差，患者要求多开"),
        "the ledger keeps the reason"
    );

    // A week has not passed: the same drug again breaks another rule.
    let again = stage
        .call("visit.quote", too_much("MZ0002").quote("q-2", &identity))
        .await?;
    assert_eq!(rules(&again["quote"]["rules"]), ["R0201", "R0302"], "{again}");
    Ok(())
}

#[tokio::test]
async fn what_a_rule_forbids_no_reason_settles() -> anyhow::Result<()> {
    let stage = stage(vec![WITH_QUOTE]).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let bill = not_indicated("MZ0001");
    let quote = stage.call("visit.quote", bill.quote("q-1", &identity)).await?;
    assert_eq!(quote["quote"]["rules"]["standing"], "forbidden", "{quote}");
    let mut asked = bill.settle("s-1", &quote);
    asked["override_reason"] = json!("患者坚持");
    let refused = stage.call("visit.settle", asked).await?;
    assert_eq!(refused["fault"]["code"], "DESK-073", "{refused}");
    assert_eq!(stage.admin().calls("2207A", None).await?, 0);
    assert_eq!(stage.admin().calls("3103", None).await?, 0);

    // With a fitting diagnosis, which is all the rule asks for.
    let mut asked = bill.quote("q-2", &identity);
    asked["visit"]["diagnoses"] = json!([{ "code": "C34.900", "name": "肺恶性肿瘤" }]);
    let quote = stage.call("visit.quote", asked).await?;
    assert_eq!(quote["quote"]["rules"]["standing"], "free", "{quote}");
    let settled = stage.call("visit.settle", bill.settle("s-2", &quote)).await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    Ok(())
}

#[tokio::test]
async fn a_check_nobody_answers_stops_a_bill_only_where_the_province_insists() -> anyhow::Result<()> {
    for needed in [false, true] {
        let mut changes = vec![WITH_QUOTE];
        if needed {
            changes.push(("\nneeded = false", "\nneeded = true"));
        }
        let stage = stage(changes).await?;
        let identity = stage.type_number("fuyang-resident").await?;
        let broken = json!({ "text": "FSI-审核服务异常" });
        stage.admin().fault("3102", "refuse", broken).await?;
        let quote = stage
            .call("visit.quote", order("MZ0001").quote("q-1", &identity))
            .await?;
        if needed {
            assert_eq!(quote["fault"]["code"], "PLAT-042", "{quote}");
            assert_eq!(stage.admin().calls("2201", None).await?, 0);
        } else {
            assert_eq!(quote["quote"]["rules"]["standing"], "not_checked", "{quote}");
            let settled = stage
                .call("visit.settle", order("MZ0001").settle("s-1", &quote))
                .await?;
            assert_eq!(settled["outcome"], "done", "{settled}");
        }
    }
    Ok(())
}
