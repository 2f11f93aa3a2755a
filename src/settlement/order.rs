//! What the desk asks for, complete, so that replaying it needs nothing else.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zhijie_model::{
    AccountUse, Bill, Checked, Credential, Distance, IdentityId, OperatorCode, Payer, Road, Visit,
};

use crate::preparation::Registered;

/// Who stands behind the counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    pub code: OperatorCode,
    pub name: String,
}

/// A bill of one person with the rules it is settled under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The road it is settled by; records of old know only one.
    #[serde(default, skip_serializing_if = "Road::is_outpatient")]
    pub road: Road,
    pub payer: Payer,
    /// Where the credential lies in memory; worthless after a restart.
    pub identity: IdentityId,
    pub visit: Visit,
    pub bill: Bill,
    pub account: AccountUse,
    pub operator: Operator,
    pub policy: Policy,
    /// The visit as a settled bill of the same visit opened and described it; this bill joins it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<Registered>,
    /// What the rules of the insurance said against the bill when it was quoted, where the province checks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<Checked>,
    /// Card or identity number of a bill that is settled later, as far as it may be stored; an e-voucher's token never is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
}

/// Who stands behind a call, and whose credential it may carry.
#[derive(Debug, Clone, Copy)]
pub struct Bearer<'a> {
    pub operator: &'a Operator,
    /// Where the credential lies in memory.
    pub identity: &'a IdentityId,
    /// Where it may be stored, the credential itself.
    pub credential: Option<&'a Credential>,
}

impl Order {
    #[must_use]
    pub const fn bearer(&self) -> Bearer<'_> {
        Bearer {
            operator: &self.operator,
            identity: &self.identity,
            credential: self.credential.as_ref(),
        }
    }
}

/// The province's rules as they were when the bill was asked for. Journaled with the order: a later edit of the
/// configuration never changes how an old record folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// How long a quote may be settled, in seconds.
    pub quote_valid_s: u32,
    /// How long after sending the platform may still execute a call, in seconds.
    pub late_execution_max_s: u32,
    /// A confirmed reversal also stops an execution that comes later.
    pub reversal_is_tombstone: bool,
    /// How far behind the books a query may be answered, in seconds.
    #[serde(default)]
    pub query_lag_max_s: u32,
    /// The settlement query may come back empty for visitors although the settlement stands.
    pub query_may_miss_visitors: bool,
    /// How far the insured region lies.
    pub distance: Distance,
    /// How long the desk software may take to confirm a settlement, in seconds; 0: for ever.
    #[serde(default)]
    pub confirm_within_s: u32,
    #[serde(default)]
    pub unconfirmed: Unconfirmed,
    /// How long what was prepared for a quote may lie at the centre unused, in seconds; 0: for ever.
    #[serde(default)]
    pub undo_after_s: u32,
    /// After this long in doubt a person is called, in seconds.
    pub doubt_max_s: u32,
    /// A call refused for want of a sign-in is repeated once after a new one. Orders of old are not.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub repeats_after_sign_in: bool,
    /// No reversal by message id is known for the settlement of this road: none is sent, and a doubt that no query ends
    /// is left to the day's statement or a person.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub irreversible: bool,
}

/// What happens to a settlement the desk software does not confirm in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unconfirmed {
    #[default]
    KeepAndAlarm,
    /// Refund it.
    Cancel,
}

impl Policy {
    /// When an unconfirmed settlement known since `known_at` is due; `None` when it may wait for ever.
    #[must_use]
    pub fn confirm_by(&self, known_at: Timestamp) -> Option<Timestamp> {
        let within = jiff::SignedDuration::from_secs(i64::from(self.confirm_within_s));
        (self.confirm_within_s > 0).then(|| known_at.saturating_add(within).unwrap_or(Timestamp::MAX))
    }

    /// Seconds after a call was sent beyond which every query shows what became of it.
    #[must_use]
    pub const fn horizon_s(&self) -> u32 {
        self.late_execution_max_s.saturating_add(self.query_lag_max_s)
    }

    /// Whether an empty settlement query counts for anything at all.
    #[must_use]
    pub const fn empty_query_is_evidence(&self) -> bool {
        match self.distance {
            Distance::SameCity | Distance::SameProvince => true,
            Distance::OtherProvince => !self.query_may_miss_visitors,
        }
    }
}
