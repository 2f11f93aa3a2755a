//! A fault answers three questions in this order: which link, did money move, what now.

use serde::{Deserialize, Serialize};

/// A link of the chain from the patient's card to her insurance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    Card,
    Scanner,
    Desk,
    Agent,
    HospitalNetwork,
    Gateway,
    Province,
    Nation,
    InsuredRegion,
}

/// Whether money moved at the centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoneyMoved {
    No,
    Yes,
    Unknown,
}

/// What is known of one link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    Ok,
    Failed,
    Unknown,
}

/// One line of the trace: a link, its state, and the evidence for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceEntry {
    pub link: Link,
    pub state: LinkState,
    pub evidence: String,
}

/// What the desk is told when something did not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// `CARD-003` and the like; never changes meaning, has a page under `docs/faults`.
    pub code: String,
    pub link: Link,
    pub money_moved: MoneyMoved,
    /// What the cashier should do, plain Chinese.
    pub cashier: String,
    /// What happened, for the engineer, English.
    pub engineer: String,
    /// The platform's words, unchanged.
    pub platform_text: Option<String>,
    pub trace: Vec<TraceEntry>,
    /// Quote this to support; finds the place in log and ledger.
    pub marker: String,
}
