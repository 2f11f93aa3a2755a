//! The other side of the counter: faults, what is stored, vouchers; filings and regions beside it. Plain HTTP, loopback only, for tests.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;
use zhijie_model::Fen;

use crate::calls::Progress;
use crate::faults::Fault;
use crate::people::Person;
use crate::province::Province;
use crate::refusal::Fail;
use crate::store::{self, Settlement};
use crate::transactions::voucher;
use crate::{admin_books, admin_catalogue, admin_filings, admin_regions, admin_stays, admin_vouchers};

pub(crate) type Shared = State<Arc<Province>>;

pub(crate) fn router(province: Arc<Province>) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/faults", post(add_fault).get(list_faults).delete(clear_faults))
        .route("/settlements", get(list_settlements))
        .route("/calls", get(list_calls))
        .route("/wait", get(wait))
        .route("/vouchers", post(issue_voucher))
        .route("/persons", get(list_persons))
        .route("/sign-ins", delete(expire_sign_ins))
        .merge(admin_catalogue::router())
        .route("/tokens", delete(expire_tokens))
        .merge(admin_books::router())
        .merge(admin_filings::router())
        .merge(admin_regions::router())
        .merge(admin_stays::router())
        .merge(admin_vouchers::router())
        .with_state(province)
        .layer(axum::middleware::from_fn(admin_books::only_here))
}

/// An error as `{"error": ...}`.
pub(crate) struct Trouble(pub(crate) StatusCode, pub(crate) String);

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

impl From<Fail> for Trouble {
    fn from(fail: Fail) -> Self {
        match fail {
            Fail::Refused(refusal) => Self(StatusCode::UNPROCESSABLE_ENTITY, refusal.to_string()),
            Fail::Store(error) => Self::from(error),
            Fail::Record(error) => Self(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        }
    }
}

async fn health(State(province): Shared) -> Response {
    Json(json!({ "status": "ok", "area": province.options.area, "time": province.time() })).into_response()
}

async fn add_fault(State(province): Shared, Json(fault): Json<Fault>) -> Result<StatusCode, Trouble> {
    fault
        .check()
        .map_err(|error| Trouble(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    province.faults.add(fault);
    Ok(StatusCode::CREATED)
}

/// Every token of the gateway ends.
async fn expire_tokens(State(province): Shared) -> StatusCode {
    province.gate().tokens.expire();
    StatusCode::NO_CONTENT
}

async fn list_faults(State(province): Shared) -> Json<Vec<Fault>> {
    Json(province.faults.list())
}

async fn clear_faults(State(province): Shared) -> StatusCode {
    province.faults.clear();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct OfVisit {
    visit: Option<String>,
}

#[derive(Serialize)]
struct Row {
    setl_id: String,
    msgid: String,
    visit: Option<String>,
    batch: String,
    psn_masked: String,
    total_fen: Fen,
    cash_fen: Fen,
    fund_fen: Fen,
    account_fen: Fen,
    standing: bool,
    refund_of: Option<String>,
    at: String,
}

async fn list_settlements(
    State(province): Shared,
    Query(of): Query<OfVisit>,
) -> Result<Json<Vec<Row>>, Trouble> {
    let rows = province.with_db(|db| -> rusqlite::Result<Vec<Row>> {
        let mut rows = Vec::new();
        for settlement in store::settlements(db, of.visit.as_deref())? {
            let number = store::visit_by_id(db, &settlement.visit)?.map(|visit| visit.number);
            rows.push(row(settlement, number));
        }
        Ok(rows)
    })?;
    Ok(Json(rows))
}

fn row(settlement: Settlement, visit: Option<String>) -> Row {
    Row {
        standing: settlement.stands(),
        psn_masked: mask(&settlement.person),
        setl_id: settlement.id,
        msgid: settlement.msgid,
        visit,
        batch: settlement.batch,
        total_fen: settlement.split.total,
        cash_fen: settlement.split.cash,
        fund_fen: settlement.split.funds,
        account_fen: settlement.split.account,
        refund_of: settlement.refund_of,
        at: settlement.at,
    }
}

pub(crate) fn mask(number: &str) -> String {
    let head: String = number.chars().take(6).collect();
    let tail: String = number
        .chars()
        .skip(number.chars().count().saturating_sub(2))
        .collect();
    format!("{head}****{tail}")
}

async fn list_calls(State(province): Shared) -> Response {
    Json(province.calls.list()).into_response()
}

#[derive(Deserialize)]
struct Wanted {
    infno: String,
    #[serde(default = "one")]
    count: usize,
    state: Progress,
    #[serde(default = "ten_seconds")]
    timeout_ms: u64,
}

const fn one() -> usize {
    1
}

const fn ten_seconds() -> u64 {
    10_000
}

async fn wait(State(province): Shared, Query(wanted): Query<Wanted>) -> Response {
    let timeout = Duration::from_millis(wanted.timeout_ms);
    let (reached, count) = province
        .calls
        .wait(&wanted.infno, wanted.count, wanted.state, timeout)
        .await;
    Json(json!({ "reached": reached, "count": count })).into_response()
}

#[derive(Deserialize)]
struct ForPerson {
    person: String,
    life_s: Option<u64>,
}

async fn issue_voucher(State(province): Shared, Json(wanted): Json<ForPerson>) -> Result<Response, Trouble> {
    let person = find(&province, &wanted.person)?;
    let life = wanted
        .life_s
        .map_or(province.options.voucher_life, Duration::from_secs);
    let code = province.with_db(|db| voucher::issue(db, person, province.now(), life))?;
    Ok(Json(json!({ "code": code, "life_s": life.as_secs() })).into_response())
}

async fn list_persons(State(province): Shared) -> Json<Vec<Person>> {
    Json(province.data.people.clone())
}

async fn expire_sign_ins(State(province): Shared) -> Result<Response, Trouble> {
    let ended = province.with_db(|db| store::expire_sign_ins(db))?;
    Ok(Json(json!({ "ended": ended })).into_response())
}

/// A person by key or by number.
pub(crate) fn find<'a>(province: &'a Province, wanted: &str) -> Result<&'a Person, Trouble> {
    province
        .data
        .people
        .iter()
        .find(|person| person.key == wanted || person.number == wanted)
        .ok_or_else(|| {
            Trouble(
                StatusCode::NOT_FOUND,
                String::from("no such person; see GET /persons"),
            )
        })
}
