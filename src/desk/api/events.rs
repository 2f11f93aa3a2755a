//! `events.subscribe` and the `event` notification.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::Outcome;

/// Answer of `events.subscribe`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubscribeResult {
    pub subscribed: bool,
}

/// Something happened. Never holds a name, a number or code text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    pub at: String,
    pub kind: EventKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// For `outcome_known`: seconds from the doubt to its end, by the PC's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_doubt_s: Option<u64>,
    /// For `queue_changed` once it is settled: what to pay back to the patient; negative: to collect from her.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_pay_back_fen: Option<i64>,
    /// For `phase` the phase, for `queue_changed` the place, for `health` the new state, for `route_changed` route and
    /// state; for `catalog_sync` the list, how it ended (`rows`, `done`, `failed`) and rows or code; otherwise words for the
    /// log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Event {
    /// An event with no details yet; `at` is RFC 3339 with offset.
    #[must_use]
    pub fn new(at: String, kind: EventKind) -> Self {
        Self {
            at,
            kind,
            bill_id: None,
            ticket: None,
            request_id: None,
            outcome: None,
            in_doubt_s: None,
            to_pay_back_fen: None,
            detail: None,
        }
    }
}

/// Kinds of events; a desk ignores those it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    CardInserted,
    CardRemoved,
    CodeScanned,
    ReaderAttached,
    ReaderDetached,
    /// A request goes through its phases.
    Phase,
    /// What was not known is known now.
    OutcomeKnown,
    /// A bill waits for a person.
    NeedsClerk,
    /// A settlement was not confirmed in time.
    ConfirmOverdue,
    /// A deferred bill changed its place in the queue, or was settled.
    QueueChanged,
    /// A route to the platform or to an insured region changed; see `agent.health`.
    RouteChanged,
    /// A list of the catalogue goes on, is up to date, or failed; see `catalog.status`.
    CatalogSync,
    /// A filing that was seen before is not there any more.
    FilingVanished,
    Health,
}
