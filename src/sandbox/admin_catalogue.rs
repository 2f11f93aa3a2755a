//! The catalogue's other side: new versions, and files and pages that are not as they should be.

use std::sync::{Arc, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::admin::{Shared, Trouble};
use crate::listing::{Trick, version_text};
use crate::province::Province;
use crate::store;

pub(crate) fn router() -> Router<Arc<Province>> {
    Router::new()
        .route("/catalogue/changes", post(change))
        .route("/catalogue/trick", put(set_trick).delete(clear_trick))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    code: String,
    /// Withdrawn when false.
    stands: bool,
}

/// Publishes a version in which one item was withdrawn or brought back.
async fn change(State(province): Shared, Json(change): Json<Change>) -> Result<Json<Value>, Trouble> {
    let Change { code, stands } = change;
    if !province.data.catalogue.contains_key(&code) {
        return Err(Trouble(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("no item {code}"),
        ));
    }
    let at = province.time();
    let version = province.with_db(|db| store::add_change(db, &code, stands, &at))?;
    let version = u32::try_from(version).unwrap_or(u32::MAX);
    Ok(Json(json!({ "version": version_text(version) })))
}

async fn set_trick(State(province): Shared, Json(trick): Json<Trick>) -> StatusCode {
    *province.trick.lock().unwrap_or_else(PoisonError::into_inner) = Some(trick);
    StatusCode::NO_CONTENT
}

async fn clear_trick(State(province): Shared) -> StatusCode {
    *province.trick.lock().unwrap_or_else(PoisonError::into_inner) = None;
    StatusCode::NO_CONTENT
}
