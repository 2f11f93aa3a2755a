//! Errors of the protocol and faults of the agent, as a JSON-RPC error object.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;
use zhijie_model::{Fault, Link, MoneyMoved};

use crate::api::ParamError;

/// An error object. It never repeats a value of the request: values may be personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Error)]
#[error("{message} ({code})")]
pub struct RpcError {
    pub code: i64,
    pub message: String,
    /// `{path, kind, problem}` for what is wrong with a request, a fault object with [`RpcError::FAULT`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl RpcError {
    pub const PARSE: i64 = -32700;
    pub const INVALID_REQUEST: i64 = -32600;
    pub const METHOD_NOT_FOUND: i64 = -32601;
    pub const INVALID_PARAMS: i64 = -32602;
    pub const INTERNAL: i64 = -32603;
    /// `data` is a fault object.
    pub const FAULT: i64 = -32000;

    /// Not JSON at all.
    #[must_use]
    pub fn parse(problem: &str) -> Self {
        Self::with_problem(Self::PARSE, "Parse error", problem)
    }

    /// JSON, but no request.
    #[must_use]
    pub fn invalid_request(problem: &str) -> Self {
        Self::with_problem(Self::INVALID_REQUEST, "Invalid Request", problem)
    }

    #[must_use]
    pub fn method_not_found() -> Self {
        Self::with_problem(
            Self::METHOD_NOT_FOUND,
            "Method not found",
            "no such method; the hello notification lists all of them",
        )
    }

    /// `path` counts from `params`; empty for `params` itself. `kind` is for programs: `missing`, `wrong_type`,
    /// `duplicate`, `not_allowed`.
    #[must_use]
    pub fn invalid_params(path: &str, kind: &str, problem: &str) -> Self {
        let place = if path.is_empty() { "params" } else { path };
        Self {
            code: Self::INVALID_PARAMS,
            message: format!("Invalid params: {place}: {problem}"),
            data: Some(json!({"path": path, "kind": kind, "problem": problem})),
        }
    }

    /// Something in the agent broke; the log tells what.
    #[must_use]
    pub fn internal() -> Self {
        Self {
            code: Self::INTERNAL,
            message: String::from("Internal error"),
            data: None,
        }
    }

    /// What did not work, for methods whose answer has no place for a fault.
    #[must_use]
    pub fn fault(fault: &Fault) -> Self {
        Self {
            code: Self::FAULT,
            message: format!("{}: {}", fault.code, fault.engineer),
            data: serde_json::to_value(fault).ok(),
        }
    }

    /// The fault inside, when there is one.
    #[must_use]
    pub fn to_fault(&self) -> Option<Fault> {
        (self.code == Self::FAULT)
            .then(|| self.data.clone())
            .flatten()
            .and_then(|data| serde_json::from_value(data).ok())
    }

    /// A limit is reached; nothing ran. `what` says which, in English.
    #[must_use]
    pub fn busy(what: &str) -> Self {
        Self::fault(&Fault {
            code: String::from("AGENT-BUSY"),
            link: Link::Agent,
            money_moved: MoneyMoved::No,
            cashier: String::from("程序繁忙，没有结算，请稍后再试"),
            engineer: format!("{what}; nothing ran, try again after an answer has come"),
            platform_text: None,
            trace: Vec::new(),
            marker: String::from("busy"),
        })
    }

    fn with_problem(code: i64, message: &str, problem: &str) -> Self {
        Self {
            code,
            message: format!("{message}: {problem}"),
            data: Some(json!({"problem": problem})),
        }
    }
}

impl From<ParamError> for RpcError {
    fn from(error: ParamError) -> Self {
        Self::invalid_params(&error.path, "not_allowed", &error.problem)
    }
}
