//! Faults of stays, each brought about at the desk.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage, Stay, stay, stay_line};

use crate::desk::Desk;
use crate::faults::Provoked;

const PERSON: &str = "shanghai-local";

fn interim(mut params: Value) -> Value {
    params["interim"] = json!(true);
    params
}

/// The whole way of a stay and back, stopped at every step by what must come first.
pub async fn stays(provoked: &mut Provoked) -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![("settles_at_year_end = false", "settles_at_year_end = true")],
        ..Options::default()
    })
    .await?;
    provoked.desk = Desk::connect(&stage.socket()).await?;
    provoked.desk.done("events.subscribe", &json!({})).await?;
    let identity = stage.type_number(PERSON).await?;
    let told = stay("ZY0001");
    let line = |serial: &str| vec![stay_line(serial, "20", 1_900, &told.began)];

    lose(
        provoked,
        &stage,
        "2401",
        "stay.admit",
        told.admit("a-1", &identity),
    )
    .await?;
    let charge = told.charge("a-2", &told.lines());
    provoked.expect("DESK-037", "stay.charge", charge).await?;
    known(provoked).await?;
    let early = told.quote("a-3", &identity, Stay::TOTAL_FEN);
    provoked.expect("DESK-040", "stay.quote", early).await?;

    stage
        .admin()
        .fault("2301", "drop_after_commit", json!({}))
        .await?;
    let charge = told.charge("b-1", &told.lines());
    provoked.expect("PLAT-024", "stay.charge", charge).await?;
    provoked
        .expect("DESK-044", "stay.discharge", told.discharge("b-2"))
        .await?;
    let again = told.charge("b-3", &told.lines());
    done(provoked, "stay.charge", again).await?;
    let of_last_year = stay_line("9", "20", 1_900, "2025-12-31T23:59:00+08:00");
    let charge = told.charge("b-4", &[of_last_year]);
    provoked.expect("DESK-054", "stay.charge", charge).await?;

    let ask = interim(told.quote("c-1", &identity, Stay::TOTAL_FEN));
    let outdated = done(provoked, "stay.quote", ask).await?;
    done(provoked, "stay.charge", told.charge("c-2", &line("4"))).await?;
    let settle = interim(told.settle("c-3", &outdated));
    provoked.expect("DESK-048", "stay.settle", settle).await?;
    let wrong = interim(told.quote("c-4", &identity, Stay::TOTAL_FEN));
    provoked.expect("DESK-047", "stay.quote", wrong).await?;
    let ask = interim(told.quote("c-5", &identity, Stay::TOTAL_FEN + 1_900));
    let quote = done(provoked, "stay.quote", ask).await?;
    let part = done(provoked, "stay.settle", interim(told.settle("c-6", &quote))).await?;
    provoked
        .expect("DESK-042", "stay.undo_admission", told.undo("c-7"))
        .await?;

    done(provoked, "stay.charge", told.charge("d-1", &line("5"))).await?;
    done(provoked, "stay.discharge", told.discharge("d-2")).await?;
    let late = told.charge("d-3", &line("6"));
    provoked.expect("DESK-039", "stay.charge", late).await?;
    let quote = done(provoked, "stay.quote", told.quote("d-4", &identity, 1_900)).await?;
    lose(
        provoked,
        &stage,
        "2304",
        "stay.settle",
        told.settle("d-5", &quote),
    )
    .await?;
    provoked
        .expect("DESK-038", "stay.undo_discharge", told.undo("d-6"))
        .await?;
    known(provoked).await?;
    provoked
        .expect("DESK-041", "stay.undo_discharge", told.undo("d-7"))
        .await?;

    let last = done(provoked, "stay.settle", told.settle("d-5", &quote)).await?;
    for (request, settled) in [("e-1", &last), ("e-2", &part)] {
        done(provoked, "stay.cancel", told.cancel(request, settled)).await?;
    }
    done(provoked, "stay.undo_discharge", told.undo("e-3")).await?;
    provoked
        .expect("DESK-043", "stay.undo_admission", told.undo("e-4"))
        .await
}

/// The centre does it, and the answer is lost.
async fn lose(
    provoked: &mut Provoked,
    stage: &Stage,
    number: &str,
    method: &str,
    params: Value,
) -> anyhow::Result<()> {
    stage
        .admin()
        .fault(number, "drop_after_commit", json!({}))
        .await?;
    let told = provoked.desk.done(method, &params).await?;
    assert_eq!(told["outcome"], "not_known", "{method}: {told}");
    Ok(())
}

async fn known(provoked: &mut Provoked) -> anyhow::Result<()> {
    let is_known = |event: &Value| event["kind"] == "outcome_known";
    provoked.desk.event(is_known).await.map(|_| ())
}

async fn done(provoked: &mut Provoked, method: &str, params: Value) -> anyhow::Result<Value> {
    let told = provoked.desk.done(method, &params).await?;
    assert_eq!(told["outcome"], "done", "{method}: {told}");
    Ok(told)
}
