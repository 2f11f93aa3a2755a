//! `hello`, `agent.info`, `agent.health`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::Notice;
use crate::method::Method;

/// The first line of every connection, sent by the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hello {
    /// Always `zhijie`.
    pub product: String,
    pub version: String,
    /// See [`super::INTERFACE_VERSION`].
    pub interface: String,
    /// Names of the methods, and of options worth asking for.
    pub capabilities: Vec<String>,
}

impl Hello {
    /// The greeting of an agent of `version` that serves every method.
    #[must_use]
    pub fn new(version: impl Into<String>) -> Self {
        Self {
            product: String::from("zhijie"),
            version: version.into(),
            interface: String::from(super::INTERFACE_VERSION),
            capabilities: Method::ALL
                .iter()
                .map(|method| String::from(method.name()))
                .collect(),
        }
    }
}

/// Answer of `agent.info`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentInfoResult {
    pub product: String,
    pub version: String,
    pub interface: String,
    pub ledger: LedgerInfo,
    /// Version of the database library.
    pub sqlite: String,
    /// Name of the province profile.
    pub profile: String,
    /// The institution's national code.
    pub institution: String,
    /// This desk's place in message ids.
    pub desk_slot: String,
    pub started_at: String,
}

/// Where the ledger stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LedgerInfo {
    pub schema: u32,
    /// Number of the last record, 0 in an empty ledger.
    pub head_seq: u64,
}

/// Answer of `agent.health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentHealthResult {
    pub state: HealthState,
    /// Why the state is not `ok`; empty when it is.
    pub reasons: Vec<Notice>,
    /// Bills whose outcome is not known yet.
    pub open_doubts: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_doubt_age_s: Option<u64>,
    /// Deferred bills that are still to be settled by the queue.
    pub queued: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_queued_age_s: Option<u64>,
    pub devices: DevicesView,
    pub platform: PlatformView,
    /// Gateway and province always, an insured region when there is something to tell.
    pub routes: Vec<RouteView>,
}

/// Whether the agent can work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    Ok,
    /// Works, with something missing; see the reasons.
    Degraded,
    /// Cannot settle.
    Down,
}

/// Readers and scanners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DevicesView {
    /// Whether the device helper runs.
    pub helper: bool,
    /// Names of the card readers.
    pub readers: Vec<String>,
    pub card_present: bool,
    /// Whether a scanner is open.
    pub scanner: bool,
}

/// The link to the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlatformView {
    pub signed_in: bool,
    /// Last answer of the platform that was well formed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_ok_at: Option<String>,
    /// Seconds by which the platform's clock is ahead of this PC's, negative when it is behind; by its latest answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_offset_s: Option<i64>,
}

/// A stretch of the way to the patient's insurance that can fail by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RouteView {
    pub route: RouteKind,
    /// The insured region, for `region`: six digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    pub state: RouteStanding,
    /// Since when it is not `up`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// When it is tried again, or the end that was announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_zh: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_en: Option<String>,
}

/// Which stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RouteKind {
    /// The line to the platform's entrance.
    Gateway,
    /// The province's platform.
    Province,
    /// One insured region, the national hub included.
    Region,
}

/// How a route stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RouteStanding {
    Up,
    /// Nothing is sent after several failures in a row, until `until`.
    Down,
    /// One call is let through to see whether it works again.
    Testing,
    /// The outage calendar says that it is out of service.
    Announced,
}
