//! What the centre holds of a settled visit: asked, and told from our own copy where it shows nothing.

use base64::Engine as _;
use serde_json::{Value, json};
use zhijie_tests::{Options, Stage, order};

use crate::road::settle;

fn column<'a>(rows: &'a Value, name: &str) -> Vec<&'a Value> {
    let rows = rows["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
    rows.iter().map(|row| &row[name]).collect()
}

#[tokio::test]
async fn lines_and_diagnoses_are_the_centre_s_or_our_own_copy_of_them() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        sandbox: vec!["--empty-5203-for-visitors"],
        ..Options::default()
    })
    .await?;
    let mut told = Vec::new();
    for (person, from_disk) in [("shanghai-local", false), ("fuyang-resident", true)] {
        let identity = stage.type_number(person).await?;
        let bill = order(if from_disk { "MZ2" } else { "MZ1" });
        let (quote, settled) = settle(&stage, &bill, &identity, person).await?;
        assert_eq!(settled["outcome"], "done", "{settled}");
        let details = stage
            .call("visit.details", json!({ "bill_id": bill.bill_id() }))
            .await?;
        let lines = &details["lines"];
        assert_eq!(lines["source"]["from_disk"], from_disk, "{person}: {details}");
        let quoted: Vec<&Value> = quote["quote"]["lines"].as_array().unwrap().iter().collect();
        for member in ["serial", "amount_fen", "in_scope_fen", "own_expense_fen", "class"] {
            let quoted: Vec<&Value> = quoted.iter().map(|line| &line[member]).collect();
            assert_eq!(column(lines, member), quoted, "{person}: {member}");
        }
        // The centre has the diagnoses of visitors too.
        assert_eq!(details["diagnoses"]["source"]["from_disk"], false, "{details}");
        assert_eq!(column(&details["diagnoses"], "code"), [&json!("K29.500")]);
        let named = |member: &str| column(lines, member).into_iter().cloned().collect::<Vec<_>>();
        told.push((
            named("national_code"),
            named("own_code"),
            named("unit_price").len(),
        ));
    }
    assert_eq!(told[0], told[1], "the copy tells what the centre tells");
    assert_eq!(stage.admin().calls("5204", None).await?, 2);
    Ok(())
}

#[tokio::test]
async fn our_own_copy_is_there_while_nobody_answers() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let bill = order("MZ1");
    let unknown = stage
        .refused("visit.details", json!({ "bill_id": bill.bill_id() }))
        .await?;
    assert_eq!(unknown["code"], "DESK-021", "{unknown}");
    stage.call("visit.quote", bill.quote("q-1", &identity)).await?;
    let unsettled = stage
        .refused("visit.details", json!({ "bill_id": bill.bill_id() }))
        .await?;
    assert_eq!(unsettled["code"], "DESK-015", "{unsettled}");
    let (_, settled) = settle(&stage, &bill, &identity, "2").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    stage.kill_sandbox();
    let details = stage
        .call("visit.details", json!({ "bill_id": bill.bill_id() }))
        .await?;
    for part in ["lines", "diagnoses"] {
        assert_eq!(details[part]["source"]["from_disk"], true, "{details}");
    }
    assert_eq!(column(&details["lines"], "serial").len(), bill.lines.len());
    Ok(())
}

#[tokio::test]
async fn the_centre_s_own_sheet_is_fetched_by_where_the_patient_is_insured() -> anyhow::Result<()> {
    let table = [
        ("by_province", "shanghai-local", "5265"),
        ("by_province", "fuyang-resident", "5269"),
        ("one", "fuyang-resident", "5260"),
    ];
    for (rule, person, number) in table {
        let rule = String::leak(format!("sheets = \"{rule}\""));
        let stage = Stage::open(Options {
            profile_changes: vec![("sheets = \"by_province\"", rule)],
            ..Options::default()
        })
        .await?;
        let identity = stage.type_number(person).await?;
        let bill = order("MZ1");
        let (_, settled) = settle(&stage, &bill, &identity, "1").await?;
        let told = stage
            .call("receipt.sheet", json!({ "bill_id": bill.bill_id() }))
            .await?;
        assert_eq!(told["format"], "text", "{told}");
        assert_eq!(told["settlement_id"], settled["settlement"]["settlement_id"]);
        let content = told["content_base64"].as_str().unwrap_or_default();
        let content = base64::engine::general_purpose::STANDARD.decode(content)?;
        let content = String::from_utf8(content)?;
        assert!(content.contains("412.60"), "{content}");
        assert_eq!(stage.admin().calls(number, None).await?, 1, "{person}");
    }
    let stage = Stage::open(Options {
        profile_changes: vec![("sheets = \"by_province\"", "sheets = \"none\"")],
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("shanghai-local").await?;
    let bill = order("MZ1");
    settle(&stage, &bill, &identity, "1").await?;
    let none = stage
        .refused("receipt.sheet", json!({ "bill_id": bill.bill_id() }))
        .await?;
    assert_eq!(none["code"], "DESK-072", "{none}");
    Ok(())
}

#[tokio::test]
async fn drugs_under_a_chronic_disease_are_told_with_where_they_were_handed_out() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let asked = json!({ "identity_id": identity, "began": "2026-11-01T00:00:00+08:00" });
    let none = stage.call("person.medicines", asked.clone()).await?;
    assert_eq!(none["rows"], json!([]), "{none}");
    // An ordinary visit and one under the disease she is registered for.
    let plain = order("MZ1");
    settle(&stage, &plain, &identity, "1").await?;
    let mut chronic = order("MZ2");
    chronic.visit_kind = String::from("140104");
    let mut quote = chronic.quote("q-2", &identity);
    quote["visit"]["disease"] = json!({ "code": "M03900", "name": "高血压" });
    let quote = stage.call("visit.quote", quote).await?;
    let settled = stage.call("visit.settle", chronic.settle("s-2", &quote)).await?;
    assert_eq!(settled["outcome"], "done", "{quote} {settled}");
    let told = stage.call("person.medicines", asked).await?;
    let codes: Vec<&Value> = column(&told, "national_code");
    let drugs: Vec<Value> = chronic.lines.iter().map(|line| json!(line.0)).collect();
    let drugs: Vec<&Value> = drugs
        .iter()
        .filter(|code| code.to_string().starts_with("\"X"))
        .collect();
    assert_eq!(codes, drugs, "{told}");
    assert_eq!(told["rows"][0]["institution"], "H31010100001", "{told}");
    Ok(())
}
