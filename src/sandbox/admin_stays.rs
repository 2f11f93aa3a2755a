//! Who lies in hospital, and a hospital elsewhere that admits somebody.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;
use zhijie_model::Fen;

use crate::admin::{Shared, Trouble, find, mask};
use crate::province::Province;
use crate::store::{self, Stay, StayRow, Visit};

/// Institution code of the hospital elsewhere.
const ELSEWHERE: &str = "H00000000000";

pub(crate) fn router() -> Router<Arc<Province>> {
    Router::new()
        .route("/stays", get(list).post(admit_elsewhere))
        .route("/stays/{id}/end", post(end))
}

#[derive(Deserialize)]
struct OfPerson {
    person: Option<String>,
}

#[derive(Deserialize)]
struct Elsewhere {
    person: String,
    /// Name of the hospital, as refusals tell it.
    hospital: String,
}

#[derive(Serialize)]
struct Row {
    id: String,
    number: String,
    psn_masked: String,
    hospital: String,
    institution: String,
    kind: Option<String>,
    began: String,
    ended: Option<String>,
    lines: i64,
    unsettled_fen: Fen,
}

async fn list(State(province): Shared, Query(of): Query<OfPerson>) -> Result<Response, Trouble> {
    let person = of.person.as_deref().map(|key| find(&province, key)).transpose()?;
    let stays = province.with_db(|db| store::stays(db, person.map(|person| person.number.as_str())))?;
    let rows: Vec<Row> = stays.into_iter().map(row).collect();
    Ok(Json(rows).into_response())
}

fn row(stay: StayRow) -> Row {
    Row {
        psn_masked: mask(&stay.person),
        id: stay.id,
        number: stay.number,
        hospital: stay.hospital,
        institution: stay.institution,
        kind: stay.kind,
        began: stay.began,
        ended: stay.ended,
        lines: stay.lines,
        unsettled_fen: stay.unsettled,
    }
}

/// Lets a hospital elsewhere admit a person, whatever this province knows of her.
async fn admit_elsewhere(State(province): Shared, Json(new): Json<Elsewhere>) -> Result<Response, Trouble> {
    let person = find(&province, &new.person)?;
    let insurance = person.insurance.first().ok_or_else(|| {
        Trouble(
            StatusCode::UNPROCESSABLE_ENTITY,
            String::from("person has no insurance"),
        )
    })?;
    let began = province.time();
    let id = province.with_db(|db| -> rusqlite::Result<String> {
        let serial = store::next(db, "elsewhere")?;
        let id = format!("ELSEWHERE{serial:021}");
        let visit = Visit {
            id: id.clone(),
            person: person.number.clone(),
            insurance: insurance.kind.clone(),
            area: insurance.area.to_string(),
            number: format!("WY{serial}"),
            institution: String::from(ELSEWHERE),
            began,
            credential: String::from("02"),
            registration: String::from("{}"),
            kind: None,
            description: None,
        };
        store::add_visit(db, &visit)?;
        store::describe_visit(db, &id, "21", "{}", &[])?;
        let stay = Stay {
            visit: id.clone(),
            msgid: id.clone(),
            hospital: new.hospital,
            ended: None,
            discharge: None,
        };
        store::add_stay(db, &stay)?;
        Ok(id)
    })?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id }))).into_response())
}

/// The person leaves.
async fn end(State(province): Shared, Path(id): Path<String>) -> Result<StatusCode, Trouble> {
    let at = province.time();
    province.with_db(|db| store::discharge_stay(db, &id, Some((&at, "{}"))))?;
    Ok(StatusCode::NO_CONTENT)
}
