//! Roads to insured regions, set and cleared.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use zhijie_model::Area;

use crate::admin::{Shared, Trouble};
use crate::province::Province;
use crate::roads::Road;

pub(crate) fn router() -> Router<Arc<Province>> {
    Router::new()
        .route("/regions", get(list))
        .route("/regions/{area}", put(set).delete(clear))
}

async fn list(State(province): Shared) -> Response {
    Json(province.roads.list()).into_response()
}

/// Replaces the whole road.
async fn set(
    State(province): Shared,
    Path(area): Path<String>,
    Json(road): Json<Road>,
) -> Result<StatusCode, Trouble> {
    province.roads.set(read(&area)?, road);
    Ok(StatusCode::NO_CONTENT)
}

async fn clear(State(province): Shared, Path(area): Path<String>) -> Result<StatusCode, Trouble> {
    province.roads.clear(read(&area)?);
    Ok(StatusCode::NO_CONTENT)
}

fn read(area: &str) -> Result<Area, Trouble> {
    Area::new(area).map_err(|error| Trouble(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))
}
