//! What a statement of settled days says, row by row.

use serde::{Deserialize, Serialize};

use crate::fen::Fen;
use crate::ids::{MessageId, PersonNumber, SettlementId, VisitId};

/// One row of the days' settlements as this side has it: a settlement, or a refund with negative amounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRow {
    pub settlement: SettlementId,
    pub visit: VisitId,
    pub person: PersonNumber,
    pub totals: StatedTotals,
    pub refund: bool,
}

/// One row in which centre and hospital differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRow {
    pub verdict: RowVerdict,
    /// The message that made the row at the centre.
    pub message: Option<MessageId>,
    pub settlement: Option<SettlementId>,
    pub visit: Option<VisitId>,
    /// A refund, or a settlement that was refunded.
    pub refunded: bool,
    /// The centre's amounts, where the layout has them.
    pub totals: Option<StatedTotals>,
}

/// How a row differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowVerdict {
    Balanced,
    /// The centre has it, we do not.
    CentreMore,
    /// We have it, the centre does not.
    HospitalMore,
    /// Both have it, with other amounts.
    Differs,
}

/// Amounts of a row. A refund's are negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedTotals {
    pub total: Fen,
    /// The account not included.
    pub funds: Fen,
    pub account: Fen,
}
