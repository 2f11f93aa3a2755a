//! A stay over New Year: where the province keeps years apart, its fees are settled year by year, and elsewhere together.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage, Stay, stay, stay_line};

use crate::stays::{PERSON, done, refused_with};

/// Both sides of the switch: the profile's line, and what the sandbox is told.
const APART: (&str, &str) = ("settles_at_year_end = false", "settles_at_year_end = true");
const DEMANDED: &str = "--settle-at-year-end";

/// A stay that began before New Year, admitted, with a line of the old year at the centre.
async fn begun(stage: &Stage, number: &str) -> anyhow::Result<(Stay, String)> {
    let identity = stage.type_number(PERSON).await?;
    let mut stay = stay(number);
    stay.began = String::from("2025-12-30T08:00:00+08:00");
    stay.ended = String::from("2026-01-02T09:30:00+08:00");
    done(stage, "stay.admit", stay.admit("admit", &identity)).await?;
    done(stage, "stay.charge", stay.charge("old", &[old()])).await?;
    Ok((stay, identity))
}

/// The last minute of the year, in Beijing.
fn old() -> Value {
    stay_line("1", "140", 13_300, "2025-12-31T23:59:00+08:00")
}

fn new() -> Value {
    stay_line("2", "20", 1_900, "2026-01-01T00:00:00+08:00")
}

/// Gives a part of the old year's line back, in the new year.
fn back() -> Value {
    let mut back = stay_line("3", "-40", -3_800, "2026-01-01T08:00:00+08:00");
    back["refunds"] = json!("1");
    back
}

#[tokio::test]
async fn where_years_are_kept_apart_the_old_one_is_settled_first() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![APART],
        sandbox: vec![DEMANDED],
        ..Options::default()
    })
    .await?;
    let (stay, identity) = begun(&stage, "ZY-YEAR").await?;
    let charge = |request: &str, lines: &[Value]| stay.charge(request, lines);
    refused_with(&stage, "stay.charge", charge("mixed", &[new()]), "DESK-054").await?;
    let told = stage
        .call("stay.charge", charge("mixed-2", &[back(), new()]))
        .await?;
    assert!(told["fault"]["cashier"].to_string().contains("2025年"), "{told}");
    assert_eq!(
        stage.admin().calls("2301", None).await?,
        1,
        "nothing of it was sent"
    );
    done(&stage, "stay.charge", charge("back", &[back()])).await?;

    let mut asked = stay.quote("quote", &identity, 9_500);
    asked["interim"] = json!(true);
    let quote = done(&stage, "stay.quote", asked).await?;
    let mut asked = stay.settle("settle", &quote);
    asked["interim"] = json!(true);
    done(&stage, "stay.settle", asked).await?;
    // The whole stay told again: what is settled is in nobody's way.
    let told = done(&stage, "stay.charge", charge("all", &[old(), new()])).await?;
    assert_eq!(told["charges"]["unsettled_fen"], 1_900, "{told}");
    done(&stage, "stay.discharge", stay.discharge("discharge")).await?;
    let quote = done(&stage, "stay.quote", stay.quote("rest", &identity, 1_900)).await?;
    done(&stage, "stay.settle", stay.settle("settle-rest", &quote)).await?;
    assert_eq!(stage.admin().standing("ZY-YEAR").await?, 2);
    Ok(())
}

#[tokio::test]
async fn elsewhere_both_years_lie_together_and_a_demand_not_known_is_told() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let (stay, identity) = begun(&stage, "ZY-TWO").await?;
    done(&stage, "stay.charge", stay.charge("new", &[new()])).await?;
    done(&stage, "stay.discharge", stay.discharge("discharge")).await?;
    done(&stage, "stay.quote", stay.quote("quote", &identity, 15_200)).await?;

    let stage = Stage::open(Options {
        sandbox: vec![DEMANDED],
        ..Options::default()
    })
    .await?;
    let (stay, _) = begun(&stage, "ZY-NOT-KNOWN").await?;
    let told = stage.call("stay.charge", stay.charge("new", &[new()])).await?;
    assert_ne!(told["outcome"], "done", "{told}");
    assert!(
        told["fault"]["platform_text"]
            .to_string()
            .contains("2025年度未结算费用"),
        "{told}"
    );
    Ok(())
}
