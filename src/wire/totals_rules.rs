//! How a province wants the totals of its days (3201) named and counted.

use serde::Deserialize;

/// Part of the day's reconciliation; what is left out is as printed nationally.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TotalsRules {
    pub refunds: RefundsInTotals,
    pub office_member: OfficeMember,
    pub account_member: AccountMember,
    /// Whether what a family member's account paid beside the own one is part of what accounts paid.
    pub account_with_mutual_aid: bool,
}

/// What refunds are in totals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundsInTotals {
    /// Rows of their own, with the other sign, and counted like any row.
    #[default]
    Rows,
    /// Rows of their own, each taking one off the count.
    Net,
    /// Nothing: a settlement and its refund both stay out.
    LeftOut,
}

/// How the office that clears is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfficeMember {
    /// As the office that settles.
    #[default]
    Settling,
    /// As the office that clears.
    Clearing,
}

/// How the amount that accounts paid is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountMember {
    #[default]
    Account,
    /// By the name that is cash elsewhere.
    Cash,
}
