//! What differs between provinces in a settlement itself.

use serde::Deserialize;
use zhijie_model::VisitType;

/// How a province wants settlements. Left out of a profile, the commonest reading holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SettlementRules {
    /// Trace codes of what was handed out.
    pub traces: TraceRule,
    /// Where they stand in a purchase.
    pub purchase_traces: PurchaseTraces,
    /// Whether the codes that ought to be there are counted beside.
    pub trace_counts: bool,
    /// Whether an amount may be named that the personal account is to pay at most.
    pub account_amount: AccountAmount,
    /// Whether the settlement repeats the four amounts of the trial; else it sends zero for each.
    pub repeats_trial: bool,
    /// Visit kinds of a registration fee.
    pub registration_kinds: Vec<VisitType>,
    /// Whether a registration fee is a batch of the visit it opens, and not a visit of its own.
    pub registration_joins_visit: bool,
}

/// Whether trace codes go with a settlement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TraceRule {
    /// They go another way, or not at all.
    #[default]
    None,
    /// Those the desk knows are sent.
    Optional,
    /// No drug is settled without.
    Required,
}

/// Where a purchase carries its trace codes; no document seen tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurchaseTraces {
    /// In a node beside the lines, as with an outpatient settlement.
    #[default]
    Beside,
    /// Within each line.
    WithinLines,
}

/// Which calls carry the amount that the account is to pay at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountAmount {
    /// None: the account pays as much as it may, or nothing.
    #[default]
    None,
    /// The settlement alone: the trial does not know it yet.
    Settlement,
    /// Trial and settlement.
    TrialToo,
}

impl Default for SettlementRules {
    fn default() -> Self {
        Self {
            traces: TraceRule::None,
            purchase_traces: PurchaseTraces::Beside,
            trace_counts: false,
            account_amount: AccountAmount::None,
            repeats_trial: true,
            registration_kinds: VisitType::new("12").into_iter().collect(),
            registration_joins_visit: false,
        }
    }
}

impl SettlementRules {
    /// Visit kinds of registration fees that are a batch of the visit they open; none where they are visits of their own.
    #[must_use]
    pub fn fees_within_visit(&self) -> Vec<VisitType> {
        if self.registration_joins_visit {
            self.registration_kinds.clone()
        } else {
            Vec::new()
        }
    }
}
