//! Institutions and code tables: asked, kept for a day, and told with their age.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage};

fn column<'a>(rows: &'a Value, name: &str) -> Vec<&'a str> {
    let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    rows.iter().filter_map(|row| row[name].as_str()).collect()
}

#[tokio::test]
async fn institutions_are_found_by_a_part_of_the_name_or_by_code() -> anyhow::Result<()> {
    for node in ["institution_node = \"lower\"", "institution_node = \"camel\""] {
        let stage = Stage::open(Options {
            profile_changes: vec![("institution_node = \"lower\"", node)],
            ..Options::default()
        })
        .await?;
        let table = [
            (
                json!({ "name": "示范医院" }),
                vec!["H31010100001", "H31010400007"],
            ),
            (json!({ "code": "H34120200003" }), vec!["H34120200003"]),
            (
                json!({ "kind": "pharmacy", "name": "药房" }),
                vec!["P31010100021"],
            ),
            (json!({ "kind": "aids", "name": "医院" }), vec![]),
        ];
        for (params, codes) in table {
            let told = stage.call("institution.find", params).await?;
            assert_eq!(column(&told["institutions"], "code"), codes, "{node}: {told}");
            assert_eq!(told["cut"], false);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_code_table_is_asked_for_once_a_day_and_kept_while_the_line_is_down() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options::default()).await?;
    let table = json!({ "table": "med_type" });
    let first = stage.call("dictionary.list", table.clone()).await?;
    assert_eq!(first["source"]["from_disk"], false, "{first}");
    let codes = column(&first["entries"], "code");
    assert!(
        codes.contains(&"11") && !codes.contains(&"19"),
        "only what is valid today: {first}"
    );
    let below = stage
        .call("dictionary.list", json!({ "table": "med_type", "parent": "14" }))
        .await?;
    assert_eq!(column(&below["entries"], "code"), ["140104", "140201"], "{below}");
    let again = stage.call("dictionary.list", table.clone()).await?;
    assert_eq!(
        (&again["entries"], &again["source"]["from_disk"]),
        (&first["entries"], &json!(true))
    );
    assert_eq!(again["asked_at"], first["asked_at"]);
    assert_eq!(stage.admin().calls("1901", None).await?, 2);
    let fresh = stage
        .call("dictionary.list", json!({ "table": "med_type", "refresh": true }))
        .await?;
    assert_eq!(fresh["source"]["from_disk"], false, "{fresh}");
    assert_eq!(stage.admin().calls("1901", None).await?, 3);

    let unknown = stage
        .refused("dictionary.list", json!({ "table": "no_such_table" }))
        .await?;
    assert_eq!(unknown["code"], "PLAT-012", "{unknown}");
    stage.kill_sandbox();
    let kept = stage
        .call("dictionary.list", json!({ "table": "med_type", "refresh": true }))
        .await?;
    assert_eq!(kept["source"]["from_disk"], true, "{kept}");
    assert_eq!(kept["entries"], first["entries"]);
    Ok(())
}
