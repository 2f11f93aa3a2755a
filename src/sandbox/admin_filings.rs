//! The office's counter: filings and entries made, taken away by mistake, and brought back.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::admin::{Shared, Trouble, find};
use crate::filing::{Entry, Filing};
use crate::province::Province;
use crate::store;

/// Reason of a removal that names none.
const BY_MISTAKE: &str = "误删除";

pub(crate) fn router() -> Router<Arc<Province>> {
    Router::new()
        .route("/filings", post(add_filing).get(list_filings))
        .route("/filings/{id}", delete(remove_filing))
        .route("/filings/{id}/restore", post(restore_filing))
        .route("/entries", get(list_entries).post(add_entry))
        .route("/entries/{id}", delete(remove_entry))
        .route("/entries/{id}/restore", post(restore_entry))
}

#[derive(Deserialize)]
struct NewFiling {
    person: String,
    #[serde(flatten)]
    filing: Filing,
}

#[derive(Deserialize)]
struct NewEntry {
    person: String,
    #[serde(flatten)]
    entry: Entry,
}

#[derive(Deserialize)]
struct OfPerson {
    person: Option<String>,
}

#[derive(Deserialize)]
struct Why {
    reason: Option<String>,
}

async fn add_filing(State(province): Shared, Json(new): Json<NewFiling>) -> Result<Response, Trouble> {
    let person = find(&province, &new.person)?;
    let (id, number) = province.with_db(|db| store::add_filing(db, person, &new.filing))?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id, "number": number }))).into_response())
}

async fn add_entry(State(province): Shared, Json(new): Json<NewEntry>) -> Result<Response, Trouble> {
    let person = find(&province, &new.person)?;
    let (id, number) = province.with_db(|db| store::add_entry(db, person, &new.entry))?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id, "number": number }))).into_response())
}

async fn list_filings(State(province): Shared, Query(of): Query<OfPerson>) -> Result<Response, Trouble> {
    let person = of.person.as_deref().map(|key| find(&province, key)).transpose()?;
    let filings = province.with_db(|db| store::filings(db, person.map(|person| person.number.as_str())))?;
    Ok(Json(filings).into_response())
}

async fn list_entries(State(province): Shared, Query(of): Query<OfPerson>) -> Result<Response, Trouble> {
    let person = of.person.as_deref().map(|key| find(&province, key)).transpose()?;
    let entries = province.with_db(|db| store::entries(db, person.map(|person| person.number.as_str())))?;
    Ok(Json(entries).into_response())
}

async fn remove_filing(
    State(province): Shared,
    Path(id): Path<i64>,
    Query(why): Query<Why>,
) -> Result<StatusCode, Trouble> {
    let number = filing_number(&province, id)?;
    remove(&province, &number, why)
}

async fn remove_entry(
    State(province): Shared,
    Path(id): Path<i64>,
    Query(why): Query<Why>,
) -> Result<StatusCode, Trouble> {
    let number = entry_number(&province, id)?;
    remove(&province, &number, why)
}

async fn restore_filing(State(province): Shared, Path(id): Path<i64>) -> Result<StatusCode, Trouble> {
    let number = filing_number(&province, id)?;
    restore(&province, &number)
}

async fn restore_entry(State(province): Shared, Path(id): Path<i64>) -> Result<StatusCode, Trouble> {
    let number = entry_number(&province, id)?;
    restore(&province, &number)
}

fn filing_number(province: &Province, id: i64) -> Result<String, Trouble> {
    let filings = province.with_db(|db| store::filings(db, None))?;
    let found = filings.into_iter().find(|stored| stored.id == id);
    found
        .map(|stored| stored.number)
        .ok_or_else(|| Trouble(StatusCode::NOT_FOUND, format!("no filing {id}")))
}

fn entry_number(province: &Province, id: i64) -> Result<String, Trouble> {
    let entries = province.with_db(|db| store::entries(db, None))?;
    let found = entries.into_iter().find(|stored| stored.id == id);
    found
        .map(|stored| stored.number)
        .ok_or_else(|| Trouble(StatusCode::NOT_FOUND, format!("no entry {id}")))
}

fn remove(province: &Province, number: &str, why: Why) -> Result<StatusCode, Trouble> {
    let reason = why.reason.unwrap_or_else(|| String::from(BY_MISTAKE));
    if province.with_db(|db| store::remove(db, number, &province.time(), &reason))? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Trouble(StatusCode::CONFLICT, String::from("taken away already")))
    }
}

fn restore(province: &Province, number: &str) -> Result<StatusCode, Trouble> {
    if province.with_db(|db| store::restore(db, number))? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Trouble(StatusCode::CONFLICT, String::from("not taken away")))
    }
}
