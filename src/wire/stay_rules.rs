//! What differs between provinces in hospital stays.

use serde::Deserialize;

/// How a province wants hospital stays. Left out of a profile, the commonest reading holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StayDialect {
    /// Whether the final settlement comes before the discharge (2304 before 2402); most have it the other way round.
    pub settles_before_discharge: bool,
    /// Whether fees of a year are settled, while the stay goes on, before fees of another year lie beside them.
    pub settles_at_year_end: bool,
    /// Whether the day of discharge goes with trial and settlement.
    pub discharge_day: bool,
    /// Whether the visit kind goes with trial and settlement.
    pub kind_with_settlement: bool,
    /// Whether the settlement repeats the four amounts of the trial.
    pub settlement_repeats_trial: bool,
}

impl Default for StayDialect {
    fn default() -> Self {
        Self {
            settles_before_discharge: false,
            settles_at_year_end: false,
            discharge_day: false,
            kind_with_settlement: false,
            settlement_repeats_trial: true,
        }
    }
}
