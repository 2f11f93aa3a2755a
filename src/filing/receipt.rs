//! The check that goes with a settlement: what was known when the decision was made.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::check::{Answer, Check, Sureness};
use crate::observation::Source;

/// A check as it is kept beside a bill. Holds nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReceipt {
    pub answer: Answer,
    pub sureness: Sureness,
    pub checked_at: Timestamp,
    /// Age of the evidence when it was checked.
    pub age_s: u64,
    pub stale: bool,
    pub source: Option<Source>,
    /// Digest of the evidence, 64 lower-case hex digits.
    pub digest: Option<String>,
}

impl CheckReceipt {
    #[must_use]
    pub fn new(check: &Check, checked_at: Timestamp) -> Self {
        Self {
            answer: check.answer,
            sureness: check.sureness,
            checked_at,
            age_s: check.age_s,
            stale: check.stale,
            source: check.evidence.as_ref().map(|evidence| evidence.source),
            digest: check.evidence.as_ref().map(|evidence| evidence.digest.clone()),
        }
    }
}
