//! `[reconciliation]`: when the day's statement is asked for by itself.

use jiff::SignedDuration;
use jiff::civil::Time;
use serde::Deserialize;

use crate::reconcile::Times;

/// Desks of one hospital do not all ask in the same minute.
const DESKS_APART: u8 = 30;

/// Asked for only where the province's profile has rules for it, and while doubts are left.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reconciliation {
    /// Time of day in Beijing, `HH:MM`.
    pub at: String,
    /// Seconds after which a run that failed is tried again.
    pub retry_s: u32,
}

impl Default for Reconciliation {
    fn default() -> Self {
        Self {
            at: String::from("01:30"),
            retry_s: 1800,
        }
    }
}

impl Reconciliation {
    /// The times of this desk, some minutes behind those of the desk before it; half past one where the text is no time, which
    /// the check of the configuration refuses.
    #[must_use]
    pub fn times(&self, slot: u8) -> Times {
        let at = self.time().unwrap_or(jiff::civil::time(1, 30, 0, 0));
        let later = SignedDuration::from_mins(i64::from(slot % DESKS_APART));
        Times {
            at: at.wrapping_add(later),
            retry_s: self.retry_s,
        }
    }

    fn time(&self) -> Option<Time> {
        Time::strptime("%H:%M", &self.at).ok()
    }

    pub(super) fn problems(&self) -> [(bool, &'static str, &'static str); 2] {
        [
            (
                self.time().is_some(),
                "reconciliation.at",
                "must be a time of day like 01:30",
            ),
            (
                (60..=86_400).contains(&self.retry_s),
                "reconciliation.retry_s",
                "must be 60 to 86400 seconds",
            ),
        ]
    }
}
