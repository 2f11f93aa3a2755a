//! What the rules of the insurance say against a bill before it is settled (3101, 3102).

use serde::{Deserialize, Serialize};

use crate::fen::Fen;
use crate::ids::{LineSerial, MessageId};
use crate::private::Private;

/// When a bill is checked against the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStage {
    /// While it is prescribed or charged (3101).
    Before,
    /// While it is being settled (3102).
    During,
}

/// What a violation asks of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Tells,
    /// Settling goes on with a reason.
    Asks,
    /// The bill is not settled as it is.
    Forbids,
}

/// One rule that a bill breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// The platform's own id of it; an answer to it names this one.
    pub id: String,
    /// Rule by the platform's number.
    pub rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_name: Option<String>,
    /// The platform's words; they may name drugs, illnesses and persons.
    pub text: Private,
    pub severity: Severity,
    /// Severity as coded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Fen>,
    /// What the rule rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Private>,
    /// Lines of the bill it is about, as far as it names any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineSerial>,
}

/// A check of one bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    pub stage: CheckStage,
    /// The message that asked; `None` when nobody could be asked, which says nothing about the bill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<MessageId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Violation>,
}

impl Checked {
    /// The severest of what was found.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.violations.iter().map(|violation| violation.severity).max()
    }
}
