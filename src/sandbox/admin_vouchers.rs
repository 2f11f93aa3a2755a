//! The e-voucher service as the software library reaches it: a scanned code and what the library was handed, in plain JSON.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::admin::{Shared, Trouble};
use crate::envelope::Request;
use crate::fields::Fields;
use crate::province::Province;
use crate::store;

pub(crate) fn router() -> Router<Arc<Province>> {
    Router::new().route("/voucher-library", post(decode))
}

#[derive(Deserialize)]
struct Scanned {
    code: String,
    request: Handed,
}

/// What a library is handed by the hospital's program.
#[derive(Deserialize)]
#[expect(non_snake_case, reason = "member names of the interface")]
struct Handed {
    orgId: String,
    transType: String,
    data: Map<String, Value>,
}

/// Decodes by the platform's own transaction, and answers in the service's words.
async fn decode(State(province): Shared, Json(scanned): Json<Scanned>) -> Result<Json<Value>, Trouble> {
    let Scanned { code, request } = scanned;
    if request.transType != "ec.query" {
        return Ok(Json(
            json!({ "code": 500_101, "message": "交易类型不存在", "data": null }),
        ));
    }
    let said = |name: &str| {
        request
            .data
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let (operator, operator_name) = (said("operatorId"), said("operatorName"));
    let institution = request.orgId;
    let mut data = request.data;
    data.insert(String::from("ecQrCode"), Value::from(code));
    let input = Fields::parse("input", &json!({ "data": data }).to_string())
        .map_err(|refusal| Trouble(StatusCode::UNPROCESSABLE_ENTITY, refusal.to_string()))?;
    let serial = province.with_db(|db| store::next(db, "voucher library"))?;
    let call = Request {
        infno: String::from("1162"),
        msgid: format!("library{serial:023}"),
        care_area: province.options.area,
        insured_area: None,
        operator,
        operator_name,
        institution: institution.clone(),
        institution_name: String::new(),
        sign_no: None,
        input,
        from_service: true,
    };
    let executed = tokio::task::spawn_blocking(move || province.execute(&call, province.now(), None)).await;
    let executed = executed.map_err(|error| Trouble(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    let told: Value = serde_json::from_str(&executed.body).unwrap_or(Value::Null);
    let at = |path: &str| told.pointer(path).cloned().unwrap_or(Value::Null);
    Ok(Json(match at("/output/data") {
        Value::Null => {
            json!({ "code": 500_160, "message": at("/err_msg"), "orgId": institution, "data": null })
        }
        // As text inside the text, as some provinces have it.
        data => json!({ "code": 0, "message": "成功", "orgId": institution, "data": data.to_string() }),
    }))
}
